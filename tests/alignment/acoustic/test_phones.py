"""Phones of words in any language: rules of spelling, syllables, readings of characters."""

from __future__ import annotations

import re

import pytest

from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.model import acoustics
from aligner.alignment.acoustic.phones import UNKNOWN, phones
from aligner.alignment.acoustic.phones.nearest import NEAREST, english_phones
from aligner.alignment.acoustic.phones.orthography import _rules, ipa
from aligner.alignment.acoustic.rescoring import lexicon_tokens
from aligner.languages.base import default
from aligner.languages.numerals import spelt_out

VOA = (
    "sq am hy az bm bn bs my yue prs en fr ka ht ha id km rw rn ko ku lo mk zh nd om ps fa pt rhg "
    "ru sr sn so es sw th bo ti tr uk ur uz vi de it ja pl nl cs fi hi ar el he ta"
).split()
WORDS = (
    *("Kenya", "Straße", "ciudad", "președinte", "zażółć", "Ελλάδα", "Москва", "їжак", "Հայաստան"),
    *("საქართველო", "القاهرة", "ישראל", "नमस्ते", "বাংলাদেশ", "தமிழ்", "မြန်မာ", "កម្ពុជា", "ประเทศ"),
    *("ປະເທດ", "བོད", "ኢትዮጵያ", "대한민국", "東京", "ラジオ", "1250", "🙂", "’"),
)


@pytest.mark.parametrize("language", VOA)
def test_every_word_has_phones_of_the_acoustic_model(language: str) -> None:
    names = acoustics().names
    for word in WORDS:
        found = phones(word, language)
        assert found, word
        assert set(found) <= set(names), word


def test_every_rule_gives_symbols_that_have_a_nearest_phone() -> None:
    for language, rules in _rules().items():
        for rule in rules.split():
            pattern, is_rule, value = rule.rpartition("=")
            assert is_rule, rule
            re.compile(pattern)
            left = value
            for symbol in sorted(NEAREST, key=len, reverse=True):
                left = left.replace(symbol, "")
            assert not left, f"{language}: {rule} has {left!r}"


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("famiglie", "it", "famiʎe"),
        ("chiuso", "it", "kjuso"),
        ("beaucoup", "fr", "boku"),
        ("population", "fr", "popylasjɔ̃"),
        ("informação", "pt", "informasɐw"),
        ("dětí", "cs", "ɟeci"),
        ("çocuğu", "tr", "t͡ʃod͡ʒuu"),
        ("ng'ombe", "sw", "ŋombe"),
        ("щастя", "uk", "ʃt͡ʃastja"),
        ("सरकार", "hi", "sarkar"),
        ("ትግርኛ", "ti", "tɨɡɨrɨɲa"),
        ("საქართველო", "ka", "sakartvelo"),
        ("ラジオ", "ja", "rad͡ʒio"),
    ],
)
def test_spelling_is_read_by_the_rules_of_its_language(
    word: str, language: str, expected: str
) -> None:
    assert ipa(word, language) == expected


def test_characters_are_read_one_by_one_in_the_language_of_the_text() -> None:
    assert ipa("東京", "ja") != ipa("東京", "zh") != ipa("東京", "yue")
    assert phones("中", "zh") == ("CH", "UH", "NG")


@pytest.mark.parametrize(("language", "spelt"), [("sw", "elfu"), ("fi", "tuhat"), ("cs", "tisíc")])
def test_digits_are_said_as_numbers_of_the_language(language: str, spelt: str) -> None:
    number = ipa("1250", language)
    assert ipa(spelt, language) in number


def test_what_has_no_letters_has_some_short_vowel() -> None:
    assert phones("🙂", "fr") == UNKNOWN
    assert english_phones("ˈˌ.") == ()


def test_a_language_without_rules_gets_the_usual_values_of_its_letters() -> None:
    assert "xx" not in _rules()
    assert default("xx").code == "xx"
    assert phones("banana", "xx") == ("B", "AA", "N", "AA", "N", "AA")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("cs", "šest číšníků, řekl", "šest číšníků řekl"),
        ("tr", "Şehir çocuğu", "şehir çocuğu"),
        ("vi", "một người", "một người"),
        ("de", "Schön-Übung 5 %", "schön übung fünf prozent"),
        ("fr", "l’été, c'est", "l’ été c' est"),
        ("uk", "п’ять", "п’ять"),
        ("pl", "12 %", "dwanaście procent"),
        ("ar", "أُخرى", "أُخرى"),
        ("ja", "2015年", "二 千 十 五 年"),
    ],
)
def test_words_are_pronounced_with_their_accents(language: str, text: str, expected: str) -> None:
    words = lexicon_tokens(text.split(), language)
    # a number in figures stands for itself where no other spelling is needed
    assert " ".join(spelt(token, language) for group in words for token in group) == expected


def spelt(token: LexiconToken, language: str) -> str:
    if not token.spoken.isdecimal():
        return token.spoken
    return spelt_out(token.spoken, language).replace("\u00ad", "")


def test_a_tone_of_vietnamese_leaves_the_letter_as_it_is() -> None:
    assert ipa("một", "vi") == ipa("môt", "vi") != ipa("mot", "vi")
    assert ipa("đường", "vi") == ipa("đương", "vi")
