"""English: how numbers, dates, money and abbreviations are said. Tables: ``records/en.toml``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import jellyfish

from aligner.languages.base import Language, default, normalise
from aligner.languages.numerals import (
    YEARS,
    Readings,
    Words,
    digit_by_digit,
    is_counted,
    spell,
    unique,
    without,
)
from aligner.languages.record_file import LanguageData, load
from aligner.languages.rules import Rules
from aligner.languages.tokens import Found, Token, complete, on
from aligner.languages.verbalizer import reader

SPELLINGS = Path(__file__).with_name("english_spellings.json")
"""American spellings of 1,739 British words."""
MONTH_NAMES = (
    "january february march april may june july august september october november december".split()
)
MONTHS = frozenset([*MONTH_NAMES, *"jan feb mar apr jun jul aug sept sep oct nov dec".split()])
DAYS = {
    "first": "one", "second": "two", "third": "three", "fourth": "four", "fifth": "five",
    "sixth": "six", "seventh": "seven", "eighth": "eight", "ninth": "nine", "tenth": "ten",
    "eleventh": "eleven", "twelfth": "twelve", "thirteenth": "thirteen", "twentieth": "twenty",
    "fourteenth": "fourteen", "fifteenth": "fifteen", "sixteenth": "sixteen",
    "seventeenth": "seventeen", "eighteenth": "eighteen", "nineteenth": "nineteen",
    "thirtieth": "thirty",
}  # fmt: skip
"""Ordinals of days with their numbers: after a month, "15", "15th" and "fifteenth" are equal."""
CENTS = {"$": "cents", "US$": "cents", "€": "cents", "£": "pence"}
SENTENCE_ENDING = frozenset("no am pm us uk un eu etc inc ltd co corp jr sr".split())
"""Abbreviations that often end a sentence."""

VARIANTS = {"ok": "okay", "percents": "percent"}

NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million billion trillion point first second third fourth fifth sixth "
    "seventh eighth ninth tenth half quarter dozen".split()
)


@cache
def data() -> LanguageData:
    """Reads the word lists and tables of English."""
    return load("en")


_FRACTIONS = {
    "1/2": "half", "1/3": "third", "2/3": "thirds", "1/4": "quarter", "3/4": "quarters",
}  # fmt: skip


def spellings() -> dict[str, str]:
    """Returns American spellings by British ones: openai-whisper's table, and ``VARIANTS``."""
    known: dict[str, str] = json.loads(SPELLINGS.read_text(encoding="utf-8"))
    return {
        normalise(british): normalise(american) for british, american in known.items()
    } | VARIANTS


# ---------------------------------------------------------------- numbers


def number(value: int) -> Words:
    """Spells a whole number without "and"."""
    return without(spell(value, "en"), "and")


def cardinals(digits: str, grouped: bool) -> Readings:
    """Returns the readings of digits; with ``grouped`` they are no year (1,998)."""
    if not is_counted(digits):
        one_by_one = digit_by_digit(digits, "en")
        return unique([one_by_one, ["o" if w == "zero" else w for w in one_by_one]])
    value = int(digits)
    plain = [number(value), spell(value, "en")]
    if grouped and len(digits) > 4:
        return unique(plain)
    pairs = _pairs(value) if value >= 100 else []
    if value in YEARS and not grouped:
        return unique([without(spell(value, "en", "year"), "and"), *plain, *pairs])
    one_by_one = digit_by_digit(digits, "en") if len(digits) > 2 else ()
    return unique([*plain, *pairs, one_by_one])


def _pairs(value: int) -> list[Words]:
    """Reads a number in pairs of digits: twenty-two fifty-four, nine o five, fifteen hundred."""
    if value > 9999:
        return []
    head, tail = divmod(value, 100)
    if tail == 0:
        return [(*number(head), "hundred")] if head % 10 else []
    if tail < 10:
        ohs = [(*number(head), oh, *number(tail)) for oh in ("o", "oh")]
        return [*ohs, (*number(head), "hundred", *number(tail))] if head % 10 else []
    return [(*number(head), *number(tail)), (*number(head), "hundred", *number(tail))]


def ordinals(value: int) -> Readings:
    """Returns the readings of an ordinal: twenty third."""
    spelt = spell(value, "en", "ordinal")
    return unique([without(spelt, "and"), spelt])


def sums(whole: str, decimals: str, sign: str) -> Readings:
    """Reads a sum: four dollars fifty cents, four dollars and fifty cents, four fifty."""
    big, small = number(int(whole)), number(int(decimals))
    names = data().rules["money"][sign]
    unit = normalise(names[int(whole) == 1 and len(names) > 1])
    cents = CENTS.get(sign, "cents")
    if not int(decimals):
        return unique([(*big, unit)])
    long = [(*big, unit, *between, *small, cents) for between in ((), ("and",))]
    return unique([*long, (*big, unit, *small), (*big, *small)])


def hours(hour: str, minute: str) -> Readings:
    """Reads a time of day: three seventeen, seventeen minutes past three, seventeen past three."""
    first, last = number(int(hour)), number(int(minute))
    if not int(minute):
        return unique([first, (*first, "oclock"), (*first, "hundred hours")])
    if int(minute) < 10:
        short = [(*first, oh, *last) for oh in ("o", "oh", "zero")]
    else:
        short = [(*first, *last)]
    return unique([*short, (*last, "minutes", "past", *first), (*last, "past", *first)])


def slashed(numbers: list[str]) -> Readings:
    """Reads numbers with slashes: 3/5 three fifths; 9/11 nine eleven, September eleventh."""
    text = "/".join(numbers)
    plain = tuple(word for n in numbers for word in cardinals(n, False)[0])
    found: list[Words] = []
    if name := _FRACTIONS.get(text):
        top = number(int(numbers[0]))
        found += [(name,), ("a", name)] * (name in ("half", "third", "quarter"))
        found.append((*top, name))
    found.append(plain)
    if len(numbers) == 2:
        a, b = (int(n) for n in numbers)
        if 0 < a < b < 100 and not name:
            end = ordinals(b)[0]
            found.append((*number(a), *end[:-1], end[-1] + "s" * (a > 1)))
        between = ("slash", "out of", "of", "over", "to")
        found += [(*number(a), *way.split(), *number(b)) for way in between]
    return unique([*found, *_dates(numbers)])


def _dates(numbers: list[str]) -> list[Words]:
    """Reads numbers with slashes as a date: 9/11/2001 September eleventh two thousand one."""
    month, day = int(numbers[0]), int(numbers[1])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    year = cardinals(numbers[2], False)[0] if len(numbers) > 2 else ()
    return [(MONTH_NAMES[month - 1], *way, *year) for way in (number(day), ordinals(day)[0])]


def _spelt_day(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads the ordinal of a day after its month as a number too: September fifteenth."""
    named = [normalise(token.text) for token in tokens[max(0, at - 2) : at + 1]]
    if named[-1] not in DAYS:
        return None
    before = named[-2] if len(named) > 1 else ""
    if before in ("twenty", "thirty") and len(named) > 2:
        before = named[-3]
    if before not in rules.months:
        return None
    return 1, [on(tokens[at], [DAYS[named[-1]]]), on(tokens[at], [named[-1]])]


def _date(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads a date: September 15, also as "the fifteenth of September"."""
    month = tokens[at]
    day = tokens[at + 1] if at + 1 < len(tokens) else None
    if not day or normalise(month.text) not in rules.months or (month.closed and not month.stop):
        return None
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", day.text)
    if not match or not 1 <= int(match[1]) <= 31:
        return None
    name = next(iter(rules.abbreviations.get(normalise(month.text), (normalise(month.text),))))
    number, ranks = cardinals(match[1], True)[0], ordinals(int(match[1]))[0]
    after = [on(day, way) for way in (number, ranks, ("the", *ranks), ("the", *number))]
    before = [("the", *ranks, "of", name), (*ranks, "of", name), (*number, name)]
    words = [month.word, day.word]
    return 2, (
        *(on(month, [name]) + way for way in after),
        *(complete(on(month, way), words) for way in before),
    )


def rules() -> Rules:
    """Returns the rules by which English is read aloud."""
    return Rules(
        cardinals=cardinals,
        ordinals=ordinals,
        variants=spellings(),
        sums=sums,
        hours=hours,
        slashed=slashed,
        **{**data().rules, "months": MONTHS},
    )


def record() -> Language:
    return replace(
        default("en"),
        read=reader(rules(), _spelt_day, _date),
        sound=jellyfish.metaphone,
        function_words=frozenset(data().function_words),
        protected=NUMBER_WORDS.union(data().negations),
        contrasts=tuple(map(frozenset, data().contrasts)),
        abbreviations=frozenset(data().rules["abbreviations"]) - SENTENCE_ENDING,
        numbering=frozenset(data().rules["numbering"]),
    )
