"""What the C library does with memory that is no longer used: kept for soon, or given back.

Both need glibc; elsewhere they do nothing.
"""

from __future__ import annotations

import ctypes
import sys

MALLOPT = {-8: 1, -3: 1 << 30, -1: 1 << 30}
"""What mallopt(3) calls M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD."""


def keep() -> None:
    """From now on keep what becomes free, also large pieces.

    By default everything above 32 MB goes back to the system at once, and comes again as pages that
    must be filled with zeros.
    """
    if libc := _glibc():
        for parameter, value in MALLOPT.items():
            libc.mallopt(parameter, value)


def give_back() -> None:
    """Give back to the system what is free now."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
