"""Marks cues of a file by comments, which players do not show."""

from __future__ import annotations

from collections.abc import Sequence

from aligner.captions.lint.base import LINE_END
from aligner.captions.retiming import ass, ttml
from aligner.captions.retiming.base import EditableFile, TextEdit

MARKED = ("vtt", "ttml", ass.ASS)
"""The formats that have comments."""


def marks(file: EditableFile, cues: Sequence[int], what: str) -> list[TextEdit]:
    """Returns the edits that put a comment before each of some cues, unless it has that already.

    ``cues`` are indexes. A comment is a NOTE in WebVTT, a comment of XML in TTML, and an event of
    type Comment in ASS.
    """
    found = LINE_END.search(file.text)
    newline = found[0] if found else "\n"
    edits: list[TextEdit] = []
    before = 0
    for at in sorted(cues, key=lambda k: file.cues[k].block):
        place = file.cues[at].block
        if what not in file.text[max(before, place - 2 * len(what)) : place]:
            edits.append(TextEdit(place, place, _comment(file, at, what, newline)))
        before = place
    return edits


def _comment(file: EditableFile, at: int, what: str, newline: str) -> str:
    match file.kind:
        case "vtt":
            return f"NOTE {what}{newline}{newline}"
        case "ttml":
            return f"<!-- {what} -->{newline}{ttml.indent_of(file.text, file.cues[at].block)}"
    return ass.comment(file, at, what) + newline
