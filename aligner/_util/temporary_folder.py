"""Temporary folders, of which none outlives its process for long.

A process that is killed with -9 cannot remove its folder. So each holds the lock of a file in it,
which the system releases when the process dies, and the next run removes the folders of the same
user whose lock is free. Systems without such locks (Windows) keep what a killed process left.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

fcntl: Any
try:
    fcntl = import_module("fcntl")
except ImportError:  # Windows
    fcntl = None

_NAME = re.compile(r"aligner-[0-9a-f]{16}")
_LOCK = ".in-use"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a new folder that is removed after the block. Raises OSError."""
    _sweep_once()
    place = free_place()
    handle: int | None = None
    try:
        handle = occupy(place)
        inner = place / "files"
        inner.mkdir()
        yield inner
    finally:
        release(place, handle)


def free_place() -> Path:
    """Returns the path of a temporary folder that does not exist yet."""
    return Path(tempfile.gettempdir()) / f"aligner-{secrets.token_hex(8)}"


def occupy(place: Path) -> int | None:
    """Create a folder that only this user may use; returns the handle of its lock. Raises OSError.

    The lock is held before its file has the name by which ``sweep`` knows it.
    """
    place.mkdir(mode=0o700)
    if fcntl is None:
        return None
    new = place / f"{_LOCK}.new"
    handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(place / _LOCK)
    return handle


def release(place: Path, handle: int | None) -> None:
    """Remove a folder, as far as possible, and release its lock."""
    shutil.rmtree(place, ignore_errors=True)
    if handle is not None:
        os.close(handle)


@cache
def _sweep_once() -> None:
    sweep()


def sweep() -> None:
    """Remove the temporary folders of this user's processes that were killed."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError):
        for place in Path(tempfile.gettempdir()).iterdir():
            if _NAME.fullmatch(place.name) and _is_ours(place):
                _remove_if_dead(place)


def _is_ours(place: Path) -> bool:
    """Whether a path is a folder of this user, and no link."""
    try:
        found = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _remove_if_dead(place: Path) -> None:
    with contextlib.suppress(OSError):  # it is in use, or has no lock
        handle = os.open(place / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
        finally:
            os.close(handle)
