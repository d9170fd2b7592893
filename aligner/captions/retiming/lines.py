"""The times of WebVTT and SubRip: timing lines, and WebVTT's times within the text of a cue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from aligner.captions.lint.base import LINE_END, CaptionFile, ParsedCue
from aligner.captions.lint.timing_lines import clock_spans, ms_of
from aligner.captions.retiming.base import CueMove, EditableCue, EditableFile, TimeSlot
from aligner.errors import BadSource
from aligner.types import Span

_INSIDE = re.compile(r"(?<=<)(?:\d{2,}:)?\d\d:\d\d\.\d{3}(?=>)", re.ASCII)
"""A time within the text of a WebVTT cue, from which on its next words are shown."""
_SEPARATOR = {"vtt": ".", "srt": ","}


def parse(file: CaptionFile, name: str) -> EditableFile:
    """Returns a WebVTT or SubRip file with the places of its times.

    Raises BadSource for a timing line whose digits are not ASCII.
    """
    ends = [0, *(found.end() for found in LINE_END.finditer(file.text)), len(file.text)]
    lines = [Span(a, b) for a, b in pairwise(ends)]
    slots: list[TimeSlot] = []
    for at, cue in enumerate(file.cues):
        slots += _slots(file, cue, at, lines, name)
    cues = tuple(_cue(file, cue, lines) for cue in file.cues)
    return EditableFile(file.kind, file.text, cues, tuple(slots), file.language)


def _cue(file: CaptionFile, cue: ParsedCue, lines: list[Span]) -> EditableCue:
    """Returns a cue with the place of its block: the line above its times belongs to it."""
    first, counter = cue.line - 1, None
    above = lines[first - 1] if first else None
    text = file.text[above.start : above.end] if above else ""
    if above and text.strip() and (file.kind == "vtt" or first in file.counters):
        first -= 1
        if found := re.search(r"\d+", text):
            counter = Span(above.start + found.start(), above.start + found.end())
    return EditableCue(
        cue.number, cue.line, cue.start_ms, cue.end_ms, cue.lines, lines[first].start,
        counter if file.kind == "srt" else None,
    )  # fmt: skip


def _slots(
    file: CaptionFile, cue: ParsedCue, at: int, lines: list[Span], name: str
) -> Iterator[TimeSlot]:
    """Yields the times of a cue. Raises BadSource."""
    line = lines[cue.line - 1]
    spans = clock_spans(file.text[line.start : line.end])
    if spans is None:
        raise BadSource(name, f"line {cue.line}: write its times with the digits 0 to 9")
    separator = _SEPARATOR[file.kind]
    for span, of in zip(spans, (_start, _end), strict=True):
        first, end = line.start + span.start, line.start + span.end
        yield TimeSlot(first, end, at, _written(file.text[first:end], separator, of))
    if file.kind != "vtt":
        return
    text = Span(lines[cue.line - 1].end, lines[cue.line - 1 + len(cue.raw)].end)
    for found in _INSIDE.finditer(file.text, text.start, text.end):
        yield TimeSlot(*found.span(), at, _written(found[0], separator, _inside(ms_of(found[0]))))


def _start(move: CueMove) -> int:
    return move.new.start


def _end(move: CueMove) -> int:
    return move.new.end


def _inside(ms: int) -> Callable[[CueMove], int]:
    return lambda move: move.inside(ms)


def _written(old: str, separator: str, of: Callable[[CueMove], int]) -> Callable[[CueMove], str]:
    """Returns a function that writes a time of a cue in the form of an old one."""

    def written(move: CueMove) -> str:
        ms = of(move)
        return old if ms == ms_of(old) else clock_like(old, ms, separator)

    return written


def clock_like(old: str, ms: int, separator: str) -> str:
    """Returns a time as a clock in the form of another one: with its hours and its separator.

    The fraction always has three digits; hours are added where there are some.
    """
    parts = [part.strip() for part in old.split(":")]
    mark = re.search(r"[.,;'](?=\s*\d+$)", parts[-1])
    has_hours = len(parts) > 2
    seconds, fraction = divmod(ms, 1000)
    tail = f"{seconds % 60:02d}{mark[0] if mark else separator}{fraction:03d}"
    if has_hours or seconds >= 3600:
        width = len(parts[0]) if has_hours else 2
        return f"{seconds // 3600:0{width}d}:{seconds // 60 % 60:02d}:{tail}"
    return f"{seconds // 60:02d}:{tail}"
