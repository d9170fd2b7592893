"""When cues end whose first words are known, by a captioning profile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aligner.captions.cell_width import cell_width
from aligner.captions.profiles import Profile
from aligner.types import Span


@dataclass(frozen=True, slots=True)
class SpokenCue:
    """A cue and when its words are spoken."""

    start_ms: int
    """The onset of its first word."""
    spoken_ms: int
    """The end of its last word."""
    lines: tuple[str, ...]
    overlaps_ms: int = 0
    """How long it is shown together with the next one, as given; 0 if it is not."""


def out_times(cues: Sequence[SpokenCue], profile: Profile, duration_ms: int) -> list[Span]:
    """Returns when each cue is shown; the cues are in order of their starts.

    A cue stays until its words are spoken and could be read, as far as the next cue and the end of
    the recording allow. A gap shorter than the profile's ``chain_ms`` becomes its minimum. A cue
    that was shown together with the next one still is, for as long.
    """
    found = []
    for at, cue in enumerate(cues):
        following = cues[at + 1].start_ms if at + 1 < len(cues) else None
        end = _wanted_end(cue, profile)
        latest = duration_ms if following is None else following - profile.min_gap_ms
        if following is not None and cue.overlaps_ms:
            latest = end = following + cue.overlaps_ms
        elif following is not None:
            if latest - cue.start_ms < profile.min_gap_ms:  # too fast for any gap
                latest = max(following, cue.start_ms + 1)
            if following - end < profile.chain_ms:
                end = latest
        end = min(end, latest, cue.start_ms + profile.max_duration_ms)
        found.append(Span(cue.start_ms, max(end, cue.start_ms + 1)))
    return found


def _wanted_end(cue: SpokenCue, profile: Profile) -> int:
    """Returns when a cue ends if nothing follows."""
    text = " ".join(cue.lines)
    to_read = math.ceil(profile.reading_ms(sum(map(cell_width, cue.lines)), len(text.split())))
    read = min(cue.start_ms + to_read, cue.spoken_ms + profile.max_linger_ms)
    return max(cue.spoken_ms, cue.start_ms + profile.min_duration_ms, read)
