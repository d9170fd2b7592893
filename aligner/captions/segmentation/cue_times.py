"""Compute when each cue is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aligner.captions.profiles import Profile
from aligner.captions.segmentation.line_breaking import BreakTable
from aligner.types import Span

Border = tuple[int, int]
"""The first piece of a cue, and the first after it."""


def cue_times(places: BreakTable, borders: Sequence[Border]) -> list[Span]:
    """For each cue its in- and out-time.

    In at the onset of its first word. Out when it has been heard and can have been read, if the
    next cue and the end of the recording leave room; a small gap before the next is closed to
    the least one.
    """
    times = [_time(places, first, last) for first, last in borders]
    needs = [places.to_read(first, last) for first, last in borders]
    for k in range(len(times) - 1):
        time, after = times[k], times[k + 1]
        late = _late(time, after, (needs[k], needs[k + 1]), places.profile)
        times[k] = Span(time.start, time.end + late)
        times[k + 1] = Span(after.start + late, after.end)
    return times


def _time(places: BreakTable, first: int, last: int) -> Span:
    profile = places.profile
    start, heard = places.start[first], places.end[last - 1]
    read = start + math.ceil(places.to_read(first, last))
    end = max(heard, start + profile.min_duration_ms, min(read, heard + profile.max_linger_ms))
    latest = places.gone[last]
    if (
        last < places.count and latest - start < profile.min_gap_ms
    ):  # such words come too fast for any gap
        latest = max(latest + profile.min_gap_ms, start + 1)
    if last < places.count and places.start[last] - end < profile.chain_ms:
        end = latest
    return Span(start, min(end, latest, start + profile.max_duration_ms))


def _late(time: Span, after: Span, to_read: tuple[float, float], profile: Profile) -> int:
    """By how much the next cue may come late so that this one can be read, or lasts long enough.

    Within the profile's tolerance, if only the next cue is in the way and has time to spare.
    """
    if after.start - time.end != profile.min_gap_ms:
        return 0
    wanted, next_wanted = (max(profile.min_duration_ms, math.ceil(ms)) for ms in to_read)
    room = min(profile.late_ms, len(after) - next_wanted)
    lacks = (wanted - len(time), profile.min_duration_ms - len(time))
    return next((ms for ms in lacks if 0 < ms <= room), 0)
