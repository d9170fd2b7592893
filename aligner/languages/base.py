"""The record of a language, and a default that works for every script.

How to add a language: see ``aligner/languages/__init__.py``.

A text has two views. *Surface words* are what is printed, with punctuation. *Spoken tokens* are
what is said, in a normal form that does not depend on who wrote it down, a publisher or a
recogniser. Each token has the index of its word. Words that may be said in several ways ("2015":
twenty fifteen, two thousand fifteen) have several *readings*; the alignment chooses the spoken one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Khmer, kana and Han: scripts that write no space between words."""


@dataclass(frozen=True, slots=True)
class SurfaceWord:
    """A word as printed, with the punctuation that touches it."""

    text: str
    space_before: bool = True


@dataclass(frozen=True, slots=True)
class SpokenToken:
    """The smallest spoken unit: a word of a spoken number, half of a compound, a character."""

    text: str
    word: int
    """Index of its word."""


Reading = tuple[SpokenToken, ...]
"""One way to say a word, or words that are said together."""


@dataclass(frozen=True, slots=True)
class VerbalizationGroup:
    """The readings of a word, or of words that are said together; the usual one first."""

    readings: tuple[Reading, ...]

    @property
    def usual(self) -> Reading:
        return self.readings[0]


@dataclass(frozen=True, slots=True)
class Language:
    """What aligner knows of one language."""

    code: str
    """Primary subtag of BCP 47."""
    read: Callable[[Sequence[str]], tuple[VerbalizationGroup, ...]]
    """Returns the groups of printed words, in order. A word without sound (a dash) is in none."""
    split: Callable[[str], tuple[SurfaceWord, ...]]
    """Splits a text into words."""
    sound: Callable[[str], str]
    """Returns a phonetic key of a spoken token."""
    function_words: frozenset[str] = frozenset()
    """Spoken tokens that say little of what a text is about."""
    protected: frozenset[str] = frozenset()
    """Spoken tokens that never replace a similar one: negations, numbers in words."""
    contrasts: tuple[frozenset[str], ...] = ()
    """Sets of spoken tokens that exclude each other: directions, seasons, "he" and "she"."""
    abbreviations: frozenset[str] = frozenset()
    """Normalised words whose full stop ends no sentence."""
    numbering: frozenset[str] = frozenset()
    """Normalised abbreviations that introduce a number ("No. 5"): before a digit their full stop
    ends no sentence."""
    ordinal_stop: bool = False
    """Whether a full stop after one or two digits makes an ordinal (German "15.")."""

    spellings: Mapping[str, str] = field(default_factory=dict)
    """For spoken tokens of numbers, signs and abbreviations their spelling, with accents."""

    def say(self, words: Sequence[str]) -> tuple[SpokenToken, ...]:
        """Returns the spoken tokens of printed words in their usual readings."""
        return tuple(token for group in self.read(words) for token in group.usual)


ARABIC_LETTERS = {
    "ي": "یىېۍێ", "ه": "ەہھةۃ", "ك": "کڪ", "گ": "ګڰ", "ا": "ٱ", "و": "ۆ", "ر": "ڕ", "ل": "ڵ",
    "": "\u0640ء",
}  # fmt: skip
"""Letters of Arabic script that stand for each other, by keyboard and country or because writers
leave a sign out (Arabic and Persian kaf and yeh, the heh of Urdu and Kurdish), and what is left out
altogether: the tatweel and the hamza. A hamza or madda on a letter is a mark."""
_ONE_ARABIC = str.maketrans({old: new for new, all_ in ARABIC_LETTERS.items() for old in all_})
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """Returns the letters and digits of a text in one form, in small letters.

    Latin letters lose their accents, Arabic ones their vowel signs and their variants
    (``ARABIC_LETTERS``). In other scripts a mark makes another letter (и, й); only the acute
    accent, which dictionaries use for stress, is removed. Digits of all scripts become 0 to 9.
    """
    is_arabic = _ARABIC.search(text) is not None
    whole = unicodedata.normalize("NFKC", text) if is_arabic else text
    kept: list[str] = []
    bare = False
    for char in unicodedata.normalize("NFD", whole.casefold()):
        kind = unicodedata.category(char)
        if kind[0] == "M":
            if not bare and char != "\u0301":
                kept.append(char)
            continue
        bare = char < "\u0250" or _ARABIC.match(char) is not None
        if kind == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif kind[0] in "LN":
            kept.append(char)
    found = unicodedata.normalize("NFC", "".join(kept))
    return found.translate(_ONE_ARABIC) if is_arabic else found


def split_words(text: str, code: str) -> tuple[SurfaceWord, ...]:
    """Splits a text at spaces, and unspaced scripts at the word boundaries that ICU finds."""
    words: list[SurfaceWord] = []
    for chunk in text.split():
        if UNSPACED.search(chunk):
            words += _split_unspaced(chunk, code)
        else:
            words.append(SurfaceWord(chunk))
    return tuple(words)


def _split_unspaced(chunk: str, code: str) -> list[SurfaceWord]:
    from icu4py.breakers import WordBreaker

    pieces: list[str] = []
    for piece in WordBreaker(chunk, code):
        if pieces and not normalise(piece):
            pieces[-1] += piece  # punctuation stays with the word before it
        elif pieces and not normalise(pieces[-1]):
            pieces[-1] += piece  # an opening quote stays with the word after it
        else:
            pieces.append(piece)
    return [SurfaceWord(piece, space_before=k == 0) for k, piece in enumerate(pieces)]


def read_plainly(words: Sequence[str]) -> tuple[VerbalizationGroup, ...]:
    """Reads words without knowledge of the language.

    Compounds are split at hyphens; unspaced scripts are read character by character.
    """
    parts = (
        (part, index)
        for index, word in enumerate(words)
        for part in re.split(r"[\s\-\u2010-\u2015\u2026/]+", word)
    )
    said = (
        tuple(SpokenToken(text, at) for text in characters(normalise(part))) for part, at in parts
    )
    return tuple(VerbalizationGroup((tokens,)) for tokens in said if tokens)


def characters(folded: str) -> list[str]:
    """Splits a normalised word into characters if its script writes no spaces."""
    if UNSPACED.search(folded):
        return re.findall(r"[0-9a-z]+|.", folded)
    return [folded] if folded else []


def default(code: str) -> Language:
    """Returns the record of a language that has none of its own."""
    return Language(
        code=code,
        read=read_plainly,
        split=lambda text: split_words(text, code),
        sound=lambda token: token,
    )
