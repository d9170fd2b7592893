"""What a list says about a source, as JSON for the job database and for reports."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from aligner.types import Listed, Source


class _EntryRecord(msgspec.Struct):
    """A list's entry without its source."""

    in_list: str | None = None
    line: int | None = None
    columns: dict[str, Any] = {}
    trouble: str | None = None


def as_entry(given: Source | Listed) -> Listed:
    """Returns a source as an entry of no list; an entry is returned as it is."""
    return given if isinstance(given, Listed) else Listed(given)


def encode(entry: Listed) -> str | None:
    """Returns an entry without its source as JSON; None if it has nothing else."""
    if entry == Listed(entry.source):
        return None
    made = {
        "in_list": entry.in_list, "line": entry.line, "columns": dict(entry.columns),
        "trouble": entry.trouble,
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False)


def decode(stored: str | None, source: Source) -> Listed:
    """Returns the entry of ``source`` that ``encode`` has stored."""
    if stored is None:
        return Listed(source)
    kept = msgspec.json.decode(stored, type=_EntryRecord)
    return Listed(source, kept.in_list, kept.line, kept.columns, kept.trouble)


def report_fields(stored: str | None) -> dict[str, Any]:
    """Returns a report's fields on an entry: the list, the line in it, and the other columns."""
    entry = decode(stored, "")
    return {"list": entry.in_list, "line": entry.line, "columns": dict(entry.columns)}


def utc_iso(moment: float | None) -> str | None:
    """Formats seconds since 1970 in ISO 8601, in UTC."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def error_message(entry: Listed) -> str:
    """Returns why an entry has no usable source, after the list and the line."""
    return f"{entry.place}: {entry.trouble}" if entry.place else str(entry.trouble)
