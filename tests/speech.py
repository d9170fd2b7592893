"""Real speech with known edges, made by a synthetic voice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.types import Audio, Span

RATE = 16_000
SENTENCES = (
    "The minister told reporters in Moscow that the roads are open.",
    "Few people believe that they can go home.",
)
LEAD_MS, PAUSE_MS, TAIL_MS = 2_000, 3_000, 1_000


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording whose words are known, and when somebody speaks in it."""

    audio: Audio
    sentences: tuple[str, ...]
    spans: tuple[Span, ...]
    """In milliseconds, one a sentence: from its first sound to its last."""


def say(voice: Any, text: str) -> NDArray[np.int16]:
    """Text -> its sound at 16 kHz, without the silence around it. The same every time."""
    from piper import SynthesisConfig

    even = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
    chunks = list(voice.synthesize(text, even))
    sound = np.concatenate([chunk.audio_int16_array for chunk in chunks])
    loud = np.flatnonzero(np.abs(sound) > 300)  # a hundredth of full scale
    return _resampled(sound[loud[0] : loud[-1] + 1], chunks[0].sample_rate)


def read_aloud(voice: Any, texts: Iterable[str], pause_ms: int) -> Audio:
    """The texts one after the other, with silence of `pause_ms` before, between and after them."""
    pause = silence(pause_ms)
    parts = [part for text in texts for part in (pause, say(voice, text))]
    return Audio(np.concatenate([*parts, pause]), RATE)


def silence(length_ms: int) -> NDArray[np.int16]:
    return np.zeros(length_ms * RATE // 1000, dtype=np.int16)


def _resampled(sound: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    import av

    frame = av.AudioFrame.from_ndarray(sound[None, :], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in made])
