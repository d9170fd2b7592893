"""Power spectra of a sound, and triangular filters that are evenly spaced on the mel scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Sample rate in Hz of all sound that is aligned."""
BATCH_FRAMES = 128
"""Spectra computed at a time. Those of a whole segment would take 60 MB."""


def spectra(
    samples: NDArray[np.float32], taper: NDArray[np.float64], hop: int, points: int, count: int
) -> Iterator[NDArray[np.float32]]:
    """Yields the power spectra of the frames of a sound in batches of shape (n, points / 2 + 1).

    ``taper``: the window function, as long as a frame. ``hop``: samples from the start of a frame
    to the next. ``points``: points of the Fourier transform. ``count``: number of frames.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, len(taper))[::hop][:count]
    for at in range(0, len(frames), BATCH_FRAMES):
        # numpy's transform takes half the time in double precision.
        lines = np.fft.rfft(frames[at : at + BATCH_FRAMES] * taper, points)
        yield (lines.real**2 + lines.imag**2).astype(np.float32)


def mel_edges(low_hz: float, high_hz: float, bands: int) -> NDArray[np.float64]:
    """Returns the corner frequencies of triangular filters, in Hz; shape (bands + 2,).

    Filter ``k`` starts at corner ``k``, has its peak at ``k + 1`` and ends at ``k + 2``.
    """
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (low_hz, high_hz))
    return np.asarray(700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1))


def triangles(edges_hz: NDArray[np.float64], points: int) -> NDArray[np.float64]:
    """Returns the filters between corner frequencies; shape (points / 2 + 1, bands)."""
    hz = np.arange(points // 2 + 1)[:, None] * RATE / points
    rising = (hz - edges_hz[:-2]) / (edges_hz[1:-1] - edges_hz[:-2])
    falling = (edges_hz[2:] - hz) / (edges_hz[2:] - edges_hz[1:-1])
    return np.maximum(0, np.minimum(rising, falling))
