"""Storage of results in a shared folder or an object store. No other file imports fsspec.

A result is rendered and checked first and then sent file by file, the sidecar last. If it replaces
another result, a journal of the whole change is sent before (``store.journal``). Files are sent
whole: an object store shows an object only when it is complete; in a folder a file is written under
another name and renamed.

Runs that write to one place at the same time may have articles of one name. So before a result is
written, its name is claimed by an object that the store creates only if it does not exist, with the
article's address in it; then the sidecar is looked at once more. The claim is removed at the end. A
folder of this machine is locked instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from aligner._util.atomic_write import TEMPORARY, prepare_within, temporary_path
from aligner._util.distribution import install_hint
from aligner.captions import store
from aligner.captions.formats import FORMATS, JSON, Look
from aligner.captions.store import Change, StoredResult, journal
from aligner.errors import NameTaken, OutputError
from aligner.jobs.rows import JobResult
from aligner.jobs.storage import WriteOptions, result_from_sidecar
from aligner.types import CaptionResult

AT_ONCE = {
    "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "r2", "memory",
}  # fmt: skip
"""Protocols of stores that show an object only when it is complete."""
LOCAL = {"file", "local"}
CLAIM = ".claim"


class Remote:
    """A location with an address that fsspec knows: s3://bucket/path, sftp://host/path, ..."""

    def __init__(self, address: str) -> None:
        """Sends no request yet. Raises OutputError for an unusable address."""
        self._address = address.rstrip("/")
        self._lost: set[str] = set()
        """Names that another run has claimed for another source since the names were listed."""
        self._sidecars: store.Sidecars | None = None
        """The results among ``_names``; None after a change."""
        with self._translated_errors():
            import fsspec

            self._fs: Any
            self._fs, root = fsspec.core.url_to_fs(address)
            self._root = str(root).rstrip("/")
            protocol = self._fs.protocol
            self._protocols = {protocol} if isinstance(protocol, str) else set(protocol)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Turns errors of the stores' libraries, each of which has its own, into OutputError."""
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

    # ------------------------------------------------------------ existing results

    @cached_property
    def _names(self) -> set[str]:
        """The names of the existing files; listed once, then updated with each file written."""
        with self._translated_errors():
            try:
                found = self._fs.ls(self._root, detail=False, refresh=True)
            except FileNotFoundError:
                return set()
            return {str(path).rpartition("/")[2] for path in found}

    def prepare(self) -> None:
        """See ``ResultStore``."""
        with self._translated_errors():
            if not self._protocols & AT_ONCE or "memory" in self._protocols:
                self._fs.makedirs(self._root, exist_ok=True)
        self.has("")

    def name_for(self, source: str, taken: set[str]) -> str:
        """See ``ResultStore``."""
        return store.free_name(source, set(taken), self.is_anothers)

    def is_anothers(self, name: str, source: str) -> bool:
        """See ``ResultStore``."""
        if name in self._lost:
            return True
        if self._sidecars is None:
            self._sidecars = store.sidecars_among(self._names)

        def belongs_to_another(one: str) -> bool:
            text = self._text(f"{one}{JSON.suffix}")
            return text is not None and store.is_of_another(text, source)

        return self._sidecars.is_anothers(name, belongs_to_another)

    def has(self, name: str) -> bool:
        """See ``ResultStore``."""
        return f"{name}{JSON.suffix}" in self._names

    def found(self, name: str, source: str, formats: tuple[str, ...]) -> JobResult | None:
        """See ``ResultStore``."""
        if self.is_anothers(name, source):
            return None
        text = self._text(f"{name}{JSON.suffix}")
        files = store.files_of(text, name, formats) if text is not None else None
        if text is None or files is None or not all(self._is_there(file) for file in files):
            return None
        return result_from_sidecar(text, name, formats, files)

    def _is_there(self, file: str) -> bool:
        if "/" not in file:
            return file in self._names
        with self._translated_errors():
            return bool(self._fs.exists(self._place(file)))

    def _text(self, file: str) -> str | None:
        """Returns the text of a file; None if it does not exist or is not UTF-8."""
        with self._translated_errors():
            try:
                data: bytes = self._fs.cat_file(self._place(file))
                return data.decode("utf-8")
            except (FileNotFoundError, UnicodeDecodeError):
                return None

    def _place(self, file: str) -> str:
        return f"{self._root}/{file}"

    def where(self, name: str) -> str:
        """See ``ResultStore``."""
        return f"{self._address}/{name}"

    # ------------------------------------------------------------ writing

    def put(self, outcome: CaptionResult, name: str, how: WriteOptions) -> tuple[str, ...]:
        """See ``ResultStore``. Formats of an earlier run are written again too, or removed."""
        self._finish(name)
        if self.is_anothers(name, outcome.source):
            raise NameTaken(self.where(f"{name}{JSON.suffix}"))
        with self._claimed(name, outcome.source):
            return self._put(outcome, name, how)

    def _put(self, outcome: CaptionResult, name: str, how: WriteOptions) -> tuple[str, ...]:
        old = self._text(f"{name}{JSON.suffix}")
        if old is not None:
            if store.is_of_another(old, outcome.source):  # written since the names were listed
                self._lost.add(name)
                raise NameTaken(self.where(f"{name}{JSON.suffix}"))
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

    @contextmanager
    def _claimed(self, name: str, source: str) -> Iterator[None]:
        """Keeps other runs from writing a result of this name. Raises NameTaken, OutputError."""
        if self._protocols & LOCAL:
            with store.writing(Path(self._root)):
                yield
            return
        claim = f".{name}{CLAIM}"
        if self._claim(claim, source) != source:
            self._lost.add(name)
            raise NameTaken(self.where(f"{name}{JSON.suffix}"))
        try:
            yield
        finally:
            with self._translated_errors(), suppress(FileNotFoundError):
                self._fs.rm_file(self._place(claim))

    def _claim(self, claim: str, source: str) -> str:
        """Creates a claim unless it exists, and returns the source that has it."""
        place, data = self._place(claim), f"{source}\n".encode("utf-8", "surrogatepass")
        with suppress(Exception):  # each store has its own error for what exists already
            self._fs.pipe_file(place, data, mode="create")
            return source
        with self._translated_errors():
            with suppress(FileNotFoundError, UnicodeDecodeError):
                kept = self._fs.cat_file(place).decode("utf-8", "surrogatepass")
                if kept.endswith("\n"):  # else it was cut off
                    return str(kept[:-1])
            self._fs.pipe_file(place, data)  # refused, or not possible under a condition
        return source

    def kept(self, name: str, tidy: bool = True) -> StoredResult | None:
        """See ``ResultStore``."""
        if tidy:
            self._finish(name)
        text = self._text(f"{name}{JSON.suffix}")
        return (
            None if text is None else store.parse_result(text, self.where(f"{name}{JSON.suffix}"))
        )

    def complete(
        self, there: StoredResult, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """See ``ResultStore``."""
        change = store.completion(there, name, formats, look, self._present(name))
        if change.files:
            self._commit(name, change)
        files = store.files_of(there.text, name, formats) or ()
        return tuple(file for file in files if self._is_there(file))

    def _present(self, name: str) -> tuple[str, ...]:
        """Returns the names of the formats in which a result exists."""
        return tuple(f.name for f in FORMATS.values() if self._is_there(f"{name}{f.suffix}"))

    def _commit(self, name: str, change: Change, anew: bool = True) -> None:
        """Applies a change completely or not at all.

        ``anew``: whether it replaces a result. A new result needs no journal, as it does not count
        without its sidecar, which is sent last.
        """
        if anew:
            self._send(journal.journal_of(name), journal.text_of(change).encode())
        self._apply(name, change)

    def _finish(self, name: str) -> None:
        """Completes a change that was interrupted."""
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
            with self._translated_errors(), suppress(FileNotFoundError):
                inside = self._fs.ls(self._place(folder), detail=False, refresh=True)
                files = (f"{folder}/{str(path).rpartition('/')[2]}" for path in inside)
                stale += [file for file in files if file not in change.files]
        for file in stale:
            self._remove(file)
        self._remove(journal.journal_of(name))

    def _send(self, file: str, data: bytes) -> None:
        """Writes a file, which is never visible in part."""
        place = self._place(file)
        with self._translated_errors():
            if self._protocols & LOCAL:
                prepare_within(Path(self._root), Path(place).parent)
                store.atomic_write(Path(place), data)
            elif self._protocols & AT_ONCE:
                self._fs.pipe_file(place, data)
            else:
                folder, _, name = place.rpartition("/")
                self._fs.makedirs(folder, exist_ok=True)
                temporary = f"{folder}/{temporary_path(Path(name))}"
                self._fs.pipe_file(temporary, data)
                with suppress(FileNotFoundError):  # some cannot rename onto a file
                    self._fs.rm_file(place)
                self._fs.mv(temporary, place)
        if file not in self._names:
            self._names.add(file)
            self._sidecars = None

    def _remove(self, file: str) -> None:
        if self._is_there(file):
            with self._translated_errors(), suppress(FileNotFoundError):
                self._fs.rm_file(self._place(file))
            self._names.discard(file)
            self._sidecars = None

    def expect_writable(self, error: OutputError) -> None:
        """See ``ResultStore``. Every error of a store is taken to be permanent."""
        raise error

    def sweep(self, name: str) -> None:
        """See ``ResultStore``."""
        ours = re.compile(rf"\.{re.escape(name)}\.(?:[^/]*\.)?{TEMPORARY}")
        for file in [file for file in self._names if ours.fullmatch(file)]:
            self._remove(file)

    def put_report(self, file: Path) -> str:
        """See ``ResultStore``."""
        self._send(file.name, file.read_bytes())
        return self.where(file.name)
