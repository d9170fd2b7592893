"""Rows times a table, on one core: the library of linear algebra takes several for large products.

Words are timed side by side anyway, and for products as small as these several threads take three
times as much processor time, in waiting.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 32
"""Rows that are multiplied at a time."""


def product(rows: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
    """Shapes (n, a) and (a, b) -> (n, b)."""
    return np.concatenate([rows[at : at + ROWS] @ table for at in range(0, len(rows), ROWS)])
