"""Quantisation of weights to 8 bits, with a scale for each row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aligner.asr.models.ct2_format import Array

STEPS = 127
"""Largest quantised value: the steps on either side of 0."""


def quantize_int8_per_row(weights: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantises a matrix, shape (rows, columns), symmetrically.

    Returns the integers, and for each row its step: the weight for which a 1 stands.
    """
    peaks = np.abs(weights.astype(np.float32)).max(axis=1)
    steps = (np.where(peaks > 0, peaks, STEPS) / STEPS).astype(np.float32)
    return np.rint(weights / steps[:, None]).astype(np.int8), steps
