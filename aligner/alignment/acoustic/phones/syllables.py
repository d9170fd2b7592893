"""Romanises scripts of syllables by the Unicode names of their characters.

Hangul, kana, Ethiopic and the scripts of India and its neighbours (Devanagari to Khmer and Tibetan)
have names that say how they sound: "HIRAGANA LETTER KA", "ETHIOPIC SYLLABLE SHAA", "BENGALI VOWEL
SIGN II". The idea is that of uroman (Hermjakob, May and Knight 2018).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

NAME = re.compile(
    r"([A-Z]+) "
    r"(SYLLABLE|LETTER|VOWEL SIGN|SUBJOINED LETTER|CONSONANT SIGN MEDIAL|CONSONANT SIGN|SIGN|"
    r"INDEPENDENT VOWEL|DEPENDENT VOWEL SIGN)(?: SMALL)? (.+)"
)
SYLLABIC = {
    *("HANGUL", "HIRAGANA", "KATAKANA", "ETHIOPIC"),
    *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA"),
    *("MALAYALAM", "SINHALA", "MYANMAR", "KHMER", "TIBETAN"),
}
KILLERS = {"VIRAMA", "COENG", "ASAT", "HALANTA", "AL-LAKUNA", "PULLI"}
"""Signs after which a consonant has no vowel."""
NASALS = {"ANUSVARA", "CANDRABINDU", "BINDI", "TIPPI", "NIKAHIT", "ADAK BINDI"}
FINAL_VOWEL_SILENT = {"hi", "bn", "gu", "pa", "mr", "as", "mai"}
"""Languages that leave out the vowel of a last consonant that has no sign."""
KANA = ("HIRAGANA", "KATAKANA")
KANA_SPELLINGS = {
    "TU": "TSU", "DU": "ZU", "TI": "CHI", "DI": "JI", "SI": "SHI", "ZI": "JI", "HU": "FU",
}  # fmt: skip
"""Syllables whose consonant is not what their Unicode name says."""
INDIC_CONSONANTS = {
    "C": "CH", "TT": "T", "DD": "D", "NN": "N", "SS": "SH", "LL": "L", "NNY": "NY",
}  # fmt: skip
ETHIOPIC_VOWELS = {"A": "e", "E": "E", "EE": "e", "AA": "a"}
TIBETAN_PREFIXES = "གདབམའ"


def romanised(word: str, language: str) -> tuple[str, bool]:
    """Returns a word with its syllabic characters in Latin letters, and whether it had any.

    In the result one letter or two stand for one sound; they are read by the rules for
    "syllables" of ``orthographies.toml``.
    """
    if not any(_character(char) for char in word):
        return word, False
    if "\u0f40" <= word[0] <= "\u0fbc":
        word = "".join(_tibetan_root(part) for part in re.split("[\u0f0b\u0f0c]", word))
    said = "".join(_letters(word))
    if language in FINAL_VOWEL_SILENT:
        said = re.sub(r"(?<=[aeiou].)A$|(?<=[aeiou]..)A$", "", said)
        said = re.sub(r"(?<=[aeiouA][^aeiouA])A(?=[^aeiouA]h?[aeiou])", "", said)
    said = re.sub(r"(?<=[aeiou][^aeiouA])E(?=[^aeiouAE]+[aeiou]|$)", "", said)
    return said.replace("A", "a").replace("E", "ə"), True


def _letters(word: str) -> Iterator[str]:
    """Yields Latin letters; "A" is a consonant's vowel that no sign shows, "E" a short one."""
    pending = ""
    for char in word:
        found = _character(char)
        if found is None:
            yield pending + char
            pending = ""
            continue
        kind, consonant, vowel = found
        if kind == "killer":
            pending = ""
        elif kind == "vowel":
            pending = ""
            yield vowel
        elif kind == "joined":
            yield consonant
            pending = pending or vowel
        else:
            yield pending + consonant
            pending = vowel
    yield pending


@lru_cache(maxsize=4_096)
def _character(char: str) -> tuple[str, str, str] | None:
    """Returns a character's kind, consonant and vowel; None if its script is no syllabic one.

    Kinds: "letter" (with its own vowel), "vowel" (a sign that replaces it), "joined" (a consonant
    before the vowel of the one before it), "killer".
    """
    found = NAME.fullmatch(unicodedata.name(char, ""))
    if not found or found[1] not in SYLLABIC:
        return None
    script, kind, name = found.groups()
    if kind == "SIGN" or kind == "CONSONANT SIGN":
        if name in KILLERS:
            return "killer", "", ""
        if name in NASALS:
            return "joined", "", "" if script == "KHMER" else "n"
        return ("joined", "", "") if name != "VISARGA" else ("letter", "h", "")
    if script == "MYANMAR":
        name = re.sub("^(CA|CHA)$", "SA", re.sub("^SA$", "THA", name))
    consonant, vowel = _sounds(name, script)
    if "VOWEL" in kind:
        return "vowel", "", vowel or consonant
    if kind in ("SUBJOINED LETTER", "CONSONANT SIGN MEDIAL"):
        return "joined", consonant, ""
    return "letter", consonant, vowel


def _sounds(name: str, script: str) -> tuple[str, str]:
    """Returns the consonant and the vowel of a romanised syllable: "SHAA" is "sh", "aa"."""
    if script == "HANGUL":
        return name.lower(), ""
    match = re.fullmatch(r"([^AEIOU]*)([AEIOU]*)(.*)", syllable := _syllable(name, script))
    consonant, vowel, rest = match.groups() if match else (syllable, "", "")
    if consonant not in ("SH", "CH"):
        consonant = re.sub(r"(?<=[BDGJKPTC])H$", "", consonant)
    if script == "ETHIOPIC":
        vowel = ETHIOPIC_VOWELS.get(vowel, vowel.lower())
    elif script in KANA:
        vowel = vowel.lower()
    else:
        consonant = INDIC_CONSONANTS.get(consonant, consonant)
        is_inherent = vowel == "A" and consonant
        vowel = vowel if is_inherent else vowel.lower()
    return (consonant + rest).lower().replace("-", ""), vowel


def _syllable(name: str, script: str) -> str:
    """Returns the syllable that a character's name contains, with sounds as in English."""
    if script == "ETHIOPIC":
        return re.sub("^(GLOTTAL|PHARYNGEAL)-", "", name.replace(" ", "-")).replace("SZ", "S")
    word = name.split()[-1]
    return KANA_SPELLINGS.get(word, word) if script in KANA else word


def _tibetan_root(syllable: str) -> str:
    """Returns a Tibetan syllable without its silent prefix and second suffix."""
    if (
        len(syllable) > 2
        and syllable[0] in TIBETAN_PREFIXES
        and "\u0f40" <= syllable[1] <= "\u0f6c"
    ):
        syllable = syllable[1:]
    return syllable[:-1] if len(syllable) > 2 and syllable[-1] in "སད" else syllable
