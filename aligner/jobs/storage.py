"""Where the results of a batch lie: what is there already, and what is put there.

``Folder`` is a folder of this machine; ``remote.Remote`` is a shared folder or an object store.
"""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from aligner._util import atomic_write
from aligner.captions import store
from aligner.captions.formats import JSON, Look, sidecar_reader
from aligner.captions.store import Kept
from aligner.captions.store.journal import journal_of
from aligner.errors import OutputError
from aligner.jobs import report_row
from aligner.jobs.rows import JobResult
from aligner.types import CaptionResult

FULL_BYTES = 1 << 24
"""A disk with less room than this is full."""


@dataclass(frozen=True, slots=True)
class How:
    """How results are written."""

    formats: tuple[str, ...]
    look: Look
    discard_edits: bool = False
    """Whether also what a person has corrected is replaced."""


class ResultStore(Protocol):
    """Where results lie. All raise OutputError where it cannot be had."""

    def prepare(self) -> None:
        """See to it that results can be put there."""

    def name_for(self, source: str, taken: set[str]) -> str:
        """A name for a source's files: none of those taken, in lower case, nor another's."""
        ...

    def has(self, name: str) -> bool:
        """Whether an item's sidecar is there. Asked of every item, so it must be quick."""
        ...

    def found(self, name: str, formats: tuple[str, ...]) -> JobResult | None:
        """What is there for an item that the ledger does not know, if nothing is missing."""
        ...

    def kept(self, name: str, tidy: bool = True) -> Kept | None:
        """The result that is there; see ``captions.store.kept``. Raises BadSource."""
        ...

    def complete(
        self, there: Kept, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """A result that is there -> its files, with those that were missing; see ``store``.

        Raises InvalidCaptions.
        """
        ...

    def put(self, outcome: CaptionResult, name: str, how: How) -> tuple[str, ...]:
        """An outcome -> its files, by their names here, all of them or none.

        Raises CorrectionsKept, EarlierCaptionsKept, InvalidCaptions, BadSource; see
        ``captions.store.write_outcome``.
        """
        ...

    def expect_writable(self, error: OutputError) -> None:
        """Raises OutputError if nothing at all can be put here, rather than what failed so."""

    def sweep(self, name: str) -> None:
        """Remove what a run that was killed has left of an item's files, half-written."""

    def put_report(self, file: Path) -> str:
        """A report that was written aside -> where people find it."""
        ...

    def where(self, name: str) -> str:
        """A file's name here -> as people find it."""
        ...


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """See ``ResultStore``."""
        store.prepare(self._path)

    def name_for(self, source: str, taken: set[str]) -> str:
        """See ``ResultStore``."""
        return store.output_name(source, set(taken), self._path)

    def has(self, name: str) -> bool:
        """See ``ResultStore``; without the time that a path takes."""
        return os.access(f"{self._path}/{name}{JSON.suffix}", os.F_OK)

    def found(self, name: str, formats: tuple[str, ...]) -> JobResult | None:
        """See ``ResultStore``. None also where a change was cut short."""
        there = store.finished(self._path, name, formats)
        if there is None or (self._path / journal_of(name)).exists():
            return None
        place = self._path / f"{name}{JSON.suffix}"
        files = tuple(self._name(path) for path in there.files)
        found = result_from_sidecar(place.read_text(encoding="utf-8"), name, formats, files)
        return replace(found, at=place.stat().st_mtime) if found else None

    def kept(self, name: str, tidy: bool = True) -> Kept | None:
        """See ``ResultStore``."""
        return store.kept(self._path, name, tidy)

    def complete(
        self, there: Kept, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """See ``ResultStore``."""
        del there  # it is read again, with nobody else writing
        made = store.completed(self._path, name, formats, look)
        return tuple(self._name(path) for path in made)

    def put(self, outcome: CaptionResult, name: str, how: How) -> tuple[str, ...]:
        """See ``ResultStore``."""
        made = store.write_outcome(
            outcome, self._path, name, how.formats, how.look, how.discard_edits
        )
        return tuple(self._name(path) for path in made)

    def _name(self, path: Path) -> str:
        return os.path.relpath(path, self._path)

    def expect_writable(self, error: OutputError) -> None:  # noqa: ARG002  whatever it was
        """See ``ResultStore``."""
        probe = self._path / ".aligner" / "probe"
        store.atomic_write(probe, "x" * 4096)
        probe.unlink(missing_ok=True)
        expect_room(self._path)

    def sweep(self, name: str) -> None:
        """See ``ResultStore``."""
        with store.writing(self._path):
            store.sweep(self._path, name)

    def put_report(self, file: Path) -> str:
        """See ``ResultStore``: it moves here."""
        place = self._path / file.name
        atomic_write.replace(file, place)
        return str(place)

    def where(self, name: str) -> str:
        """See ``ResultStore``."""
        return str(self._path / name)


def result_from_sidecar(
    text: str, name: str, formats: tuple[str, ...], files: tuple[str, ...]
) -> JobResult | None:
    """The sidecar of an item that was done before, and its files -> what became of it.

    None for one that is of the schema by its head alone: it is made again.
    """
    try:
        outcome, _ = sidecar_reader.read(text)
    except ValueError:
        return None
    return JobResult(
        outcome.status, outcome.reason, report_row.of(outcome, name, files), ",".join(formats)
    )


def expect_room(folder: Path) -> None:
    """Raises OutputError if the disk is full, which is no item's fault."""
    if shutil.disk_usage(folder).free < FULL_BYTES:
        raise OutputError(folder, store.REASONS[errno.ENOSPC])
