"""Stores the results of `aligner check` for later runs.

An SQLite database in write-ahead mode: a result is stored whole or not at all, even if the machine
stops, and several runs may share the database.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from aligner.errors import BadSource, OutputError
from aligner.types import CheckResult

FILE = "findings.sqlite"
VERSION = 1
"""The version of the tables."""
WAIT_S = 60.0
"""How many seconds a change waits for other runs' changes."""
TABLE = """
CREATE TABLE IF NOT EXISTS findings (
  name TEXT NOT NULL,
  way TEXT NOT NULL,
  at REAL NOT NULL,
  finding BLOB NOT NULL,
  PRIMARY KEY (name, way)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """A stored result of an earlier run."""

    finding: CheckResult
    at: float
    """When the source was checked, in seconds since 1970."""


class Findings:
    """The results stored in a folder; threads may share the object."""

    def __init__(self, folder: Path, way: str) -> None:
        """Open the results in a folder that were made with the same check options, ``way``.

        Raises OutputError, and BadSource for a database that is damaged or of a later version.
        """
        self._path, self._way = folder / FILE, way
        self._turn = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(folder, error.strerror or str(error)) from error
        with self._changing():
            self._db = self._opened()

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self._path, timeout=WAIT_S, isolation_level=None, check_same_thread=False
        )
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                why = f"made by a later version of aligner (its version is {version})"
                raise BadSource(str(self._path), f"{why}: give another folder with --state")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute(TABLE)
            db.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Lets in one thread at a time, and raises SQLite's errors as OutputError or BadSource."""
        with self._turn:
            try:
                yield
            except sqlite3.OperationalError as error:
                raise OutputError(self._path, str(error)) from error
            except sqlite3.DatabaseError as error:
                why = "not a database of check results, or damaged: remove it to start anew"
                raise BadSource(str(self._path), why) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._turn, contextlib.suppress(sqlite3.Error):
            self._db.close()

    def known(self, name: str) -> StoredCheck | None:
        """Returns the stored result of a source, by its name; None if there is none.

        Raises OutputError, BadSource.
        """
        with self._changing():
            row = self._db.execute(
                "SELECT at, finding FROM findings WHERE name = ? AND way = ?", (name, self._way)
            ).fetchone()
        if row is None:
            return None
        try:
            return StoredCheck(msgspec.json.decode(row[1], type=CheckResult), float(row[0]))
        except (ValueError, TypeError):  # an entry changed by hand
            return None

    def keep(self, finding: CheckResult) -> float:
        """Store a result, replacing an earlier one; returns its time.

        Raises OutputError, BadSource.
        """
        now = time.time()
        kept = msgspec.json.encode(finding)
        with self._changing():
            self._db.execute(
                "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?)",
                (finding.source, self._way, now, kept),
            )
        return now
