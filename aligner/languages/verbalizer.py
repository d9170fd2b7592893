"""Verbalizes printed words: their readings, by the ``Rules`` of a language.

Each rule gets the tokens and an index, and returns how many tokens from there it reads, and their
readings. The first rule that matches is used; what none matches is a plain word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise

from aligner.languages.base import SpokenToken, VerbalizationGroup, normalise
from aligner.languages.numerals import unique
from aligner.languages.quantities import clock, quantity, slashed
from aligner.languages.rules import Rules
from aligner.languages.tokens import ADDRESS, Found, Token, complete, on, tokenise

Rule = Callable[[Sequence[Token], int, Rules], Found | None]

MAX_READINGS = 64
"""Readings kept for one group; the usual ones come first."""
ROMAN = re.compile(r"(?=[IVXLC])C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
ROMAN_LIKE = ("Le", "Ce")
"""French words that look like the fiftieth and the hundredth: "Marine Le Pen"."""
MIXED = re.compile(r"\d+|[^\W\d_]+")


def reader(rules: Rules, *first: Rule) -> Callable[[Sequence[str]], tuple[VerbalizationGroup, ...]]:
    """Returns the function that reads printed words; ``first`` are rules of the language alone."""
    chain = (*first, *RULES)

    def read(words: Sequence[str]) -> tuple[VerbalizationGroup, ...]:
        return tuple(_groups(tokenise(words, rules), rules, chain))

    return read


def _groups(
    tokens: Sequence[Token], rules: Rules, chain: Sequence[Rule]
) -> Iterator[VerbalizationGroup]:
    at = 0
    while at < len(tokens):
        if joint := _joint(tokens, at, rules):
            yield joint
        size, ways = next(found for rule in chain if (found := rule(tokens, at, rules)))
        words = sorted({token.word for token in tokens[at : at + size]})
        readings = dict.fromkeys(complete(way, words) for way in islice(ways, MAX_READINGS) if way)
        if readings:
            yield VerbalizationGroup(
                tuple(tuple(SpokenToken(*token) for token in way) for way in readings)
            )
        at += size


def _joint(tokens: Sequence[Token], at: int, rules: Rules) -> VerbalizationGroup | None:
    """Returns the readings of the dash between two numbers; None if there is none."""
    token = tokens[at]
    if not at or not token.joint or token.joint[0] in "…/":
        return None
    if not (tokens[at - 1].text[-1:].isdecimal() and token.text[:1].isdecimal()):
        return None
    said = [tuple(SpokenToken(text, token.word) for text in rules.tokens(way)) for way in rules.to]
    return VerbalizationGroup(((), *said))


# ---------------------------------------------------------------- signs and abbreviations


def _numbering(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads an abbreviation or sign before a number: No. 1, № 5, p. 12. #1 is one token."""
    text = tokens[at].text
    if text[0] == "#" and text[1:].isdecimal():
        names = (*rules.numbering.get("#", ()), "")
        return 1, (
            on(tokens[at], (*rules.tokens(name), *reading))
            for name in names
            for reading in rules.cardinals(text[1:], True)[:2]
        )
    ways = rules.numbering.get(normalise(text) or text)
    if not ways or at + 1 >= len(tokens) or not tokens[at + 1].text[0].isdecimal():
        return None
    return 1, (on(tokens[at], rules.tokens(way)) for way in ways)


def _address(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads addresses, handles and hashtags: voanews.com, a@site.org, @handle, #MeToo."""
    token = tokens[at]
    text = token.text
    if text[0] in "@#" and len(text) > 1:
        apart = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text[1:])
        names = rules.signs.get(text[0], ())
        ways = [text[1:], apart, *(f"{name} {apart}" for name in names)]
        return 1, (on(token, rules.tokens(way)) for way in ways)
    if not ADDRESS.fullmatch(text):
        return None
    bare = re.sub(r"^https?://", "", text)
    short = bare.removeprefix("www.").split("/")[0]
    spelt = _spell_out(short, rules), _spell_out(bare, rules), re.sub(r"[./@_-]+", " ", bare)
    return 1, (on(token, rules.tokens(way)) for way in spelt)


def _spell_out(address: str, rules: Rules) -> str:
    """Replaces the signs inside an address by words."""
    out = []
    for part in re.split(r"([./@_:-])", address):
        said = rules.signs.get("." if part == "." else part, ())
        out.append(said[0] if said else part)
    return " ".join(out)


def _roman(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    """Reads a Roman numeral as cardinal, as ordinal, or as written: Elizabeth II, chapter IV."""
    token = tokens[at]
    match = re.fullmatch(f"({ROMAN.pattern})({rules.ordinal_marks})?", token.text)
    before = tokens[at - 1] if at and not tokens[at - 1].closed else None
    if not match or not before or token.joint or token.text in ROMAN_LIKE:
        return None
    counted = normalise(before.text) in rules.before_roman
    capital = before.text[0].isupper() or rules.roman_anywhere
    if not counted and not match[2] and (len(token.text) == 1 or not capital):
        return None
    value = _roman_value(match[1])
    ranks, plain = rules.ordinals(value), rules.cardinals(str(value), True)
    named = [rules.tokens(p.format(" ".join(r))) for p in rules.day_patterns[:1] for r in ranks]
    ways = [*plain, *named, *ranks] if counted else [*named, *ranks, *plain]
    return 1, (on(token, way) for way in unique([*ways, [normalise(token.text)]]))


def _roman_value(text: str) -> int:
    digits = [ROMAN_DIGITS[char] for char in text]
    smaller = [a < b for a, b in pairwise(digits)]
    return sum(-d if less else d for d, less in zip(digits, [*smaller, False], strict=True))


def _abbreviation(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    token = tokens[at]
    folded = normalise(token.text)
    ways = rules.abbreviations.get(folded)
    if not ways:
        return None
    dotted = token.stop or "." in token.text
    if folded in rules.without_stop or (dotted and _may_be_short(token.text, rules)):
        said = (*ways, folded)
    elif (
        len(token.text) > 1 and token.text.isalpha() and token.text.isupper()
    ):  # US, EU: mostly as they are
        said = (folded, *ways)
    else:
        return None
    return 1, (on(token, rules.tokens(way)) for way in said)


def _may_be_short(text: str, rules: Rules) -> bool:
    """Whether a word before a full stop may be an abbreviation.

    In English a word in small letters there mostly ends a sentence.
    """
    return rules.small_abbreviations or not text[0].islower() or "." in text


def _sign(tokens: Sequence[Token], at: int, rules: Rules) -> Found | None:
    token = tokens[at]
    ways = rules.signs.get(token.text) or rules.units.get(
        token.text if not normalise(token.text) else ""
    )
    return (1, (on(token, rules.tokens(way)) for way in ways)) if ways else None


def _plain(tokens: Sequence[Token], at: int, rules: Rules) -> Found:
    """Reads a word of letters, perhaps with digits or signs: G20, l'homme, States', R&D."""
    token = tokens[at]
    ways = [on(token, _elided(token.text, rules))]
    if "&" in token.text and (named := rules.signs.get("&")):
        ways.insert(0, on(token, rules.tokens(token.text.replace("&", f" {named[0]} "))))
    parts = MIXED.findall(token.text)
    if len(parts) > 1 and any(p.isdecimal() for p in parts) and token.text.isalnum():
        ways.append(on(token, _mixed(parts, rules)))
    if rules.possessive and token.text.lower().endswith("s") and token.after[:1] in ("'", "’"):
        ways.append(on(token, rules.tokens(token.text + "s")))
    return 1, ways


def _mixed(parts: list[str], rules: Rules) -> list[str]:
    out: list[str] = []
    for part in parts:
        out += rules.cardinals(part, True)[0] if part.isdecimal() else rules.tokens(part)
    return out


def _elided(text: str, rules: Rules) -> list[str]:
    head, mark, rest = text.replace("’", "'").partition("'")
    if mark and rest and normalise(head) in rules.elisions:
        return [*rules.tokens(head), *_elided(rest, rules)]
    return rules.tokens(text)


RULES: tuple[Rule, ...] = (
    clock,
    slashed,
    _numbering,
    _address,
    quantity,
    _roman,
    _abbreviation,
    _sign,
    _plain,
)
