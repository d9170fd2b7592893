"""Repair a caption file by a profile: no word changes and no in-time moves.

What is mended: the grammar where there is one way to; the order of cues; lines that are too long or
too many, where the cue's words fit into other ones; out-times, later where a cue is shown too
briefly and has room, and moved by at most the profile's chaining distance so that gaps are right.
All else is left as it is, and reported. What is mended once stays as it is when mended again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aligner.captions.lint import serialize, ttml_fixes
from aligner.captions.lint.base import CaptionFile, ParsedCue
from aligner.captions.lint.lines import ms_of, plain_srt, plain_vtt, srt, times, vtt
from aligner.captions.lint.rewrap import Plain, rebroken
from aligner.captions.lint.rules import frames, gap_is_right, reading_ms
from aligner.captions.profiles import Profile
from aligner.errors import BadSource

_INNER = re.compile(r"<([\d:.]+)>")


@dataclass(frozen=True, slots=True)
class FixResult:
    """A file's new text and what was done."""

    text: str
    moved: int
    """Cues whose out-time is another."""
    rebroken: int
    """Cues whose lines are broken otherwise."""


def mend(file: CaptionFile, profile: Profile, name: str) -> FixResult:
    """Returns the repaired file. Raises BadSource if not all of it could be read."""
    if not file.whole:
        raise BadSource(name, "not mended: not all of its text can be read, so none is written")
    if file.kind == "ttml":
        timed, moved = _timed(file.cues, profile)
        return FixResult(
            ttml_fixes.written(file.text, timed, name) if moved else file.text, moved, 0
        )
    read, write, plain = (
        (vtt, serialize.vtt, plain_vtt) if file.kind == "vtt" else (srt, serialize.srt, plain_srt)
    )
    # In this order: a tag that is none becomes text that is shown, and takes room; a space between
    # words that shared no line takes time to read.
    written = write(file, file.cues)
    file = replace(read(written.removeprefix("\ufeff")), marked=file.marked)
    broken = [_broken(cue, plain, profile) for cue in file.cues]
    made = [
        replace(cue, raw=lines, lines=tuple(map(plain, lines))) if lines else cue
        for cue, lines in zip(file.cues, broken, strict=True)
    ]
    timed, moved = _timed(made, profile)
    return FixResult(write(file, timed), moved, sum(map(bool, broken)))


def _broken(cue: ParsedCue, plain: Plain, profile: Profile) -> tuple[str, ...] | None:
    """A cue's lines broken anew; None if they fit, or one would read as the next cue's times."""
    lines = rebroken(cue.raw, plain, profile)
    return None if lines is None or any(map(times, lines)) else lines


# ---------------------------------------------------------------- out-times


def _timed(cues: Sequence[ParsedCue], profile: Profile) -> tuple[list[ParsedCue], int]:
    """The cues with their mended out-times, and how many were moved."""
    ordered = sorted(cues, key=lambda cue: cue.start_ms)
    ends = {
        cue.number: _end(cue, ordered[k + 1] if k + 1 < len(ordered) else None, profile)
        for k, cue in enumerate(ordered)
    }
    timed = [replace(cue, end_ms=ends[cue.number]) for cue in cues]
    return timed, sum(new.end_ms != old.end_ms for new, old in zip(timed, cues, strict=True))


def _end(cue: ParsedCue, after: ParsedCue | None, profile: Profile) -> int:
    """A cue's out-time: later if it is shown too briefly, and with the right gap after it."""
    if cue.end_ms <= cue.start_ms:
        return cue.end_ms  # nobody can know when it should end
    needed = max(profile.min_duration_ms, round(reading_ms(cue.lines, profile) + 0.5))
    room = None if after is None else after.start_ms - profile.min_gap_ms
    wished = cue.start_ms + min(needed, profile.max_duration_ms)
    end = max(cue.end_ms, wished if room is None else min(wished, room))
    if after is None or room is None or gap_is_right(after.start_ms - end, profile):
        return end
    longer = replace(cue, end_ms=end)
    return room if _may_end_at(room, longer, profile) else _kept_apart(cue, after, end, profile)


def _kept_apart(cue: ParsedCue, after: ParsedCue, end: int, profile: Profile) -> int:
    """An out-time that was moved, if the gap is no worse for it than it was."""
    worse = gap_is_right(after.start_ms - cue.end_ms, profile)
    return cue.end_ms if worse else end


def _may_end_at(end: int, cue: ParsedCue, profile: Profile) -> bool:
    """Whether a cue may end there: not far from where it did, and without a new fault."""
    if abs(end - cue.end_ms) > profile.chain_ms or end <= cue.start_ms:
        return False
    before, now = cue.end_ms - cue.start_ms, end - cue.start_ms
    if now > before:
        return frames(now, profile) <= frames(profile.max_duration_ms, profile)
    if end <= max((ms_of(stamp) for stamp in _INNER.findall(" ".join(cue.raw))), default=0):
        return False  # its last word's own time must lie within it
    least = frames(profile.min_duration_ms, profile)
    if frames(now, profile) < least <= frames(before, profile):
        return False
    needed = reading_ms(cue.lines, profile)
    return not now < needed <= before
