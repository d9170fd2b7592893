"""What a ledger's rows hold, and what is written into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aligner.jobs.selection import QUEUED

MOST_DEATHS = 5
"""An item during which, alone, the program died this often is given up."""


class LeaseLost(Exception):
    """Another run has taken over the item, so this run's work on it is dropped."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed item."""

    id: int
    key: str
    name: str
    source: bytes
    state: bytes | None
    attempts: int
    deaths: int
    step: str
    about: str | None = None
    """The list's other columns for it, as JSON."""
    was: str = QUEUED
    """Its status before it was claimed."""
    is_suspect: bool = False
    """Whether the program died while this was being done, perhaps with others. It is done alone."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """An item to be entered."""

    key: str
    source: bytes
    name: str
    other: Callable[[set[str]], str]
    """Returns its name if other items have all names with these keys."""
    published: float | None = None
    about: str | None = None
    """The list's other columns for it, as JSON."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the reports say of an item."""

    key: str
    status: str
    reason: str
    attempts: int
    record: str | None
    """Its line in the report, as JSON."""
    about: str | None
    """The list's other columns for it, as JSON."""
    started: float | None
    """When its last finished attempt began, in seconds since 1970; None if no run did it."""
    ended: float | None
    spent_ms: int
    """Time that all pools worked on it since ``started``."""


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """An item that is to be done."""

    key: str
    name: str
    step: str
    """The last step done; "" if none is."""
    status: str
    """Its status before; "queued" if it was not done."""
    ended: float | None
    """When it ended, in seconds since 1970."""
    last: str | None
    """The status of its last end, also if it is queued again."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """How an item ended."""

    status: str
    reason: str
    record: str
    """Its line in the report, as JSON."""
    formats: str
    """Formats and marks of extras that are complete, separated by commas."""
    at: float | None = None
    """When it ended, in seconds since 1970; None for now."""
