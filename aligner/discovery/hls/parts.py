"""Divides the segments of a media playlist into parts that a decoder can read as one file each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aligner.discovery.hls.playlist import Resource, Segment


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive segments with one initialization section and without a discontinuity.

    Either all of them are gaps, or none is.
    """

    segments: tuple[Segment, ...]

    @property
    def is_gap(self) -> bool:
        """Whether the server does not have the segments."""
        return self.segments[0].is_gap

    @property
    def discontinuity(self) -> int:
        """How many discontinuities precede the part."""
        return self.segments[0].discontinuity

    @property
    def duration_s(self) -> float:
        """The sum of the segments' durations."""
        return sum(segment.duration_s for segment in self.segments)


def divide(segments: Sequence[Segment]) -> tuple[Part, ...]:
    """Group segments into parts, in order.

    A segment that is listed again starts a new part too: its time stamps repeat.
    """
    parts: list[list[Segment]] = []
    seen: set[Resource] = set()
    for segment in segments:
        if not parts or _differs(parts[-1][-1], segment) or segment.resource in seen:
            parts.append([])
            seen.clear()
        parts[-1].append(segment)
        if not segment.is_gap:
            seen.add(segment.resource)
    return tuple(Part(tuple(part)) for part in parts)


def _differs(before: Segment, after: Segment) -> bool:
    return (before.discontinuity, before.is_gap, before.map) != (
        after.discontinuity,
        after.is_gap,
        after.map,
    )
