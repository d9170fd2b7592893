"""Recognised words, draft words and the transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aligner.types.audio import Audio
from aligner.types.time import Span


@dataclass(frozen=True, slots=True)
class DraftWord:
    """A word that is probably said, as a recogniser would write it."""

    text: str
    guarded: bool = False
    """A number or a negation, which must never be taken for granted."""
    name: bool = False
    """A name, as far as capitals tell: recognisers do not know them."""


@dataclass(frozen=True, slots=True)
class SpottedWord:
    """A word that is perhaps said, where it fits a sound best."""

    start_ms: int
    """From the sound's start."""
    nats: float
    """Log likelihood to a frame of 10 ms; see ``alignment.acoustic.rescoring``."""


WordSpotter = Callable[[Audio, Span, Sequence[str]], Sequence[SpottedWord | None]]

"""A recording, a part of it in milliseconds, words -> where each fits best there, if they do."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the recogniser heard it, with the punctuation that it gave."""

    text: str
    start_ms: int
    end_ms: int
    score: float
    """The recogniser's own probability, 0 to 1."""
    space_before: bool = True
    """False where the script writes no space between words, or within a hyphenated one."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which recogniser made a transcript, for the record."""

    name: str
    model: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that was heard, in order of time."""

    language: str
    words: tuple[Word, ...]
    engine: EngineInfo
