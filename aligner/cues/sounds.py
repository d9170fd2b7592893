"""Cues and sounds -> cues with the sounds in the silences between them."""

from __future__ import annotations

from dataclasses import dataclass

from aligner.nouns import Cue
from aligner.profiles import Profile

LEAST_MS = 3000
"""A shorter stretch without words is a pause, not worth a label."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is heard where nobody speaks."""

    start_ms: int
    end_ms: int
    label: str
    """As shown, brackets included: "[music]"."""


def with_sounds(
    cues: tuple[Cue, ...], sounds: tuple[Sound, ...], profile: Profile, duration_ms: int
) -> tuple[Cue, ...]:
    """Cues -> the same cues, and a label for every sound that has room for 3 s between them.

    The label comes with the sound, with the least gap after the cue before, and goes after the
    greatest duration, or when the next cue comes.
    """
    if not sounds:
        return cues
    gap = profile.min_gap_ms
    ends = [0, *(cue.end_ms + gap for cue in cues)]
    starts = [*(cue.start_ms - gap for cue in cues), duration_ms]
    labels: list[Cue] = []
    for free_from, free_to in zip(ends, starts, strict=True):
        for sound in sounds:
            start, end = max(free_from, sound.start_ms), min(free_to, sound.end_ms)
            if end - start >= LEAST_MS:
                end = min(end, start + profile.max_duration_ms)
                labels.append(Cue(start, end, (sound.label,), "spoken"))
                free_from = end + gap
    return tuple(sorted((*cues, *labels), key=lambda cue: cue.start_ms))
