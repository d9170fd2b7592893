"""Recognised words, draft words and the transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aligner.types.audio import Audio
from aligner.types.time import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DraftWord:
    """A word of the draft, as a recogniser would write it."""

    text: str
    protected: bool = False
    """Whether it is a number or a negation, which is never accepted unverified."""
    name: bool = False
    """Whether it looks like a name by its capitals; recognisers often misspell names."""


@dataclass(frozen=True, slots=True)
class SpottedWord:
    """The best match for a word in a part of a recording."""

    start_ms: int
    """From the start of the audio."""
    nats: float
    """Log-likelihood per frame of 10 ms; see ``alignment.acoustic.rescoring``."""


WordSpotter = Callable[[Audio, Span, Sequence[str]], Sequence[SpottedWord | None]]

"""Finds, for each of some words, its best match in a part of a recording, given in milliseconds;
None for a word without a match."""


FindSentences = Callable[[Audio, Span], Sequence[Span]]
"""Finds when sentences of the article are spoken in a part of a recording; all in milliseconds of
the recording."""


@dataclass(frozen=True, slots=True)
class EncodedSpeech:
    """The output of a recogniser's encoder for a recording."""

    model: str
    """The name of the speech model."""
    windows: Callable[[Span], Sequence[tuple[Span, NDArray[np.float32]]]]
    """Returns the windows that touch a span, in milliseconds of the recording, each with a row of
    features for every 20 ms."""


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word, with the recogniser's punctuation."""

    text: str
    start_ms: int
    end_ms: int
    score: float
    """The recogniser's probability, 0 to 1."""
    space_before: bool = True
    """False in scripts without spaces between words, and within a hyphenated word."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The recogniser that made a transcript."""

    name: str
    model: str
    version: str = ""
    weights_sha256: str = ""
    """SHA-256 of the file with the weights, as it was published or given; empty if unknown."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """All recognised words, in order of time."""

    language: str
    words: tuple[Word, ...]
    engine: EngineInfo
