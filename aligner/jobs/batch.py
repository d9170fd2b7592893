"""One run over the jobs of a folder."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aligner._util.concurrency import cpu_count
from aligner._util.temporary_folder import temporary_folder
from aligner.errors import BadSource, OutputError
from aligner.jobs import report
from aligner.jobs.disk_quota import DiskQuota
from aligner.jobs.existing_results import planned_action
from aligner.jobs.fsspec_storage import Remote
from aligner.jobs.intake import JobIntake
from aligner.jobs.job_store import JobStore
from aligner.jobs.ledger import LEDGER
from aligner.jobs.model import INNER, Done, OutputTarget, RunningJob, SharedContext, Skipped
from aligner.jobs.options import BatchOptions
from aligner.jobs.resources import shared_resources
from aligner.jobs.rows import PlannedJob
from aligner.jobs.runner import StageRunner
from aligner.jobs.staged_executor import Pool, StagedExecutor
from aligner.jobs.steps import NETWORK, POOLS, REMOTE, WRITE
from aligner.jobs.storage import Folder, ResultStore
from aligner.net import client
from aligner.pipeline.options import Options
from aligner.pipeline.progress import CancelToken
from aligner.types import Listed, Source

if TYPE_CHECKING:
    from aligner.jobs.ray_executor import RayCluster

HEARTBEAT_S = 15.0
LISTENERS = 2
"""Recordings that one recogniser hears at a time: the end of one leaves cores idle."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The progress of a batch."""

    counts: dict[str, int]
    """Listed items by status, including "queued" and "running"."""
    busy: dict[str, int]
    """Items that each pool is working on."""
    done: int
    """Items that this run has done."""
    todo: int
    """Items that this run is to do, including those done."""
    elapsed_s: float


class Batch:
    """One run over the items of a folder's ledger."""

    def __init__(self, options: Options, how: BatchOptions, ledger: Path | None = None) -> None:
        """Open the ledger, in the folder ``ledger`` or with the results.

        Raises OutputError, and BadSource for extras that cannot be made.
        """
        self._options, self._how = options, how
        if how.extras.marks and (how.store or how.ray):
            why = "videos with captions and pages are made in a folder of this machine, by this run"
            raise BadSource(str(how.store or how.ray), why)
        self._results: ResultStore = Remote(how.store) if how.store else Folder(how.folder)
        self._target = OutputTarget(
            how.folder, self._results, how.formats, how.look, how.keep_media, how.discard_edits,
            how.extras,
        )  # fmt: skip
        self._closing = ExitStack()
        self.ledger = self._closing.enter_context(JobStore(ledger or self._target.inner))
        web = replace(how.web, allow_private=options.allow_private, net=options.net)
        self.session = self._closing.enter_context(client.Session(web))
        self.cancel: CancelToken | None = None
        """Ends the run early: ``results`` then raises Cancelled."""
        self._executor: StagedExecutor[RunningJob, Done | Skipped] | None = None
        self.cluster: RayCluster | None = None
        """The Ray cluster that does the items."""
        self._intake = JobIntake(self.ledger, self._target, how, options, self.session)
        self._began = time.monotonic()
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    @property
    def todo(self) -> int:
        """The number of items that this run is to do, including those done."""
        return self._intake.todo

    def enter(self, given: Iterable[Source | Listed]) -> int:
        """Enter sources into the ledger, each once, and return how many items are to be done.

        The first entry of a source counts. Results of earlier runs and of `aligner caption` in
        the folder count as done.
        """
        self._intake.enter(given)
        return self.todo

    def results(self) -> Iterator[Done]:
        """Do the items, and yield each when it is done.

        Raises OutputError if results can no longer be written, EngineUnavailable without a
        recogniser, Cancelled. After any of these, a new run of the same folder goes on.
        """
        self._results.prepare()
        ended = threading.Event()
        heartbeat = threading.Thread(target=self._renew_lease, args=(ended,), daemon=True)
        heartbeat.start()
        try:
            with ExitStack() as stack:
                for result in stack.enter_context(closing(self._rounds(stack))):
                    if isinstance(result, Done):
                        self._done += 1
                        yield result
        finally:
            ended.set()
            heartbeat.join()

    def _rounds(self, stack: ExitStack) -> Generator[Done | Skipped]:
        """Run the selected items through the pools, again if the last ones were lists."""
        resources = shared_resources(self._options, self.session)
        quota = DiskQuota(self._how.disk_bytes, self._is_stopping)
        common = SharedContext(
            self._options, resources, self._is_stopping, quota, self._intake.expand_list
        )
        runner = StageRunner(self.ledger, self._target, common)
        pools = self._pools(runner, stack)
        while True:
            self._executor = StagedExecutor(pools, self.cancel)
            jobs = runner.jobs(self._intake.selection, self._how.ray is not None)
            yield from self._executor.run(jobs)
            if not self.ledger.has_wanted():
                return

    def _is_stopping(self) -> bool:
        """Whether the executor is to stop."""
        return bool(self._executor and self._executor.stopping)

    def _pools(
        self, runner: StageRunner, stack: ExitStack
    ) -> tuple[Pool[RunningJob, Done | Skipped], ...]:
        """Returns the pools of this process, or a cluster's pool and the one that writes."""
        how = self._how
        if how.ray is None:
            threads = dict.fromkeys(NETWORK, how.network) | {"listen": min(LISTENERS, cpu_count())}
            return tuple(
                Pool(name, threads.get(name, 1), partial(runner.do, name)) for name in POOLS
            )
        from aligner.jobs.ray_executor import RayCluster, WorkerRequest

        request = WorkerRequest(how.workers, how.gpu_workers)
        self.cluster = cluster = RayCluster(how.ray, request, self._options, how.web)
        stack.callback(cluster.close)
        return (
            Pool(REMOTE, cluster.slots, partial(runner.send, cluster)),
            Pool(WRITE, 1, partial(runner.do, WRITE)),
        )

    def _renew_lease(self, ended: threading.Event) -> None:
        """Renew this run's lease until it has ended."""
        while not ended.wait(HEARTBEAT_S):
            try:
                self.ledger.renew_lease()
            except OutputError:
                continue  # the next thread that writes raises it

    def intent(self, item: PlannedJob) -> str | None:
        """Returns what this run would do with an item whose captions stay; None for all others."""
        forced = "captioned" in self._intake.selection.endings
        return planned_action(self._results, item, forced, self._how.discard_edits)

    def snapshot(self) -> Snapshot:
        """Returns the progress of the run."""
        busy = dict(self._executor.busy) if self._executor else {}
        elapsed = time.monotonic() - self._began
        return Snapshot(self.ledger.counts(), busy, self._done, self.todo, elapsed)

    def write_reports(self) -> tuple[str, str]:
        """Write report.jsonl and report.html of all listed items, and return where they are.

        Raises OutputError.
        """
        return report.write(self.ledger, self._results)


@contextmanager
def dry_run(options: Options, how: BatchOptions) -> Iterator[Batch]:
    """A batch on a copy of the ledger, to see what a run would do; nothing is changed."""
    with temporary_folder() as aside:
        copy = aside
        real = how.folder / INNER / LEDGER
        if real.is_file():
            address = f"{real.absolute().as_uri()}?mode=ro"
            with (
                closing(sqlite3.connect(address, uri=True)) as old,
                closing(sqlite3.connect(copy / LEDGER)) as new,
            ):
                old.backup(new)
        with Batch(options, how, copy) as batch:
            yield batch
