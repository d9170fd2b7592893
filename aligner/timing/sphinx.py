"""A window of sound and the words spoken in it -> when each is said: the one user of pocketsphinx.

pocketsphinx brings an acoustic model of English and a dictionary of 134,000 words. Given a text,
it finds the likeliest path through exactly these words, with silences and fillers (breath, noise)
allowed between them, and gives up where none is likely enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aligner.timing import pronounce

if TYPE_CHECKING:
    from pocketsphinx import Decoder

FRAME_MS = 10
EARLY_MS = 8
"""Added to every border: the model's frames run ahead of the sound. Measured on hand-labelled
borders (median), and the same on words spoken by a synthetic voice."""
SHORTEST_PHONE = 3
"""Frames: a phone has three states, each at least a frame long."""


@dataclass(frozen=True, slots=True)
class Said:
    """One spoken word: how it is printed (for abbreviations) and how it reads in lower case."""

    printed: str
    atom: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Where a word was found, in milliseconds from the window's start."""

    start: float
    end: float
    squeezed: bool
    """No longer than its phones must at least be: a sign that it is not said there."""


def find_words(samples: NDArray[np.int16], said: Sequence[Said]) -> list[Heard] | None:
    """Samples at 16 kHz -> the place of each word, in order; None where the text does not fit."""
    keys = [key for word in said if (key := _key(word)) is not None]
    if len(keys) < len(said) or not said:
        return None
    decoder = _decoder()
    decoder.set_align_text(" ".join(keys))
    decoder.start_utt()
    decoder.process_raw(np.ascontiguousarray(samples).tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return None
    found = [_heard(part) for part in decoder.seg() if part.word[0] not in "<[("]
    return found if len(found) == len(said) else None


def _heard(part: object) -> Heard:
    """A stretch of the path -> the word's place."""
    word, first, last = part.word, part.start_frame, part.end_frame + 1  # type: ignore[attr-defined]
    phones = len((_decoder().lookup_word(word) or "").split())
    start, end = (frame * FRAME_MS + EARLY_MS for frame in (first, last))
    return Heard(start, end, last - first <= phones * SHORTEST_PHONE)


@cache
def _decoder() -> Decoder:
    from pocketsphinx import Decoder

    # No language model: the text is given. Means over the window, not over what came before:
    # a window's result must not depend on the windows before it.
    return Decoder(lm=None, loglevel="FATAL", cmn="batch")


@cache
def _key(word: Said) -> str | None:
    """A spoken word -> its name in the dictionary, to which it is added if it is not there."""
    decoder = _decoder()
    if pronounce.is_abbreviation(word.printed):
        key = f"{word.atom}-spelt"
        if decoder.lookup_word(key) is None:
            _add(key, pronounce.spelt(word.printed))
            as_word = decoder.lookup_word(word.atom) or pronounce.sounded(word.atom)
            if as_word:
                _add(f"{key}(2)", as_word)
        return key
    as_printed = word.printed.lower().replace("’", "'").strip(".,;:!?\"“”()[]…'-–—")
    for key in (as_printed, word.atom):
        same = key.replace("'", "") == word.atom
        if same and " " not in key and decoder.lookup_word(key) is not None:
            return key
    key = as_printed if "'" in as_printed and " " not in as_printed else word.atom
    phones = pronounce.sounded(key)
    if phones is None:
        return None
    _add(key, phones)
    return key


def _add(key: str, phones: str) -> None:
    _decoder().add_word(key, phones, True)
