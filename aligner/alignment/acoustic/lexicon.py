"""Looks up the pronunciations of English words; words that are not listed are converted by rule.

The dictionary is that of Carnegie Mellon University (CMUdict) in the version of pocketsphinx 5.1.1:
134,000 words with their phones in ARPAbet.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic import g2p
from aligner.alignment.acoustic.phones import phones as nearest_phones

AROUND = ".,;:!?\"“”()[]…'-–—"
"""Punctuation that is removed from both ends of a printed word."""

Phones = tuple[str, ...]
ENGLISH = "en"

MODEL = Path(__file__).parent / "english"
"""The dictionary and the acoustic model of English: data of CMU Sphinx, see NOTICE.md."""


@dataclass(frozen=True, slots=True)
class LexiconToken:
    """One spoken word to look up in the dictionary."""

    printed: str
    """The word as printed, by which abbreviations are recognised."""
    spoken: str
    """The normalised spoken token (``languages``)."""
    alternative: str | None = None
    """Words that may be said in its place."""
    language: str = ENGLISH
    """Primary subtag of BCP 47."""
    given: tuple[Phones, ...] = ()
    """Further pronunciations, of a glossary."""


@cache
def pronunciations(word: LexiconToken) -> tuple[Phones, ...]:
    """Returns the pronunciations of a word, each as its phones; empty for a word without sound."""
    if word.language != ENGLISH:
        return tuple(dict.fromkeys((nearest_phones(word.spoken, word.language), *word.given)))
    printed = word.printed.lower().replace("’", "'").strip(AROUND)
    if printed.replace("'", "") != word.spoken or " " in printed:
        printed = word.spoken
    found = _listed(printed) or _listed(word.spoken)
    if not found and (phones := g2p.g2p(printed)):
        found.append(phones)
    if g2p.is_abbreviation(word.printed):
        found.append(g2p.spell_out(word.printed))
    if word.alternative is not None:
        found.append(" ".join(_listed(part)[0] for part in word.alternative.split()))
    return tuple(dict.fromkeys((*(tuple(way.split()) for way in found), *word.given)))


def is_listed(word: str) -> bool:
    """Whether the dictionary has a word, given in lower case."""
    return bool(_listed(word))


def _listed(word: str) -> list[str]:
    """Returns the listed pronunciations of a word, as phones separated by spaces."""
    lines, name = _dictionary(), word.encode()
    first = bisect_left(lines, name, key=_DictionaryLines.word)
    last = bisect_right(lines, name, first, key=_DictionaryLines.word)
    return [lines[at].partition(b" ")[2].decode() for at in range(first, last)]


@dataclass(frozen=True)
class _DictionaryLines(Sequence[bytes]):
    """The lines of a text as slices made on access; a list of them would take 25 MB."""

    text: bytes
    starts: NDArray[np.intp]
    """The start of each line, and the end of the text."""

    @staticmethod
    def word(line: bytes) -> bytes:
        """Returns the word of a line; further pronunciations are listed as "word(2)"."""
        return line.partition(b" ")[0].partition(b"(")[0]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: Any) -> Any:
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.text[self.starts[at] : self.starts[at + 1] - 1]


@cache
def _dictionary() -> _DictionaryLines:
    """Reads the dictionary: sorted lines of a word in lower case and its phones."""
    text = (MODEL / "cmudict-en-us.dict").read_bytes()
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    return _DictionaryLines(text, np.concatenate([[0], ends + 1]))
