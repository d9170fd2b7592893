"""Results in a shared folder or an object store: the one file that imports fsspec.

What is to be put there is written in this machine's folder first, whole and checked, and sent file
by file, the sidecar last. A file there is whole or absent: stores of objects take each at once,
folders get it under another name, and then it is renamed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from aligner import store
from aligner.batching.ledger import Ending
from aligner.batching.shelf import ending
from aligner.distribution import install_hint
from aligner.errors import CannotWrite
from aligner.formats import FORMATS, JSON, Look
from aligner.nouns import Outcome

AT_ONCE = {
    "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "r2", "memory",
}  # fmt: skip
"""Protocols of stores that show an object when all of it is there."""
LOCAL = {"file", "local"}


class Remote:
    """A place that fsspec knows by its address: s3://bucket/path, sftp://host/path, ..."""

    def __init__(self, address: str, room: Path) -> None:
        """Asks nothing yet. Raises CannotWrite for an address that cannot be used."""
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
        except (CannotWrite, KeyboardInterrupt):
            raise
        except ImportError as error:
            why = f"{str(error).splitlines()[0]}; {install_hint('store')}"
            raise CannotWrite(self._address, why) from error
        except Exception as error:
            said = (str(error).splitlines() or [""])[0]
            raise CannotWrite(self._address, f"{type(error).__name__}: {said}") from error

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

    def found(self, name: str, formats: tuple[str, ...]) -> Ending | None:
        """See ``Shelf``."""
        text = self._text(f"{name}{JSON.suffix}")
        files = store.files_of(text, name, formats) if text is not None else None
        if text is None or files is None or not all(self._is_there(file) for file in files):
            return None
        return ending(text, name, formats, files)

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

    def put(
        self, outcome: Outcome, name: str, formats: tuple[str, ...], look: Look
    ) -> tuple[str, ...]:
        """See ``Shelf``. Formats of an earlier run are made as well, or removed."""
        known = FORMATS.values() if self.has(name) else ()
        earlier = tuple(f.name for f in known if self._is_there(f"{name}{f.suffix}"))
        asked = tuple(dict.fromkeys((*formats, *earlier)))
        with tempfile.TemporaryDirectory(dir=self._room) as aside:
            here = Path(aside)
            made = store.write_outcome(outcome, here, name, asked, look)
            files = sorted(path for path in here.rglob("*") if path.is_file())
            last = here / f"{name}{JSON.suffix}"
            self._remove(last.name)
            for file in (*(f for f in files if f != last), last):
                self._send(file.relative_to(here).as_posix(), file.read_bytes())
            there = {f"{name}{f.suffix}" for f in FORMATS.values() if f.name in earlier}
            for stale in there - {path.relative_to(here).as_posix() for path in files}:
                self._remove(stale)
            return tuple(path.relative_to(here).as_posix() for path in made)

    def _send(self, file: str, data: bytes) -> None:
        """Bytes -> a file there, whole or absent."""
        place = self._place(file)
        with self._asking():
            if self._protocols & LOCAL:
                store.prepare(Path(place).parent)
                store.write_whole(Path(place), data)
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

    def expect_writable(self, error: CannotWrite) -> None:
        """See ``Shelf``: what a store refuses once, it is taken to refuse always."""
        raise error

    def sweep(self, name: str) -> None:
        """See ``Shelf``: what lies there half-written has a name that is written over."""

    def put_report(self, file: Path) -> str:
        """See ``Shelf``."""
        self._send(file.name, file.read_bytes())
        return self.where(file.name)
