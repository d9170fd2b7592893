"""Chinese: tokens are characters; years are read digit by digit.

Traditional and simplified characters are compared as one: recognisers write either, whatever the
publisher writes. No other file uses opencc.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from aligner.languages.base import Language
from aligner.languages.numerals import Readings, Words, unique
from aligner.languages.record_file import Functions, make_record

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")
GROUPS = ("", "万", "亿", "兆")


def cardinals(digits: str, grouped: bool) -> Readings:
    """Returns the readings of digits; four digits alone are read as a year first."""
    one_by_one = tuple(DIGITS[int(d)] for d in digits)
    if len(digits) > 16 or (digits[0] == "0" and len(digits) > 1):
        return (one_by_one,)
    counted = number(int(digits))
    two = tuple("两" if a == "二" and b in "百千万亿" else a for a, b in _with_next(counted))
    ways = [counted, two] + ([one_by_one] if len(digits) > 2 else [])
    if len(digits) == 4 and not grouped:
        ways.insert(0, one_by_one)
    return unique(ways)


def _with_next(words: Words) -> list[tuple[str, str]]:
    return list(zip(words, (*words[1:], " "), strict=True))


def number(value: int) -> Words:
    """Returns the characters of a whole number: 二十五万 for 250000, 一百零五 for 105."""
    if value == 0:
        return ("零",)
    out = ""
    group = 0
    while value:
        value, part = divmod(value, 10_000)
        if part:
            gap = "零" if value and part < 1000 else ""
            out = gap + _thousands(part) + GROUPS[group] + out
        elif out and not out.startswith("零"):
            out = "零" + out
        group += 1
    return tuple(re.sub("^一十", "十", out))


def _thousands(value: int) -> str:
    out, zero = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + PLACES[place]
            zero = False
        else:
            zero = True
    return out


def ordinals(value: int) -> Readings:
    """Returns the reading of an ordinal."""
    return (("第", *number(value)),)


ALIKE = str.maketrans({"〇": "零", "○": "零", "著": "着", "妳": "你"})


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@lru_cache(maxsize=65_536)
def letters(folded: str) -> str:
    """Converts characters to simplified ones, of one width, with one character for zero.

    Each is converted by itself: a word may be written in characters of both kinds.
    """
    simplified = "".join(map(_simplified, unicodedata.normalize("NFKC", folded)))
    return simplified.translate(ALIKE)


@cache
def _simplified(char: str) -> str:
    return _converter()(char)


def record() -> Language:
    return make_record("zh", Functions(cardinals, ordinals, letters))
