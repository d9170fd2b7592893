"""What each pool does to a job: claim it, run its steps, save its state, write its result."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from aligner._util.atomic_write import prepare_within, remove_within
from aligner.captions import store
from aligner.captions.store import StoredResult
from aligner.errors import (
    KEPT,
    AlignerError,
    BadSource,
    FeedGiven,
    NameTaken,
    OutputError,
    SitemapGiven,
)
from aligner.jobs.checkpoint import read_source, read_state, state_bytes
from aligner.jobs.existing_results import staying_result
from aligner.jobs.extra_outputs import ExtraOutputs
from aligner.jobs.job_store import JobStore
from aligner.jobs.model import (
    CancellingProgress,
    Cluster,
    Done,
    OutputTarget,
    RunningJob,
    SharedContext,
    Skipped,
)
from aligner.jobs.rows import MOST_DEATHS, Job, LeaseLost
from aligner.jobs.selection import QUEUED, JobSelection
from aligner.jobs.staged_executor import TICK_S, Forward, RunStopped
from aligner.jobs.steps import (
    LAST_STEP,
    POOLS,
    REMOTE,
    WRITE,
    ended_with_error,
    next_pool,
    run_step,
)
from aligner.jobs.storage import expect_room
from aligner.jobs.writer import ResultWriter
from aligner.pipeline.source_lists import entry_json
from aligner.pipeline.state import StepContext, failed, initial_state
from aligner.types import Source

logger = logging.getLogger(__name__)

NO_ARTICLES = "a feed or sitemap without articles, or with none of that time"


class StageRunner:
    """The work of every pool; threads of all pools share it."""

    def __init__(self, ledger: JobStore, target: OutputTarget, common: SharedContext) -> None:
        self._ledger, self._target, self._common = ledger, target, common
        self._stopping, self._quota = common.stopping, common.quota
        self._extras = ExtraOutputs(target.folder, target.extras, common.options, target.keep_media)
        self._writer = ResultWriter(target, self._extras)

    # ------------------------------------------------------------ claiming

    def jobs(self, selection: JobSelection, remote: bool = False) -> Iterator[Forward[RunningJob]]:
        """Claim the selected items one by one, each for the pool that it needs next.

        A suspect is begun when all others are done, and the next one when it has ended.
        """
        while row := self._ledger.claim(selection):
            if row.is_suspect:
                self._wait_until_held(1)
            job = self._claimed(row, forced="captioned" in selection.endings)
            pool = self._first_pool(job)
            yield Forward(REMOTE if remote and pool != WRITE else pool, job)
            if row.is_suspect:
                self._wait_until_held(0)

    def _wait_until_held(self, most: int) -> None:
        """Wait until this run holds no more items than that. Raises RunStopped."""
        while self._ledger.claimed() > most:
            if self._stopping():
                raise RunStopped
            time.sleep(TICK_S)

    def _first_pool(self, job: RunningJob) -> str:
        """Returns the pool that a claimed job enters."""
        if job.existing and self._extras.lacks_video(job.existing.outcome, job.row.name):
            return "download"
        return next_pool(job.state, job.step)

    def _claimed(self, row: Job, forced: bool) -> RunningJob:
        """Returns a claimed item as a job: ended, resumed, or at its start."""
        results = self._target.results
        if not store.is_name(row.name) or results.is_anothers(row.name, row.key):
            row = self._renamed(row)
        try:
            source = read_source(row.source, row.key)
        except ValueError as error:
            return _ended(row, row.key, f"the ledger's entry is damaged: {error}")
        listed = entry_json.decode(row.about, row.key)
        if listed.trouble:
            return _ended(row, source, entry_json.error_message(listed))
        if job := self._with_existing(row, source, forced or row.was != QUEUED):
            return job
        if row.deaths >= MOST_DEATHS:
            why = f"given up: the program died {row.deaths} times while this was being done"
            return _ended(row, source, why)
        return self._resumed(row, source) or self._begun(row, source)

    def _renamed(self, row: Job) -> Job:
        """Returns an item with another name, that no other item and no other result has."""
        taken = {store.name_key(row.name)}
        while True:
            name = self._target.results.name_for(row.key, taken)
            if self._ledger.rename(row.id, name):
                return replace(row, name=name)
            taken.add(store.name_key(name))

    def _resumed(self, row: Job, source: Source) -> RunningJob | None:
        """Returns a job after the last step that an earlier run saved; None if it begins anew."""
        if not row.state:
            return None
        try:
            step, state = read_state(
                row.state, source, self._target.work_folder(row.id), self._common.options.media
            )
        except ValueError as error:
            logger.info("%s: begun anew: %s", row.key, error)
            return None
        self._quota.hold(row.id, _size(self._target.work_folder(row.id)))
        return RunningJob(row, state, step)

    def _begun(self, row: Job, source: Source) -> RunningJob:
        """Returns a job before its first step, without files of earlier attempts."""
        self._remove_work(row.id)
        return RunningJob(row, initial_state(source), "")

    def _remove_work(self, item: int) -> None:
        """Remove the files of an unfinished item. Raises OutputError."""
        remove_within(self._target.folder, self._target.work_folder(item))

    def _with_existing(self, row: Job, source: Source, again: bool) -> RunningJob | None:
        """Returns a job whose captions exist and stay; None if it is to be captioned.

        ``again``: whether the item was asked for once more. Corrected captions stay even then.
        """
        target, is_resumed = self._target, row.state is not None
        try:
            existing = staying_result(
                target.results, row.name, again or is_resumed, target.discard_edits, tidy=True
            )
        except BadSource as error:
            return RunningJob(row, failed(initial_state(source), error), "")
        if existing is None:
            return None
        known = replace(existing.outcome, reason=KEPT) if again else existing.outcome
        state = replace(initial_state(source), result=known, done=True)
        return RunningJob(row, state, "", existing)

    # ------------------------------------------------------------ the steps

    def do(self, pool: str, job: RunningJob) -> Forward[RunningJob] | Done | Skipped:
        """Do a pool's work on a job, and save its state."""
        began = time.monotonic()
        self._ledger.begin(job.row.id, pool)
        if pool == "download":
            self._quota.enter(job.row.id)
        try:
            if pool == WRITE:
                return self._write(job, began)
            if job.existing:
                return Forward(WRITE, self._with_recording(job, job.existing))
            return self._run_steps(pool, job, began)
        except OSError as error:
            raise OutputError(
                self._target.work_folder(job.row.id), error.strerror or "?"
            ) from error
        except LeaseLost:
            self._quota.release(job.row.id)
            return Skipped()

    def _run_steps(self, pool: str, job: RunningJob, began: float) -> Forward[RunningJob] | Skipped:
        """Run a pool's steps, and save the state after them.

        Raises LeaseLost, OSError, OutputError, RunStopped.
        """
        folder = self._target.work_folder(job.row.id)
        try:
            for step in POOLS[pool]:
                if not job.state.done:
                    prepare_within(self._target.folder, folder)
                    state = run_step(step, job.state, self._context(job, folder))
                    job = replace(job, state=state, step=step)
        except (FeedGiven, SitemapGiven):
            return self._expand_list(job)
        if self._stopping():  # the step may have failed only because the run stops
            raise RunStopped
        encoded = state_bytes(job.state, job.step)
        self._ledger.save(job.row.id, job.step, encoded, pool, _ms(began))
        self._quota.hold(job.row.id, _size(folder))
        return Forward(next_pool(job.state, job.step), job)

    def _with_recording(self, job: RunningJob, existing: StoredResult) -> RunningJob:
        """Returns a job with the recording of its existing result, or why it cannot be had."""
        folder, resources = self._target.work_folder(job.row.id), self._common.resources
        prepare_within(self._target.folder, folder)
        progress = self._context(job, folder).progress
        try:
            recording = self._extras.fetch_recording(
                existing.outcome, job.row.name, folder, resources, progress
            )
        except OutputError:
            raise
        except AlignerError as error:
            expect_room(folder)
            return replace(job, recording_error=error)
        self._quota.hold(job.row.id, _size(folder))
        return replace(job, recording=recording)

    def _context(self, job: RunningJob, folder: Path) -> StepContext:
        """Returns what a step of a job needs beside its state."""
        progress = CancellingProgress(
            self._stopping, lambda size: self._quota.hold(job.row.id, size)
        )
        return StepContext(self._common.options, folder, self._common.resources, progress)

    def _expand_list(self, job: RunningJob) -> Forward[RunningJob] | Skipped:
        """Replace a job that is a feed or sitemap by its articles; without any, it ends."""
        state = job.state
        try:
            if self._common.expand_list(job.row.id, job.row.key):
                self._remove_work(job.row.id)
                return Skipped()
            known = replace(state.result, status="no_media", reason=NO_ARTICLES)
            state = replace(state, result=known)
        except LeaseLost:
            return Skipped()
        except AlignerError as error:
            state = failed(state, error)
        return Forward(WRITE, replace(job, state=replace(state, done=True)))

    def send(self, cluster: Cluster, job: RunningJob) -> Forward[RunningJob] | Done | Skipped:
        """Have a worker of a cluster do all steps of a job, and save the state."""
        began = time.monotonic()
        self._ledger.begin(job.row.id, REMOTE)
        state = job.state
        if not state.done:
            known = cluster.outcome(job.row.source, self._stopping)
            if known is None:
                return self._expand_list(job)
            state = replace(state, result=known, done=True)
        try:
            encoded = state_bytes(state, LAST_STEP)
            self._ledger.save(job.row.id, LAST_STEP, encoded, REMOTE, _ms(began))
        except LeaseLost:
            return Skipped()
        return Forward(WRITE, replace(job, state=state, step=LAST_STEP))

    # ------------------------------------------------------------ writing

    def _write(self, job: RunningJob, began: float) -> Done:
        """Write a job's files, then its end in the ledger. Raises LeaseLost, OutputError."""
        row, target = job.row, self._target
        if not self._ledger.is_ours(row.id):
            raise LeaseLost
        if row.attempts > 1:
            self._writer.remove_leftovers(row.name)
        folder = target.work_folder(row.id)
        progress = self._context(job, folder).progress
        while True:
            try:
                outcome, files, result = self._writer.write(job, progress)
                break
            except NameTaken:
                row = self._renamed(row)
                job = replace(job, row=row)
        self._ledger.end(row.id, result, WRITE, _ms(began))
        self._remove_work(row.id)
        self._quota.release(row.id)
        places = tuple(target.results.where(file) for file in files)
        return Done(row.name, outcome, places, _ms(job.began))


def _ended(row: Job, source: Source, why: str) -> RunningJob:
    """Returns a job that ends as an error before its first step."""
    return RunningJob(row, ended_with_error(initial_state(source), why), "")


def _size(folder: Path) -> int:
    """Returns the number of bytes of a folder's files."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except OSError:
        return 0


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
