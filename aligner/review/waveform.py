"""Audio -> what the page draws of it: the loudest sample of every few milliseconds as a byte."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from aligner.types import Audio, SpeechSegments

FINE_MS, COARSE_MS = 10, 20
FINE_UNTIL_MS = 30 * 60 * 1000
"""Longer recordings are drawn coarser: three hours are 540,000 bytes."""
FLOOR_DB = -54.0
"""What is quieter is drawn as silence."""
BLOCK = 4096
"""Steps handled at a time: the samples may be a mapped file of hundreds of MiB."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """What is drawn of a recording's sound."""

    step_ms: int
    peaks: bytes
    """Loudness of each step, 0 (``FLOOR_DB`` and less) to 255 (full scale)."""
    speech: SpeechSegments

    @property
    def encoded(self) -> str:
        return base64.b64encode(self.peaks).decode("ascii")


def waveform_of(audio: Audio, speech: SpeechSegments) -> Waveform:
    """A recording's sound -> its outline."""
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
