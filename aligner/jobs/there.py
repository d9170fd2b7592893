"""Captions of an item that are there: whether they stay, and what a run would do about it."""

from __future__ import annotations

from aligner.captions.store import Kept
from aligner.errors import BadSource
from aligner.jobs.choice import QUEUED
from aligner.jobs.job_store import Wanted
from aligner.jobs.storage import ResultStore


def staying(
    shelf: ResultStore, name: str, anew: bool, discard_edits: bool, tidy: bool
) -> Kept | None:
    """The captions of an item that are there and stay, but for what is missing; None if none do.

    ``anew``: whether the item was asked for once more. What a person has corrected stays even
    then, unless ``discard_edits``. ``tidy``: whether a change that was cut short may be finished.
    Raises BadSource for a sidecar of a later schema.
    """
    there = shelf.kept(name, tidy) if shelf.has(name) else None
    if there is None or there.outcome.captions is None:
        return None
    stays = not anew or (there.edited and not discard_edits)
    return there if stays else None


def intent(shelf: ResultStore, item: Wanted, forced: bool, discard_edits: bool) -> str | None:
    """What a run would do with an item whose captions stay, as a clause; None for all others."""
    anew = forced or item.status != QUEUED or bool(item.step)
    try:
        there = staying(shelf, item.name, anew, discard_edits, tidy=False)
    except BadSource as error:
        return f"leave as it is: {error.why}"
    if there is None:
        return None
    if anew:
        return "leave as somebody corrected it (see --discard-edits)"
    return "write what is missing of what is there"
