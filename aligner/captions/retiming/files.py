"""Opens a caption file for new times: finds its encoding and its format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aligner.captions.lint.base import CaptionFile
from aligner.captions.lint.parse import LARGEST, read
from aligner.captions.retiming import ass, lines, ttml
from aligner.captions.retiming.base import AddedCue, EditableCue, EditableFile
from aligner.captions.retiming.insertion import insertions
from aligner.captions.retiming.marks import marks
from aligner.errors import BadSource
from aligner.types import Span

PARSERS: dict[str, Callable[[CaptionFile, str], EditableFile]] = {
    "vtt": lines.parse,
    "srt": lines.parse,
    "ttml": ttml.parse,
}
"""The formats that ``lint`` reads; ASS is found by its sections (``ass.is_ass``)."""
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
"""The encoding that an XML file declares."""
MARK = "\ufeff"
NOT_HEARD = "not heard in the recording"
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

    def retimed(
        self,
        times: Sequence[Span],
        added: Sequence[AddedCue] = (),
        marked: Sequence[int] = (),
    ) -> bytes:
        """Returns the file's bytes with new times for all cues; all other bytes are as given.

        ``added`` are put between them. The cues of the indexes ``marked`` get the comment
        NOT_HEARD. Raises BadSource where the encoding lacks a character of what is added.
        """
        more = insertions(self.file, times, added) if added else []
        more += marks(self.file, marked, NOT_HEARD) if marked else []
        text = self.file.retimed(times, more)
        try:
            return (MARK * self.marked + text).encode(self.encoding)
        except UnicodeEncodeError as error:
            why = f"{self.encoding} lacks a character of the new cues: convert the file to UTF-8"
            raise BadSource(self.name, why) from error


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
    if ass.is_ass(bare):
        return OpenedCaptions(name, ass.parse(bare, name), encoding, bare != text)
    is_xml = bare.lstrip().startswith("<")  # which may say its encoding
    found = read(data if is_xml else bare.encode("utf-8", "surrogatepass"), name)
    if not to_change:
        return OpenedCaptions(name, _read_only(found, name), encoding, bare != text)
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
    first = [wide[mark] for mark in wide if data.startswith(mark)]
    if declared := _DECLARED.match(data):
        first.append(declared[1].decode("ascii"))
    for encoding in (*first, "utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if text.encode(encoding) == data:
            return text, encoding
    return data.decode("latin-1"), "latin-1"
