"""The clock of a caption file: how its times relate to those of a recording.

frame_rates.py   the ratios of usual frame rates, by which times drift
fit.py           fits a clock to cues whose first word is found in the recording
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClockAnchor:
    """A cue whose first word is found in the recording."""

    cue_ms: int
    """When the file shows the cue."""
    sound_ms: int
    """When its first word begins in the recording."""


@dataclass(frozen=True, slots=True)
class ClockSegment:
    """A stretch of a file with one offset: sound = ratio * cue time + ``offset_ms``."""

    offset_ms: float
    first: ClockAnchor
    last: ClockAnchor
    """Its first and last cue that agree with it."""

    def away_ms(self, cue_ms: int) -> int:
        """Returns how far a time of the file lies before or after its cues; 0 within them."""
        return max(self.first.cue_ms - cue_ms, cue_ms - self.last.cue_ms, 0)


@dataclass(frozen=True, slots=True)
class ClockJump:
    """A place where the offset of a file changes: something was cut out or put in."""

    before: ClockAnchor
    """The last cue that agrees with the offset before it."""
    after: ClockAnchor
    """The first cue that agrees with the offset after it."""
    by_ms: int
    """The change of the offset; above 0 the recording has more than the file allows for."""


@dataclass(frozen=True, slots=True)
class CaptionClock:
    """A piecewise linear map from the times of a file to those of a recording."""

    ratio: float
    """Milliseconds of the recording for a millisecond of the file; 1 without drift."""
    rates: str | None
    """The frame rates that the ratio is of, such as "25 against 23.976"; None for any other."""
    segments: tuple[ClockSegment, ...]
    """At least one, in order of the recording."""
    spread_ms: float
    """The median distance of the anchors from the map."""

    def at(self, cue_ms: int, near_ms: int | None = None) -> int:
        """Returns the time in the recording for a time of the file, in milliseconds.

        Where segments overlap in the file, since the recording has more than the file allows for,
        the one is taken that gives a time near to ``near_ms``.
        """
        found = {
            round(self.ratio * cue_ms + segment.offset_ms): segment.away_ms(cue_ms)
            for segment in self.segments
        }
        if near_ms is None:
            return min(found, key=found.__getitem__)
        return min(found, key=lambda ms: abs(ms - near_ms) + found[ms])

    def offset_ms(self, cue_ms: int) -> int:
        """Returns by how much a cue has to be delayed; below 0 it is shown too late."""
        return self.at(cue_ms) - cue_ms

    @property
    def drifts(self) -> bool:
        """Whether the file runs faster or slower than the recording."""
        return self.ratio != 1

    @property
    def jumps(self) -> tuple[ClockJump, ...]:
        """The changes of the offset, in order."""
        pairs = zip(self.segments, self.segments[1:], strict=False)
        return tuple(
            ClockJump(one.last, two.first, round(two.offset_ms - one.offset_ms))
            for one, two in pairs
        )
