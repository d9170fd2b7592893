"""Puts new cues between those of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aligner.captions.formats.base import one_line
from aligner.captions.formats.vtt import escaped
from aligner.captions.lint.base import LINE_END
from aligner.captions.retiming import ass, ttml
from aligner.captions.retiming.base import AddedCue, EditableFile, TextEdit
from aligner.captions.retiming.lines import clock_like
from aligner.types import Span

_CLOCKS = {"vtt": "00:00:00.000", "srt": "00:00:00,000"}


def insertions(
    file: EditableFile, times: Sequence[Span], added: Sequence[AddedCue]
) -> list[TextEdit]:
    """Returns the edits that put new cues, in order of time, before the next cue of the file.

    ``times`` are the new times of the file's cues. The numbers of SubRip cues go on counting.
    """
    places = [_place(times, cue) for cue in added]
    match file.kind:
        case ass.ASS:
            return ass.insertions(file, list(zip(places, added, strict=True)))
        case "ttml":
            return ttml.insertions(file, list(zip(places, added, strict=True)))
    edits: list[TextEdit] = []
    numbers = _numbers(file, places)
    for cue, at, number in zip(added, places, numbers, strict=True):
        block = _block(file.kind, cue, number, file.newline)
        if at < len(file.cues):
            edits.append(TextEdit(file.cues[at].block, file.cues[at].block, block))
        else:
            edits.append(
                TextEdit(len(file.text), len(file.text), _gap(file.text, file.newline) + block)
            )
    if file.kind == "srt" and added:
        edits += _renumbered(file, places)
    return edits


def _place(times: Sequence[Span], cue: AddedCue) -> int:
    """Returns the index of the cue before which a new one stands."""
    later = (k for k, time in enumerate(times) if time.start > cue.time.start)
    return next(later, len(times))


def _numbers(file: EditableFile, places: Sequence[int]) -> list[int]:
    """Returns the numbers of new SubRip cues, after those of the cues before them."""
    return [at + k + 1 for k, at in enumerate(places)] if file.kind == "srt" else [0] * len(places)


def _renumbered(file: EditableFile, places: Sequence[int]) -> Iterator[TextEdit]:
    """Yields the numbers of the file's own cues that change."""
    for at, cue in enumerate(file.cues):
        number = at + 1 + sum(place <= at for place in places)
        if cue.counter and file.text[cue.counter.start : cue.counter.end] != str(number):
            yield TextEdit(cue.counter.start, cue.counter.end, str(number))


def _block(kind: str, cue: AddedCue, number: int, newline: str) -> str:
    form = _CLOCKS[kind]
    start, end = (clock_like(form, ms, form[8]) for ms in (cue.time.start, cue.time.end))
    text = [escaped(line) if kind == "vtt" else one_line(line) for line in cue.lines]
    head = [str(number)] if kind == "srt" else []
    return newline.join([*head, f"{start} --> {end}", *text, "", ""])


def _gap(text: str, newline: str) -> str:
    """Returns the line ends that a file lacks before another cue at its end."""
    ends = [found.span() for found in LINE_END.finditer(text[-8:])]
    tail = text[-8:]
    count = 0
    while ends and ends[-1][1] == len(tail):
        count += 1
        tail = tail[: ends.pop()[0]]
    return newline * max(0, 2 - count)
