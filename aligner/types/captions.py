"""Cues and captions."""

from __future__ import annotations

from dataclasses import dataclass

from aligner.types.alignment import CaptionWord, Origin
from aligner.types.voices import Voice


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption, shown from ``start_ms`` up to ``end_ms``."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    origin: Origin
    """The least certain of its words' origins; from least to most certain: spoken, interpolated,
    found, respelled, verified."""


@dataclass(frozen=True, slots=True)
class Captions:
    """The captions of one recording."""

    language: str
    cues: tuple[Cue, ...]
    words: tuple[CaptionWord, ...]
    voices: tuple[Voice, ...] = ()
    """Who is heard, in the order of first words; empty if voices were not told apart, or there is
    only one."""
