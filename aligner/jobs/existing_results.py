"""Captions that exist already: whether they stay, and what a run would do about them."""

from __future__ import annotations

from aligner.captions.store import StoredResult
from aligner.errors import BadSource
from aligner.jobs.rows import PlannedJob
from aligner.jobs.selection import QUEUED
from aligner.jobs.storage import ResultStore


def staying_result(
    results: ResultStore, name: str, again: bool, discard_edits: bool, tidy: bool
) -> StoredResult | None:
    """Returns an existing result whose captions stay, so that only missing files are written.

    ``again``: whether the item was asked for once more. Captions that a person corrected stay even
    then, unless ``discard_edits``. ``tidy``: whether a change that was cut short may be finished.
    Raises BadSource for a sidecar of a later schema.
    """
    existing = results.kept(name, tidy) if results.has(name) else None
    if existing is None or existing.outcome.captions is None:
        return None
    stays = not again or (existing.edited and not discard_edits)
    return existing if stays else None


def planned_action(
    results: ResultStore, item: PlannedJob, forced: bool, discard_edits: bool
) -> str | None:
    """Returns what a run would do with an item whose captions stay; None for all other items."""
    again = forced or item.status != QUEUED or bool(item.step)
    try:
        existing = staying_result(results, item.name, again, discard_edits, tidy=False)
    except BadSource as error:
        return f"leave as it is: {error.why}"
    if existing is None:
        return None
    if again:
        return "leave as somebody corrected it (see --discard-edits)"
    return "write what is missing"
