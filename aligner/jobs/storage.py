"""The storage of a batch's results: finds existing results and writes new ones.

``Folder`` is a folder of this machine; ``fsspec_storage.Remote`` is a shared folder or an object
store.
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
from aligner.captions.store import StoredResult
from aligner.captions.store.journal import journal_of
from aligner.errors import OutputError
from aligner.jobs import report_row
from aligner.jobs.rows import JobResult
from aligner.types import CaptionResult

FULL_BYTES = 1 << 24
"""A disk with less free space counts as full."""


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How results are written."""

    formats: tuple[str, ...]
    look: Look
    discard_edits: bool = False
    """Whether captions that a person corrected are replaced too."""


class ResultStore(Protocol):
    """The storage of results. Every method raises OutputError if the storage cannot be reached."""

    def prepare(self) -> None:
        """Create the storage if needed, and check that it can be written."""

    def name_for(self, source: str, taken: set[str]) -> str:
        """Returns a name for a source's files that is not in use.

        Its key is none of ``taken``, and no existing result of another source has it.
        """
        ...

    def has(self, name: str) -> bool:
        """Whether a sidecar of this name exists. Called for every item, so it must be fast."""
        ...

    def is_anothers(self, name: str, source: str) -> bool:
        """Whether another source's result has a name, or shares files with it."""
        ...

    def found(self, name: str, source: str, formats: tuple[str, ...]) -> JobResult | None:
        """Returns the result of an item that is not in the ledger.

        None if a file is missing, or if it is that of another source.
        """
        ...

    def kept(self, name: str, tidy: bool = True) -> StoredResult | None:
        """Returns the existing result, if there is one; see ``captions.store.read_result``.

        ``tidy``: whether an interrupted change may be completed first. Raises BadSource.
        """
        ...

    def complete(
        self, there: StoredResult, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """Writes the missing files of an existing result, and returns the names of all its files.

        Raises InvalidCaptions.
        """
        ...

    def put(self, outcome: CaptionResult, name: str, how: WriteOptions) -> tuple[str, ...]:
        """Writes all files of a result or none, and returns their names.

        Raises CorrectionsKept, EarlierCaptionsKept, NameTaken, InvalidCaptions, BadSource; see
        ``captions.store.write_outcome``.
        """
        ...

    def expect_writable(self, error: OutputError) -> None:
        """Raises OutputError if ``error`` shows that nothing at all can be written here."""

    def sweep(self, name: str) -> None:
        """Removes the half-written files that a killed run has left of an item."""

    def put_report(self, file: Path) -> str:
        """Moves a finished report to the results, and returns its path or address.

        In a folder where somebody else's file has its name, it is called report.captions.*.
        """
        ...

    def where(self, name: str) -> str:
        """Returns the path or address of a file."""
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
        """See ``ResultStore``. ``os.access`` on a string is faster than a Path."""
        return store.is_name(name) and os.access(f"{self._path}/{name}{JSON.suffix}", os.F_OK)

    def is_anothers(self, name: str, source: str) -> bool:
        """See ``ResultStore``."""
        return store.is_anothers(self._path, name, source)

    def found(self, name: str, source: str, formats: tuple[str, ...]) -> JobResult | None:
        """See ``ResultStore``. None too if a change was interrupted."""
        if self.is_anothers(name, source):
            return None
        there = store.finished_result(self._path, name, formats)
        if there is None or (self._path / journal_of(name)).exists():
            return None
        place = self._path / f"{name}{JSON.suffix}"
        files = tuple(self._name(path) for path in there.files)
        found = result_from_sidecar(place.read_text(encoding="utf-8"), name, formats, files)
        return replace(found, at=place.stat().st_mtime) if found else None

    def kept(self, name: str, tidy: bool = True) -> StoredResult | None:
        """See ``ResultStore``."""
        return store.read_result(self._path, name, tidy)

    def complete(
        self, there: StoredResult, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """See ``ResultStore``."""
        del there  # read again under the lock of the folder
        made = store.completed(self._path, name, formats, look)
        return tuple(self._name(path) for path in made)

    def put(self, outcome: CaptionResult, name: str, how: WriteOptions) -> tuple[str, ...]:
        """See ``ResultStore``."""
        made = store.write_outcome(
            outcome, self._path, name, how.formats, how.look, how.discard_edits
        )
        return tuple(self._name(path) for path in made)

    def _name(self, path: Path) -> str:
        return os.path.relpath(path, self._path)

    def expect_writable(self, error: OutputError) -> None:  # noqa: ARG002  any error
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
        """See ``ResultStore``."""
        place = self._path / file.name
        with store.writing(self._path):
            if place.exists() and not report_row.is_report(place):
                place = place.with_suffix(f".captions{place.suffix}")
            atomic_write.replace(file, place)
        return str(place)

    def where(self, name: str) -> str:
        """See ``ResultStore``."""
        return str(self._path / name)


def result_from_sidecar(
    text: str, name: str, formats: tuple[str, ...], files: tuple[str, ...]
) -> JobResult | None:
    """Returns the result of an item from the text of its sidecar and the names of its files.

    None if the sidecar does not have the schema that it declares, so that the item is done again.
    """
    try:
        outcome, _ = sidecar_reader.read(text)
    except ValueError:
        return None
    return JobResult(
        outcome.status, outcome.reason, report_row.of(outcome, name, files), ",".join(formats)
    )


def expect_room(folder: Path) -> None:
    """Raises OutputError if the disk is full."""
    if shutil.disk_usage(folder).free < FULL_BYTES:
        raise OutputError(folder, store.REASONS[errno.ENOSPC])
