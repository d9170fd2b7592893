"""What aligner knows of a language, and a default that works for every script.

How to add a language: see ``aligner/languages/__init__.py``.

Two views of a text: *words* are what is printed, with their punctuation; *atoms* are what is
said, in a form in which the same speech always looks the same, whether a publisher or a
recogniser wrote it down. Each atom knows the word that it belongs to. Words that may be spoken in
several ways ("2015": twenty fifteen, two thousand fifteen) have several *readings*; which one was
spoken is found by the alignment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    """Index of the word that it belongs to."""


Reading = tuple[SpokenToken, ...]
"""One way in which a word, or words that are spoken together, may be said."""


@dataclass(frozen=True, slots=True)
class VerbalizationGroup:
    """A word, or words that are spoken together, and how they may be said: the usual way first."""

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
    """Printed words -> groups, in order. A word without sound (a dash) is in none."""
    split: Callable[[str], tuple[SurfaceWord, ...]]
    """Text -> its words."""
    sound: Callable[[str], str]
    """Atom -> a key that is alike for what sounds alike."""
    function_words: frozenset[str] = frozenset()
    """Atoms that say little of what a text is about."""
    guarded: frozenset[str] = frozenset()
    """Atoms that are never swapped for a similar one: negations, numbers in words."""
    abbreviations: frozenset[str] = frozenset()
    """Normalised words whose full stop ends no sentence."""
    numbering: frozenset[str] = frozenset()
    """Normalised abbreviations that introduce a number ("No. 5"): before a digit their full stop
    ends no sentence."""
    ordinal_stop: bool = False
    """Whether a stop after a number of one or two digits makes a rank of it (German "15.")."""

    def say(self, words: Sequence[str]) -> tuple[SpokenToken, ...]:
        """Printed words -> atoms, each in its usual reading."""
        return tuple(atom for group in self.read(words) for atom in group.usual)


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """Text -> its letters and digits alone: no case, no punctuation, no accents on Latin letters.

    Elsewhere a mark makes another letter (и, й); only the stress mark of dictionaries goes.
    """
    kept: list[str] = []
    latin = False
    for char in unicodedata.normalize("NFD", text.casefold()):
        kind = unicodedata.category(char)
        if kind[0] == "M":
            if not latin and char != "\u0301":
                kept.append(char)
            continue
        latin = char < "\u0250"
        if kind[0] in "LN":
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def split_words(text: str, code: str) -> tuple[SurfaceWord, ...]:
    """Text -> words at spaces, and inside unspaced scripts where ICU finds word borders."""
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
    """Words -> groups without knowledge of the language: compounds split, unspaced by character."""
    parts = (
        (part, index)
        for index, word in enumerate(words)
        for part in re.split(r"[\s\-\u2010-\u2015\u2026/]+", word)
    )
    said = (
        tuple(SpokenToken(text, at) for text in characters(normalise(part))) for part, at in parts
    )
    return tuple(VerbalizationGroup((atoms,)) for atoms in said if atoms)


def characters(folded: str) -> list[str]:
    """A folded word -> its characters where the script writes no spaces, else itself."""
    if UNSPACED.search(folded):
        return re.findall(r"[0-9a-z]+|.", folded)
    return [folded] if folded else []


def default(code: str) -> Language:
    """The record for a language that has none of its own."""
    return Language(
        code=code,
        read=read_plainly,
        split=lambda text: split_words(text, code),
        sound=lambda atom: atom,
    )
