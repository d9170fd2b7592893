"""A sound's spectra, and their bands: overlapping triangles, evenly spaced on the mel scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second of every sound that is timed."""
TOGETHER = 128
"""Spectra that are made at a time: those of a passage take 60 MB before they are put into bands."""


def spectra(
    samples: NDArray[np.float32], taper: NDArray[np.float64], hop: int, points: int, count: int
) -> Iterator[NDArray[np.float32]]:
    """Samples -> the power in each line of a Fourier transform of so many points.

    Every ``hop`` samples a frame begins, as long as its ``taper``; ``count`` of them in all. Shapes
    (n, points / 2 + 1), some frames at a time.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, len(taper))[::hop][:count]
    for at in range(0, len(frames), TOGETHER):
        # numpy's transform takes half the time in double precision.
        lines = np.fft.rfft(frames[at : at + TOGETHER] * taper, points)
        yield (lines.real**2 + lines.imag**2).astype(np.float32)


def mel_edges(low_hz: float, high_hz: float, bands: int) -> NDArray[np.float64]:
    """Where triangles begin, peak and end, in Hz: each begins where the one before it peaks."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (low_hz, high_hz))
    return np.asarray(700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1))


def triangles(edges_hz: NDArray[np.float64], points: int) -> NDArray[np.float64]:
    """Edges -> the share of each line of a spectrum of so many points; shape (lines, bands)."""
    hz = np.arange(points // 2 + 1)[:, None] * RATE / points
    rising = (hz - edges_hz[:-2]) / (edges_hz[1:-1] - edges_hz[:-2])
    falling = (edges_hz[2:] - hz) / (edges_hz[2:] - edges_hz[1:-1])
    return np.maximum(0, np.minimum(rising, falling))
