"""What the C library does with memory that is no longer used: kept for soon, or given back.

Settings hold for the whole process, so that only a process of aligner's own makes them
(``claim``): a program that calls aligner as a library stays as it is. They need glibc; elsewhere
they do nothing.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path
from threading import Lock
from weakref import WeakSet

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3)."""
LARGE = 1 << 30
STATM = Path("/proc/self/statm")
"""Pages of this process: all, in memory, and others."""

FEW_PRIMITIVES = "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8"
"""oneDNN, in CTranslate2, keeps what it made for every length of sound: 1.4 MB for each. Of an hour
of windows that was 200 MB. It reads this variable when it is first used."""

_claimed = False
"""Whether this process is aligner's own."""

_maps: WeakSet[mmap.mmap] = WeakSet()
"""Files that are mapped, and may be read again."""
_maps_lock = Lock()


def claim() -> None:
    """Say that this process is aligner's own: a command, or a worker that does nothing else.

    To be called before any thread begins. All threads then take memory from one heap: by default
    every thread has its own, with pieces that are free and that no other thread uses.
    """
    global _claimed
    _claimed = True
    os.environ.setdefault(*FEW_PRIMITIVES)
    _set(ARENA_MAX, 1)


def disable_trim() -> None:
    """From now on keep what becomes free, also large pieces; only in a process that was claimed.

    By default everything above 32 MB goes back to the system at once, and comes again as pages that
    must be filled with zeros.
    """
    if not _claimed:
        return
    _set(MMAP_THRESHOLD, LARGE)
    _set(TRIM_THRESHOLD, LARGE)


def _set(parameter: int, value: int) -> None:
    if libc := _glibc():
        libc.mallopt(parameter, value)


def register_mmap(file: mmap.mmap) -> None:
    """A file that is mapped for reading: pages that are given back come again."""
    with _maps_lock:
        _maps.add(file)


def trim() -> None:
    """Give back to the system what is free now, and pages of files that can be read again."""
    if hasattr(mmap, "MADV_DONTNEED"):
        with _maps_lock:
            maps = list(_maps)
        for file in maps:
            file.madvise(mmap.MADV_DONTNEED)
    if libc := _glibc():
        libc.malloc_trim(0)


SLACK = 100 << 20
"""Bytes by which memory may grow before what is free of it is given back, for pages that come again
must be filled: with 50 MB five minutes of sound take 2 % more time, and 20 MB less."""


class MallocTrimmer:
    """Gives back what is free each time that memory has grown, as often as it is asked to look."""

    def __init__(self) -> None:
        self._low = 0

    def look(self) -> None:
        """Give back what is free if there may be so much of it."""
        if _taken() > self._low + SLACK:
            trim()
            self._low = _taken()


def _taken() -> int:
    """Bytes of memory that this process takes; 0 where that cannot be told."""
    try:
        _, resident, *_ = STATM.read_text("ascii").split()
    except OSError:
        return 0
    return int(resident) * mmap.PAGESIZE


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
