"""Matrix multiplication in blocks that are small enough for the BLAS library to use one thread.

Segments are aligned in parallel threads already. On matrices of these sizes, more threads in the
BLAS library take three times the processor time, most of it spent waiting.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 32
"""Rows of a block."""


def product(rows: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
    """Multiplies matrices of shapes (n, a) and (a, b); returns shape (n, b)."""
    return np.concatenate([rows[at : at + ROWS] @ table for at in range(0, len(rows), ROWS)])
