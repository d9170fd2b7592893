"""A window of sound and the words spoken in it -> when each is said: the one user of pocketsphinx.

pocketsphinx brings an acoustic model of English and a dictionary of 134,000 words. Given a text,
it finds the likeliest path through exactly these words, with silences and fillers (breath, noise)
allowed between them, and gives up where none is likely enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from aligner.timing import pronounce

FRAME_MS = 10
EARLY_MS = 8
"""Added to every border: the model's frames run ahead of the sound. Measured on hand-labelled
borders (median), and the same on words spoken by a synthetic voice."""
FILLERS = "<[("
"""With one of these begin the names of silence and noise."""
TURN = Lock()
"""A decoder does not bear two threads: it would crash the program."""
Answer = TypeVar("Answer")
Use = Literal["placing", "weighing"]
PLACING: Use = "placing"
WEIGHING: Use = "weighing"
HOW: dict[Use, dict[str, Any]] = {
    PLACING: {},
    WEIGHING: {"compallsen": True, "beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60},
}
"""Scores are relative to the best state of the model that is computed in a frame: to be compared
they need all states. Wide beams let texts be weighed that fit badly."""
SCALE = 1024
"""pocketsphinx shifts its scores by ten bits."""
SHORTEST_PHONE = 3
"""Frames: a phone has three states, each at least a frame long."""


@dataclass(frozen=True, slots=True)
class Said:
    """One spoken word: how it is printed (for abbreviations), and how it reads in lower case."""

    printed: str
    atom: str
    also: str | None = None
    """Words that may be said in its place."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Where a word was found, in milliseconds from the window's start."""

    start: float
    end: float
    phone: str
    """With which it begins, as the acoustic model calls it."""
    squeezed: bool
    """No longer than its phones must at least be: a sign that it is not said there."""


def find_words(samples: NDArray[np.int16], said: Sequence[Said]) -> list[Heard] | None:
    """Samples at 16 kHz -> the place of each word; None where the text does not fit the sound.

    A path that falls too far behind the best is given up, so that most texts that are not spoken
    have none: of 60 sentences 13 were found in another one's sound, and all in their own.
    """
    return _tried(PLACING, lambda aligner: aligner.places(samples, said))


def log_likelihood(samples: NDArray[np.int16], said: Sequence[Said]) -> float | None:
    """How well a text fits samples at 16 kHz, in nats; None where it has no path through them.

    Texts can be compared that are weighed against the same samples.
    """
    return _tried(WEIGHING, lambda aligner: aligner.log_likelihood(samples, said))


def _tried(use: Use, ask: Callable[[_Aligner], Answer | None]) -> Answer | None:
    """What an aligner answers; None if it gives up."""
    with TURN:
        if use not in _ALIGNERS:
            _ALIGNERS[use] = _Aligner(use)
        try:
            return ask(_ALIGNERS[use])
        except (RuntimeError, IndexError):  # half-way; its decoder cannot be used again
            del _ALIGNERS[use]
            return None


class _Aligner:
    """A decoder that is given its text, and the words that were added to its dictionary."""

    def __init__(self, use: Use) -> None:
        from pocketsphinx import Decoder

        # No language model: the text is given. No best path through the lattice: it drops last
        # words.
        how = HOW[use]
        self._decoder = Decoder(lm=None, bestpath=False, loglevel="FATAL", cmn="batch", **how)
        self._keys: dict[Said, str | None] = {}

    def places(self, samples: NDArray[np.int16], said: Sequence[Said]) -> list[Heard] | None:
        """See ``find_words``. Raises what pocketsphinx raises."""
        if not self._align(samples, said):
            return None
        found = [
            _heard(part.start_frame, part.end_frame + 1, self._decoder.lookup_word(part.word))
            for part in self._decoder.seg()
            if part.word[0] not in FILLERS
        ]
        return found if len(found) == len(said) else None

    def log_likelihood(self, samples: NDArray[np.int16], said: Sequence[Said]) -> float | None:
        """See ``log_likelihood``. Raises what pocketsphinx raises."""
        if not self._align(samples, said):
            return None
        return sum(math.log(part.ascore) * SCALE for part in self._decoder.seg())

    def _align(self, samples: NDArray[np.int16], said: Sequence[Said]) -> bool:
        """Look for words; whether there is a path. Raises what pocketsphinx raises."""
        keys = [key for word in said if (key := self._key(word)) is not None]
        if len(keys) < len(said) or not said:
            return False
        decoder = self._decoder
        decoder.reinit_feat()  # else a window's result would depend on the windows before it
        decoder.set_align_text(" ".join(keys))
        decoder.start_utt()
        decoder.process_raw(np.ascontiguousarray(samples).tobytes(), full_utt=True)
        decoder.end_utt()
        return decoder.hyp() is not None

    def _key(self, word: Said) -> str | None:
        """A spoken word -> its name in the dictionary, to which it is added if it lacks it."""
        if word not in self._keys:
            self._keys[word] = self._found_or_added(word)
        return self._keys[word]

    def _found_or_added(self, word: Said) -> str | None:
        decoder = self._decoder
        printed = word.printed.lower().replace("’", "'").strip(".,;:!?\"“”()[]…'-–—")
        if printed.replace("'", "") != word.atom or " " in printed:
            printed = word.atom
        ways = list(self._known(printed)) or list(self._known(word.atom))
        spelt = pronounce.is_abbreviation(word.printed)
        if ways and not spelt and word.also is None:
            return printed if decoder.lookup_word(printed) else word.atom
        if not ways and (phones := pronounce.sounded(printed)):
            ways.append(phones)
        if spelt:
            ways.append(pronounce.spelt(word.printed))
        if word.also is not None:
            ways.append(" ".join(decoder.lookup_word(part) for part in word.also.split()))
        key = f"{printed}/{word.printed}/{word.also}".replace(" ", "_").replace("(", "")
        for at, phones in enumerate(ways):
            decoder.add_word(f"{key}({at + 1})" if at else key, phones, True)
        return key if ways else None

    def _known(self, key: str) -> Iterator[str]:
        """The pronunciations that the dictionary has for a word."""
        number = 1
        name = key
        while phones := self._decoder.lookup_word(name):
            yield phones
            number += 1
            name = f"{key}({number})"


_ALIGNERS: dict[Use, _Aligner] = {}
"""Made when they are first needed."""


def _heard(first: int, last: int, phones: str) -> Heard:
    """A stretch of frames -> the word's place."""
    start, end = (frame * FRAME_MS + EARLY_MS for frame in (first, last))
    each = phones.split()
    return Heard(start, end, each[0], last - first <= len(each) * SHORTEST_PHONE)
