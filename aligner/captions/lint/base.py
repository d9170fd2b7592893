"""The types that the modules of this package share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["vtt", "srt", "ttml"]


@dataclass(frozen=True, slots=True)
class SyntaxViolation:
    """A place where a file violates the grammar of its format."""

    line: int
    """From 1."""
    what: str
    minor: bool = False
    """Whether every reader accepts the violation: it is a note, not a fault."""


@dataclass(frozen=True, slots=True)
class ParsedCue:
    """A cue of a file."""

    number: int
    """Among the file's cues, from 1."""
    line: int
    """Of the file, where its times stand; its text begins on the next one (WebVTT, SubRip)."""
    start_ms: int
    end_ms: int
    raw: tuple[str, ...]
    """Its lines as the file has them; for TTML those that are shown."""
    lines: tuple[str, ...]
    """Its lines as they are shown, without markup."""
    settings: str = ""
    """What follows the times on their line."""


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """A caption file, read as leniently as players do."""

    kind: Kind
    text: str
    """Without byte order mark."""
    cues: tuple[ParsedCue, ...]
    """In the order of the file."""
    breaches: tuple[SyntaxViolation, ...]
    language: str | None = None
    """As the file itself declares it."""
    whole: bool = True
    """Whether every character could be read; what could not must not be written again."""
    marked: bool = False
    """Whether it begins with a byte order mark."""
