"""Bands of a spectrum: overlapping triangles, evenly spaced on the mel scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mel_edges(low_hz: float, high_hz: float, bands: int) -> NDArray[np.float64]:
    """Where triangles begin, peak and end, in Hz: each begins where the one before it peaks."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (low_hz, high_hz))
    return np.asarray(700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1))


def triangles(edges_hz: NDArray[np.float64], points: int, rate: int) -> NDArray[np.float64]:
    """Edges -> the share of each line of a spectrum of so many points; shape (lines, bands)."""
    hz = np.arange(points // 2 + 1)[:, None] * rate / points
    rising = (hz - edges_hz[:-2]) / (edges_hz[1:-1] - edges_hz[:-2])
    falling = (edges_hz[2:] - hz) / (edges_hz[2:] - edges_hz[1:-1])
    return np.maximum(0, np.minimum(rising, falling))
