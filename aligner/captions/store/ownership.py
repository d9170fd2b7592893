"""Tells the files that aligner wrote from the source itself and from files of others."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from aligner._util.atomic_write import atomic_write
from aligner.captions.formats import FORMATS, JSON, PLAIN, Format, sidecar_reader
from aligner.captions.store.journal import Change, text_at
from aligner.captions.store.names import FIRST, free_copy
from aligner.captions.store.rendering import Where, render
from aligner.errors import AlignerError
from aligner.types import CaptionResult


def paths(outcome: CaptionResult, folder: Path, name: str) -> Where:
    """Returns a function that gives the path of a format's file, relative to the folder."""
    return lambda kind: place(outcome, folder, name, kind).relative_to(folder).as_posix()


def present(outcome: CaptionResult, folder: Path, name: str) -> tuple[str, ...]:
    """Returns the formats whose files exist."""
    return tuple(f.name for f in FORMATS.values() if place(outcome, folder, name, f).is_file())


def place(outcome: CaptionResult, folder: Path, name: str, kind: Format) -> Path:
    """Returns the path of a format's file, which is never the source itself."""
    usual = folder / f"{name}{kind.suffix}"
    beside = folder / f"{name}.captions{kind.suffix}"
    given = Path(outcome.source)
    with contextlib.suppress(OSError, ValueError):  # an address is no path
        if not usual.exists():
            return usual
        if given.exists():
            return beside if usual.samefile(given) else usual
        if given.name == usual.name:
            # The path may be relative to the folder of the first run. A file with the source's name
            # that aligner did not write counts as the source.
            return beside if beside.exists() or not _is_ours(usual, kind, outcome) else usual
    return usual


def _is_ours(usual: Path, kind: Format, outcome: CaptionResult) -> bool:
    try:
        return text_at(usual) == render(kind, outcome, PLAIN)
    except AlignerError:
        return False


def foreign(folder: Path, name: str, change: Change, old: str | None) -> Iterator[str]:
    """Yields the files that a change replaces or removes, that aligner did not write, and that
    differ from their new text.

    Aligner wrote the sidecar ``old`` and what is rendered from it.
    """
    ours = _ours(name, change, old)
    for path in (*change.files, *change.gone):
        there = folder / path
        if "/" in path or FIRST in path or not there.is_file():
            continue
        text = bare(text_at(there))
        if text is None or text not in (bare(ours.get(path)), bare(change.files.get(path))):
            yield path


def set_aside(folder: Path, name: str, change: Change, old: str | None) -> None:
    """Copy the ``foreign`` files of a change to NAME.before.*.

    Raises OutputError.
    """
    for path in foreign(folder, name, change, old):
        _copy(folder / path, free_copy(folder, name, path))


def _ours(name: str, change: Change, old: str | None) -> dict[str, str]:
    """Returns the texts rendered from a sidecar, by path; none if it is not a sidecar."""
    try:
        outcome, record = sidecar_reader.read(old or "")
        look = replace(sidecar_reader.look_of(record), name=name)
    except ValueError:
        return {}
    kinds = {f"{name}{kind.suffix}": kind for kind in FORMATS.values()}
    kinds |= {f"{name}.captions{kind.suffix}": kind for kind in FORMATS.values()}
    made = {f"{name}{JSON.suffix}": old or ""}
    for path in (*change.files, *change.gone):
        kind = kinds.get(path)
        if kind and kind is not JSON:
            with contextlib.suppress(AlignerError):
                made[path] = render(kind, outcome, look)
    return made


def is_made_so(place: Path, beginning: str) -> bool:
    """Whether a file exists and begins with a text, and so is one that aligner has made."""
    expected = beginning.encode()
    try:
        with place.open("rb") as file:
            return file.read(len(expected)) == expected
    except OSError:
        return False


_MADE_BY = re.compile(r"(Captions made by:? aligner) [^\s;<]+")


def bare(text: str | None) -> str | None:
    """Returns a file's text without the version of aligner in it."""
    return None if text is None else _MADE_BY.sub(r"\1", text)


def _copy(there: Path, other: Path) -> None:
    """Link or copy a file that is about to be replaced; a link stays a link. Raises OutputError."""
    try:
        other.hardlink_to(there)
    except OSError:
        if there.is_symlink():
            other.symlink_to(there.readlink())
        else:
            atomic_write(other, there.read_bytes())


def first(name: str, path: str) -> str:
    """Returns the path of a file's copy from before the first correction."""
    return f"{name}{FIRST}{path.removeprefix(name)}"
