"""Spoken words -> the phones that they may be said in: by a dictionary of English, else by rule.

The dictionary is Carnegie Mellon University's, as pocketsphinx 5.1.1 has it: 134,000 words in
ARPAbet.
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

AROUND = ".,;:!?\"“”()[]…'-–—"
"""What may stand around a word in print."""

Phones = tuple[str, ...]


MODEL = Path(__file__).parent / "english"
"""The dictionary and the acoustic model of English: data of CMU Sphinx, see NOTICE.md."""


@dataclass(frozen=True, slots=True)
class LexiconToken:
    """One spoken word: how it is printed (for abbreviations), and how it reads in lower case."""

    printed: str
    atom: str
    also: str | None = None
    """Words that may be said in its place."""


@cache
def pronunciations(word: LexiconToken) -> tuple[Phones, ...]:
    """The ways in which a word may be said; none for what has no sound."""
    printed = word.printed.lower().replace("’", "'").strip(AROUND)
    if printed.replace("'", "") != word.atom or " " in printed:
        printed = word.atom
    found = _listed(printed) or _listed(word.atom)
    if not found and (phones := g2p.g2p(printed)):
        found.append(phones)
    if g2p.is_abbreviation(word.printed):
        found.append(g2p.spell_out(word.printed))
    if word.also is not None:
        found.append(" ".join(_listed(part)[0] for part in word.also.split()))
    return tuple(dict.fromkeys(tuple(way.split()) for way in found))


def _listed(word: str) -> list[str]:
    """The phones of each of a word's pronunciations; none for a word that is not listed."""
    lines, name = _dictionary(), word.encode()
    first = bisect_left(lines, name, key=_Lines.word)
    last = bisect_right(lines, name, first, key=_Lines.word)
    return [lines[at].partition(b" ")[2].decode() for at in range(first, last)]


@dataclass(frozen=True)
class _Lines(Sequence[bytes]):
    """The lines of a text, none of which is an object of its own: 25 MB would be."""

    text: bytes
    starts: NDArray[np.intp]
    """Where each begins, and where the text ends."""

    @staticmethod
    def word(line: bytes) -> bytes:
        """What a line is about; a word's other pronunciations are named "word(2)"."""
        return line.partition(b" ")[0].partition(b"(")[0]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: Any) -> Any:
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.text[self.starts[at] : self.starts[at + 1] - 1]


@cache
def _dictionary() -> _Lines:
    """Words in lower case with their phones, in order."""
    text = (MODEL / "cmudict-en-us.dict").read_bytes()
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    return _Lines(text, np.concatenate([[0], ends + 1]))
