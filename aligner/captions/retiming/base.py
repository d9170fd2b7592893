"""A caption file whose times can be replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aligner.captions.lint.base import LINE_END
from aligner.types import Span


@dataclass(frozen=True, slots=True)
class CueMove:
    """The old and the new time of a cue, in milliseconds."""

    old: Span
    new: Span

    def inside(self, ms: int) -> int:
        """Returns the new time of a moment within the cue: stretched, between its new ends."""
        share = (ms - self.old.start) / max(1, len(self.old))
        return self.new.start + round(min(max(share, 0.0), 1.0) * len(self.new))


@dataclass(frozen=True, slots=True)
class TimeSlot:
    """A place in a file's text that states a time of a cue."""

    start: int
    end: int
    """Characters of the text, half-open."""
    cue: int
    """Index of the cue."""
    written: Callable[[CueMove], str]
    """Returns the text for the cue's new time."""
    depends: bool = False
    """Whether it counts from a time that ``EditableFile.settled`` replaces."""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """A part of a text, in characters, and what stands in its place."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class EditableCue:
    """A cue of a file."""

    number: int
    """Position in the file, from 1."""
    line: int
    """The file's line with its times."""
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    """The text as it is shown, without markup."""
    block: int = 0
    """Where it begins, in characters of the text: its identifier, number, event or paragraph."""
    counter: Span | None = None
    """SubRip: where its number stands; None if it has none."""


@dataclass(frozen=True, slots=True)
class AddedCue:
    """A cue that the file lacks."""

    time: Span
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditableFile:
    """A caption file with the places of its times."""

    kind: str
    text: str
    cues: tuple[EditableCue, ...]
    """In the order of the file."""
    slots: tuple[TimeSlot, ...]
    """In the order of the text, not overlapping."""
    language: str | None = None
    """As the file itself declares it."""
    settled: tuple[TextEdit, ...] = ()
    """Made if any time changes: they let all times count from the start of the recording."""

    @property
    def newline(self) -> str:
        """The line end of the file: its first one."""
        found = LINE_END.search(self.text)
        return found[0] if found else "\n"

    def retimed(self, times: Sequence[Span], more: Sequence[TextEdit] = ()) -> str:
        """Returns the text with new times for all cues; a time that is equal stays as written.

        ``more`` are other edits, which do not overlap the times.
        """
        moves = [
            CueMove(Span(cue.start_ms, cue.end_ms), time)
            for cue, time in zip(self.cues, times, strict=True)
        ]
        is_changed = bool(more) or any(move.old != move.new for move in moves)
        edits = [*more, *(self.settled if is_changed else ())]
        for slot in self.slots:
            move = moves[slot.cue]
            if move.old != move.new or (slot.depends and is_changed):
                edits.append(TextEdit(slot.start, slot.end, slot.written(move)))
        out: list[str] = []
        done = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            out += [self.text[done : edit.start], edit.new]
            done = edit.end
        return "".join([*out, self.text[done:]])
