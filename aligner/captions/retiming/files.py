"""Opens a caption file for new times: finds its encoding and its format."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aligner.captions.lint.base import CaptionFile
from aligner.captions.lint.parse import LARGEST, read
from aligner.captions.retiming import lines
from aligner.captions.retiming.base import EditableCue, EditableFile
from aligner.errors import BadSource
from aligner.types import Span

PARSERS: dict[str, Callable[[CaptionFile, str], EditableFile]] = {
    "vtt": lines.parse,
    "srt": lines.parse,
}
"""The formats whose times can be replaced; the names are those of ``lint``."""
MARK = "\ufeff"
NO_CUE = "no cue in it"


@dataclass(frozen=True, slots=True)
class OpenedCaptions:
    """A caption file, opened for new times."""

    name: str
    file: EditableFile
    encoding: str
    marked: bool
    """Whether the file begins with a byte order mark."""

    @property
    def cues(self) -> tuple[EditableCue, ...]:
        return self.file.cues

    def retimed(self, times: Sequence[Span]) -> bytes:
        """Returns the file's bytes with new times for all cues; all other bytes are as given."""
        text = self.file.retimed(times)
        return (MARK * self.marked + text).encode(self.encoding)


def open_captions(data: bytes, name: str, *, to_change: bool = True) -> OpenedCaptions:
    """Returns a file whose times can be replaced, or with ``to_change`` False any that is read.

    A file that is neither UTF-8 nor UTF-16 is read as Windows-1252, or Latin-1 where it is not that
    either. Raises BadSource if it is no caption file or has no cue, and if a file that is to be
    changed has a line that is not understood.
    """
    if len(data) > LARGEST:
        raise BadSource(name, f"larger than {LARGEST >> 20} MiB: not a caption file")
    text, encoding = _decoded(data)
    bare = text.removeprefix(MARK)
    found = read(bare.encode("utf-8", "surrogatepass"), name)
    if not to_change:
        return OpenedCaptions(name, _read_only(found, name), encoding, bare != text)
    if found.kind not in PARSERS:
        raise BadSource(name, f"{found.kind} files are not retimed: give WebVTT or SubRip (.srt)")
    if unclear := [breach for breach in found.breaches if breach.not_understood]:
        first = min(unclear, key=lambda breach: breach.line)
        raise BadSource(name, f"line {first.line} is not understood: {first.what}")
    file = PARSERS[found.kind](found, name)
    if not file.cues:
        raise BadSource(name, NO_CUE)
    return OpenedCaptions(name, file, encoding, bare != text)


def _read_only(found: CaptionFile, name: str) -> EditableFile:
    """Returns a file without the places of its times. Raises BadSource."""
    if not found.cues:
        raise BadSource(name, NO_CUE)
    cues = tuple(EditableCue(c.number, c.line, c.start_ms, c.end_ms, c.lines) for c in found.cues)
    return EditableFile(found.kind, found.text, cues, (), found.language)


def _decoded(data: bytes) -> tuple[str, str]:
    """Returns the text and the encoding that gives the same bytes again."""
    wide = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
    by_mark = [wide[mark] for mark in wide if data.startswith(mark)]
    for encoding in (*by_mark, "utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"
