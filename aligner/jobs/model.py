"""A job on its way through the pools, its end, and what all jobs of a run share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aligner.captions.formats import Look
from aligner.captions.store import StoredResult
from aligner.errors import AlignerError
from aligner.jobs.disk_quota import DiskQuota
from aligner.jobs.rows import Job
from aligner.jobs.staged_executor import RunStopped
from aligner.jobs.storage import ResultStore, WriteOptions
from aligner.pipeline.options import Options
from aligner.pipeline.resources import Resources
from aligner.pipeline.state import PipelineState
from aligner.review.extras import Extras
from aligner.types import CaptionResult

INNER = ".aligner"
"""The subfolder of the results' folder with the ledger and the files of unfinished jobs."""


class Cluster(Protocol):
    """Workers of other processes or machines, each of which does all steps of a job."""

    def outcome(self, source: bytes, stopping: Callable[[], bool]) -> CaptionResult | None:
        """Returns a worker's result for an encoded source; None for a feed or sitemap.

        Raises RunStopped, and EngineUnavailable if a worker has no recogniser.
        """
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """A finished job."""

    name: str
    """Of its files, without suffix."""
    outcome: CaptionResult
    files: tuple[str, ...]
    """Paths or addresses."""
    spent_ms: int
    """Time since this run claimed the job."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A job that left this run: another run has taken it over, or it was a list."""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A claimed job between two pools."""

    row: Job
    state: PipelineState
    step: str
    """The last step done; "" if none is."""
    existing: StoredResult | None = None
    """A result that stays; only its missing files are written."""
    recording: Path | None = None
    """The recording of an existing result."""
    recording_error: AlignerError | None = None
    """Why the recording of an existing result cannot be had."""
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """Where a run puts results and unfinished work, and what it writes."""

    folder: Path
    results: ResultStore
    formats: tuple[str, ...]
    look: Look
    keep_media: int | bool | None
    """See ``BatchOptions``."""
    discard_edits: bool = False
    extras: Extras = Extras()  # noqa: RUF009  frozen

    @property
    def wanted(self) -> tuple[str, ...]:
        """The formats, and the marks of the extras, that make an item complete."""
        return (*self.formats, *self.extras.marks)

    @property
    def how(self) -> WriteOptions:
        """WriteOptions results are written."""
        return WriteOptions(self.formats, self.look, self.discard_edits)

    @property
    def inner(self) -> Path:
        """The folder of the ledger and of unfinished work."""
        return self.folder / INNER

    def work_folder(self, item: int) -> Path:
        """Returns the folder for the files of an unfinished item."""
        return self.inner / "work" / str(item)


class CancellingProgress:
    """Progress of one job that stops it when the run stops, and reports its disk usage."""

    def __init__(self, stopping: Callable[[], bool], hold: Callable[[int], None]) -> None:
        """``hold`` takes the number of bytes that the job's download needs."""
        self._stopping, self._hold = stopping, hold
        self._name = ""

    def stage(self, name: str) -> None:
        self._name = name
        self._check()

    def advance(self, done: int, total: int | None) -> None:
        self._check()
        if self._name == "download":
            self._hold(max(done, total or 0))

    def _check(self) -> None:
        if self._stopping():
            raise RunStopped


@dataclass(frozen=True, slots=True)
class SharedContext:
    """What all jobs of a run have in common."""

    options: Options
    resources: Resources
    stopping: Callable[[], bool]
    """Whether the run stops."""
    quota: DiskQuota
    expand_list: Callable[[int, str], int]
    """Replaces an item (id and source) that is a list by its articles, and returns their number.

    Raises BadSource, PageUnavailable, LeaseLost."""
