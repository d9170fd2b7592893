"""Reads the lengths of recordings as pages and feeds write them."""

from __future__ import annotations

import re

CLOCK = re.compile(r"(?<![\d:])(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?![\d:])")
WHOLE_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{2}(?:[.,]\d{1,9})?)")
MOST_CHARS = 200
"""Characters of a text that says a length; what is longer says none."""
_N = r"\d{1,8}(?:[.,]\d{1,9})?"
ISO = re.compile(
    rf"P(?:(?P<year>{_N})Y)?(?:(?P<month>{_N})M)?(?:(?P<w>{_N})W)?(?:(?P<d>{_N})D)?"
    rf"(?:T(?:(?P<h>{_N})H)?(?:(?P<m>{_N})M)?(?:(?P<s>{_N})S)?)?",
    re.IGNORECASE,
)
"""ISO 8601, and W3C's xs:duration."""
HOURS = (
    "h|hrs?|hours?|std|stunden?|heures?|horas?|ore|ora|uur|godz|godzin[ay]?|ч|час(?:а|ов)?|годин[аи]?"
    "|時間|小时"
)
MINUTES = (
    "m|mins?|mn|minutes?|minuten|minutos?|minut[oiay]?|мин|минут[аы]?|хв|хвилин[аи]?|分钟|分|['’′]"
)
SECONDS = (
    "s|secs?|seconds?|sek|sekunden?|secondes?|seconden|segundos?|second[oi]|sekund[ay]?|с|сек"
    "|секунд[аи]?|секунд[ыи]|秒|[\"”″]|''"
)
_GAP = r"(?:[.,]?\s*(?:and|und|et|y|e|и|i|en)?\s*)"
UNITS = re.compile(
    rf"p?t?(?:(?P<h>{_N})\s*(?:{HOURS}){_GAP})?(?:(?P<m>{_N})\s*(?:{MINUTES}){_GAP})?"
    rf"(?:(?P<s>{_N})\s*(?:{SECONDS})\.?)?",
    re.IGNORECASE,
)
"""Numbers with units: "3 min 17 s", "T3M17S", "1 hour and 2 minutes", 3'17"."""
NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
LABEL = re.compile(
    r"^(?:(?:duration|length|running time|run ?time|total time|dauer|länge|durée|duración|duração"
    r"|durata|duur|czas trwania|продолжительность|длительность|тривалість|listen|play|watch|audio"
    r"|video|hören|anhören|écouter|escuchar|ascolta)\b(?: to)?(?: (?:this|the) \w+)?)?"
    r"[\s:(\[·|–—-]*",
    re.IGNORECASE,
)
"""What may stand before a length beside a player."""
ZERO_DATE = re.compile(r"^P?(?:0+-0+-0+)?T?(?=\d+:)", re.IGNORECASE)
"""Before a clock in ISO 8601's alternative form: P0000-00-00T00:03:17."""


def clock_ms(text: str) -> int | None:
    """Returns the longest time like "0:03:17" or "3:17" in a text in milliseconds; None if 0."""
    times = [_ms(h, m, s) for h, m, s in CLOCK.findall(text)]
    return max(times, default=0) or None


def duration_ms(value: object) -> int | None:
    """Returns a length in milliseconds; None if it is none, or 0.

    ``value`` is seconds as a number, or a text: ISO 8601 in any form, a clock, seconds, or numbers
    with units; or an object of schema.org with such a text as its name or value.
    """
    if isinstance(value, dict):
        named = (value.get(name) for name in ("duration", "name", "value", "@value"))
        return next(filter(None, map(duration_ms, named)), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = " ".join(str(value).split())
    if len(text) > MOST_CHARS:
        return None
    if NUMBER.fullmatch(text):
        return _ms("", "", text) or None
    if clock := WHOLE_CLOCK.fullmatch(ZERO_DATE.sub("", text)):
        return _ms(*clock.groups()) or None
    iso = ISO.fullmatch(text)
    if iso and not _number(iso["year"]) and not _number(iso["month"]):
        days = 7 * _number(iso["w"]) + _number(iso["d"])
        return round(86_400_000 * days) + _ms(iso["h"], iso["m"], iso["s"]) or None
    found = UNITS.fullmatch(text)
    return _ms(found["h"], found["m"], found["s"]) or None if found else None


def labelled_ms(text: str) -> int | None:
    """Returns the length that a short text beside a player says: "Listen (3:17)"."""
    bare = LABEL.sub("", " ".join(text.split()), count=1).rstrip(" )]")
    return None if NUMBER.fullmatch(bare) else duration_ms(bare)


def _ms(hours: str | None, minutes: str | None, seconds: str | None) -> int:
    return round(((_number(hours) * 60 + _number(minutes)) * 60 + _number(seconds)) * 1000)


def _number(text: str | None) -> float:
    return float(text.replace(",", ".")) if text else 0.0
