"""What a list says of a source -> text in the ledger and the report, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from aligner.types import Listed, Source


class _About(msgspec.Struct):
    """What is kept of a list's entry, without its source."""

    in_list: str | None = None
    line: int | None = None
    columns: dict[str, Any] = {}
    trouble: str | None = None


def listed(given: Source | Listed) -> Listed:
    """A source -> the same as a list's entry."""
    return given if isinstance(given, Listed) else Listed(given)


def text(entry: Listed) -> str | None:
    """What a list says of its entry, as JSON; None where it says nothing."""
    if entry == Listed(entry.source):
        return None
    made = {
        "in_list": entry.in_list, "line": entry.line, "columns": dict(entry.columns),
        "trouble": entry.trouble,
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False)


def read(said: str | None, source: Source) -> Listed:
    """The reverse; a source of which nothing was kept is an entry alone."""
    if said is None:
        return Listed(source)
    kept = msgspec.json.decode(said, type=_About)
    return Listed(source, kept.in_list, kept.line, kept.columns, kept.trouble)


def reported(said: str | None) -> dict[str, Any]:
    """What a report has of it: the list, the line in it, and the other columns."""
    entry = read(said, "")
    return {"list": entry.in_list, "line": entry.line, "columns": dict(entry.columns)}


def iso(moment: float | None) -> str | None:
    """Seconds since 1970 -> ISO 8601, in UTC."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def sentence(entry: Listed) -> str:
    """Why an entry names no source, with the place where it stands."""
    return f"{entry.place}: {entry.trouble}" if entry.place else str(entry.trouble)
