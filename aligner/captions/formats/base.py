"""The interface of a file format: the record ``Format`` and helpers for its function.

How to add a format:

1. Make ``aligner/captions/formats/xx.py`` with a ``render`` function and one ``Format``
   record.
2. Add one line to ``FORMATS`` in ``aligner/captions/formats/__init__.py``.
3. In ``tests/captions/formats/test_xx.py``, read its files with a tool of another project.

Texts come from pages of any origin, so a format must escape the characters that its syntax
reserves, and its text must be encodable as UTF-8.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from unicodedata import bidirectional

from aligner._util.distribution import VERSION
from aligner._util.surrogates import encodable
from aligner.errors import InvalidCaptions
from aligner.languages.tags import RIGHT_TO_LEFT, primary
from aligner.types import CaptionResult, Cue


@dataclass(frozen=True, slots=True)
class Look:
    """How captions are styled; the same for all formats of a run."""

    name: str = "captions"
    """The name of the files without suffix, by which they refer to one another."""
    styled: bool = False
    """Whether the origin of each word is shown, as WebVTT classes."""
    karaoke: bool = False
    """Whether cues contain the time of each word, as WebVTT timestamps."""
    mpegts: int = 0
    """The MPEG-2 timestamp (90 kHz) of the recording's time 0 in its HLS stream."""


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file as which a result can be written."""

    name: str
    """Its name on the command line (``--format``)."""
    suffix: str
    """The suffix of the file's name, with the dot."""
    render: Callable[[CaptionResult, Look], str]
    """Returns the text of the file; "" if there is nothing to write."""
    needs_cues: bool
    """Whether the file consists of captions only, so that there is none without cues."""
    about: str = ""
    """A description for users, as a noun phrase."""
    beside: Callable[[CaptionResult, Look], dict[str, str]] | None = None
    """Returns the text of further files by name. They are in the folder of the file itself, which
    contains nothing else."""
    refers_to: tuple[str, ...] = ()
    """Other formats whose files it refers to, and which are therefore written with it."""


def one_line(text: str) -> str:
    """Returns a text as one line: one space for white space, no control characters."""
    kept = (c for c in encodable(text) if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join("".join(kept).split())


def cues_of(outcome: CaptionResult) -> tuple[Cue, ...]:
    """Returns the cues to write; none if there are no captions.

    Raises InvalidCaptions if a cue does not end after it starts, or starts before the previous one.
    """
    cues = outcome.captions.cues if outcome.captions else ()
    wrong = [f"cue {k} does not end after it starts" for k, c in _counted(cues) if not _lasts(c)]
    wrong += [
        f"cue {k} starts before the one above it"
        for k, cue in _counted(cues)
        if k > 1 and cue.start_ms < cues[k - 2].start_ms
    ]
    if wrong:
        raise InvalidCaptions(outcome.source, tuple(wrong))
    return cues


def _counted(cues: tuple[Cue, ...]) -> Iterator[tuple[int, Cue]]:
    return enumerate(cues, start=1)


def _lasts(cue: Cue) -> bool:
    return 0 <= cue.start_ms < cue.end_ms


def lines_of(cue: Cue) -> list[str]:
    """Returns a cue's lines without control characters; empty lines are left out."""
    return [text for line in cue.lines if (text := one_line(line))]


RIGHT_TO_LEFT_MARK = "\u200f"


def direction_mark(line: str, language: str) -> str:
    """Returns the invisible mark to put before a line so that players lay it out rightly, or "".

    Players take a line's direction from its first letter. In a language that is written from right
    to left, a line that begins with a Latin name needs the mark.
    """
    if primary(language) not in RIGHT_TO_LEFT:
        return ""
    strong = (kind for char in line if (kind := bidirectional(char)) in ("L", "R", "AL"))
    return RIGHT_TO_LEFT_MARK if next(strong, "R") == "L" else ""


def provenance(outcome: CaptionResult) -> tuple[tuple[str, str], ...]:
    """Returns the origin of captions, as pairs of a heading and a text."""
    said = [("Captions made by", f"aligner {VERSION}")]
    said.append(("Source", outcome.url or outcome.source))
    if outcome.media:
        said.append(("Recording", outcome.media.url))
    if outcome.engine:
        said.append(("Recogniser", f"{outcome.engine.name}, model {outcome.engine.model}"))
    if outcome.captions:
        said.append(("Language", outcome.captions.language))
    return tuple((key, one_line(what)) for key, what in said)


def clock(ms: int, mark: str = ".") -> str:
    """Returns milliseconds as hh:mm:ss.ttt, with two or more digits of hours."""
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{mark}{thousandths:03d}"
