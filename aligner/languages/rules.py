"""The rules by which one language reads numbers, signs and abbreviations aloud.

Rules are plain data for ``verbalizer.py``. Every entry lists the ways in which something may be
said, the usual one first; a way is a string of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from aligner.languages.base import characters, normalise
from aligner.languages.numerals import Cardinals, Ordinals, Readings

Ways = Mapping[str, tuple[str, ...]]
"""For each printed form the ways to say it."""

NEVER = r"(?!)"
MONEY_SIGNS = "$€£¥₽₴₹₺₩₪"


@dataclass(frozen=True)
class Rules:
    """How one language reads what is not written in plain words."""

    cardinals: Cardinals
    ordinals: Ordinals
    decimal: str = "."
    """Signs that may stand before the decimals. With more than one, 1,500 may be either."""
    thousands: str = ","
    """Signs between groups of three digits; a space counts everywhere."""
    point: tuple[str, ...] = ("point",)
    """How the decimal sign is said."""
    decimal_names: Ways = field(default_factory=dict)
    """How decimals are named after them, by their number: "1" for tenths (Russian "десятых")."""
    halves: Ways = field(default_factory=dict)
    """How the half in 2.5 is said, "{}" standing for the whole number: "{} and a half". By the
    digits of the whole number where it has a word of its own ("1": anderthalb), else by ""."""
    minus: tuple[str, ...] = ("minus",)
    to: tuple[str, ...] = ("to",)
    """How the dash in "10-15" is said, where it is."""
    percent_before: str = ""
    """Where "percent" stands before the number, also as a sign (Turkish %20)."""
    units_first: bool = False
    """Whether currencies, units and scales are said before their number (Swahili)."""
    ending_marks: str = ""
    """Signs that tie an ending to a number: Turkish 2015'te, Finnish 15:ssä."""
    ordinal_marks: str = ""
    """Regular expression of what follows the digits of an ordinal: st, nd, rd, th."""
    day_patterns: tuple[str, ...] = ()
    """How the ordinal of a day is said beside its month: "the {}", "the {} of"."""
    scales: Ways = field(default_factory=dict)
    """Written after a number and before its unit: bn, million."""
    money: Ways = field(default_factory=dict)
    """Signs and codes of currencies."""
    cents: tuple[str, ...] = ()
    units: Ways = field(default_factory=dict)
    """Measures and percent, written after a number."""
    signs: Ways = field(default_factory=dict)
    """Signs that stand by themselves: & + = @ § °."""
    abbreviations: Ways = field(default_factory=dict)
    """Normalised words, read so where a full stop follows."""
    small_abbreviations: bool = True
    """Whether they are read so in small letters too."""
    without_stop: frozenset[str] = frozenset()
    """Normalised abbreviations that are read so without a full stop too."""
    numbering: Ways = field(default_factory=dict)
    """Normalised words and signs that are read so only before a number: No., #, p."""
    months: frozenset[str] = frozenset()
    """Normalised; a number beside a month is a day, and may be said as an ordinal."""
    ordinal_stop: bool = False
    """Whether a full stop after a number makes an ordinal: German "3. Platz"."""
    roman_anywhere: bool = False
    """Whether Roman numerals stand after any word: "au XVIIIe siècle"."""
    before_roman: frozenset[str] = frozenset()
    """Normalised words after which even a single letter is a Roman numeral: chapter, war."""
    space_groups: bool = True
    """Whether a space may separate groups of three digits: 250 000."""
    plural: str = ""
    """The plural ending of a number: 1990s."""
    possessive: bool = False
    """Whether an apostrophe after an s may be said as one more s."""
    clock: str = r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})"
    """Regular expression of a time of day."""
    clock_words: frozenset[str] = frozenset()
    """Normalised words before which 3.17 is a time of day: p.m., Uhr."""
    hour_words: tuple[str, ...] = ()
    """What may stand between the hour and the minutes: Uhr, heures."""
    dates: tuple[str, ...] = ()
    """The months in order, as they are said after a day."""
    variants: Mapping[str, str] = field(default_factory=dict)
    """For normalised words the spelling in which they are compared: colour, color."""
    elisions: frozenset[str] = frozenset()
    """Normalised beginnings that an apostrophe ties to the next word: l', qu'."""
    letters: Callable[[str], str] = str
    """Removes from a normalised word what publishers and recognisers write differently."""
    sums: Callable[[str, str, str], Readings] | None = None
    """Returns the preferred readings of a sum from its whole digits, decimals and currency."""
    hours: Callable[[str, str], Readings] | None = None
    """Returns the readings of a time of day from hour and minutes."""
    slashed: Callable[[list[str]], Readings] | None = None
    """Returns the readings of numbers separated by slashes (1/2, 9/11, 24/7)."""

    def hour_and_minute(self, text: str, after: str) -> tuple[str, str] | None:
        """Returns hour and minutes of a time of day; ``after`` is the next word. Else None."""
        match = re.fullmatch(self.clock, text)
        if not match and normalise(after) in self.clock_words:
            match = re.fullmatch(r"(?P<hour>\d{1,2})\.(?P<minute>\d{2})", text)
        return (match["hour"], match["minute"]) if match else None

    def tokens(self, text: str) -> list[str]:
        """Returns the texts of the spoken tokens of words as they are said."""
        out: list[str] = []
        for word in text.split():
            folded = self.letters(normalise(word))
            out += characters(self.variants.get(folded, folded))
        return out

    @cached_property
    def number(self) -> re.Pattern[str]:
        """The pattern of a number with the signs and letters tied to it."""
        signs = sorted((re.escape(sign) for sign in self.money), key=len, reverse=True)
        group = f"[{re.escape(self.thousands)}]" if self.thousands else NEVER
        lakhs = rf"\d{{1,2}}(?:{group}\d{{2}})+{group}\d{{3}}(?!\d)"  # India: 2,50,000
        percent = "%" if self.percent_before else NEVER
        marks = f"[{re.escape(self.ending_marks)}]" if self.ending_marks else NEVER
        ending = rf"{marks}(?P<ending>[^\W\d_]+)"
        return re.compile(
            rf"(?P<minus>[-−–])?(?P<percent>{percent})?(?P<money>{'|'.join(signs) or NEVER})?"
            rf"(?P<int>\d{{1,3}}(?:{group}\d{{3}})+(?!\d)|{lakhs}|\d+)?"
            rf"(?:[{re.escape(self.decimal)}](?P<frac>\d+))?"
            rf"(?:{ending}|(?P<rank>{self.ordinal_marks or NEVER})"
            rf"|(?P<tail>[^\W\d_]*(?:/[^\W\d_]+)?[²³]?|[%‰°{MONEY_SIGNS}]|°[CF]))",
            re.IGNORECASE,
        )
