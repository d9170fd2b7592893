"""Change several files together or not at all, by a write-ahead journal.

All new texts are first written into one file (``.NAME.saving``), which is put in place by a
rename: from then on the change is made, whatever happens. Then each text goes to its place, and
the journal is removed. After a crash, the next command that reads the result finishes the change,
unless the sidecar has been replaced meanwhile by something newer: the journal names the version of
the sidecar that it changes. What it would have written is then kept as NAME.before.json.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from aligner._util import atomic_write as files
from aligner._util import strict_json
from aligner._util.atomic_write import (
    TEMPORARY,
    atomic_write,
    discard,
    prepare,
    prepare_within,
    reason,
    remove,
    write_temporary,
)
from aligner.captions.formats import FORMATS, JSON
from aligner.captions.store.names import BEFORE, FIRST, free_copy
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
    """A change of a result's files. Paths are relative to its folder, with slashes."""

    files: dict[str, str] = field(default_factory=dict)
    """The text of each file to write, in the order of writing."""
    gone: tuple[str, ...] = ()
    """Files to remove."""
    folders: tuple[str, ...] = ()
    """Folders to clear of all other files; a folder that is then empty is removed."""
    base: str | None = None
    """The version of the sidecar that is changed, "" for none; None if unknown."""


def version_of(text: str | None) -> str:
    """Returns the version of a sidecar, a short hash of its text; "" without a sidecar."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def journal_of(name: str) -> str:
    """Returns the name of a result's journal."""
    return f".{name}{MARK}"


def text_of(change: Change) -> str:
    """Returns the text of a change's journal."""
    made: dict[str, Any] = {"schema": SCHEMA, "files": change.files, "base": change.base}
    made |= {"gone": change.gone, "folders": change.folders}
    return json.dumps(made, ensure_ascii=False)


def read(data: bytes, name: str) -> Change:
    """Returns the change that a journal holds.

    Raises ValueError if the data is no journal, or names files outside the result."""
    made = strict_json.read(data)
    if not isinstance(made, dict):
        raise ValueError("not a journal")
    if "schema" not in made:  # written by versions that saved two files, by suffix
        return Change({_own(f"{name}{suffix}", name): _text(t) for suffix, t in made.items()})
    if made["schema"] != SCHEMA:
        raise ValueError("not a journal of this version")
    files = {_own(path, name): _text(text) for path, text in dict(made["files"]).items()}
    gone, folders = (tuple(_own(p, name) for p in made[key]) for key in ("gone", "folders"))
    base = made.get("base")
    return Change(files, gone, folders, None if base is None else _text(base))


def is_outdated(change: Change, name: str, there: str | None) -> bool:
    """Whether the sidecar's text is neither what a change was made for nor what it makes of it."""
    known = (change.base, version_of(change.files.get(_sidecar(name), there)))
    return change.base is not None and version_of(there) not in known


def _sidecar(name: str) -> str:
    return f"{name}{JSON.suffix}"


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError("not a text")
    return text


def _own(path: Any, name: str) -> str:
    """Returns a path in normal form. Raises ValueError if it is not a file of the result."""
    parts = PurePosixPath(_text(path)).parts
    inside = len(parts) in (1, 2) and parts[0].startswith(f"{name}.") and ".." not in parts
    if not inside or "\0" in path or "\\" in path:
        raise ValueError(f"{path}: not a file of this result")
    return str(PurePosixPath(path))


# ---------------------------------------------------------------- in a folder of this machine


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Lock a folder: in this context no other process of this machine writes results there.

    On a file system without locks nothing is locked. Raises OutputError.
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
    change = replace(change, base=version_of(text_at(folder / _sidecar(name))))
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
        files.replace(aside, target)
    _leave_out(folder, change)
    remove(place)


def _staged(folder: Path, path: str, text: str) -> Path:
    """Write a file's text beside its place; returns the temporary path."""
    place = folder / path
    if place.parent != folder:
        prepare_within(folder, place.parent)
    return write_temporary(place, text)


def text_at(there: Path) -> str | None:
    """Returns a file's text; None if it does not exist or is not UTF-8."""
    try:
        return there.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def is_interrupted(folder: Path, name: str) -> bool:
    """Whether a change was interrupted, or is being made by another process."""
    return os.path.lexists(folder / journal_of(name))


def finish(folder: Path, name: str) -> None:
    """Finish a change that was interrupted, if there is one. Raises OutputError."""
    if not is_interrupted(folder, name):
        return
    with writing(folder):
        finish_here(folder, name)


def finish_here(folder: Path, name: str) -> None:
    """Do as ``finish`` does, for a caller that is in ``writing`` already.

    Temporary files that a killed process left are removed too.
    """
    place = folder / journal_of(name)
    try:
        change = read(place.read_bytes(), name)
    except FileNotFoundError:
        sweep(folder, name)
        return
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise OutputError(place, "an unfinished save that cannot be read; remove it") from error
    sidecar = folder / _sidecar(name)
    if is_outdated(change, name, text_at(sidecar)) or _is_newer(sidecar, place, change, name):
        if text := change.files.get(sidecar.name):
            atomic_write(free_copy(folder, name, sidecar.name), text)
    else:
        _apply(folder, change)
    sweep(folder, name)
    remove(place)


def _is_newer(sidecar: Path, place: Path, change: Change, name: str) -> bool:
    """Whether a sidecar was written after a journal of a version that names no base."""
    if change.base is not None or text_at(sidecar) in (None, change.files.get(_sidecar(name))):
        return False
    return sidecar.stat().st_mtime_ns > place.stat().st_mtime_ns


def _apply(folder: Path, change: Change) -> None:
    """Make a change; doing so again gives the same result."""
    for path, text in change.files.items():
        files.replace(_staged(folder, path, text), folder / path)
    _leave_out(folder, change)


def _leave_out(folder: Path, change: Change) -> None:
    """Remove the files that a change removes. Raises OutputError."""
    for path in change.gone:
        if path not in change.files:
            remove(folder / path)
    for path in change.folders:
        _clear(folder / path, {PurePosixPath(p).name for p in change.files if _within(p, path)})


def _within(path: str, folder: str) -> bool:
    return PurePosixPath(path).parent == PurePosixPath(folder)


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove all files but ``kept`` from a format's folder, and the folder if empty.

    A link in the folder's place is removed; what it leads to stays. Raises OutputError.
    """
    try:
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir():
            for path in folder.iterdir():
                if path.name not in kept:
                    path.unlink()
            if not kept:
                folder.rmdir()
    except OSError as error:
        raise OutputError(folder, reason(error)) from error


_SUFFIXES = "|".join(re.escape(kind.suffix) for kind in FORMATS.values())
_COPIES = rf"(?:\.captions|{re.escape(FIRST)}|{re.escape(BEFORE)}\d*)?"


def sweep(folder: Path, name: str) -> None:
    """Remove the temporary files that a killed process left of a result. In ``writing`` only."""
    file = rf"{re.escape(name)}{_COPIES}(?:{_SUFFIXES})|{re.escape(journal_of(name))}"
    ours = re.compile(rf"\.(?:{file})\.{TEMPORARY}")
    for part in _temporary_files(folder):
        if ours.fullmatch(part):
            discard(folder / part)


LISTING_SHARE = 20
"""A folder is listed again for ``sweep`` after this many times the time that it took."""
_listings: dict[Path, tuple[float, tuple[str, ...]]] = {}


def _temporary_files(folder: Path) -> tuple[str, ...]:
    """Returns the names of a folder's temporary files.

    They may be out of date by LISTING_SHARE times the computing time of a listing: a fraction of a
    millisecond, unless there are thousands of files. So a batch does not list all results once for
    each of them.
    """
    now = time.monotonic()
    until, parts = _listings.get(folder, (now, ()))
    if now < until:
        return parts
    began = time.thread_time()
    with contextlib.suppress(OSError):
        there = os.listdir(folder)  # noqa: PTH208  the names alone
        parts = tuple(n for n in there if n.startswith(".") and n.endswith(".part"))
    _listings.clear()
    _listings[folder] = (now + LISTING_SHARE * (time.thread_time() - began), parts)
    return parts
