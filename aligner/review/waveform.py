"""The waveform that the page draws: the peak of every 10 or 20 ms of audio, as one byte."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from aligner.types import Audio, SpeechSegments

FINE_MS, COARSE_MS = 10, 20
FINE_UNTIL_MS = 30 * 60 * 1000
"""Longer recordings have the coarse step: three hours are 540,000 bytes."""
FLOOR_DB = -54.0
"""Peaks below this level, relative to full scale, count as silence."""
BLOCK = 4096
"""Steps computed at once. The samples may be a memory-mapped file of hundreds of MiB."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """The peaks of a recording, and where somebody speaks."""

    step_ms: int
    """Milliseconds of audio for each peak."""
    peaks: bytes
    """The peak of each step on a scale of decibels: 0 is FLOOR_DB or less, 255 full scale."""
    speech: SpeechSegments

    @property
    def encoded(self) -> str:
        """The peaks in Base64."""
        return base64.b64encode(self.peaks).decode("ascii")


def waveform_of(audio: Audio, speech: SpeechSegments) -> Waveform:
    """Returns the waveform of a recording; samples after the last whole step are left out."""
    step_ms = FINE_MS if audio.duration_ms <= FINE_UNTIL_MS else COARSE_MS
    size = audio.sample_rate * step_ms // 1000
    parts = []
    for at in range(0, len(audio.samples) - size + 1, size * BLOCK):
        block = audio.samples[at : at + size * BLOCK].astype(np.float32)
        steps = np.abs(block[: len(block) // size * size]).reshape(-1, size).max(axis=1)
        db = 20 * np.log10(np.maximum(steps, 1) / 32768)
        parts.append(np.clip((db - FLOOR_DB) / -FLOOR_DB * 255, 0, 255).astype(np.uint8))
    peaks = np.concatenate(parts).tobytes() if parts else b""
    return Waveform(step_ms, peaks, speech)
