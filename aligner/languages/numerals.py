"""Numbers -> the words that they may be read as. The one file that uses num2words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aligner.languages.base import fold

Words = tuple[str, ...]
Readings = tuple[Words, ...]
"""Ways to read something, the usual one first."""

LARGEST = 10**15
"""Larger numbers are read digit by digit."""
YEARS = range(1100, 2100)
"""What is likely to be a year where four digits stand alone."""

_PARTS = re.compile(r"[\s\-\u2010-\u2015,]+")


@lru_cache(maxsize=20_000)
def spell(
    value: int, lang: str, to: str = "cardinal", extra: tuple[tuple[str, str], ...] = ()
) -> Words:
    """A whole number as num2words spells it, word by word.

    ``extra`` holds what some of its languages take besides: gender, case.
    """
    from num2words import num2words

    spelt = str(num2words(value, lang=lang, to=to, **dict(extra)))
    return tuple(folded for part in _PARTS.split(spelt) if (folded := fold(part)))


def unique(readings: Iterable[Iterable[str]]) -> Readings:
    """Readings in order, each once; empty ones go."""
    return tuple(dict.fromkeys(words for reading in readings if (words := tuple(reading))))


def without(words: Words, small: str) -> Words:
    return tuple(word for word in words if word != small)


def digit_by_digit(digits: str, lang: str) -> Words:
    return tuple(word for digit in digits for word in spell(int(digit), lang))


@dataclass(frozen=True, slots=True)
class Numerals:
    """How one language reads numbers, after num2words."""

    lang: str
    """As num2words names it."""
    variants: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Other genders and cases of cardinals, where num2words has them."""
    rank_variants: tuple[tuple[tuple[str, str], ...], ...] = ()
    """The same of ordinals."""
    endings: Mapping[str, tuple[str, ...]] | None = None
    """Ending of an ordinal -> other endings that it takes."""
    small: str = ""
    """A word inside numbers that may be left out: "and", "et", "und"."""

    def cardinals(self, digits: str, grouped: bool) -> Readings:
        """Digits, without separators -> how they may be read; ``grouped``: 1,998 is no year."""
        value = int(digits)
        if value >= LARGEST or (digits[0] == "0" and len(digits) > 1):
            return (digit_by_digit(digits, self.lang),)
        plain = spell(value, self.lang)
        found = [plain, *(spell(value, self.lang, extra=extra) for extra in self.variants)]
        if self.small:
            found.append(without(plain, self.small))
        if value in YEARS and not grouped:
            found += self.years(value)
        return unique(found)

    def years(self, value: int) -> Readings:
        """A year -> how it may be read; in inflected languages that is an ordinal."""
        ranks = self.ordinals(value) if self.rank_variants or self.endings else ()
        return unique([*self._pairs(value), spell(value, self.lang), *ranks])

    def _pairs(self, value: int) -> list[Words]:
        """Nineteen hundred ninety-eight, where the language has it."""
        if self.lang not in ("de", "nl"):
            return []
        spelt = spell(value, self.lang, "year")
        return [("".join(spelt),), spelt]

    def ordinals(self, value: int) -> Readings:
        if value >= LARGEST:
            return ()
        plain = spell(value, self.lang, "ordinal")
        found = [
            plain,
            *(spell(value, self.lang, "ordinal", extra) for extra in self.rank_variants),
        ]
        for ending, others in (self.endings or {}).items():
            if plain and plain[-1].endswith(ending):
                stem = plain[-1].removesuffix(ending)
                found += [(*plain[:-1], stem + other) for other in others]
                break
        return unique(found)


Cardinals = Callable[[str, bool], Readings]
Ordinals = Callable[[int], Readings]
