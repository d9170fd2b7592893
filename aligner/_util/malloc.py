"""Settings of glibc's malloc: whether it keeps freed memory or returns it to the system.

The settings hold for the whole process, so they take effect only in a process that aligner owns
(``claim``), never in a program that imports aligner. Without glibc they do nothing.
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
"""Bytes, above every allocation here."""
STATM = Path("/proc/self/statm")
"""Memory of this process in pages: total, resident, and others (proc(5))."""

FEW_PRIMITIVES = "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8"
"""oneDNN, in CTranslate2, caches 1.4 MB for every length of sound: 200 MB for the windows of an
hour. It reads this variable when it is first used."""

_claimed = False
"""Whether aligner owns this process."""

_maps: WeakSet[mmap.mmap] = WeakSet()
"""Mapped files; their pages can be read again from the disk."""
_maps_lock = Lock()


def claim() -> None:
    """Declare that aligner owns this process: a command, or a worker that does nothing else.

    Call it before any thread starts. All threads then share one heap (arena): by default each
    thread has its own, whose free memory no other thread uses.
    """
    global _claimed
    _claimed = True
    os.environ.setdefault(*FEW_PRIMITIVES)
    _set(ARENA_MAX, 1)


def disable_trim() -> None:
    """Keep freed memory, also large blocks, from now on; only in a claimed process.

    By default blocks above 32 MB return to the system at once, and the next such block consists of
    new pages that the system fills with zeros.
    """
    if not _claimed:
        return
    _set(MMAP_THRESHOLD, LARGE)
    _set(TRIM_THRESHOLD, LARGE)


def _set(parameter: int, value: int) -> None:
    if libc := _glibc():
        libc.mallopt(parameter, value)


def register_mmap(file: mmap.mmap) -> None:
    """Let ``trim`` drop the resident pages of a mapped file."""
    with _maps_lock:
        _maps.add(file)


def trim() -> None:
    """Return free memory and the pages of registered files to the system."""
    if hasattr(mmap, "MADV_DONTNEED"):
        with _maps_lock:
            maps = list(_maps)
        for file in maps:
            file.madvise(mmap.MADV_DONTNEED)
    if libc := _glibc():
        libc.malloc_trim(0)


SLACK = 100 << 20
"""Bytes by which memory may grow before a trim. With 50 MB five minutes of sound take 2 % more
time, and 20 MB less memory, because new pages must be filled."""


class MallocTrimmer:
    """Trims each time that the memory of the process has grown."""

    def __init__(self) -> None:
        self._baseline = 0

    def trim_if_grown(self) -> None:
        """Trim if memory has grown by SLACK since the last trim."""
        if _resident_bytes() > self._baseline + SLACK:
            trim()
            self._baseline = _resident_bytes()


def _resident_bytes() -> int:
    """Returns the resident bytes of this process; 0 where the system does not tell."""
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
