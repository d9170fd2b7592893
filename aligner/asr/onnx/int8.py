"""Weights -> the same in 8 bits, each row with a scale of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aligner.asr.models.ct2_format import Array

STEPS = 127
"""Steps of 8 bits on either side of 0."""


def quantize_int8_per_row(weights: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Shape (rows, columns) -> whole numbers, and the step of each row: the weight of a 1."""
    peaks = np.abs(weights.astype(np.float32)).max(axis=1)
    steps = (np.where(peaks > 0, peaks, STEPS) / STEPS).astype(np.float32)
    return np.rint(weights / steps[:, None]).astype(np.int8), steps
