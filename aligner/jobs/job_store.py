"""The jobs of a folder: which items there are, their state, their result and its reason.

Tables of the ledger, whose rows are in ``rows`` and whose columns are in ``schema``:

    items   one row an item: status, last step done, what the next step needs, reason, attempts
    steps   one row for each pool that worked on an item: in which run, when, how long
    runs    one row a run: its host, when it began, when it last renewed its lease
    lists   items that turned out to be feeds or sitemaps, and are items no more
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator

from aligner.captions.store import name_key
from aligner.jobs.ledger import LedgerConnection
from aligner.jobs.rows import Job, JobResult, LeaseLost, NewJob, PlannedJob, Record
from aligner.jobs.schema import LAST_STATUS
from aligner.jobs.selection import JobSelection, has_ending

LATEST_S = 2.0**36
"""Later moments are damage: this is some two thousand years after 1970."""


class JobStore(LedgerConnection):
    """The jobs of a folder, as one run sees them; its threads share it."""

    # ------------------------------------------------------------ entering items

    def list_known(self, items: Iterable[tuple[str, bytes, str | None]]) -> set[str]:
        """List those items that the ledger has, and return their keys.

        ``items``: keys, each with its source and the list's other columns as JSON.
        """
        known = set()
        with self.changing() as db:
            for key, source, about in items:
                if found := db.execute("SELECT id FROM items WHERE key = ?", (key,)).fetchone():
                    self._list(db, found, source, about)
                    known.add(key)
        return known

    def enter(self, entries: Iterable[NewJob]) -> None:
        """Enter and list items. Rows that the ledger has already stay as they are."""
        with self.changing() as db:
            for entry in entries:
                name, taken = entry.name, set[str]()
                while not self._entered(db, entry, name):
                    taken.add(name_key(name))
                    name = entry.other(taken)

    @staticmethod
    def _entered(db: sqlite3.Connection, entry: NewJob, name: str) -> bool:
        """Enter an item unless its key or name exists, and return whether its key now does."""
        db.execute(
            "INSERT OR IGNORE INTO items (key, name, folded, source, published)"
            " VALUES (?, ?, ?, ?, ?)",
            (entry.key, name, name_key(name), entry.source, entry.published),
        )
        found = db.execute("SELECT id FROM items WHERE key = ?", (entry.key,)).fetchone()
        if found:
            JobStore._list(db, found, entry.source, entry.about)
        return bool(found)

    @staticmethod
    def _list(db: sqlite3.Connection, item: tuple[int], source: bytes, about: str | None) -> None:
        """Add an item to this run's list. The first entry of a source stays."""
        db.execute(
            "INSERT OR IGNORE INTO listed (id, source, about) VALUES (?, ?, ?)",
            (*item, source, about),
        )

    def select(self, selection: JobSelection, limit: int | None) -> int:
        """Select what is to be done of the newly listed items, and return how many."""
        chosen, values = selection.condition()
        with self.changing() as db:
            wanted = db.execute(
                "INSERT INTO wanted SELECT id, CASE WHEN suspect THEN -1 - deaths ELSE step <> '' END"  # noqa: S608, E501
                " FROM items JOIN listed USING (id)"
                f" WHERE fresh AND {chosen} ORDER BY step = '', id LIMIT ?",
                (*values, -1 if limit is None else limit),
            )
            db.execute("UPDATE listed SET fresh = 0 WHERE fresh")
        return wanted.rowcount

    def has_wanted(self) -> bool:
        """Whether selected items remain that were not claimed."""
        return bool(self.query("SELECT 1 FROM wanted LIMIT 1"))

    # ------------------------------------------------------------ items that are lists

    def lists(self) -> set[str]:
        """Returns the keys of items that turned out to be lists of others."""
        return {str(key) for (key,) in self.query("SELECT key FROM lists")}

    def about(self, item: int) -> str | None:
        """Returns the other columns of this run's list for an item, as JSON."""
        return next(
            (
                _text(columns)
                for (columns,) in self.query("SELECT about FROM listed WHERE id = ?", item)
            ),
            None,
        )

    def become_list(self, item: int) -> None:
        """Turn an item whose articles are entered into a list of them. Raises LeaseLost."""
        with self.changing() as db:
            owned = (item, self.run)
            db.execute(
                "INSERT OR IGNORE INTO lists SELECT key FROM items WHERE id = ? AND owner = ?",
                owned,
            )
            db.execute("DELETE FROM steps WHERE item = ?", (item,))
            db.execute("DELETE FROM listed WHERE id = ?", (item,))
            if not db.execute("DELETE FROM items WHERE id = ? AND owner = ?", owned).rowcount:
                raise LeaseLost

    # ------------------------------------------------------------ doing items

    def claim(self, selection: JobSelection) -> Job | None:
        """Claim the next selected item, and return it; None if there is none.

        Suspects come last, first those during which the program died least often.
        """
        condition, values = selection.condition()
        with self.changing() as db:
            while True:
                chosen = db.execute(
                    "SELECT id FROM wanted ORDER BY resumes DESC, id LIMIT 1"
                ).fetchone()
                if chosen is None:
                    return None
                db.execute("DELETE FROM wanted WHERE id = ?", chosen)
                found = db.execute(
                    "SELECT id, key, name, listed.source, state, attempts + 1, deaths, step,"  # noqa: S608
                    " about, status, suspect"
                    " FROM items JOIN listed USING (id)"
                    f" WHERE id = ? AND {condition}",
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
        """Record that a pool begins with an item."""
        with self.changing() as db:
            db.execute(
                "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, NULL)",
                (item, pool, self.run, time.time()),
            )

    def rename(self, item: int, name: str) -> bool:
        """Give an item another name for its files; returns False if another item has it."""
        with self.changing() as db:
            done = db.execute(
                "UPDATE OR IGNORE items SET name = ?, folded = ? WHERE id = ?",
                (name, name_key(name), item),
            )
        return bool(done.rowcount)

    def save(self, item: int, step: str, state: bytes, pool: str, spent_ms: int) -> None:
        """Save an item's state after the last step of a pool. Raises LeaseLost."""
        with self.changing() as db:
            done = db.execute(
                "UPDATE items SET step = ?, state = ?, deaths = 0, suspect = 0"
                " WHERE id = ? AND owner = ?",
                (step, state, item, self.run),
            )
            if not done.rowcount:
                raise LeaseLost
            self._add_time(db, item, pool, spent_ms)

    def _add_time(self, db: sqlite3.Connection, item: int, pool: str, spent_ms: int) -> None:
        db.execute(
            "UPDATE steps SET spent_ms = ? WHERE item = ? AND pool = ? AND run = ?",
            (spent_ms, item, pool, self.run),
        )

    def is_ours(self, item: int) -> bool:
        """Whether this run still holds an item."""
        return bool(self.query("SELECT 1 FROM items WHERE id = ? AND owner = ?", item, self.run))

    def claimed(self) -> int:
        """Returns how many items this run holds."""
        return int(str(self.query("SELECT count(*) FROM items WHERE owner = ?", self.run)[0][0]))

    def end(self, item: int, ending: JobResult, pool: str, spent_ms: int) -> None:
        """Record the end of an item whose files are written. Raises LeaseLost."""
        with self.changing() as db:
            done = db.execute(
                "UPDATE items SET status = ?, reason = ?, record = ?, formats = ?, ended = ?,"
                " step = '', state = NULL, deaths = 0, suspect = 0, owner = NULL"
                " WHERE id = ? AND owner = ?",
                (
                    *(ending.status, ending.reason, ending.record, ending.formats, time.time()),
                    *(item, self.run),
                ),
            )
            if not done.rowcount:
                raise LeaseLost
            self._add_time(db, item, pool, spent_ms)

    # ------------------------------------------------------------ what lies in the folder

    def is_under_way(self, item: int) -> bool:
        """Whether an item is unfinished, so that its files are still needed."""
        sql = "SELECT 1 FROM items WHERE id = ? AND status IN ('queued', 'running')"
        return bool(self.query(sql, item))

    def enter_results(self, found: Iterable[tuple[str, JobResult]]) -> None:
        """Enter the results of items, by key, that exist in the folder and not in the ledger."""
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
        """Queue items again whose files are incomplete."""
        with self.changing() as db:
            db.executemany(
                "UPDATE items SET status = 'queued', step = '', state = NULL"
                " WHERE id = ? AND owner IS NULL",
                ((item,) for item in items),
            )

    def never_claimed(self) -> list[tuple[str, str]]:
        """Returns keys and names of newly listed items that no run has ever claimed."""
        rows = self.query(
            "SELECT key, name FROM items JOIN listed USING (id)"
            " WHERE fresh AND status = 'queued' AND attempts = 0"
        )
        return [(str(key), str(name)) for key, name in rows]

    def ended(self) -> list[tuple[int, str, str]]:
        """Returns ids, names and formats of newly listed items that have ended."""
        rows = self.query(
            "SELECT id, name, formats FROM items JOIN listed USING (id)"
            " WHERE fresh AND ended IS NOT NULL"
            " AND status NOT IN ('queued', 'running')"
        )
        return [(int(str(item)), str(name), str(formats)) for item, name, formats in rows]

    # ------------------------------------------------------------ what there is

    def counts(self, listed_only: bool = True) -> dict[str, int]:
        """Returns the number of items of each status."""
        where = "WHERE id IN (SELECT id FROM listed)" if listed_only else ""
        rows = self.query(f"SELECT status, count(*) FROM items {where} GROUP BY status")  # noqa: S608
        return {str(status): int(str(count)) for status, count in rows}

    def has_ended(self, endings: tuple[str, ...]) -> bool:
        """Whether a listed item has one of these statuses or media states."""
        chosen, values = has_ending(endings)
        sql = f"SELECT 1 FROM items JOIN listed USING (id) WHERE {chosen} LIMIT 1"  # noqa: S608
        return bool(self.query(sql, *values))

    def records(self) -> Iterator[Record]:
        """Yields the report of each listed item, read 500 at a time."""
        last = 0
        while True:
            rows = self.query(
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

    def wanted(self) -> Iterator[PlannedJob]:
        """Yields the selected items in the order in which they are claimed."""
        rows = self.query(
            f"SELECT key, name, step, status, ended, {LAST_STATUS} FROM items"  # noqa: S608
            " JOIN wanted USING (id)"
            " ORDER BY resumes DESC, id"
        )
        for key, name, step, status, ended, last in rows:
            moment = _moment(ended)
            yield PlannedJob(str(key), str(name), str(step), str(status), moment, _text(last))

    def busy_elsewhere(self) -> int:
        """Returns how many of the listed items another run holds."""
        sql = "SELECT count(*) FROM items JOIN listed USING (id) WHERE owner <> ?"
        return int(str(self.query(sql, self.run)[0][0]))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(value: object) -> float | None:
    """Returns a value that may be seconds since 1970; None for any other."""
    return float(value) if isinstance(value, int | float) and 0 <= value < LATEST_S else None


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
