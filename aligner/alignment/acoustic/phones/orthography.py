"""From spelling to IPA: the rules of each language's orthography, and the usual values of letters.

The rules are data: ``orthographies.toml`` for alphabets, ``han_readings.txt`` for Han characters;
scripts of syllables are read by ``syllables``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aligner.alignment.acoustic.phones import syllables
from aligner.languages.numerals import spelt_out
from aligner.languages.tags import WRITTEN_AS

DATA = Path(__file__).parent
DIGITS = re.compile(r"\d+")
HAN = re.compile("[\u4e00-\u9fff]")
HAN_LANGUAGES = {"zh", "yue", "ja"}
"""Languages that read Han characters in their own way; others read them as Mandarin does."""
ABJAD = re.compile("[\u0590-\u06ff]")
"""Hebrew and Arabic letters, which leave short vowels out."""
SOUND = re.compile(".\u0361.|.")
"""A sound of IPA; a tie joins the two letters of an affricate."""
TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
"""Marks of Vietnamese tones; the others make other letters."""
VOWELS = set("aeiouəɒɔɛæ")


@dataclass(frozen=True, slots=True)
class Orthography:
    """The rules of a language, as one pattern that is matched from place to place in a word."""

    pattern: re.Pattern[str]
    values: tuple[str, ...]
    """IPA by the number of the rule's group in the pattern, from 1."""

    def read(self, word: str) -> str:
        """Returns the IPA of a word in lower case; letters without a rule lose their accents."""
        said: list[str] = []
        at = 0
        while at < len(word):
            if found := self.pattern.match(word, at):
                rule = found.lastindex or 1
                said.append(self.values[rule - 1])
                at = max(found.end(), at + 1)
            else:
                plain = unicodedata.normalize("NFD", word[at])[0]
                said.append(self.read(plain) if plain != word[at] else "")
                at += 1
        return "".join(said)


def ipa(word: str, language: str) -> str:
    """Returns the IPA of a spoken word; "" where nothing is known of its letters."""
    word = unicodedata.normalize("NFC", word.lower())
    if language == "vi":
        letters = TONES.sub("", unicodedata.normalize("NFD", word))
        word = unicodedata.normalize("NFC", letters)
    word = DIGITS.sub(lambda digits: spelt_out(digits[0], language), word)
    word = HAN.sub(lambda char: _han(char[0], language), word)
    word, is_syllabic = syllables.romanised(word, language)
    said = _orthography("syllables" if is_syllabic else language).read(word)
    return _with_short_vowels(said) if ABJAD.search(word) else said


def _with_short_vowels(said: str) -> str:
    """Puts vowels between consonants of a script that leaves short vowels out.

    A syllable begins with one consonant and may end with one, as in most of these languages:
    of three consonants in a row, a vowel follows the second.
    """
    found: list[str] = []
    row = 1  # as if a word began after a consonant: it begins with a single one
    for sound in SOUND.findall(said):
        if sound in VOWELS:
            row = 0
        else:
            if row == 2 or (row == 1 and len(found) == 1):
                found.append("ə")
                row = 0
            row += 1
        found.append(sound)
    return "".join(found)


def languages_with_rules() -> frozenset[str]:
    """Returns the languages whose orthography has rules of its own."""
    return frozenset(_rules()) - {"any", "syllables", "es-419"}


def has_rules(language: str) -> bool:
    """Whether the orthography of a language has rules of its own."""
    return WRITTEN_AS.get(language, language) in _rules()


@cache
def _orthography(language: str) -> Orthography:
    """Returns the rules of a language, its own before the usual ones."""
    rules = _rules()
    own = rules.get(language) or rules.get(WRITTEN_AS.get(language, ""), "")
    listed = f"{own} {rules['any']}".split()
    pairs = [rule.rpartition("=") for rule in listed]
    alternatives = "|".join(f"({pattern})" for pattern, _, _ in pairs)
    return Orthography(re.compile(alternatives), tuple(value for _, _, value in pairs))


@cache
def _rules() -> dict[str, str]:
    return tomllib.loads((DATA / "orthographies.toml").read_text("utf-8"))


def _han(char: str, language: str) -> str:
    """Returns the usual reading of a Han character; the apostrophe keeps it apart from the next."""
    return _readings(language if language in HAN_LANGUAGES else "zh").get(char, "") + "'"


@cache
def _readings(language: str) -> dict[str, str]:
    """Returns the readings of Han characters in a language, without tones."""
    lines = (DATA / "han_readings.txt").read_text("utf-8").splitlines()
    listed = (line.split(" ") for line in lines if line.startswith(f"{language} "))
    return {char: reading for _, reading, chars in listed for char in chars}
