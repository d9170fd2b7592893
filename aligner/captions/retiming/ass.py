"""The times of Advanced SubStation Alpha (ASS, SSA): the events of type Dialogue.

Comments are left alone. Times within an event (karaoke, fades, moves) count from its start and
stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from aligner.captions.formats.ass import escaped
from aligner.captions.retiming.base import (
    AddedCue,
    CueMove,
    EditableCue,
    EditableFile,
    TextEdit,
    TimeSlot,
)
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
        block = text.rfind("\n", 0, min(fields.values())[0]) + 1
        cues.append(EditableCue(at + 1, line, start, end, shown, block))
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


def insertions(file: EditableFile, added: Sequence[tuple[int, AddedCue]]) -> list[TextEdit]:
    """Returns the edits that put new events before the events of the given indexes.

    A new event has the fields of the first one in the style that most texts have, without its
    name and effect.
    """
    events = [fields for _, fields in _events(file.text, "")]
    usual = _usual(file, events)
    pattern, begin = events[usual], file.cues[usual].block
    edits = []
    for at, cue in added:
        values = {
            "start": _clock((cue.time.start + 5) // 10), "end": _clock((cue.time.end + 5) // 10),
            "name": "", "actor": "", "effect": "",
            "text": r"\N".join(escaped(line) for line in cue.lines),
        }  # fmt: skip
        event, done = "", begin
        for key, (start, end) in sorted(pattern.items(), key=lambda field: field[1]):
            event += file.text[done:start] + values.get(key, file.text[start:end])
            done = end
        if at < len(events):
            place = file.cues[at].block
            edits.append(TextEdit(place, place, event + file.newline))
        else:
            place = max(fields["text"][1] for fields in events)
            edits.append(TextEdit(place, place, file.newline + event))
    return edits


def comments(file: EditableFile, text: str) -> list[str]:
    """Returns for each event one of type Comment with its fields, but another text."""
    return [
        file.text[cue.block : fields["text"][0]].replace("Dialogue", "Comment", 1) + text
        for cue, (_, fields) in zip(file.cues, _events(file.text, ""), strict=True)
    ]


def _usual(file: EditableFile, events: Sequence[dict[str, tuple[int, int]]]) -> int:
    """Returns the index of the first event with text in the style that most of them have."""
    styles = [
        file.text[slice(*fields["style"])].strip() if "style" in fields else ""
        for fields in events
    ]  # fmt: skip
    texts = [k for k, cue in enumerate(file.cues) if cue.lines] or [0]
    most = Counter(styles[k] for k in texts).most_common(1)[0][0]
    return next(k for k in texts if styles[k] == most)


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
        return old.replace(old.strip(), _clock(of(move)))

    return written


def _clock(hundredths: int) -> str:
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"
