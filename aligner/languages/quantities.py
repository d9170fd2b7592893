"""Tokens with numbers -> the ways to say them: amounts, dates, times of day, fractions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from aligner.languages.base import normalise
from aligner.languages.numerals import LONGEST, Readings, unique
from aligner.languages.rules import Rules
from aligner.languages.tokens import DOTTED, SLASHED, Found, SpokenForm, Token, complete, on

MOST = 96
"""Ways made of one amount; the usual ones come first."""
FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands around a number."""

    sign: str
    """Its currency, where nothing else belongs to it."""
    bare: bool
    """Whether nothing belongs to it, so that it may be a year."""
    beside_month: bool
    stop: bool
    """Whether a full stop follows."""


def quantity(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """$4.7 billion, 250 000 km², 20 %, 3rd, -5 °C."""
    start, sign = at, ""
    if tokens[at].text in rules.money and at + 1 < len(tokens) and not tokens[at].after:
        at, sign = at + 1, tokens[at].text
    match = rules.number.fullmatch(tokens[at].text)
    if not match or not (match["int"] or match["frac"]) or (sign and match["money"]):
        return None
    sign = sign or _known(match["money"] or "", rules.money)
    tail = match["tail"] or ""
    if tail and not _is_tail(tail, rules):
        return None
    last = at
    while not tail and not match["frac"] and _is_group(tokens, last, rules):
        last += 1
    number = tokens[at : last + 1]
    last, parts = _tail(tokens, last, tail, rules)
    ways = [_minus(match, tokens[at], rules), _before(parts, number[0], rules)]
    near = [tokens[k].text for k in (start - 1, last + 1) if 0 <= k < len(tokens)]
    beside_month = not parts and any(normalise(text) in rules.months for text in near)
    known = _Known(sign if not parts else "", not parts and not sign, beside_month, number[-1].stop)
    ways.append(list(_numbers(number, match, known, rules)))
    ways += [[on(token, rules.atoms(way)) for way in said] for token, said in parts]
    if sign and not (match["frac"] and rules.sums and not parts and len(match["frac"]) == 2):
        ways.append([on(tokens[last], rules.atoms(way)) for way in rules.money[sign]])
    return last + 1 - start, _products(ways)


def _products(parts: Sequence[Sequence[SpokenForm]]) -> Iterator[SpokenForm]:
    """Every part in every way, the usual ones first."""
    order = sorted(product(*(range(len(p)) for p in parts)), key=lambda key: (sum(key), key))
    for key in order[:MOST]:
        yield tuple(atom for part, k in zip(parts, key, strict=True) for atom in part[k])


def _known(text: str, table: Iterable[str]) -> str:
    """A sign as the table has it, whatever its case."""
    return next((sign for sign in table if sign.lower() == text.lower()), "") if text else ""


def _is_tail(tail: str, rules: Rules) -> bool:
    small = tail.lower()
    if small == rules.plural:
        return True
    return any(
        small in table or tail in table for table in (rules.scales, rules.units, rules.money)
    )


def _is_group(tokens: Sequence[Token], at: int, rules: Rules) -> bool:
    """Whether the next token is three more digits of the number that ends here: 250 000."""
    if not rules.space_groups or at + 1 >= len(tokens) or tokens[at].closed:
        return False
    after = tokens[at + 1]
    head = tokens[at].text.lstrip("-−–" + "".join(rules.money))
    fits = re.fullmatch(r"\d{1,3}", head) and re.fullmatch(r"\d{3}", after.text)
    return bool(fits) and not after.joint


def _tail(
    tokens: Sequence[Token], last: int, tail: str, rules: Rules
) -> tuple[int, list[tuple[Token, tuple[str, ...]]]]:
    """What follows a number, tied to it or not: its scale, then its unit or currency."""
    parts: list[tuple[Token, tuple[str, ...]]] = []
    if tail and tail.lower() != rules.plural:
        parts.append((tokens[last], _meanings(tail, rules)))
    for _ in range(2):
        after = tokens[last + 1] if last + 1 < len(tokens) else None
        if after is None or _parted(tokens[last], rules) or (after.joint and after.joint[0] != "-"):
            break
        ways = _meanings(after.text, rules)
        if not ways or (parts and after.text.lower() in rules.scales):
            break
        last += 1
        parts.append((after, ways))
        if after.text.lower() not in rules.scales:
            break
    return last, parts


def _parted(token: Token, rules: Rules) -> bool:
    """Whether a mark parts a token from the next; the stop of "Mio." does not."""
    return token.closed and not (token.after == "." and token.text.lower() in rules.scales)


def _meanings(text: str, rules: Rules) -> tuple[str, ...]:
    """What a sign after a number may stand for: m is million or metres."""
    found: list[str] = []
    for table in (rules.scales, rules.units, rules.money):
        found += table.get(text, table.get(text.lower(), ()))
    return tuple(found)


def _minus(match: re.Match[str], token: Token, rules: Rules) -> list[SpokenForm]:
    if not match["minus"]:
        return [()]
    return [*(on(token, rules.atoms(way)) for way in rules.minus), ()]


def _before(
    parts: list[tuple[Token, tuple[str, ...]]], token: Token, rules: Rules
) -> list[SpokenForm]:
    """Percent, where a language says it before the number; it then goes from after it."""
    if rules.percent_before and parts and parts[-1][0].text[-1:] in "%％":
        parts.pop()
        return [on(token, rules.atoms(rules.percent_before))]
    return [()]


def _numbers(
    number: Sequence[Token], match: re.Match[str], known: _Known, rules: Rules
) -> Iterator[SpokenForm]:
    """The number itself."""
    digits = re.sub(r"\D", "", match["int"] or "0") + "".join(t.text for t in number[1:])
    grouped = len(number) > 1 or not (match["int"] or "").isdigit()
    if match["frac"]:
        readings = _decimals(digits, match["frac"], known.sign, rules)
    elif match["rank"] and len(digits) < 10:
        readings = rules.ordinals(int(digits))
    else:
        readings = rules.cardinals(digits, grouped or not known.bare)
    if rules.ordinal_stop and known.stop and len(digits) <= 2:
        readings = unique([*readings, *rules.ordinals(int(digits))])
    if known.beside_month and not match["frac"] and len(digits) <= 2:
        readings = _as_day(digits, rules)
    for reading in readings:
        texts = list(reading)
        if (match["tail"] or "").lower() == rules.plural != "":
            texts[-1] = re.sub(r"y$", "ie", texts[-1]) + rules.plural
        yield complete(on(number[0], texts), [token.word for token in number])


def _decimals(digits: str, decimals: str, sign: str, rules: Rules) -> Readings:
    whole = rules.cardinals(digits, True)[:1]
    one_by_one = [word for d in decimals for word in rules.cardinals(d, True)[0]]
    together = rules.cardinals(decimals, True)[0]
    found: list[Iterable[str]] = []
    if sign and rules.sums and len(decimals) == 2 and len(digits) <= LONGEST:
        found += rules.sums(digits, decimals, sign)
    if len(decimals) == 3 and len(rules.decimal) > 1:  # 1,500 where some write thousands so
        found += rules.cardinals(digits + decimals, True)
    for point in rules.point:
        middle = rules.atoms(point)
        found += [(*w, *middle, *rest) for w in whole for rest in (one_by_one, together)]
    return unique(found)


def _as_day(digits: str, rules: Rules) -> Readings:
    """A number beside a month may be said as a rank, and a rank as a number."""
    ranks = rules.ordinals(int(digits))
    spelt = [rules.atoms(p.format(" ".join(r))) for p in rules.day_patterns for r in ranks]
    return unique([*rules.cardinals(digits, True), *ranks, *spelt])


def clock(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    found = rules.hour_and_minute(tokens[at].text, after.text if after else "")
    if not found:
        return None
    hour, minute = found
    if rules.hours:
        return 1, (on(tokens[at], reading) for reading in rules.hours(hour, minute))
    first = rules.cardinals(str(int(hour)), True)[0]
    last = rules.cardinals(str(int(minute)), True)[0] if int(minute) else ()
    middles = [rules.atoms(way) for way in rules.hour]
    readings = unique([*((*first, *m, *last) for m in middles), (*first, *last)])
    if after is None or normalise(after.text) not in rules.clock_words:
        return 1, (on(tokens[at], reading) for reading in readings)
    name = rules.atoms(after.text)
    readings = unique([*readings[:-1], (*readings[-1], *name)])
    words = [tokens[at].word, after.word]
    return 2, (complete(on(tokens[at], reading), words) for reading in readings)


def slashed(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    text = FRACTIONS.get(tokens[at].text, tokens[at].text)
    dotted = DOTTED.fullmatch(text + ("." if tokens[at].stop else ""))
    if dotted and rules.dates:
        return 1, (on(tokens[at], way) for way in _date(dotted, rules))
    if not SLASHED.fullmatch(text):
        return None
    numbers = text.split("/")
    plain = [word for n in numbers for word in rules.cardinals(n, False)[0]]
    readings = rules.slashed(numbers) if rules.slashed else ()
    return 1, (on(tokens[at], way) for way in unique([*readings, plain]))


def _date(match: re.Match[str], rules: Rules) -> Readings:
    """11.09.2015: the day, the month and the year."""
    day, month, year = match[1], match[2], match[3] or ""
    if not 1 <= int(month) <= 12:
        return rules.cardinals(day + month + year, True)
    end = rules.cardinals(year, False)[0] if year else ()
    days = (*rules.ordinals(int(day)), rules.cardinals(str(int(day)), True)[0])
    names = rules.atoms(rules.dates[int(month) - 1])
    ranks = rules.ordinals(int(month))
    return unique([(*d, *m, *end) for m in (names, *ranks) for d in days])
