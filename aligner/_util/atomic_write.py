"""One file or folder -> whole or, whatever happens, as it was before."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from aligner.errors import OutputError

WHY = {
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
    errno.EFBIG: "the file is too large for the file system",
}


def prepare(folder: Path) -> None:
    """Make sure that a folder is there and can be written to. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, why(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(folder, WHY[errno.EACCES])


def write_whole(path: Path, content: str | bytes) -> None:
    """Text or bytes -> a file that is whole or, whatever happens, as it was before.

    Raises OutputError.
    """
    put_in_place(write_aside(path, content), path)


def write_aside(path: Path, content: str | bytes) -> Path:
    """Text or bytes -> a whole file beside where it belongs. Raises OutputError."""
    data = content.encode() if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            discard(aside)
            raise
    except OSError as error:
        raise OutputError(path, why(error)) from error
    return aside


def put_in_place(aside: Path, path: Path) -> None:
    """A file that was written aside -> where it belongs. Raises OutputError."""
    try:
        try:
            aside.replace(path)
        except BaseException:
            discard(aside)
            raise
        _settle(path.parent)
    except OSError as error:
        raise OutputError(path, why(error)) from error


def discard(aside: Path) -> None:
    """Remove what was written aside, as far as that can be done."""
    with contextlib.suppress(OSError):
        aside.unlink()


def _settle(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folders
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def why(error: OSError) -> str:
    """An error of the system -> why, as a clause for people."""
    return WHY.get(error.errno or 0) or error.strerror or str(error)


def remove(path: Path) -> None:
    """Remove a file, if it is there. Raises OutputError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(path, why(error)) from error
