"""Results in a shared folder or an object store: the one file that imports fsspec.

What is to be put there is rendered and checked first, and sent file by file, the sidecar last;
where it replaces a result, after a journal of all of it (``store.journal``). A file there is whole
or absent: stores of objects take each at once, folders get it under another name, and then it is
renamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from aligner._util.distribution import install_hint
from aligner.captions import store
from aligner.captions.formats import FORMATS, JSON, Look
from aligner.captions.store import Change, Kept, journal
from aligner.errors import OutputError
from aligner.jobs.rows import JobResult
from aligner.jobs.storage import How, result_from_sidecar
from aligner.types import CaptionResult

AT_ONCE = {
    "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "r2", "memory",
}  # fmt: skip
"""Protocols of stores that show an object when all of it is there."""
LOCAL = {"file", "local"}


class Remote:
    """A place that fsspec knows by its address: s3://bucket/path, sftp://host/path, ..."""

    def __init__(self, address: str, room: Path) -> None:
        """Asks nothing yet. Raises OutputError for an address that cannot be used."""
        self._address, self._room = address.rstrip("/"), room
        with self._asking():
            import fsspec

            self._fs: Any
            self._fs, root = fsspec.core.url_to_fs(address)
            self._root = str(root).rstrip("/")
            protocol = self._fs.protocol
            self._protocols = {protocol} if isinstance(protocol, str) else set(protocol)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """The boundary to the stores' libraries, each of which has errors of its own."""
        try:
            yield
        except (OutputError, KeyboardInterrupt):
            raise
        except ImportError as error:
            why = f"{str(error).splitlines()[0]}; {install_hint('store')}"
            raise OutputError(self._address, why) from error
        except Exception as error:
            said = (str(error).splitlines() or [""])[0]
            raise OutputError(self._address, f"{type(error).__name__}: {said}") from error

    # ------------------------------------------------------------ what is there

    @cached_property
    def _names(self) -> set[str]:
        """The files that are there; asked once, then kept up to date with what we put."""
        with self._asking():
            try:
                found = self._fs.ls(self._root, detail=False, refresh=True)
            except FileNotFoundError:
                return set()
            return {str(path).rpartition("/")[2] for path in found}

    def prepare(self) -> None:
        """See ``Shelf``."""
        with self._asking():
            if not self._protocols & AT_ONCE or "memory" in self._protocols:
                self._fs.makedirs(self._root, exist_ok=True)
        self.has("")

    def name_for(self, source: str, taken: set[str]) -> str:
        """See ``Shelf``."""
        name = store.output_name(source, set(taken))
        if name.casefold() not in taken and self.has(name):
            text = self._text(f"{name}{JSON.suffix}")
            if text is not None and store.is_of_another(text, source):
                name = store.output_name(source, {*taken, name.casefold()})
        return name

    def has(self, name: str) -> bool:
        """See ``Shelf``."""
        return f"{name}{JSON.suffix}" in self._names

    def found(self, name: str, formats: tuple[str, ...]) -> JobResult | None:
        """See ``Shelf``."""
        text = self._text(f"{name}{JSON.suffix}")
        files = store.files_of(text, name, formats) if text is not None else None
        if text is None or files is None or not all(self._is_there(file) for file in files):
            return None
        return result_from_sidecar(text, name, formats, files)

    def _is_there(self, file: str) -> bool:
        if "/" not in file:
            return file in self._names
        with self._asking():
            return bool(self._fs.exists(self._place(file)))

    def _text(self, file: str) -> str | None:
        """A file's text; None if it is not there, or is none."""
        with self._asking():
            try:
                data: bytes = self._fs.cat_file(self._place(file))
                return data.decode("utf-8")
            except (FileNotFoundError, UnicodeDecodeError):
                return None

    def _place(self, file: str) -> str:
        return f"{self._root}/{file}"

    def where(self, name: str) -> str:
        """See ``Shelf``."""
        return f"{self._address}/{name}"

    # ------------------------------------------------------------ what is put there

    def put(self, outcome: CaptionResult, name: str, how: How) -> tuple[str, ...]:
        """See ``Shelf``. Formats of an earlier run are made as well, or removed."""
        self._finish(name)
        old = self._text(f"{name}{JSON.suffix}") if self.has(name) else None
        if old is not None:
            place = self.where(f"{name}{JSON.suffix}")
            store.expect_replaceable(old, place, outcome, how.discard_edits)
        earlier = self._present(name) if old is not None else ()
        change = store.change_of(outcome, name, (*how.formats, *earlier), how.look)
        if old is not None and not store.is_sidecar(old):
            self._send(f"{name}{store.BEFORE}{JSON.suffix}", old.encode())
        self._commit(name, change, anew=old is not None)
        suffixes = [kind.suffix for kind in FORMATS.values() if kind is not JSON]
        files = (f"{name}{suffix}" for suffix in (*suffixes, JSON.suffix))
        return tuple(file for file in files if file in change.files)

    def kept(self, name: str, tidy: bool = True) -> Kept | None:
        """See ``Shelf``."""
        if tidy:
            self._finish(name)
        text = self._text(f"{name}{JSON.suffix}")
        return None if text is None else store.kept_of(text, self.where(f"{name}{JSON.suffix}"))

    def complete(
        self, there: Kept, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """See ``Shelf``."""
        change = store.completion(there, name, formats, look, self._present(name))
        if change.files:
            self._commit(name, change)
        files = store.files_of(there.text, name, formats) or ()
        return tuple(file for file in files if self._is_there(file))

    def _present(self, name: str) -> tuple[str, ...]:
        """The formats of a result that are there."""
        return tuple(f.name for f in FORMATS.values() if self._is_there(f"{name}{f.suffix}"))

    def _commit(self, name: str, change: Change, anew: bool = True) -> None:
        """Make a change, whole or not at all.

        Where nothing was there (not ``anew``) no journal is needed: without its sidecar, which is
        sent last, a result does not count.
        """
        if anew:
            self._send(journal.journal_of(name), journal.text_of(change).encode())
        self._apply(name, change)

    def _finish(self, name: str) -> None:
        """Put in place what was begun, if a change was cut short."""
        place = journal.journal_of(name)
        if place not in self._names:
            return
        text = self._text(place)
        if text is not None:
            try:
                change = journal.read(text.encode(), name)
            except (ValueError, TypeError, KeyError) as error:
                why = "an unfinished change that cannot be read; remove it"
                raise OutputError(self.where(place), why) from error
            self._apply(name, change)

    def _apply(self, name: str, change: Change) -> None:
        for file, text in change.files.items():
            self._send(file, text.encode())
        stale = [file for file in change.gone if file not in change.files]
        for folder in change.folders:
            with self._asking(), suppress(FileNotFoundError):
                inside = self._fs.ls(self._place(folder), detail=False, refresh=True)
                files = (f"{folder}/{str(path).rpartition('/')[2]}" for path in inside)
                stale += [file for file in files if file not in change.files]
        for file in stale:
            self._remove(file)
        self._remove(journal.journal_of(name))

    def _send(self, file: str, data: bytes) -> None:
        """Bytes -> a file there, whole or absent."""
        place = self._place(file)
        with self._asking():
            if self._protocols & LOCAL:
                store.prepare(Path(place).parent)
                store.atomic_write(Path(place), data)
            elif self._protocols & AT_ONCE:
                self._fs.pipe_file(place, data)
            else:
                folder, _, name = place.rpartition("/")
                self._fs.makedirs(folder, exist_ok=True)
                self._fs.pipe_file(f"{folder}/.{name}.part", data)
                with suppress(FileNotFoundError):  # some do not rename over a file
                    self._fs.rm_file(place)
                self._fs.mv(f"{folder}/.{name}.part", place)
        self._names.add(file)

    def _remove(self, file: str) -> None:
        if self._is_there(file):
            with self._asking(), suppress(FileNotFoundError):
                self._fs.rm_file(self._place(file))
            self._names.discard(file)

    def expect_writable(self, error: OutputError) -> None:
        """See ``Shelf``: what a store refuses once, it is taken to refuse always."""
        raise error

    def sweep(self, name: str) -> None:
        """See ``Shelf``: what lies there half-written has a name that is written over."""

    def put_report(self, file: Path) -> str:
        """See ``Shelf``."""
        self._send(file.name, file.read_bytes())
        return self.where(file.name)
