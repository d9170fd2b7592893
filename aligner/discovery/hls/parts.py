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
    clock: int = 0
    """Parts with the same number have time stamps of one clock."""

    @property
    def is_gap(self) -> bool:
        """Whether the server does not have the segments."""
        return self.segments[0].is_gap

    @property
    def duration_s(self) -> float:
        """The sum of the segments' durations."""
        return sum(segment.duration_s for segment in self.segments)


@dataclass(frozen=True, slots=True)
class PartOnClock:
    """What joining the files of parts needs to know of one."""

    clock: int
    duration_s: float


def divide(segments: Sequence[Segment]) -> tuple[Part, ...]:
    """Group segments into parts, in order.

    A segment that is listed again starts a new part and a new clock: its time stamps repeat.
    """
    groups: list[tuple[int, list[Segment]]] = []
    listed: set[Resource] = set()
    clock = discontinuity = 0
    for segment in segments:
        is_repeated = not segment.is_gap and segment.resource in listed
        if segment.discontinuity != discontinuity or is_repeated:
            clock, discontinuity = clock + 1, segment.discontinuity
            listed.clear()
        if not groups or groups[-1][0] != clock or _differ(groups[-1][1][-1], segment):
            groups.append((clock, []))
        groups[-1][1].append(segment)
        if not segment.is_gap:
            listed.add(segment.resource)
    return tuple(Part(tuple(group), clock) for clock, group in groups)


def _differ(before: Segment, after: Segment) -> bool:
    return (before.is_gap, before.map) != (after.is_gap, after.map)
