"""Arabic: digits of both kinds, letters without vowel marks, one form of alef."""

from __future__ import annotations

import unicodedata

from aligner.languages.base import Language
from aligner.languages.compose import Lists, compose
from aligner.languages.numerals import Numerals
from aligner.languages.rules import Rules

NUMERALS = Numerals("ar", prefix="و")
MONTHS = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()
LISTS = Lists(
    function=(
        "في من على إلى عن مع أن إن كان كانت هذا هذه ذلك تلك التي الذي الذين هو هي هم ما لا لم لن "
        "قد كما أو ثم بعد قبل بين حتى عند كل غير أي إذا لكن حيث"
    ),
    negations="لا لم لن ليس ليست غير دون بدون",
)
ALIKE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})
"""What writers do not keep apart."""


def letters(folded: str) -> str:
    bare = "".join(c for c in folded if unicodedata.category(c) != "Mn" or c in "\u0654\u0655")
    return unicodedata.normalize("NFC", bare).translate(ALIKE)


def record() -> Language:
    rules = Rules(
        cardinals=NUMERALS.cardinals,
        ordinals=NUMERALS.ordinals,
        decimal=".,٫",
        thousands=",٬",
        point=("فاصلة", "فاصل", "نقطة"),
        to=("إلى",),
        minus=("ناقص", "سالب"),
        scales={
            "ألف": ("ألف",), "آلاف": ("آلاف",), "مليون": ("مليون",), "ملايين": ("ملايين",),
            "مليار": ("مليار",), "مليارات": ("مليارات",),
        },
        money={
            "$": ("دولار", "دولارات", "دولارا"), "€": ("يورو",), "£": ("جنيه", "جنيه إسترليني"),
            "¥": ("ين", "يوان"), "₽": ("روبل",),
        },
        units={
            "%": ("في المئة", "بالمئة", "في المائة", "بالمائة"), "°": ("درجة", "درجات"),
            "كم": ("كيلومتر", "كيلومترا", "كيلومترات"), "م": ("متر", "مترا", "أمتار", "ميلادية"),
            "كغ": ("كيلوغرام", "كيلوغراما"), "كلم": ("كيلومتر", "كيلومترا"),
        },
        signs={"&": ("و",), "%": ("في المئة", "بالمئة"), "+": ("زائد",), "=": ("يساوي",),
               "#": ("هاشتاغ", "وسم"), ".": ("نقطة",), "@": ("آت",)},
        abbreviations={"د": ("الدكتور", "دكتور"), "م": ("المهندس", "ميلادية"), "أ": ("الأستاذ",)},
        months=frozenset(MONTHS),
        dates=tuple(MONTHS),
        letters=letters,
    )  # fmt: skip
    return compose("ar", rules, NUMERALS, LISTS)
