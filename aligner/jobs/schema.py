"""The tables of a ledger, SQL expressions over them, and opening the file."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

WAIT_S = 60.0
"""How long a transaction waits for those of other runs."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  folded TEXT NOT NULL UNIQUE,
  source BLOB NOT NULL,
  published REAL,
  status TEXT NOT NULL DEFAULT 'queued',
  step TEXT NOT NULL DEFAULT '',
  state BLOB,
  reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  deaths INTEGER NOT NULL DEFAULT 0,
  suspect INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  formats TEXT NOT NULL DEFAULT '',
  record TEXT,
  started REAL,
  ended REAL
);
CREATE INDEX IF NOT EXISTS items_by_status ON items (status);
CREATE INDEX IF NOT EXISTS items_by_owner ON items (owner) WHERE owner IS NOT NULL;
CREATE TABLE IF NOT EXISTS steps (
  item INTEGER NOT NULL REFERENCES items (id),
  pool TEXT NOT NULL,
  run TEXT NOT NULL,
  began REAL NOT NULL,
  spent_ms INTEGER,
  PRIMARY KEY (item, pool, run)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  began REAL NOT NULL,
  seen REAL NOT NULL,
  ended REAL
);
CREATE TABLE IF NOT EXISTS lists (key TEXT PRIMARY KEY) WITHOUT ROWID;
"""
ADDED = {"started": "REAL", "suspect": "INTEGER NOT NULL DEFAULT 0"}
"""Columns of items that ledgers of earlier versions lack."""
MEDIA_STATE = "CASE WHEN json_valid(record) THEN json_extract(record, '$.state') END"
"""SQL: the state of an item's media; NULL if its record has none."""
LAST_STATUS = "CASE WHEN json_valid(record) THEN json_extract(record, '$.status') END"
"""SQL: the status of an item's last end; NULL if its record has none."""
MAY_END_OTHERWISE = (
    "(status = 'queued' OR CASE WHEN json_valid(record)"
    " THEN coalesce(json_extract(record, '$.temporary'), 1) ELSE 1 END)"
)
"""SQL: whether an item's last failure may pass by itself. True for items without a record, or with
the record of an earlier version."""
RUN_TABLES = """
CREATE TEMP TABLE listed (
  id INTEGER PRIMARY KEY, source BLOB NOT NULL, about TEXT, fresh INTEGER NOT NULL DEFAULT 1
);
CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY, resumes INTEGER NOT NULL);
"""
"""Tables of this run alone: what its list says of sources is read from them, never from the file,
which others may change."""


def connect(path: Path) -> sqlite3.Connection:
    """Returns a connection to a ledger's file, whose tables exist. Raises sqlite3.Error."""
    db = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA trusted_schema = OFF")
        if path.stat().st_size and db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        db.executescript(SCHEMA)
        _add_columns(db)
        db.executescript(RUN_TABLES)
    except UnicodeDecodeError as error:  # names and messages of a damaged file need not be UTF-8
        db.close()
        raise sqlite3.DatabaseError("damaged") from error
    except BaseException:
        db.close()
        raise
    return db


def _add_columns(db: sqlite3.Connection) -> None:
    """Add the columns that a ledger of an earlier version lacks."""
    there = {str(row[1]) for row in db.execute("PRAGMA table_info(items)")}
    for name, kind in ADDED.items():
        if name not in there:
            with contextlib.suppress(sqlite3.OperationalError):  # another run adds it meanwhile
                db.execute(f"ALTER TABLE items ADD COLUMN {name} {kind}")
