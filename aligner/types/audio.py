"""Decoded audio and the segments in which somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aligner.types.time import Span

if TYPE_CHECKING:  # numpy is slow to import, and not every command needs it
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

"""Mono 16-bit PCM samples, shape (n,); may be a memory-mapped file."""


Channel = Literal["left", "right"]
"""A channel of a stereo recording."""


@dataclass(frozen=True, slots=True)
class Audio:
    """The audio of a recording, mono, on the recording's own clock.

    Sample 0 is time 0 in a player: encoder delay, edit lists and a late first packet are
    accounted for.
    """

    samples: Samples
    sample_rate: int
    unrelated: tuple[Span, ...] = ()
    """Where it is the sum of two channels with unrelated sound, such as two languages, in ms."""
    declared_ms: int | None = None
    """How long the recording's file says that its sound is; None if it does not."""
    end_ms: int | None = None
    """Where the recording ends; None if it ends with its sound. Pictures may go on after that."""

    @property
    def duration_ms(self) -> int:
        return round(len(self.samples) * 1000 / self.sample_rate)

    def window(self, start_ms: int, end_ms: int) -> NDArray[np.float32]:
        """Returns the samples from ``start_ms`` up to ``end_ms`` as float32 in [-1, 1)."""
        import numpy

        a, b = (max(0, t) * self.sample_rate // 1000 for t in (start_ms, end_ms))
        return self.samples[a:b].astype(numpy.float32) / 32768.0


@dataclass(frozen=True, slots=True)
class SpeechSegments:
    """Where somebody speaks (voice activity), in order, not overlapping."""

    segments: tuple[Span, ...]
    """In milliseconds."""

    @property
    def total_ms(self) -> int:
        return sum(len(s) for s in self.segments)


@dataclass(frozen=True, slots=True)
class AudioSoFar:
    """The part of a recording that is decoded so far, from its start."""

    audio: Audio
    speech: SpeechSegments
    """Without a last segment that may not have ended yet."""
    windows: tuple[Span, ...]
    """The chunks that the recogniser works on, in milliseconds; in order, not overlapping."""
    whole: bool = True
    """Whether this is the whole recording."""
