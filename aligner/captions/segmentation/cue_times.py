"""Computes when each cue is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aligner.captions.profiles import Profile
from aligner.captions.segmentation.line_breaking import BreakTable
from aligner.types import Span

Border = tuple[int, int]
"""The first token of a cue, and the first after it."""


def cue_times(table: BreakTable, borders: Sequence[Border]) -> list[Span]:
    """Returns the in-time and out-time of each cue.

    A cue appears at the onset of its first word. It disappears when its words have been spoken and
    there was time to read it, as far as the next cue and the end of the recording allow. A gap
    shorter than the profile's ``chain_ms`` is reduced to the profile's minimum.
    """
    times = [_time(table, first, last) for first, last in borders]
    needs = [table.to_read(first, last) for first, last in borders]
    for k in range(len(times) - 1):
        time, after = times[k], times[k + 1]
        late = _late(time, after, (needs[k], needs[k + 1]), table.profile)
        times[k] = Span(time.start, time.end + late)
        times[k + 1] = Span(after.start + late, after.end)
    return times


def _time(table: BreakTable, first: int, last: int) -> Span:
    profile = table.profile
    start, spoken = table.start[first], table.end[last - 1]
    read = start + math.ceil(table.to_read(first, last))
    end = max(spoken, start + profile.min_duration_ms, min(read, spoken + profile.max_linger_ms))
    latest = table.latest_end[last]
    if last < table.count and latest - start < profile.min_gap_ms:  # too fast for any gap
        latest = max(latest + profile.min_gap_ms, start + 1)
    if last < table.count and table.start[last] - end < profile.chain_ms:
        end = latest
    return Span(start, min(end, latest, start + profile.max_duration_ms))


def _late(time: Span, after: Span, to_read: tuple[float, float], profile: Profile) -> int:
    """Returns by how many ms to delay the next cue, so that this one can be read or is long enough.

    The delay is within the profile's tolerance, and only if the next cue has time to spare; else 0.
    """
    if after.start - time.end != profile.min_gap_ms:
        return 0
    wanted, next_wanted = (max(profile.min_duration_ms, math.ceil(ms)) for ms in to_read)
    room = min(profile.late_ms, len(after) - next_wanted)
    lacks = (wanted - len(time), profile.min_duration_ms - len(time))
    return next((ms for ms in lacks if 0 < ms <= room), 0)
