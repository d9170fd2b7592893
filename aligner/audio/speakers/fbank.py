"""Logarithmic mel spectrum as Kaldi computes it (``compute-fbank-feats``), without dither.

Every 10 ms, 25 ms of sound: the mean is removed, high frequencies are raised (pre-emphasis), and
the power spectrum is summed in 80 triangles that are evenly spaced on the mel scale.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
HOP, LENGTH, POINTS = 160, 400, 512
"""Samples from a frame to the next, of a frame, and of its Fourier transform."""
EMPHASIS = 0.97
BANDS, LOWEST_HZ, HIGHEST_HZ = 80, 20.0, 8000.0
LEAST = np.float32(1.19e-7)
"""Least energy before the logarithm (Kaldi: the machine epsilon of float32)."""
BATCH = 500
"""Frames computed at a time."""

Frames = NDArray[np.float32]


def fbank(samples: NDArray[np.int16]) -> Frames:
    """Returns the log-mel spectrum of samples at 16 kHz, shape (frames, 80)."""
    if len(samples) < LENGTH:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, LENGTH)[::HOP]
    parts = (_log_mel(frames[at : at + BATCH]) for at in range(0, len(frames), BATCH))
    return np.concatenate(list(parts))


def _log_mel(frames: NDArray[np.int16]) -> Frames:
    levels = frames.astype(np.float32)
    levels -= levels.mean(axis=1, keepdims=True)
    before = np.concatenate([levels[:, :1], levels[:, :-1]], axis=1)
    lines = np.fft.rfft((levels - np.float32(EMPHASIS) * before) * _taper(), POINTS)
    power = (lines.real**2 + lines.imag**2).astype(np.float32)
    logarithms: Frames = np.log(np.maximum(power @ _triangles(), LEAST))
    return logarithms


@cache
def _taper() -> NDArray[np.float32]:
    """Returns Kaldi's window: a Hann window to the power of 0.85."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(LENGTH) / (LENGTH - 1))
    return (hann**0.85).astype(np.float32)


@cache
def _triangles() -> Frames:
    """Returns the filters, shape (257, 80); Kaldi's triangles are straight on the mel scale."""
    edges = np.linspace(_mel(np.array(LOWEST_HZ)), _mel(np.array(HIGHEST_HZ)), BANDS + 2)
    mels = _mel(np.arange(POINTS // 2 + 1) * RATE / POINTS)[:, None]
    rising = (mels - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mels) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127 * np.log1p(hz / 700))
