"""Letters that are one for the comparison of texts, by script."""

import pytest

from aligner import languages
from aligner.languages import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كتاب", "کتاب"),  # the kaf of Arabic and of Persian keyboards
        ("علي", "علی"),
        ("على", "علي"),
        ("مـــدرسة", "مدرسة"),  # tatweel
        ("مُحَمَّدٌ", "محمد"),  # vowel signs
        ("أحمد", "احمد"),
        ("إيران", "ایران"),
        ("آسيا", "اسیا"),
        ("شؤون", "شوون"),
        ("هيئة", "هییه"),
        ("ﻻ", "لا"),  # a ligature of old fonts
        ("می‌رود", "میرود"),  # with and without the zero-width non-joiner
        ("خانۀ", "خانه"),
        ("٢٠٢٤", "2024"),
        ("۲۰۲۴", "2024"),
        ("२०२४", "2024"),
        ("۔پاکستان", "پاکستان"),
        ("ہے", "ھے"),  # Urdu: the heh that is meant, and the one of another keyboard
        ("یہ", "يه"),
        ("افغانستانی", "افغانستانۍ"),  # Pashto
        ("ګوند", "گوند"),
        ("کوردستان", "كوردستان"),  # Kurdish
        ("هەولێر", "ھەولیر"),
        ("ڕۆژ", "رۆژ"),
    ],
)
def test_variants_of_a_letter_are_one(one: str, other: str) -> None:
    assert normalise(one) == normalise(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("کار", "گار"), ("پاپا", "بابا"), ("и", "й"), ("ख", "क"), ("چین", "جين")]
)
def test_other_letters_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺灣總統", "台湾总统"),
        ("臺湾總统", "台灣总統"),  # both kinds in one word
        ("乾隆皇帝", "干隆皇帝"),
        ("看著她的頭髮", "看着她的头发"),
        ("ＡＢ公司", "AB公司"),
    ],
)
@pytest.mark.parametrize("code", ["zh", "yue", "zh-Hant"])
def test_chinese_characters_of_both_kinds_are_one(one: str, other: str, code: str) -> None:
    language = languages.get(code)
    said = [[token.text for token in language.say([text])] for text in (one, other)]
    assert said[0] == said[1] != []
