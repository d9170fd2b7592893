"""Marks cues of a file by comments, which players do not show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aligner.captions.retiming import ass, ttml
from aligner.captions.retiming.base import EditableFile, TextEdit

MARKED = ("vtt", "ttml", ass.ASS)
"""The formats that have comments."""


def marks(file: EditableFile, cues: Sequence[int], what: str) -> list[TextEdit]:
    """Returns the edits that put a comment before each of some cues, unless it has that already.

    ``cues`` are indexes. A comment is a NOTE in WebVTT, a comment of XML in TTML, and an event of
    type Comment in ASS.
    """
    comment_of = _comments(file, what)
    edits: list[TextEdit] = []
    before = 0
    for at in sorted(cues, key=lambda k: file.cues[k].block):
        place = file.cues[at].block
        if what not in file.text[max(before, place - 2 * len(what)) : place]:
            edits.append(TextEdit(place, place, comment_of(at)))
        before = place
    return edits


def _comments(file: EditableFile, what: str) -> Callable[[int], str]:
    """Returns a function that gives the comment to put before a cue."""
    end = file.newline
    match file.kind:
        case "vtt":
            return lambda _: f"NOTE {what}{end}{end}"
        case "ttml":
            return lambda at: (
                f"<!-- {what} -->{end}{ttml.indent_of(file.text, file.cues[at].block)}"
            )
    events = ass.comments(file, what)
    return lambda at: events[at] + end
