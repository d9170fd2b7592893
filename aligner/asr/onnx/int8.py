"""Quantisation of weights to 8 bits, with a scale for each row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aligner.asr.models.ct2_format import Array

STEPS = 127
"""Largest quantised value: the steps on either side of 0."""


ROWS = 2048
"""Rows that are computed at a time, so that large matrices take little memory."""


def int8_steps(weights: Array) -> NDArray[np.float32]:
    """Returns the step of each row of a matrix: the weight for which a 1 stands."""
    peaks = np.empty(len(weights), np.float32)
    for at in range(0, len(weights), ROWS):
        peaks[at : at + ROWS] = np.abs(weights[at : at + ROWS].astype(np.float32)).max(axis=1)
    return (np.where(peaks > 0, peaks, STEPS) / STEPS).astype(np.float32)


def round_to_int8(weights: Array, steps: NDArray[np.float32]) -> NDArray[np.int8]:
    """Returns a matrix, shape (rows, columns), in steps of its rows (``int8_steps``)."""
    rounded = np.empty(weights.shape, np.int8)
    for at in range(0, len(weights), ROWS):
        part = slice(at, at + ROWS)
        rounded[part] = np.rint(weights[part] / steps[part, None])
    return rounded
