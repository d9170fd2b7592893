"""The ledger of a folder: which items there are, how far each is, what became of it, and why.

SQLite in write-ahead mode: a change is there whole or not at all, whenever the machine stops.
Several runs may share a ledger. An item belongs to the run that claimed it for as long as that
run lives: every run holds the lock of a file, which the system lets go of when it dies, and
renews a lease besides.

    items   one row an item: status, last step done, what the next step needs, reason, attempts
    steps   one row for each pool that began with an item: in which run, when, how long it took
    runs    one row a run: where, since when, and when it was last seen alive
    lists   items that turned out to be lists of others, and are none themselves any more
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from aligner.errors import OutputError
from aligner.jobs.choice import QUEUED, Choice, ended_so
from aligner.jobs.schema import LAST_STATUS, connected

LEASE_S = 120.0
"""A run of another machine that was not seen for so long is dead."""
MOST_DEATHS = 5
"""An item during which the program died so often is given up."""

LATEST_S = 2.0**36
"""No moment of a ledger is later: some two thousand years from 1970."""

_RUN = re.compile(r"[0-9a-f]{16}")
"""What runs call themselves: nothing else becomes part of a path."""


class LeaseLost(Exception):
    """Another run has taken over the item: what was done for it is not needed."""


@dataclass(frozen=True, slots=True)
class Job:
    """An item to be done, as the ledger has it."""

    id: int
    key: str
    name: str
    source: bytes
    state: bytes | None
    attempts: int
    deaths: int
    step: str
    about: str | None = None
    """What the list says of it, as JSON."""
    was: str = QUEUED
    """Its status before it was taken up."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """An item to be entered."""

    key: str
    source: bytes
    name: str
    other: Callable[[], str]
    """Its name if another item has that one."""
    published: float | None = None
    about: str | None = None
    """What the list says of it, as JSON."""


@dataclass(frozen=True, slots=True)
class Record:
    """What there is to report of an item."""

    key: str
    status: str
    reason: str
    attempts: int
    record: str | None
    """What the report says of its outcome, as JSON."""
    about: str | None
    """What the list says of it, as JSON."""
    started: float | None
    """When the attempt began that ended, in seconds since 1970; None where no run did it."""
    ended: float | None
    spent_ms: int
    """Worked on it since it was started, by all pools."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item that is to be done."""

    key: str
    name: str
    step: str
    """The last step done; "" if none is."""
    status: str
    """What became of it before; "queued" if it was not done."""
    ended: float | None
    """When that was, in seconds since 1970."""
    last: str | None
    """How it ended the last time, also where it is queued again."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of an item."""

    status: str
    reason: str
    record: str
    """What the report says of it, as JSON."""
    formats: str
    at: float | None = None
    """When it ended, in seconds since 1970; None for now."""


class JobStore:
    """The ledger of a folder, opened by one run; its threads share it."""

    def __init__(self, folder: Path) -> None:
        """Open, or begin, the ledger in a folder. Raises OutputError.

        A damaged one is put aside; what lies in the results' folder is entered again from there.
        """
        self.folder = folder
        self.path = folder / "ledger.sqlite"
        self.run = secrets.token_hex(8)
        self.put_aside: Path | None = None
        """Where a damaged ledger now is."""
        self._turn = RLock()
        try:
            (folder / "runs").mkdir(parents=True, exist_ok=True)
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
        try:
            return connected(self.path)
        except sqlite3.OperationalError as error:
            raise OutputError(self.path, str(error)) from error
        except sqlite3.DatabaseError:
            self.put_aside = self.path.with_name(f"damaged-{time.time_ns()}.sqlite")
            for suffix in ("-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self.path.rename(self.put_aside)
            return connected(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of what is not done, for the next run."""
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
        """A place for files of this run alone; it is removed when the run is known to be dead."""
        return self.folder / "runs" / f"{self.run}.files"

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A change that is made whole or not at all. Raises OutputError."""
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

    def ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """The rows that answer a question. Raises OutputError if the ledger is damaged."""
        with self._turn:
            try:
                return self._db.execute(question, values).fetchall()
            except sqlite3.Error as error:
                raise OutputError(self.path, str(error)) from error

    # ------------------------------------------------------------ runs

    def seen(self) -> None:
        """This run is alive: renew its lease."""
        with self.changing() as db:
            db.execute("UPDATE runs SET seen = ? WHERE id = ?", (time.time(), self.run))

    def take_over(self) -> int:
        """Let go of what dead runs have claimed -> how many items that were."""
        runs = self.ask("SELECT id, host, seen FROM runs WHERE ended IS NULL AND id <> ?", self.run)
        dead = [
            str(run)
            for run, host, seen in runs
            if _RUN.fullmatch(str(run)) and self._is_dead(str(run), host, seen)
        ]
        count = 0
        for run in dead:
            with self.changing() as db:
                count += db.execute(
                    "UPDATE items SET status = 'queued', owner = NULL, deaths = deaths + 1"
                    " WHERE owner = ?",
                    (run,),
                ).rowcount
                db.execute("UPDATE runs SET ended = seen WHERE id = ?", (run,))
            shutil.rmtree(self.folder / "runs" / f"{run}.files", ignore_errors=True)
            self._lock_path(run).unlink(missing_ok=True)
        return count

    def _is_dead(self, run: str, host: object, seen: object) -> bool:
        """Whether a run's lock is free and, for one of another machine, its lease is over too.

        A lease that ends far in the future was given before the clock was set back.
        """
        try:
            with FileLock(self._lock_path(run), timeout=0):
                pass
        except (Timeout, OSError):
            return False
        seen_s = seen if isinstance(seen, int | float) else 0.0
        return host == socket.gethostname() or abs(time.time() - seen_s) > LEASE_S

    # ------------------------------------------------------------ entering items

    def list_known(self, items: Iterable[tuple[str, str | None]]) -> set[str]:
        """Items of this run, by their keys, with what the list says -> those the ledger has."""
        known = set()
        with self.changing() as db:
            for key, about in items:
                if found := db.execute("SELECT id FROM items WHERE key = ?", (key,)).fetchone():
                    self._list(db, found, about)
                    known.add(key)
        return known

    def enter(self, entries: Iterable[NewJob]) -> None:
        """Enter items, which are then this run's; what the ledger has of them stays."""
        with self.changing() as db:
            for entry in entries:
                if not self._entered(db, entry, entry.name):
                    self._entered(db, entry, entry.other())

    @staticmethod
    def _entered(db: sqlite3.Connection, entry: NewJob, name: str) -> bool:
        """Enter an item, unless its key or name is there -> whether it now is."""
        db.execute(
            "INSERT OR IGNORE INTO items (key, name, folded, source, published)"
            " VALUES (?, ?, ?, ?, ?)",
            (entry.key, name, name.casefold(), entry.source, entry.published),
        )
        found = db.execute("SELECT id FROM items WHERE key = ?", (entry.key,)).fetchone()
        if found:
            JobStore._list(db, found, entry.about)
        return bool(found)

    @staticmethod
    def _list(db: sqlite3.Connection, item: tuple[int], about: str | None) -> None:
        """An item is this run's; what was said of it first is kept."""
        db.execute("INSERT OR IGNORE INTO listed (id, about) VALUES (?, ?)", (*item, about))

    def want(self, choice: Choice, limit: int | None) -> int:
        """Choose of the items listed since the last time those to be done -> how many."""
        chosen, values = choice.condition()
        with self.changing() as db:
            wanted = db.execute(
                "INSERT INTO wanted SELECT id, step <> '' FROM items JOIN listed USING (id)"  # noqa: S608
                f" WHERE fresh AND {chosen} ORDER BY step = '', id LIMIT ?",
                (*values, -1 if limit is None else limit),
            )
            db.execute("UPDATE listed SET fresh = 0 WHERE fresh")
        return wanted.rowcount

    def is_wanted(self) -> bool:
        """Whether there are items that were chosen, and not taken up."""
        return bool(self.ask("SELECT 1 FROM wanted LIMIT 1"))

    # ------------------------------------------------------------ items that are lists

    def lists(self) -> set[str]:
        """Items, by their keys, that turned out to be lists of others."""
        return {str(key) for (key,) in self.ask("SELECT key FROM lists")}

    def about(self, item: int) -> str | None:
        """What this run's list says of an item."""
        return next(
            (_text(said) for (said,) in self.ask("SELECT about FROM listed WHERE id = ?", item)),
            None,
        )

    def become_list(self, item: int) -> None:
        """An item is a list of others, which are entered; it is no item any more. Raises Lost."""
        with self.changing() as db:
            ours = (item, self.run)
            db.execute(
                "INSERT OR IGNORE INTO lists SELECT key FROM items WHERE id = ? AND owner = ?", ours
            )
            db.execute("DELETE FROM steps WHERE item = ?", (item,))
            db.execute("DELETE FROM listed WHERE id = ?", (item,))
            if not db.execute("DELETE FROM items WHERE id = ? AND owner = ?", ours).rowcount:
                raise LeaseLost

    # ------------------------------------------------------------ doing items

    def claim(self, choice: Choice) -> Job | None:
        """The next wanted item, which is then this run's; None if there is none."""
        still, values = choice.condition()
        with self.changing() as db:
            while True:
                chosen = db.execute(
                    "SELECT id FROM wanted ORDER BY resumes DESC, id LIMIT 1"
                ).fetchone()
                if chosen is None:
                    return None
                db.execute("DELETE FROM wanted WHERE id = ?", chosen)
                found = db.execute(
                    "SELECT id, key, name, source, state, attempts + 1, deaths, step, about,"  # noqa: S608
                    " status"
                    " FROM items LEFT JOIN listed USING (id)"
                    f" WHERE id = ? AND {still}",
                    (*chosen, *values),
                ).fetchone()
                if found:
                    break
            db.execute(
                "UPDATE items SET status = 'running', owner = ?, attempts = attempts + 1,"
                " started = CASE WHEN step = '' OR started IS NULL THEN ? ELSE started END"
                " WHERE id = ?",
                (self.run, time.time(), *chosen),
            )
        return Job(*found)

    def begin(self, item: int, pool: str) -> None:
        """A pool begins with an item."""
        with self.changing() as db:
            db.execute(
                "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, NULL)",
                (item, pool, self.run, time.time()),
            )

    def save(self, item: int, step: str, state: bytes, pool: str, spent_ms: int) -> None:
        """A pool is done with an item, up to a step. Raises Lost."""
        with self.changing() as db:
            done = db.execute(
                "UPDATE items SET step = ?, state = ?, deaths = 0 WHERE id = ? AND owner = ?",
                (step, state, item, self.run),
            )
            if not done.rowcount:
                raise LeaseLost
            self._spent(db, item, pool, spent_ms)

    def _spent(self, db: sqlite3.Connection, item: int, pool: str, spent_ms: int) -> None:
        db.execute(
            "UPDATE steps SET spent_ms = ? WHERE item = ? AND pool = ? AND run = ?",
            (spent_ms, item, pool, self.run),
        )

    def is_ours(self, item: int) -> bool:
        """Whether an item is still this run's."""
        return bool(self.ask("SELECT 1 FROM items WHERE id = ? AND owner = ?", item, self.run))

    def end(self, item: int, ending: JobResult, pool: str, spent_ms: int) -> None:
        """An item is done, and its files are written. Raises Lost."""
        with self.changing() as db:
            done = db.execute(
                "UPDATE items SET status = ?, reason = ?, record = ?, formats = ?, ended = ?,"
                " step = '', state = NULL, deaths = 0, owner = NULL WHERE id = ? AND owner = ?",
                (
                    *(ending.status, ending.reason, ending.record, ending.formats, time.time()),
                    *(item, self.run),
                ),
            )
            if not done.rowcount:
                raise LeaseLost
            self._spent(db, item, pool, spent_ms)

    # ------------------------------------------------------------ what lies in the folder

    def is_under_way(self, item: int) -> bool:
        """Whether an item is yet to be done, so that its files are still needed."""
        asked = "SELECT 1 FROM items WHERE id = ? AND status IN ('queued', 'running')"
        return bool(self.ask(asked, item))

    def settle(self, found: Iterable[tuple[str, JobResult]]) -> None:
        """Items, by their keys, that were done before the ledger knew of them."""
        with self.changing() as db:
            db.executemany(
                "UPDATE items SET status = ?, reason = ?, record = ?, formats = ?, ended = ?"
                " WHERE key = ? AND status = 'queued'",
                (
                    (e.status, e.reason, e.record, e.formats, e.at or time.time(), key)
                    for key, e in found
                ),
            )

    def queue_again(self, items: Iterable[int]) -> None:
        """Items whose files are not all there."""
        with self.changing() as db:
            db.executemany(
                "UPDATE items SET status = 'queued', step = '', state = NULL"
                " WHERE id = ? AND owner IS NULL",
                ((item,) for item in items),
            )

    def unknown(self) -> list[tuple[str, str]]:
        """Keys and names of the newly listed items that no run has ever taken up."""
        rows = self.ask(
            "SELECT key, name FROM items JOIN listed USING (id)"
            " WHERE fresh AND status = 'queued' AND attempts = 0"
        )
        return [(str(key), str(name)) for key, name in rows]

    def ended(self) -> list[tuple[int, str, str]]:
        """Ids, names and formats of the newly listed items that have files."""
        rows = self.ask(
            "SELECT id, name, formats FROM items JOIN listed USING (id)"
            " WHERE fresh AND ended IS NOT NULL"
            " AND status NOT IN ('queued', 'running')"
        )
        return [(int(str(item)), str(name), str(formats)) for item, name, formats in rows]

    # ------------------------------------------------------------ what there is

    def counts(self, listed_only: bool = True) -> dict[str, int]:
        """How many items have which status."""
        where = "WHERE id IN (SELECT id FROM listed)" if listed_only else ""
        rows = self.ask(f"SELECT status, count(*) FROM items {where} GROUP BY status")  # noqa: S608
        return {str(status): int(str(count)) for status, count in rows}

    def has_ended(self, endings: tuple[str, ...]) -> bool:
        """Whether one of the listed items has one of some statuses, or states of its media."""
        chosen, values = ended_so(endings)
        asked = f"SELECT 1 FROM items JOIN listed USING (id) WHERE {chosen} LIMIT 1"  # noqa: S608
        return bool(self.ask(asked, *values))

    def records(self) -> Iterator[Record]:
        """What there is to report of each listed item, a few at a time."""
        last = 0
        while True:
            rows = self.ask(
                "SELECT id, key, status, reason, attempts, record, about, started, ended,"
                " (SELECT sum(spent_ms) FROM steps WHERE item = items.id AND began >= started)"
                " FROM items JOIN listed USING (id) WHERE id > ? ORDER BY id LIMIT 500",
                last,
            )
            if not rows:
                return
            for item, key, status, reason, attempts, record, about, started, ended, spent in rows:
                yield Record(
                    str(key), str(status), str(reason), int(str(attempts)), _text(record),
                    _text(about), _moment(started), _moment(ended), _whole(spent),
                )  # fmt: skip
                last = int(str(item))

    def wanted(self) -> Iterator[Wanted]:
        """The items to do, in their order."""
        rows = self.ask(
            f"SELECT key, name, step, status, ended, {LAST_STATUS} FROM items"  # noqa: S608
            " JOIN wanted USING (id)"
            " ORDER BY resumes DESC, id"
        )
        for key, name, step, status, ended, last in rows:
            moment = _moment(ended)
            yield Wanted(str(key), str(name), str(step), str(status), moment, _text(last))

    def busy_elsewhere(self) -> int:
        """How many of the listed items another run is doing."""
        asked = "SELECT count(*) FROM items JOIN listed USING (id) WHERE owner <> ?"
        return int(str(self.ask(asked, self.run)[0][0]))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(value: object) -> float | None:
    """Seconds since 1970, if a value is that."""
    return float(value) if isinstance(value, int | float) and 0 <= value < LATEST_S else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
