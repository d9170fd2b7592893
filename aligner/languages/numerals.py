"""Readings of numbers in words, by num2words and by ICU. No other file uses num2words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from aligner.languages.base import characters, normalise
from aligner.languages.tags import primary

Words = tuple[str, ...]
Readings = tuple[Words, ...]
"""Alternative readings, the usual one first."""

LONGEST = 15
LARGEST = 10**LONGEST
"""Larger numbers are read digit by digit."""
YEARS = range(1100, 2100)
"""Numbers that are likely years where four digits stand alone."""

DARI = {"prs": "fa"}
"""The language whose numbers Dari has; ICU does not know its code."""

_PARTS = re.compile(r"[\s\-\u2010-\u2015,]+")


@lru_cache(maxsize=20_000)
def spell(
    value: int, lang: str, to: str = "cardinal", extra: tuple[tuple[str, str], ...] = ()
) -> Words:
    """Spells a whole number with num2words: by word, or by character in unspaced scripts.

    ``extra`` are further arguments of some of its languages, such as gender and case.
    """
    from num2words import num2words

    return _words(str(num2words(value, lang=lang, to=to, **dict(extra))))


@lru_cache(maxsize=20_000)
def spelt_out(digits: str, lang: str) -> str:
    """Spells a whole number by ICU, which knows some eighty languages; else in English.

    Longer numbers than LONGEST digits, and those that begin with 0, are spelt digit by digit.
    """
    from icu4py.messageformat import MessageFormat

    parts = [digits] if is_counted(digits) else digits
    spelling = MessageFormat("{n,spellout}", DARI.get(lang, lang))
    return " ".join(spelling.format({"n": int(part)}) for part in parts)


@lru_cache(maxsize=20_000)
def spell_by_icu(value: int, lang: str, rule_set: str) -> Words:
    """Spells a whole number by a rule set of ICU, such as "cardinal-feminine": by word."""
    from icu4py.messageformat import MessageFormat

    spelt = MessageFormat(f"{{n,spellout,%spellout-{rule_set}}}", lang).format({"n": value})
    return _words(spelt)


def _words(spelt: str) -> Words:
    return tuple(token for part in _PARTS.split(spelt) for token in characters(normalise(part)))


@cache
def is_spelt_by_icu(lang: str) -> bool:
    """Whether ICU knows the number words of a language; of others it gives the English ones."""
    return primary(lang) == "en" or spelt_out("345", lang) != spelt_out("345", "en")


@lru_cache(maxsize=64)
def figures(lang: str) -> dict[str, str]:
    """Returns the figures of numbers from 10 to 99 that are one word, as recognisers write them.

    Empty for a language that num2words does not know.
    """
    from num2words import num2words

    try:
        spelt = {str(num2words(value, lang=lang)): str(value) for value in range(10, 100)}
    except NotImplementedError:
        return {}
    return {word: figure for word, figure in spelt.items() if " " not in word}


def unique(readings: Iterable[Iterable[str]]) -> Readings:
    """Removes duplicate and empty readings; the order stays."""
    return tuple(dict.fromkeys(words for reading in readings if (words := tuple(reading))))


def without(words: Words, small: str) -> Words:
    return tuple(word for word in words if word != small)


def is_counted(digits: str) -> bool:
    """Whether digits are read as a number, rather than one by one."""
    return len(digits) == 1 or (digits[0] != "0" and len(digits) <= LONGEST)


def digit_by_digit(digits: str, lang: str) -> Words:
    return tuple(word for digit in digits for word in spell(int(digit), lang))


Extra = tuple[tuple[str, str], ...]
"""Further arguments of num2words, as pairs of name and value."""


@dataclass(frozen=True, slots=True)
class Numerals:
    """How one language reads numbers, based on num2words or, where ``icu`` has values, on ICU."""

    lang: str
    """The language code of num2words or ICU."""
    icu: tuple[str, ...] = ()
    """ICU's rule sets of cardinals, the usual one first: "cardinal-masculine"."""
    icu_ordinals: tuple[str, ...] = ()
    """ICU's rule sets of ordinals."""
    ordinal_words: tuple[str, ...] = ()
    """The ordinals from 1 on, where neither library has them."""
    regional: tuple[str, ...] = ()
    """Codes of other countries' variants in num2words: pt_BR."""
    variants: tuple[Extra, ...] = ()
    """Other genders and cases of cardinals, where num2words has them."""
    ordinal_variants: tuple[Extra, ...] = ()
    """Other genders and cases of ordinals."""
    endings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Endings of the last word of an ordinal, the longest first, each with its alternatives."""
    optional_word: str = ""
    """A word inside numbers that may be left out: "and"."""
    prefix: str = ""
    """A word inside numbers that is written together with the next (Arabic "and")."""
    years_in_hundreds: bool = False
    """Whether a year before 2000 is read in hundreds: neunzehnhundertachtundneunzig."""
    short_forms: tuple[tuple[str, str], ...] = ()
    """Beginnings with their shorter forms: einhundert, hundert."""
    years_as_ordinals: bool = False
    """Whether a year may be read as an ordinal (Russian, Ukrainian, Polish)."""

    def cardinals(self, digits: str, grouped: bool) -> Readings:
        """Returns the readings of digits without separators.

        ``grouped``: the number is written with separators, so that it is no year (1,998).
        """
        one_by_one = tuple(word for digit in digits for word in self._cardinals(int(digit))[0])
        if not is_counted(digits):
            return (one_by_one,)
        value = int(digits)
        is_year = value in YEARS and not grouped
        found = self._years(value) if is_year else []
        found += self._cardinals(value)
        if is_year and self.years_as_ordinals:
            found += self.ordinals(value)
        if len(digits) > 2 and not is_year:
            found.append(one_by_one)
        return unique(way for words in found for way in self._forms(words))

    def _cardinals(self, value: int) -> list[Words]:
        """Returns a number in its genders, cases and regional forms; the usual form first."""
        if self.icu:
            return [spell_by_icu(value, self.lang, rule_set) for rule_set in self.icu]
        found = [spell(value, lang) for lang in (self.lang, *self.regional)]
        return found + [spell(value, self.lang, extra=extra) for extra in self.variants]

    def _forms(self, words: Words) -> list[Words]:
        """Returns the variants of a spelling: joined, and without optional words."""
        if self.prefix:
            joined = " ".join(words).replace(f"{self.prefix} ", self.prefix)
            words = tuple(joined.split())
        found = [words]
        if self.optional_word in words:
            found.append(without(words, self.optional_word))
        for long, short in self.short_forms:
            if words[0].startswith(long):
                rest = short + words[0].removeprefix(long)
                found.append((rest, *words[1:]) if rest else words[1:])
        return found

    def _years(self, value: int) -> list[Words]:
        """Returns a year read in hundreds, as one word and in parts."""
        if not self.years_in_hundreds:
            return []
        spelt = spell(value, self.lang, "year")
        return [("".join(spelt),), spelt]

    def ordinals(self, value: int) -> Readings:
        """Returns the readings of an ordinal, in all its endings."""
        if not 0 < value < LARGEST:
            return ()
        found = self._ranks(value)
        plain = found[0] if found else ()
        for ending, others in self.endings:
            if plain and plain[-1].endswith(ending):
                stem = plain[-1].removesuffix(ending)
                found += [(*plain[:-1], stem + other) for other in others]
                break
        return unique(way for words in found for way in self._forms(words))

    def _ranks(self, value: int) -> list[Words]:
        """Returns an ordinal in its genders and cases; none where nobody knows it."""
        if self.ordinal_words:
            return [_words(word) for word in self.ordinal_words[value - 1 : value]]
        if self.icu:
            return [spell_by_icu(value, self.lang, rule_set) for rule_set in self.icu_ordinals]
        found = [spell(value, self.lang, "ordinal")]
        return found + [spell(value, self.lang, "ordinal", one) for one in self.ordinal_variants]

    def number_words(self) -> frozenset[str]:
        """Returns the words that numbers consist of; matching never swaps them."""
        values = (*range(100), *range(100, 1001, 100), 10**6, 2 * 10**6, 10**9, 2 * 10**9)
        cardinals = (word for v in values for way in self.cardinals(str(v), True) for word in way)
        ranks = (word for v in range(1, 32) for way in self.ordinals(v) for word in way)
        return frozenset((*cardinals, *ranks)) - {self.optional_word, self.prefix}


Cardinals = Callable[[str, bool], Readings]
Ordinals = Callable[[int], Readings]
