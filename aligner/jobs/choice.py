"""Which items of a ledger a run is to do, by what became of them before."""

from __future__ import annotations

from dataclasses import dataclass

from aligner.jobs.schema import LAST_STATUS, MAY_END_OTHERWISE, MEDIA_STATE

QUEUED, RUNNING = "queued", "running"
RECHECKED = ("no_media", "media_unavailable", "error")
"""Statuses of items whose media may have come, or come back, since they were looked at."""
ENDED = f"status NOT IN ('{QUEUED}', '{RUNNING}')"


def ended_so(endings: tuple[str, ...]) -> tuple[str, tuple[object, ...]]:
    """SQL, and its values: whether an item has one of some statuses, or states of its media."""
    marks = ", ".join("?" * len(endings))
    states = f"({ENDED} AND {MEDIA_STATE} IN ({marks}))"
    return f"(status IN ({marks}) OR {states})", (*endings, *endings)


def _interrupted(endings: tuple[str, ...]) -> tuple[str, tuple[object, ...]]:
    """SQL, and its values: whether an item that had ended so was being done again by a run that was
    stopped."""
    marks = ", ".join("?" * len(endings))
    before = f"({LAST_STATUS} IN ({marks}) OR {MEDIA_STATE} IN ({marks}))"
    return f"(status = '{QUEUED}' AND {before})", (*endings, *endings)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be done of the listed items."""

    endings: tuple[str, ...] = (QUEUED,)
    """Statuses, or states of media; "queued" for what was not done yet."""
    passing_only: bool = False
    """Of those that ended, only those that may end otherwise with nothing changed here."""
    recheck: tuple[str, ...] = ()
    """Statuses, or states of media, of items that are to be done if they ended early enough."""
    before: float = 0.0
    """Before which moment these must have ended, in seconds since 1970."""

    def condition(self) -> tuple[str, tuple[object, ...]]:
        """SQL, and its values: whether an item is to be done."""
        chosen, values = ended_so(self.endings)
        if self.passing_only:
            chosen = f"({chosen} AND {MAY_END_OTHERWISE})"
        again, more = _interrupted((*self.endings, *self.recheck))
        old, yet_more = ended_so(self.recheck)
        return (
            f"({chosen} OR {again} OR ({old} AND {ENDED} AND ended < ?))",
            (*values, *more, *yet_more, self.before),
        )
