"""Atomic writes: a file or folder appears whole, or stays as it was.

Every writer of the tree uses one scheme. The content is written to a temporary path beside the
target (``.NAME.ID.part``), flushed to the disk, and renamed; then the folder is flushed, so that
the rename survives a power cut. ``durable=False`` leaves both flushes out, for what can be made
again: cached pages, downloads, decoded sound.

A folder that ``atomic_path`` makes is locked as long as its process lives. The next one that makes
the same target removes those whose lock is free: a killed process has left them.

Others may write in the folder too. ID is random and the file must be new, so no link that somebody
has put there is followed; subfolders are made by ``prepare_within``, which refuses links.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from aligner.errors import OutputError

fcntl: Any
try:
    fcntl = import_module("fcntl")
except ImportError:  # Windows
    fcntl = None

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "there is a folder of that name",
    errno.EEXIST: "there is a file of that name",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EFBIG: "the file is too large for the file system",
}
"""Why a write fails, by errno."""
TEMPORARY = r"[0-9a-f]+\.part"
"""Matches the end of a temporary path's name, after the target's name and a dot."""
A_LINK = "it is a link or a file, where a folder of aligner's own must be; remove it"


def prepare(folder: Path) -> None:
    """Create a folder if needed, and check that it is writable. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, reason(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(folder, REASONS[errno.EACCES])


def prepare_within(root: Path, folder: Path) -> None:
    """Create a folder below ``root``, and check that no folder on the way is a link.

    ``root`` itself may be a link. Raises OutputError.
    """
    prepare(root)
    place = root
    for part in folder.relative_to(root).parts:
        place /= part
        try:
            with contextlib.suppress(FileExistsError):
                place.mkdir()
            is_own = stat.S_ISDIR(place.lstat().st_mode)
        except OSError as error:
            raise OutputError(place, reason(error)) from error
        if not is_own:
            raise OutputError(place, A_LINK)
    prepare(folder)


def remove_within(root: Path, folder: Path) -> None:
    """Remove a folder below ``root`` with all that is in it, as far as possible.

    Links are removed, not followed. Raises OutputError if a folder on the way to it is a link.
    """
    if folder.parent.is_dir():
        prepare_within(root, folder.parent)
        discard(folder)


def atomic_write(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Write text or bytes to a file. Raises OutputError."""
    replace(write_temporary(path, content, durable=durable), path, durable=durable)


@contextlib.contextmanager
def atomic_path(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a path at which to make a file or folder; rename it to ``target`` after the block.

    The path has the target's name, in a temporary folder beside it. What is at ``target`` is
    replaced. Nothing is left behind when the block raises. Raises OutputError, also for an OSError
    of the block.
    """
    temporary, lock = temporary_path(target), None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_unfinished(target.parent, target.name)
        temporary, lock = _occupied(target)
        made = temporary / target.name
        yield made
        if durable:
            _fsync_tree(made)
        if made.is_dir():
            _move_away(target, temporary / ".old")
        made.replace(target)
        if durable:
            _fsync_folder(target.parent)
    except OSError as error:
        raise OutputError(target, reason(error)) from error
    finally:
        discard(temporary)
        if lock is not None:
            os.close(lock)


def _occupied(target: Path) -> tuple[Path, int | None]:
    """Returns a new temporary folder for a target, and the handle of its lock. Raises OSError.

    Before it is locked, another process may take it for unfinished and remove it.
    """
    while True:
        temporary = temporary_path(target)
        temporary.mkdir()
        if fcntl is None:
            return temporary, None
        try:
            handle = os.open(temporary, os.O_RDONLY)
        except FileNotFoundError:
            continue
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if temporary.exists():
            return temporary, handle
        os.close(handle)


def remove_unfinished(folder: Path, name: str) -> None:
    """Remove the folders that killed processes left while making ``name``, as far as possible.

    These are the temporary folders of ``atomic_path`` for targets that are called ``name``, or
    ``name`` with a suffix. Without locks (Windows, some network file systems) nothing is removed.
    """
    if fcntl is None:
        return
    ours = re.compile(rf"\.{re.escape(name)}(?:\..+)?\.{TEMPORARY}")
    with contextlib.suppress(OSError):
        for part in os.listdir(folder):  # noqa: PTH208  the names alone
            if part.startswith(".") and ours.fullmatch(part):
                _discard_if_dead(folder / part)


def _discard_if_dead(temporary: Path) -> None:
    with contextlib.suppress(OSError):  # it is a file, in use, or cannot be locked
        handle = os.open(temporary, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            discard(temporary)
        finally:
            os.close(handle)


def _move_away(target: Path, old: Path) -> None:
    """Move a folder away, for a rename replaces only files and empty folders."""
    with contextlib.suppress(FileNotFoundError):  # another process may have moved it just now
        target.rename(old)


def temporary_path(path: Path) -> Path:
    """Returns a new path beside ``path`` to write to first; nobody can foresee it."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")


def write_temporary(path: Path, content: str | bytes, *, durable: bool = True) -> Path:
    """Write text or bytes to the temporary path of a file, and return it. Raises OutputError."""
    data = content.encode() if isinstance(content, str) else content
    temporary = temporary_path(path)
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
        except BaseException:
            discard(temporary)
            raise
    except OSError as error:
        raise OutputError(path, reason(error)) from error
    return temporary


def replace(temporary: Path, path: Path, *, durable: bool = True) -> None:
    """Rename a file that is complete and flushed to ``path``. Raises OutputError.

    The file is removed if that fails.
    """
    try:
        try:
            temporary.replace(path)
        except BaseException:
            discard(temporary)
            raise
        if durable:
            _fsync_folder(path.parent)
    except OSError as error:
        raise OutputError(path, reason(error)) from error


def discard(path: Path) -> None:
    """Remove a temporary file or folder, as far as possible."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def fsync_file(path: Path) -> None:
    """Flush a file to the disk. Raises OSError."""
    with path.open("r+b" if os.name == "nt" else "rb") as file:  # Windows flushes writable files
        os.fsync(file.fileno())


def _fsync_tree(path: Path) -> None:
    """Flush a file, or all files and folders below a folder."""
    if not path.is_dir():
        fsync_file(path)
        return
    for folder, _, files in os.walk(path):
        for name in files:
            fsync_file(Path(folder, name))
        _fsync_folder(Path(folder))


def _fsync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folders
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def reason(error: OSError) -> str:
    """Returns why a write failed, as a clause for people."""
    return REASONS.get(error.errno or 0) or error.strerror or str(error)


def remove(path: Path) -> None:
    """Remove a file if it exists. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(path, reason(error)) from error
