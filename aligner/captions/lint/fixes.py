"""Fix a caption file by a profile: no word changes and no start time moves.

Fixed are the syntax where there is one remedy; the order of cues; lines that are too long or too
many, where the cue's words fit into other lines; and end times: later where a cue is shown too
briefly and has room, and moved by at most the profile's chaining distance so that gaps are right.
Everything else stays as it is and is reported. A second fix changes nothing.

A file is fixed whole or not at all. If a line is not understood, or a word of the file would be
missing in the fixed one, the error names the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from aligner.captions.lint import serialize, subrip, webvtt
from aligner.captions.lint.accounting import missing_lines
from aligner.captions.lint.base import CaptionFile, ParsedCue
from aligner.captions.lint.rewrap import Plain, rebroken
from aligner.captions.lint.rules import frames, gap_is_right, reading_ms
from aligner.captions.lint.timing_lines import ms_of, seems_timing, times
from aligner.captions.profiles import Profile
from aligner.errors import BadSource

_INNER = re.compile(r"<([\d:.]+)>")
_MOST_LINES = 10
"""So many lines that are not understood are listed in a message for each reason."""


@dataclass(frozen=True, slots=True)
class FixResult:
    """A file's new text, and what was changed."""

    text: str
    moved: int
    """Cues with another end time."""
    rebroken: int
    """Cues with other line breaks."""


def fixed(file: CaptionFile, profile: Profile, name: str) -> FixResult:
    """Returns the fixed file. Raises BadSource if a part of it is not understood."""
    if file.kind == "ttml":
        raise _unfixable(name, "TTML files are checked only; --fix is for WebVTT and SubRip")
    if unclear := [(b.what, b.line) for b in file.breaches if b.not_understood]:
        raise _unfixable(name, _by_reason(unclear))
    parse, write, plain = (
        (webvtt.parse, serialize.vtt, webvtt.plain)
        if file.kind == "vtt"
        else (subrip.parse, serialize.srt, subrip.plain)
    )
    # In this order: an unknown tag becomes text that is shown and takes room; a space between
    # words that shared no line takes time to read.
    written = write(file, file.cues)
    valid = replace(parse(written.removeprefix("\ufeff")), marked=file.marked)
    broken = [_broken(cue, plain, profile) for cue in valid.cues]
    made = [
        replace(cue, raw=lines, lines=tuple(map(plain, lines))) if lines else cue
        for cue, lines in zip(valid.cues, broken, strict=True)
    ]
    timed, moved = _timed(made, profile)
    text = write(valid, timed)
    if missing := missing_lines(file, parse(text.removeprefix("\ufeff"))):
        raise _unfixable(name, _by_reason([("it cannot be written anew", n) for n in missing]))
    return FixResult(text, moved, sum(map(bool, broken)))


def _unfixable(name: str, why: str) -> BadSource:
    return BadSource(name, f"not fixed, and nothing is written: {why}")


def _by_reason(unclear: Iterable[tuple[str, int]]) -> str:
    """Lines with the reasons why they are not understood, as a clause."""
    ordered = sorted(unclear)
    clauses = []
    for what, group in groupby(ordered, key=lambda pair: pair[0]):
        lines = [str(line) for _, line in group]
        more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
        plural = "s" if len(lines) > 1 else ""
        clauses.append(f"line{plural} {', '.join(lines[:_MOST_LINES])}{more}: {what}")
    return "; ".join(clauses)


def _broken(cue: ParsedCue, plain: Plain, profile: Profile) -> tuple[str, ...] | None:
    """Returns new lines of a cue; None if the old ones fit, or if a new one would read as times."""
    lines = rebroken(cue.raw, plain, profile)
    timed = lines is not None and any(times(line) or seems_timing(line, True) for line in lines)
    return None if timed else lines


# ---------------------------------------------------------------- end times


def _timed(cues: Sequence[ParsedCue], profile: Profile) -> tuple[list[ParsedCue], int]:
    """Returns the cues with their new end times, and how many were moved."""
    ordered = sorted(cues, key=lambda cue: cue.start_ms)
    ends = {
        cue.number: _end(cue, ordered[k + 1] if k + 1 < len(ordered) else None, profile)
        for k, cue in enumerate(ordered)
    }
    timed = [replace(cue, end_ms=ends[cue.number]) for cue in cues]
    return timed, sum(new.end_ms != old.end_ms for new, old in zip(timed, cues, strict=True))


def _end(cue: ParsedCue, after: ParsedCue | None, profile: Profile) -> int:
    """Returns a cue's end time: later if it is shown too briefly, with the right gap after it."""
    if cue.end_ms <= cue.start_ms:
        return cue.end_ms  # the right end is unknown
    needed = max(profile.min_duration_ms, round(reading_ms(cue.lines, profile) + 0.5))
    room = None if after is None else after.start_ms - profile.min_gap_ms
    wished = cue.start_ms + min(needed, profile.max_duration_ms)
    end = max(cue.end_ms, wished if room is None else min(wished, room))
    if after is None or room is None or gap_is_right(after.start_ms - end, profile):
        return end
    longer = replace(cue, end_ms=end)
    return (
        room
        if _may_end_at(room, longer, profile)
        else _moved_unless_worse(cue, after, end, profile)
    )


def _moved_unless_worse(cue: ParsedCue, after: ParsedCue, end: int, profile: Profile) -> int:
    """Returns the moved end time, or the old one if the gap after that was right."""
    worse = gap_is_right(after.start_ms - cue.end_ms, profile)
    return cue.end_ms if worse else end


def _may_end_at(end: int, cue: ParsedCue, profile: Profile) -> bool:
    """Whether a cue may end there: not far from its old end, and without breaking a rule."""
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
