"""Which items of a ledger a run does, by their status and the state of their media."""

from __future__ import annotations

from dataclasses import dataclass

from aligner.jobs.schema import LAST_STATUS, MAY_END_OTHERWISE, MEDIA_STATE

QUEUED, RUNNING = "queued", "running"
RECHECKED = ("no_media", "media_unavailable", "error")
"""Statuses of items whose media may have appeared, or come back, since the last attempt."""
ENDED = f"status NOT IN ('{QUEUED}', '{RUNNING}')"


def has_ending(endings: tuple[str, ...]) -> tuple[str, tuple[object, ...]]:
    """Returns the SQL condition, and its values, that an item has one of these endings."""
    marks = ", ".join("?" * len(endings))
    states = f"({ENDED} AND {MEDIA_STATE} IN ({marks}))"
    return f"(status IN ({marks}) OR {states})", (*endings, *endings)


def _is_interrupted(endings: tuple[str, ...]) -> tuple[str, tuple[object, ...]]:
    """Returns an SQL condition and its values: a repeated item that a stopped run left queued.

    Its last attempt before that ended with one of ``endings``.
    """
    marks = ", ".join("?" * len(endings))
    before = f"({LAST_STATUS} IN ({marks}) OR {MEDIA_STATE} IN ({marks}))"
    return f"(status = '{QUEUED}' AND {before})", (*endings, *endings)


@dataclass(frozen=True, slots=True)
class JobSelection:
    """Which of the listed items are to be done."""

    endings: tuple[str, ...] = (QUEUED,)
    """Statuses or media states; "queued" selects items that were never done."""
    temporary_only: bool = False
    """Of the items that ended, select only those whose failure may pass by itself."""
    recheck: tuple[str, ...] = ()
    """Statuses or media states of items that are selected if they ended before ``before``."""
    before: float = 0.0
    """Seconds since 1970."""

    def condition(self) -> tuple[str, tuple[object, ...]]:
        """Returns the SQL condition of the selected items, and its values."""
        chosen, values = has_ending(self.endings)
        if self.temporary_only:
            chosen = f"({chosen} AND {MAY_END_OTHERWISE})"
        again, more = _is_interrupted((*self.endings, *self.recheck))
        old, yet_more = has_ending(self.recheck)
        return (
            f"({chosen} OR {again} OR ({old} AND {ENDED} AND ended < ?))",
            (*values, *more, *yet_more, self.before),
        )
