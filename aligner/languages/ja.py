"""Japanese: by the character; numbers in kanji as num2words has them."""

from __future__ import annotations

import re
import unicodedata

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals("ja")
LISTS = Lists(
    function="の に は を た が で て と し れ さ い も な か ら す る こ お よ う ま り",
    negations="不 無 非 未",
)


def letters(folded: str) -> str:
    """Letters and digits of full and half width are one."""
    return unicodedata.normalize("NFKC", folded)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        point=("点",),
        minus=("マイナス",),
        to=("から",),
        space_groups=False,
        money={
            "¥": ("円",), "￥": ("円",), "$": ("ドル",), "€": ("ユーロ",), "£": ("ポンド",),
            "₽": ("ルーブル",),
        },
        units={
            "%": ("パーセント",), "°c": ("度",), "℃": ("度",), "°": ("度",),
            "km": ("キロメートル", "キロ"), "m": ("メートル",), "cm": ("センチ", "センチメートル"),
            "kg": ("キログラム", "キロ"), "g": ("グラム",), "km/h": ("時速キロ",),
            "m²": ("平方メートル",), "km²": ("平方キロメートル", "平方キロ"),
        },
        signs={"&": ("アンド",), "%": ("パーセント",), "+": ("プラス",), "=": ("イコール",),
               "#": ("ハッシュタグ",), ".": ("ドット",), "@": ("アットマーク",)},
        clock=re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})"),
        hour=("時",),
        letters=letters,
    )  # fmt: skip
    return compose("ja", rules, NUMERALS, LISTS)
