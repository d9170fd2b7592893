"""Recordings of two tones at known times, and where they are found after decoding."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aligner.audio.decode import SAMPLE_RATE
from aligner.audio.ffmpeg import ffmpeg_path
from aligner.types import Audio, MediaFile, MediaLink

BURSTS_MS = (1000, 3000)
"""Where every recording has its two tones of 50 ms."""


def tones(rate: int, seconds: float = 4.0) -> NDArray[np.int16]:
    t = np.arange(round(rate * seconds)) / rate
    on = np.any([(t >= b / 1000) & (t < b / 1000 + 0.05) for b in BURSTS_MS], axis=0)
    return np.asarray(26_000 * on * np.sin(2 * np.pi * 1000 * t), np.int16)


def write_wav(path: Path, samples: NDArray[np.int16], rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def run_ffmpeg(folder: Path, arguments: str, *more: str) -> None:
    command = [str(ffmpeg_path()), "-y", "-loglevel", "error", *arguments.split(), *more]
    subprocess.run(command, check=True, cwd=folder, stdin=subprocess.DEVNULL)


def media_file(path: Path, sha256: str = "") -> MediaFile:
    return MediaFile(path, MediaLink(path.name, "audio", "given"), None, sha256)


def onsets_ms(audio: Audio) -> list[float]:
    """Where sound begins after silence."""
    loud = np.flatnonzero(np.abs(audio.samples.astype(np.int32)) > 3000)
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE // 2)]
    return [float(s) * 1000 / SAMPLE_RATE for s in starts]
