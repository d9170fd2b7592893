"""Batches that are divided where memory does not suffice for them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

log = logging.getLogger(__name__)

OUT_OF_MEMORY = re.compile("out of memory|bad_alloc|alloc.?failed", re.IGNORECASE)
"""In messages of CUDA, cuBLAS, PyTorch and C++."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_halves(
    work: Callable[[Sequence[Item]], Sequence[Result]], items: Sequence[Item]
) -> list[Result]:
    """Returns ``work`` of all items; of each half by itself if that takes too much memory.

    Raises what ``work`` raises for another reason, or for a single item.
    """
    try:
        return list(work(items))
    except (MemoryError, RuntimeError) as error:
        is_full = isinstance(error, MemoryError) or OUT_OF_MEMORY.search(str(error))
        if len(items) < 2 or not is_full:
            raise
        log.warning("too little memory for %d windows at once; halving them", len(items))
    middle = len(items) // 2
    return [*in_halves(work, items[:middle]), *in_halves(work, items[middle:])]
