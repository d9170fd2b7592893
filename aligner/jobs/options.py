"""The options of a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from aligner import defaults
from aligner.captions.formats import PLAIN, Look
from aligner.jobs.selection import QUEUED, RECHECKED
from aligner.net import client
from aligner.pipeline.options import polite_web_options
from aligner.review.extras import Extras
from aligner.types import DateRange, Status

FAILED: tuple[Status, ...] = ("error", "media_unavailable")
"""Statuses of items that may end otherwise the next time."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch runs; ``pipeline.options.Options`` say how each source is captioned."""

    folder: Path
    """Folder for the results; the ledger is in its ``.aligner``."""
    formats: tuple[str, ...] = defaults.FORMATS
    look: Look = PLAIN
    statuses: tuple[str, ...] = (QUEUED,)
    """Statuses and media states of the items to do; "queued" for those that were never done."""
    temporary_only: bool = False
    """Of the items that failed, do only those whose failure may pass by itself:
    ``pipeline.diagnosis.is_temporary``."""
    recheck_after: timedelta | None = None
    """Also do items that ended as one of ``recheck`` longer ago than this."""
    recheck: tuple[str, ...] = RECHECKED
    limit: int | None = None
    """The largest number of items to do."""
    window: DateRange = DateRange()  # noqa: RUF009  frozen
    """When articles of feeds and sitemaps among the items must have been published."""
    web: client.WebOptions = field(default_factory=polite_web_options)
    """How requests are made; ``allow_private`` and ``net`` come from ``Options``."""
    network: int = defaults.JOBS
    """Number of pages fetched at the same time, and of recordings."""
    disk_bytes: int = defaults.DISK_BYTES
    """A download begins only while the unfinished recordings take less."""
    discard_edits: bool = False
    """Whether captions that a person corrected are also made again."""
    extras: Extras = Extras()  # noqa: RUF009  frozen
    """What is made of each result beside its formats; not with ``ray`` or ``store``."""
    keep_media: int | bool | None = None
    """Fetched recordings up to this size in bytes are kept in the folder's ``media``; True for all,
    False for none. None keeps those of pages to review, beside the captions. Not with ``ray``."""
    store: str | None = None
    """Address (s3://bucket/path) of the results, in place of the folder."""
    ray: str | None = None
    """Address of a Ray cluster whose workers do the items, or "local" for one of this machine;
    None to do them in this process."""
    workers: int | None = None
    """Number of workers with one core; None for one for each free core of the cluster."""
    gpu_workers: int = defaults.GPU_WORKERS
    """Number of workers with a GPU."""
