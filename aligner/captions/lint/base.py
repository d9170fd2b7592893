"""The types that the modules of this package share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aligner.captions.file_kinds import Kind

LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SyntaxViolation:
    """A place where a file violates the grammar of its format."""

    line: int
    """From 1."""
    what: str
    minor: bool = False
    """Whether every reader accepts the violation: it is a note, not an error."""
    not_understood: bool = False
    """Whether it is unknown what the line means: a file with such a line is not fixed."""


@dataclass(frozen=True, slots=True)
class ParsedCue:
    """A cue of a file."""

    number: int
    """Position among the file's cues, from 1."""
    line: int
    """The file's line with the cue's times; WebVTT and SubRip have its text on the next ones."""
    start_ms: int
    end_ms: int
    raw: tuple[str, ...]
    """The lines of text as the file has them; for TTML as they are shown."""
    lines: tuple[str, ...]
    """The lines of text as they are shown, without markup."""
    settings: str = ""
    """The rest of the line with the times."""


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """A caption file, parsed as leniently as players do."""

    kind: Kind
    text: str
    """Without byte order mark."""
    cues: tuple[ParsedCue, ...]
    """In the order of the file."""
    breaches: tuple[SyntaxViolation, ...]
    language: str | None = None
    """As the file itself declares it."""
    counters: frozenset[int] = frozenset()
    """SubRip: the lines that hold the number of a cue."""
    marked: bool = False
    """Whether the file begins with a byte order mark."""
