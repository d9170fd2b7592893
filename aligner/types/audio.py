"""Decoded audio and the segments in which somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aligner.types.time import Span

if TYPE_CHECKING:  # numpy is slow to import, and not every command needs it
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

"""One channel of sound as 16-bit PCM, shape (n,); may be a memory-mapped file."""


@dataclass(frozen=True, slots=True)
class Audio:
    """The sound of a recording, one channel, on the recording's own clock.

    Sample 0 is the instant 0 of the player's clock: encoder delay, edit lists and a late
    first packet are already accounted for.
    """

    samples: Samples
    sample_rate: int

    @property
    def duration_ms(self) -> int:
        return round(len(self.samples) * 1000 / self.sample_rate)

    def window(self, start_ms: int, end_ms: int) -> NDArray[np.float32]:
        """The samples from ``start_ms`` up to ``end_ms`` as float32 in [-1, 1)."""
        import numpy

        a, b = (max(0, t) * self.sample_rate // 1000 for t in (start_ms, end_ms))
        return self.samples[a:b].astype(numpy.float32) / 32768.0


@dataclass(frozen=True, slots=True)
class SpeechSegments:
    """Where somebody speaks, in order, not overlapping (voice activity)."""

    segments: tuple[Span, ...]
    """In milliseconds."""

    @property
    def total_ms(self) -> int:
        return sum(len(s) for s in self.segments)


@dataclass(frozen=True, slots=True)
class AudioSoFar:
    """As much of a recording's sound as is there, and what is known of it."""

    audio: Audio
    speech: SpeechSegments
    """Without what may still go on."""
    windows: tuple[Span, ...]
    """What a recogniser hears one by one, in milliseconds; in order, not overlapping."""
    whole: bool = True
    """Whether this is all of it."""
