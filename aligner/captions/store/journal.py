"""A change of several files that is made whole or not at all: a write-ahead journal.

All new texts are first written into one file (``.NAME.saving``), which is put in place by a
rename: from then on the change is made, whatever happens. Then each text goes to its place, and
the journal is removed. Who looks at the result next after a crash finishes what was begun.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from aligner._util import strict_json
from aligner._util.atomic_write import (
    atomic_write,
    discard,
    prepare,
    reason,
    remove,
    replace,
    write_temporary,
)
from aligner.errors import OutputError

fcntl: Any
try:
    fcntl = import_module("fcntl")
except ImportError:  # Windows
    fcntl = None

MARK = ".saving"
SCHEMA = "aligner-saving/1"
PATIENCE_S = 60.0
"""How long to wait for another program that writes in the same folder."""
LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a result's files. Paths are relative to its folder, with slashes."""

    files: dict[str, str] = field(default_factory=dict)
    """The text of each file that is written, in their order."""
    gone: tuple[str, ...] = ()
    """Files that are removed."""
    folders: tuple[str, ...] = ()
    """Folders that then hold nothing but files of the change; without any they are removed."""


def journal_of(name: str) -> str:
    """The name of a result's journal."""
    return f".{name}{MARK}"


def text_of(change: Change) -> str:
    """A change -> its journal."""
    made = {"schema": SCHEMA, "files": change.files}
    made |= {"gone": change.gone, "folders": change.folders}
    return json.dumps(made, ensure_ascii=False)


def read(data: bytes, name: str) -> Change:
    """A journal -> its change. Raises ValueError if it is none, or leads elsewhere."""
    made = strict_json.read(data)
    if not isinstance(made, dict):
        raise ValueError("not a journal")
    if "schema" not in made:  # of versions that saved two files alone, by their suffixes
        return Change({f"{name}{suffix}": _text(text) for suffix, text in made.items()})
    if made["schema"] != SCHEMA:
        raise ValueError("not a journal of this version")
    files = {_own(path, name): _text(text) for path, text in dict(made["files"]).items()}
    gone, folders = (tuple(_own(p, name) for p in made[key]) for key in ("gone", "folders"))
    return Change(files, gone, folders)


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError("not a text")
    return text


def _own(path: Any, name: str) -> str:
    """A path that is one of the result's files. Raises ValueError."""
    parts = PurePosixPath(_text(path)).parts
    inside = len(parts) in (1, 2) and parts[0].startswith(f"{name}.") and ".." not in parts
    if not inside or "\0" in path or "\\" in path:
        raise ValueError(f"{path}: not a file of this result")
    return str(PurePosixPath(path))


# ---------------------------------------------------------------- in a folder of this machine


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """For a block in which nobody else writes results into a folder, on this machine.

    Where a file system knows no locks, the block is run without. Raises OutputError.
    """
    if fcntl is None:
        yield
        return
    prepare(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() - began > PATIENCE_S:
                raise OutputError(folder, "another program keeps writing there") from None
            time.sleep(LOOK_S)
        except OSError:
            return
        else:
            return


def commit(folder: Path, name: str, change: Change) -> None:
    """Make a change, whole or not at all. Raises OutputError. Within ``writing`` only."""
    place = folder / journal_of(name)
    staged: dict[Path, Path] = {}
    try:
        for path, text in change.files.items():
            staged[folder / path] = _staged(folder, path, text)
        atomic_write(place, text_of(change))
    except BaseException:
        for aside in staged.values():
            discard(aside)
        raise
    for target, aside in staged.items():  # from here on the change is made
        replace(aside, target)
    _leave_out(folder, change)
    remove(place)


def _staged(folder: Path, path: str, text: str) -> Path:
    """A file's text, written beside where it belongs."""
    place = folder / path
    if place.parent != folder:
        prepare(place.parent)
    return write_temporary(place, text)


def finish(folder: Path, name: str) -> None:
    """Put in place what was begun, if a change was cut short. Raises OutputError."""
    if not os.path.lexists(folder / journal_of(name)):
        return
    with writing(folder):
        finish_here(folder, name)


def finish_here(folder: Path, name: str) -> None:
    """``finish`` for who is within ``writing`` already."""
    place = folder / journal_of(name)
    try:
        change = read(place.read_bytes(), name)
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise OutputError(place, "an unfinished save that cannot be read; remove it") from error
    _apply(folder, change)
    sweep(folder, name)
    remove(place)


def _apply(folder: Path, change: Change) -> None:
    """Can be done again and again, with the same result."""
    for path, text in change.files.items():
        replace(_staged(folder, path, text), folder / path)
    _leave_out(folder, change)


def _leave_out(folder: Path, change: Change) -> None:
    """Remove what a change leaves out. Raises OutputError."""
    for path in change.gone:
        if path not in change.files:
            remove(folder / path)
    for path in change.folders:
        _clear(folder / path, {PurePosixPath(p).name for p in change.files if _within(p, path)})


def _within(path: str, folder: str) -> bool:
    return PurePosixPath(path).parent == PurePosixPath(folder)


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove what else is in a format's own folder, and an empty folder. Raises OutputError."""
    try:
        if folder.is_dir():
            for path in folder.iterdir():
                if path.name not in kept:
                    path.unlink()
            if not kept:
                folder.rmdir()
    except OSError as error:
        raise OutputError(folder, reason(error)) from error


def sweep(folder: Path, name: str) -> None:
    """Remove what a process that was killed has left of a result's files, half-written."""
    ours = re.compile(rf"\.(?:\.{re.escape(name)}\{MARK}|{re.escape(name)}\..*)\.\d+\.part")
    with contextlib.suppress(OSError):
        for path in folder.glob(".*.part"):
            if ours.fullmatch(path.name):
                discard(path)
