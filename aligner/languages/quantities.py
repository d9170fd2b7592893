"""Readings of tokens with numbers: amounts, dates, times of day, fractions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from aligner.languages.base import normalise
from aligner.languages.numerals import LONGEST, Readings, Words, unique
from aligner.languages.rules import Rules
from aligner.languages.tokens import DOTTED, SLASHED, Found, SpokenForm, Token, complete, on

MAX_READINGS = 96
"""Readings kept for one amount; the usual ones come first."""
FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}


@dataclass(frozen=True, slots=True)
class _Unit:
    """A scale, a unit or a currency after a number."""

    token: Token
    """The token it is written in: that of the number where it is tied to it ("5km")."""
    names: tuple[str, ...]
    """How it may be said."""


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number as written, with its currency, scale and unit."""

    start: int
    """Index of the first token, which may be the currency."""
    end: int
    """Index after the last token."""
    number: Sequence[Token]
    """The tokens of the digits: several where spaces separate groups of three ("250 000")."""
    match: re.Match[str]
    """``Rules.number`` matched against the first of these."""
    currency: str
    """The sign or code before the number; "" if there is none."""
    units: tuple[_Unit, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    """What surrounds a number."""

    currency: str
    """The currency, unless a scale or unit follows the number."""
    is_bare: bool
    """Whether it has no currency, scale or unit, so that it may be a year."""
    beside_month: bool
    before_stop: bool
    """Whether a full stop follows."""


def quantity(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads an amount: $4.7 billion, 250 000 km², 20 %, 3rd, -5 °C.

    Returns the number of tokens read and their readings; None if no amount begins at ``at``.
    """
    amount = _parse_amount(tokens, at, rules)
    if amount is None:
        return None
    neighbours = [tokens[k] for k in (amount.start - 1, amount.end) if 0 <= k < len(tokens)]
    parts = _read_parts(amount, tokens[amount.end - 1], neighbours, rules)
    return amount.end - amount.start, _products(parts)


def _parse_amount(tokens: Sequence[Token], at: int, rules: Rules) -> _Amount | None:
    """Returns the amount that begins at a token, with its currency if that is a token before it."""
    text = tokens[at].text
    is_currency = text in rules.money and at + 1 < len(tokens) and not tokens[at].after
    first = at + 1 if is_currency else at
    match = _match_number(tokens[first].text, rules)
    if match is None or (is_currency and match["money"]):
        return None
    tail = match["tail"] or ""
    last = first
    while not tail and not match["frac"] and _is_group(tokens, last, rules):
        last += 1
    end, units = _parse_units(tokens, last, tail, rules)
    currency = text if is_currency else _table_key(match["money"] or "", rules.money)
    return _Amount(at, end, tokens[first : last + 1], match, currency, units)


def _match_number(text: str, rules: Rules) -> re.Match[str] | None:
    """Matches ``Rules.number``; None for text without digits or with letters of no known unit."""
    match = rules.number.fullmatch(text)
    if not match or not (match["int"] or match["frac"]):
        return None
    return match if not match["tail"] or _is_tail(match["tail"], rules) else None


def _read_parts(
    amount: _Amount, last: Token, neighbours: Sequence[Token], rules: Rules
) -> list[Sequence[SpokenForm]]:
    """Returns the readings of each part of an amount, in the order in which the parts are said.

    ``last`` is the last token of the amount; ``neighbours`` are the tokens beside it.
    """
    units, number, match = amount.units, amount.number, amount.match
    percent: list[SpokenForm] = [()]
    after = bool(units) and units[-1].token.text[-1:] in "%％"
    if rules.percent_before and (after or match["percent"]):
        percent = [on(number[0], rules.tokens(rules.percent_before))]
        units = units[:-1] if after else units
    beside_month = any(normalise(token.text) in rules.months for token in neighbours)
    context = _Context(
        currency="" if units else amount.currency,
        is_bare=not units and not amount.currency,
        beside_month=beside_month and not units,
        before_stop=number[-1].stop,
    )
    parts = [_minus(match, number[0], rules), percent, [*_numbers(number, match, context, rules)]]
    measures = [[on(unit.token, rules.tokens(name)) for name in unit.names] for unit in units]
    has_cents = bool(rules.sums) and not units and len(match["frac"] or "") == 2
    if amount.currency and not has_cents:
        measures.append([on(last, rules.tokens(name)) for name in rules.money[amount.currency]])
    return [*measures[::-1], *parts] if rules.units_first else [*parts, *measures]


def _products(parts: Sequence[Sequence[SpokenForm]]) -> Iterator[SpokenForm]:
    """Yields every combination of the readings of the parts, the usual ones first."""
    order = sorted(product(*(range(len(p)) for p in parts)), key=lambda key: (sum(key), key))
    for key in order[:MAX_READINGS]:
        yield tuple(token for part, k in zip(parts, key, strict=True) for token in part[k])


def _table_key(text: str, table: Iterable[str]) -> str:
    """Returns a sign as the table has it, whatever its case; "" if the table lacks it."""
    return next((sign for sign in table if sign.lower() == text.lower()), "") if text else ""


def _is_tail(tail: str, rules: Rules) -> bool:
    small = tail.lower()
    if small == rules.plural:
        return True
    return any(
        small in table or tail in table for table in (rules.scales, rules.units, rules.money)
    )


def _is_group(tokens: Sequence[Token], at: int, rules: Rules) -> bool:
    """Whether the next token is three more digits of the number before it: 250 000."""
    if not rules.space_groups or at + 1 >= len(tokens) or tokens[at].closed:
        return False
    after = tokens[at + 1]
    head = tokens[at].text.lstrip("-−–" + "".join(rules.money))
    fits = re.fullmatch(r"\d{1,3}", head) and re.fullmatch(r"\d{3}", after.text)
    return bool(fits) and not after.joint


def _parse_units(
    tokens: Sequence[Token], last: int, tail: str, rules: Rules
) -> tuple[int, tuple[_Unit, ...]]:
    """Returns the index after an amount, and its scale and its unit or currency.

    ``last`` is the index of the last token of the number, ``tail`` the letters or sign tied to it.
    """
    units: list[_Unit] = []
    if tail and tail.lower() != rules.plural:
        units.append(_Unit(tokens[last], _meanings(tail, rules)))
    for _ in range(2):
        after = tokens[last + 1] if last + 1 < len(tokens) else None
        if after is None or _parted(tokens[last], rules) or (after.joint and after.joint[0] != "-"):
            break
        names = _meanings(after.text, rules)
        if not names or (units and after.text.lower() in rules.scales):
            break
        last += 1
        units.append(_Unit(after, names))
        if after.text.lower() not in rules.scales:
            break
    return last + 1, tuple(units)


def _parted(token: Token, rules: Rules) -> bool:
    """Whether a mark separates a token from the next; the full stop of "Mio." does not."""
    return token.closed and not (token.after == "." and token.text.lower() in rules.scales)


def _meanings(text: str, rules: Rules) -> tuple[str, ...]:
    """Returns the names of a sign after a number: m is million or metres."""
    found: list[str] = []
    for table in (rules.scales, rules.units, rules.money):
        found += table.get(text, table.get(text.lower(), ()))
    return tuple(found)


def _minus(match: re.Match[str], token: Token, rules: Rules) -> list[SpokenForm]:
    """Returns the readings of a minus sign, which may also be left out."""
    if not match["minus"]:
        return [()]
    return [*(on(token, rules.tokens(way)) for way in rules.minus), ()]


def _numbers(
    number: Sequence[Token], match: re.Match[str], context: _Context, rules: Rules
) -> Iterator[SpokenForm]:
    """Yields the readings of the digits of an amount."""
    digits = re.sub(r"\D", "", match["int"] or "0") + "".join(t.text for t in number[1:])
    grouped = len(number) > 1 or not (match["int"] or "").isdigit()
    if match["frac"]:
        readings = _decimals(digits, match["frac"], context.currency, rules)
    elif match["rank"] and len(digits) < 10:
        readings = rules.ordinals(int(digits))
    else:
        readings = rules.cardinals(digits, grouped or not context.is_bare)
    if rules.ordinal_stop and context.before_stop and len(digits) <= 2:
        readings = unique([*readings, *rules.ordinals(int(digits))])
    if context.beside_month and not match["frac"] and len(digits) <= 2:
        readings = _as_day(digits, rules, as_rank=rules.ordinal_stop and context.before_stop)
    for reading in readings:
        texts = list(reading)
        if (match["tail"] or "").lower() == rules.plural != "":
            texts[-1] = re.sub(r"y$", "ie", texts[-1]) + rules.plural
        yield complete(on(number[0], texts), [token.word for token in number])
    if match["ending"]:  # "2015'te": the ending of the last word
        texts = [*readings[0][:-1], readings[0][-1] + normalise(match["ending"])]
        yield complete(on(number[0], texts), [token.word for token in number])


def _decimals(digits: str, decimals: str, sign: str, rules: Rules) -> Readings:
    """Returns the readings of a number with decimals; ``sign`` is its currency or ""."""
    whole = rules.cardinals(digits, True)[0]
    one_by_one = [word for d in decimals for word in rules.cardinals(d, True)[0]]
    together = rules.cardinals(decimals, True)[0]
    found: list[Iterable[str]] = []
    if sign and rules.sums and len(decimals) == 2 and len(digits) <= LONGEST:
        found += rules.sums(digits, decimals, sign)
    if len(decimals) == 3 and len(rules.decimal) > 1:  # 1,500 where some write thousands so
        found += rules.cardinals(digits + decimals, True)
    points = [rules.tokens(point) for point in rules.point]
    if name := _decimal_name(decimals, rules):
        counted = _feminine(digits, rules)
        tail = _feminine(decimals, rules)
        found += [(*counted, *point, *tail, *end) for point in points[:3] for end in (name, ())]
    found += [(*whole, *point, *rest) for point in points for rest in (one_by_one, together)]
    if decimals == "5":
        ways = [*rules.halves.get(digits, ()), *rules.halves.get("", ())]
        found[1:1] = [rules.tokens(way.format(" ".join(whole))) for way in ways]
    return unique(found)


def _decimal_name(decimals: str, rules: Rules) -> list[str]:
    """Returns how decimals are named after them (десятых; десятая after one), if they are."""
    names = rules.decimal_names.get(str(len(decimals)), ())
    return rules.tokens(names[-1 if _counts_as(decimals, "1") else 0]) if names else []


def _feminine(digits: str, rules: Rules) -> Words:
    """Returns a number in the gender of its decimals' name, the second one of the language."""
    return rules.cardinals(digits, True)[:2][-1 if _counts_as(digits, "12") else 0]


def _counts_as(digits: str, last: str) -> bool:
    """Whether a number ends in certain digits, and not with a word of its own as 11 to 19 do."""
    return digits[-1] in last and digits[-2:-1] != "1"


def _as_day(digits: str, rules: Rules, *, as_rank: bool) -> Readings:
    """Returns the readings of a number beside a month: cardinal, ordinal, "the 5th of".

    ``as_rank``: whether it is written as an ordinal, which is then the usual reading.
    """
    ranks = rules.ordinals(int(digits))
    spelt = [rules.tokens(p.format(" ".join(r))) for p in rules.day_patterns for r in ranks]
    plain = rules.cardinals(digits, True)
    return unique([*ranks, *plain, *spelt] if as_rank else [*plain, *ranks, *spelt])


def clock(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads a time of day: 3:17, 15.30 Uhr. None if none begins at ``at``."""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    found = rules.hour_and_minute(tokens[at].text, after.text if after else "")
    if not found:
        return None
    hour, minute = found
    if rules.hours:
        return 1, (on(tokens[at], reading) for reading in rules.hours(hour, minute))
    first = rules.cardinals(str(int(hour)), True)[0]
    last = rules.cardinals(str(int(minute)), True)[0] if int(minute) else ()
    middles = [rules.tokens(way) for way in rules.hour_words]
    readings = unique([*((*first, *m, *last) for m in middles), (*first, *last)])
    if after is None or normalise(after.text) not in rules.clock_words:
        return 1, (on(tokens[at], reading) for reading in readings)
    name = rules.tokens(after.text)
    readings = unique([*readings[:-1], (*readings[-1], *name)])
    words = [tokens[at].word, after.word]
    return 2, (complete(on(tokens[at], reading), words) for reading in readings)


def slashed(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads a fraction, numbers with slashes or a date with dots; None if none is at ``at``."""
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
    """Returns the readings of a day, a month and perhaps a year: 11.09.2015."""
    day, month, year = match[1], match[2], match[3] or ""
    if not 1 <= int(month) <= 12:
        return rules.cardinals(day + month + year, True)
    end = rules.cardinals(year, False)[0] if year else ()
    days = (*rules.ordinals(int(day)), rules.cardinals(str(int(day)), True)[0])
    names = rules.tokens(rules.dates[int(month) - 1])
    ranks = rules.ordinals(int(month))
    return unique([(*d, *m, *end) for m in (names, *ranks) for d in days])
