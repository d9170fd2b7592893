"""The times of Advanced SubStation Alpha (ASS, SSA): the events of type Dialogue.

Comments are left alone. Times within an event (karaoke, fades, moves) count from its start and
stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from aligner.captions.retiming.base import CueMove, EditableCue, EditableFile, TimeSlot
from aligner.errors import BadSource

ASS = "ass"
_SECTION = re.compile(r"^\[([^\]\r\n]+)\][ \t]*\r?$", re.MULTILINE)
_LINE = re.compile(r"^(Format|Dialogue)(:[ \t]*)([^\r\n]*)", re.MULTILINE)
_TIME = re.compile(r"\s*(\d+):(\d\d):(\d\d)\.(\d\d)\s*", re.ASCII)
_TAGS = re.compile(r"\{[^{}]*\}")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}")


def is_ass(text: str) -> bool:
    """Whether a text has the sections of ASS."""
    names = {found[1].strip().lower() for found in _SECTION.finditer(text)}
    return "script info" in names and "events" in names


def parse(text: str, name: str) -> EditableFile:
    """Returns an ASS file with the places of its times.

    Raises BadSource without events, and for an event whose times cannot be read.
    """
    cues: list[EditableCue] = []
    slots: list[TimeSlot] = []
    for line, fields in _events(text, name):
        spans = [fields[key] for key in ("start", "end")]
        times = [_ms(text[a:b]) for a, b in spans]
        start, end = times
        if start is None or end is None:
            raise BadSource(name, f"line {line} is not understood: its times cannot be read")
        at, shown = len(cues), _shown(text[slice(*fields["text"])])
        cues.append(EditableCue(at + 1, line, start, end, shown))
        for (a, b), of in zip(spans, (_start, _end), strict=True):
            slots.append(TimeSlot(a, b, at, _written(text[a:b], of)))
    if not cues:
        raise BadSource(name, "no cue in it")
    return EditableFile(ASS, text, tuple(cues), tuple(sorted(slots, key=lambda s: s.start)))


def _events(text: str, name: str) -> Iterator[tuple[int, dict[str, tuple[int, int]]]]:
    """Yields the events of type Dialogue: their lines, and the places of their fields.

    Raises BadSource.
    """
    begins = next(s for s in _SECTION.finditer(text) if s[1].strip().lower() == "events").end()
    after = _SECTION.search(text, begins)
    order: list[str] = []
    line, counted = 1, 0
    for found in _LINE.finditer(text, begins, after.start() if after else len(text)):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        if found[1] == "Format":
            order = [part.strip().lower() for part in found[3].split(",")]
            continue
        if not {"start", "end", "text"} <= set(order):
            raise BadSource(name, "the section [Events] has no Format line with Start, End, Text")
        fields, at = {}, found.start(3)
        for key, part in zip(order, found[3].split(",", len(order) - 1), strict=False):
            fields[key] = (at, at + len(part))
            at += len(part) + 1
        if len(fields) < len(order):
            raise BadSource(name, f"line {line} is not understood: it lacks fields")
        yield line, fields


def _ms(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds, hundredths = map(int, found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10


def _shown(text: str) -> tuple[str, ...]:
    """Returns the lines of an event as they are shown; none for a drawing."""
    if _DRAWING.search(text):
        return ()
    bare = _TAGS.sub("", text).replace(r"\h", " ")
    return tuple(line for part in re.split(r"\\[Nn]", bare) if (line := part.strip()))


def _start(move: CueMove) -> int:
    return (move.new.start + 5) // 10


def _end(move: CueMove) -> int:
    return max((move.new.end + 5) // 10, _start(move) + (len(move.new) > 0))


def _written(old: str, of: Callable[[CueMove], int]) -> Callable[[CueMove], str]:
    """Returns a function that writes hundredths of a second, with the old time's spaces."""

    def written(move: CueMove) -> str:
        seconds, rest = divmod(of(move), 100)
        new = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"
        return old.replace(old.strip(), new)

    return written
