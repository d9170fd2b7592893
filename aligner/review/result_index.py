"""What a server knows of the results in its folder: read once, and again after a change.

Each sidecar's row of the list is kept with the sidecar's size and time of change, and so are the
few results that were read last, since a player asks for many parts of one recording. A thread reads
the sidecars of a folder in the background; the list shows at once what is read so far.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from aligner.captions import store
from aligner.captions.formats import sidecar_reader
from aligner.review import edits
from aligner.review.report import not_read_row, row_of
from aligner.review.results import Result, names_of, result_of
from aligner.types import CaptionResult, Json

READ_LAST = 4
"""Results that are kept as a whole."""
LIST_S = 2.0
"""How long a request for the list may read sidecars that are new or changed."""

Stamp = tuple[int, int, int]
"""A file's number, size and time of change."""


class ResultIndex:
    """The results of a folder; threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[Stamp, Json | None]] = {}
        """Rows by name; None for a JSON file that is no result."""
        self._last: OrderedDict[str, tuple[Stamp, str, CaptionResult]] = OrderedDict()
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read_all, name="results", daemon=True)

    def start(self) -> None:
        """Begin to read the results in the background."""
        self._reader.start()

    def close(self) -> None:
        """End the background reading."""
        self._closed.set()
        if self._reader.is_alive():
            self._reader.join()

    def load(self, name: str) -> tuple[str, CaptionResult]:
        """Returns the text of a result's sidecar, and the result.

        A save that was interrupted is completed first. Raises OSError, OutputError, and ValueError
        if the file is no sidecar.
        """
        text: str | None = None
        while True:
            before = _stamp(self._folder, name)
            with self._lock:
                known = self._last.get(name)
                if known and known[0] == before and not store.is_interrupted(self._folder, name):
                    self._last.move_to_end(name)
                    return known[1], known[2]
            text = edits.load(self._folder, name)
            if before == (stamp := _stamp(self._folder, name)):
                break
        outcome = sidecar_reader.read(text)[0]
        if stamp is not None:
            with self._lock:
                self._last[name] = (stamp, text, outcome)
                while len(self._last) > READ_LAST:
                    self._last.popitem(last=False)
        return text, outcome

    def rows(self) -> list[Json]:
        """Returns the row of each result, ordered by name.

        New and changed results are read for LIST_S at most; those that are left have a row that
        says so.
        """
        end = time.monotonic() + LIST_S
        made: list[Json] = []
        for name, stamp in self._there():
            row = self._row(name, stamp, read=time.monotonic() < end)
            made += [row] if row else []
        return made

    def _there(self) -> Iterator[tuple[str, Stamp]]:
        """Yields the names in the folder with their stamps, and forgets those that are gone."""
        found = dict(names_of(self._folder))
        with self._lock:
            for name in self._rows.keys() - found.keys():
                del self._rows[name]
        for name, stat in sorted(found.items()):
            yield name, (stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def _row(self, name: str, stamp: Stamp, read: bool) -> Json | None:
        with self._lock:
            known = self._rows.get(name)
        if known and known[0] == stamp:
            return known[1]
        if not read:
            return not_read_row(name)
        outcome = result_of(self._folder, name)
        row = None if outcome is None else row_of(Result(name, outcome))
        with self._lock:
            self._rows[name] = (stamp, row)
        return row

    def _read_all(self) -> None:
        for name, stamp in self._there():
            if self._closed.is_set():
                return
            self._row(name, stamp, read=True)


def _stamp(folder: Path, name: str) -> Stamp | None:
    try:
        stat = (folder / f"{name}.json").stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
