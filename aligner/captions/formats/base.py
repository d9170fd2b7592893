"""What a file format is.

How to add a format:

1. Make ``aligner/captions/formats/xx.py`` with a function (Outcome, Look) -> text and one
   ``Format`` record.
2. Add one line to ``FORMATS`` in ``aligner/captions/formats/__init__.py``.
3. Read what it writes with a tool that is not ours, in ``tests/captions/formats/test_xx.py``.

Texts come from strangers' pages: a format escapes what its syntax reserves, and gives text that
UTF-8 can hold.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aligner._util.distribution import VERSION
from aligner._util.surrogates import encodable
from aligner.errors import InvalidCaptions
from aligner.types import CaptionResult, Cue


@dataclass(frozen=True, slots=True)
class Look:
    """How captions are dressed; the same for all the formats of a run."""

    name: str = "captions"
    """Of the files, without suffix: what refers to another file calls it so."""
    styled: bool = False
    """Show where each word comes from, as classes (WebVTT)."""
    karaoke: bool = False
    """Say within a cue when each word is said (WebVTT)."""
    mpegts: int = 0
    """The MPEG-2 timestamp (90 kHz) of the recording's instant 0 in its HLS stream."""


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that an outcome can be written as."""

    name: str
    """As given to ``--format``."""
    suffix: str
    """Of the file's name, with the dot."""
    render: Callable[[CaptionResult, Look], str]
    """The whole file. Empty text means that there is nothing to write."""
    needs_cues: bool
    """Whether it holds captions and nothing else, so that without cues there is no such file."""
    about: str = ""
    """What it is, as a clause for people."""
    beside: Callable[[CaptionResult, Look], dict[str, str]] | None = None
    """Further files of the format, by name: they lie in the folder of the file itself, which then
    holds nothing else."""
    refers_to: tuple[str, ...] = ()
    """Other formats that it is nothing without."""


def one_line(text: str) -> str:
    """Returns a text as one line: one space for white space, no control characters."""
    kept = (c for c in encodable(text) if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join("".join(kept).split())


def cues_of(outcome: CaptionResult) -> tuple[Cue, ...]:
    """The cues to write, none if there are no captions.

    Raises InvalidCaptions if one does not end after it starts, or starts before the one above.
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
    """A cue's lines, each on one line; lines without anything to see are left out."""
    return [text for line in cue.lines if (text := one_line(line))]


def provenance(outcome: CaptionResult) -> tuple[tuple[str, str], ...]:
    """Where captions come from: pairs of a heading and what there is to say."""
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
