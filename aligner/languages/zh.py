"""Chinese: by the character; numbers as they are read, years digit by digit.

Traditional and simplified characters are compared as one: recognisers write either, whatever the
publisher writes. The one file that uses opencc.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Readings, Words, unique
from aligner.languages.rules import Rules

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")
GROUPS = ("", "万", "亿", "兆")
LISTS = Lists(
    function=(
        "的 了 在 是 和 与 及 也 就 都 而 或 把 被 这 那 他 她 它 们 我 你 "
        "个 上 中 下 为 以 于 对 从 到"
    ),
    negations=f"不 没 無 无 未 非 否 莫 勿 {' '.join(DIGITS)} 十 百 千 万 亿 两 半",
)


def cardinals(digits: str, grouped: bool) -> Readings:
    """Digits -> how they may be read; four of them, alone, are first a year."""
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
    """A whole number -> its characters: 250000 -> 二十五万, 105 -> 一百零五."""
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
    return (("第", *number(value)),)


ALIKE = str.maketrans({"〇": "零", "○": "零"})


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@lru_cache(maxsize=65_536)
def letters(folded: str) -> str:
    """Characters as simplified, of one width, with one zero."""
    return str(_converter()(unicodedata.normalize("NFKC", folded).translate(ALIKE)))


def record() -> Language:
    rules = Rules(
        cardinals=cardinals,
        ordinals=ordinals,
        point=("点",),
        minus=("负", "零下"),
        to=("到", "至"),
        percent_before="百分之",
        space_groups=False,
        scales={"万": ("万",), "亿": ("亿",)},
        money={
            "$": ("美元", "元"), "US$": ("美元",), "€": ("欧元",), "£": ("英镑",),
            "¥": ("元", "日元", "人民币"), "￥": ("元",), "₽": ("卢布",), "NT$": ("新台币",),
            "HK$": ("港元", "港币"),
        },
        units={
            "%": ("百分之",), "°c": ("摄氏度", "度"), "℃": ("摄氏度", "度"), "°": ("度",),
            "km": ("公里", "千米"), "m": ("米",), "cm": ("厘米",), "kg": ("公斤", "千克"),
            "g": ("克",), "km/h": ("公里每小时",), "m²": ("平方米",), "km²": ("平方公里",),
        },
        signs={"&": ("和",), "+": ("加",), "=": ("等于",), "#": ("号",), ".": ("点",),
               "@": ("艾特",)},
        clock=re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})"),
        hour=("点",),
        letters=letters,
    )  # fmt: skip
    return compose("zh", rules, None, LISTS)
