"""A run's connection to the ledger of a folder, and the leases of runs that share it.

SQLite in write-ahead mode: a change is made whole or not at all, whenever the machine stops.
An item belongs to the run that claimed it as long as that run lives: every run holds the lock of
a file, which the system releases when the run dies, and also renews a lease.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from aligner._util.atomic_write import prepare_within, remove_within
from aligner.errors import OutputError
from aligner.jobs.schema import connect

LEASE_S = 120.0
"""A run of another machine that did not renew its lease for this long is dead."""
LEDGER = "ledger.sqlite"

_RUN = re.compile(r"[0-9a-f]{16}")
"""The form of a run's id. Nothing else becomes part of a path."""


class LedgerConnection:
    """One run's connection to the ledger of a folder; the threads of the run share it."""

    def __init__(self, folder: Path) -> None:
        """Open or create the ledger in a folder. Raises OutputError, also for links in its place.

        A damaged ledger is moved to ``put_aside``; its items are entered again from the results.
        """
        self.folder = folder
        self.path = folder / LEDGER
        self.run = secrets.token_hex(8)
        self.put_aside: Path | None = None
        """The new path of a damaged ledger."""
        self._turn = RLock()
        try:
            prepare_within(folder.parent, folder / "runs")
            self._alive = FileLock(self._lock_path(self.run), timeout=0)
            self._alive.acquire()
        except OSError as error:
            raise OutputError(folder, error.strerror or str(error)) from error
        self._db = self._opened()
        with self.changing() as db:
            now = time.time()
            host = socket.gethostname()
            db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, NULL)", (self.run, host, now, now))

    def _opened(self) -> sqlite3.Connection:
        """Returns a connection, to a new ledger if the present one is damaged."""
        for suffix in ("", "-wal", "-shm"):
            if Path(f"{self.path}{suffix}").is_symlink():
                raise OutputError(f"{self.path}{suffix}", "it is a link; remove it")
        try:
            return connect(self.path)
        except sqlite3.OperationalError as error:
            raise OutputError(self.path, str(error)) from error
        except sqlite3.DatabaseError:
            self.put_aside = self.path.with_name(f"damaged-{time.time_ns()}.sqlite")
            for suffix in ("-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self.path.rename(self.put_aside)
            return connect(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release claimed items for the next run, and close the ledger."""
        with self._turn:
            with contextlib.suppress(OutputError), self.changing() as db:
                db.execute(
                    "UPDATE items SET status = 'queued', owner = NULL WHERE owner = ?", (self.run,)
                )
                db.execute("UPDATE runs SET ended = ? WHERE id = ?", (time.time(), self.run))
            self._db.close()
        self._alive.release()
        self._lock_path(self.run).unlink(missing_ok=True)

    def _lock_path(self, run: str) -> Path:
        return self.folder / "runs" / f"{run}.lock"

    def own_folder(self) -> Path:
        """Returns the folder for this run's own files, which is removed when the run is dead."""
        return self.folder / "runs" / f"{self.run}.files"

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of its changes are made, or none. Raises OutputError."""
        with self._turn:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise OutputError(self.path, str(error)) from error

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Returns the rows of a query. Raises OutputError if the ledger is damaged."""
        with self._turn:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise OutputError(self.path, str(error)) from error

    # ------------------------------------------------------------ runs

    def renew_lease(self) -> None:
        """Record that this run is alive."""
        with self.changing() as db:
            db.execute("UPDATE runs SET seen = ? WHERE id = ?", (time.time(), self.run))

    def take_over(self) -> int:
        """Release the items that dead runs have claimed, and return their number.

        Those that were being done when a run died are suspects; all of its items, if none was.
        Only one that was done alone is blamed for it.
        """
        runs = self.query(
            "SELECT id, host, seen FROM runs WHERE ended IS NULL AND id <> ?", self.run
        )
        dead = [
            str(run)
            for run, host, seen in runs
            if _RUN.fullmatch(str(run)) and self._is_dead(str(run), host, seen)
        ]
        count = 0
        for run in dead:
            with self.changing() as db:
                self._suspect(db, run)
                count += db.execute(
                    "UPDATE items SET status = 'queued', owner = NULL WHERE owner = ?", (run,)
                ).rowcount
                db.execute("UPDATE runs SET ended = seen WHERE id = ?", (run,))
            remove_within(self.folder, self.folder / "runs" / f"{run}.files")
            self._lock_path(run).unlink(missing_ok=True)
        return count

    @staticmethod
    def _suspect(db: sqlite3.Connection, run: str) -> None:
        """Mark what a dead run was doing; what was alone is blamed."""
        held = "SELECT id FROM items WHERE owner = ?"
        begun = "id IN (SELECT item FROM steps WHERE run = ? AND spent_ms IS NULL)"
        suspects = (
            db.execute(f"{held} AND {begun}", (run, run)).fetchall()
            or db.execute(held, (run,)).fetchall()
        )
        db.executemany(
            "UPDATE items SET suspect = 1, deaths = deaths + ? WHERE id = ?",
            ((len(suspects) == 1, *item) for item in suspects),
        )

    def _is_dead(self, run: str, host: object, seen: object) -> bool:
        """Whether a run's lock is free and, on another machine, its lease has also run out.

        A lease that ends far in the future was renewed before the clock was set back.
        """
        try:
            if not self._lock_path(run).is_symlink():  # filelock would empty its target
                with FileLock(self._lock_path(run), timeout=0):
                    pass
        except (Timeout, OSError):
            return False
        seen_s = seen if isinstance(seen, int | float) else 0.0
        return host == socket.gethostname() or abs(time.time() - seen_s) > LEASE_S
