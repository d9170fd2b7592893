"""Items of the ledger through the pools: each pool does its steps of the main job, and saves.

The same steps as for a single article (``pipeline.steps.STEPS``). This is the boundary at which a
library that raises what it never should becomes an outcome, so that the other items go on.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from aligner.captions import store
from aligner.captions.formats import Look
from aligner.captions.store import Kept
from aligner.errors import (
    EARLIER_KEPT,
    KEPT,
    AlignerError,
    BadSource,
    CorrectionsKept,
    EarlierCaptionsKept,
    FeedGiven,
    InvalidCaptions,
    OutputError,
    SitemapGiven,
)
from aligner.jobs import report_row
from aligner.jobs.beside import Beside, Made, names, with_trouble
from aligner.jobs.checkpoint import read_source, read_work, work_bytes
from aligner.jobs.choice import QUEUED, Choice
from aligner.jobs.disk_quota import Budget
from aligner.jobs.job_store import MOST_DEATHS, Job, JobResult, JobStore, LeaseLost
from aligner.jobs.staged_executor import Forward, RunStopped
from aligner.jobs.storage import How, ResultStore, expect_room
from aligner.jobs.there import staying
from aligner.pipeline.options import Options
from aligner.pipeline.resources import Resources
from aligner.pipeline.source_lists import about
from aligner.pipeline.state import PipelineState, StepContext, failed, initial_state
from aligner.pipeline.steps import STEPS
from aligner.review.extras import Extras
from aligner.types import CaptionResult, FeedItem, Source

logger = logging.getLogger(__name__)

POOLS: dict[str, tuple[str, ...]] = {
    "page": ("page", "find"),
    "download": ("download",),
    "decode": ("decode",),
    "listen": ("listen", "match"),
    "timing": ("timing",),
    "write": (),
}
"""Which steps each pool does; the last one writes what came out."""
NETWORK = ("page", "download")
"""The pools that wait for others, and so do several items at a time."""
ORDER = tuple(POOLS)
POOL_OF = {step: pool for pool, steps in POOLS.items() for step in steps}
REMOTE, LAST = "remote", list(STEPS)[-1]
"""The pool that has others do all steps, the last of which is called so."""
INNER = ".aligner"
NO_ARTICLES = "a feed or sitemap without articles, or with none of that time"


class Cluster(Protocol):
    """Workers somewhere."""

    def outcome(self, source: bytes, stopping: Callable[[], bool]) -> CaptionResult:
        """What a worker makes of a source.

        Raises Stopped, IsList, and EngineUnavailable as ``run_step``.
        """
        ...


class IsFeedOrSitemap(Exception):
    """An item is a feed or a sitemap: its articles are to be done in its place."""


class EngineMissing(Exception):
    """There is no recogniser: not one item's matter, but the run's."""

    def __init__(self, error: AlignerError) -> None:
        self.error = error
        super().__init__(str(error))


@dataclass(frozen=True, slots=True)
class Done:
    """An item that is done."""

    name: str
    """Of its files, without suffix."""
    outcome: CaptionResult
    files: tuple[str, ...]
    """As people find them: paths, or addresses."""
    spent_ms: int
    """From being taken up, by this run."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that is no more this run's: another has taken it over, or it was a list."""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """An item on its way."""

    row: Job
    work: PipelineState
    step: str
    """The last step done; "" if none is."""
    there: Kept | None = None
    """A result that is there, and left as it is but for what is missing."""
    film: Path | None = None
    """The recording of a result that is there."""
    trouble: AlignerError | None = None
    """Why that cannot be had."""
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """Where results and what is needed on the way lie, and what is written."""

    folder: Path
    shelf: ResultStore
    formats: tuple[str, ...]
    look: Look
    keep_media: bool
    discard_edits: bool = False
    extras: Extras = Extras()  # noqa: RUF009  frozen

    @property
    def wanted(self) -> tuple[str, ...]:
        """The formats, and the marks of what is made beside them."""
        return (*self.formats, *self.extras.marks)

    @property
    def how(self) -> How:
        """How results are written."""
        return How(self.formats, self.look, self.discard_edits)

    @property
    def inner(self) -> Path:
        """The folder of the ledger, and of what is needed on the way."""
        return self.folder / INNER

    def of(self, item: int) -> Path:
        return self.inner / "work" / str(item)


class CancellingProgress:
    """Progress of one item that is an occasion to stop, and tells the budget what it holds."""

    def __init__(self, stopping: Callable[[], bool], hold: Callable[[int], None]) -> None:
        self._stopping, self._hold = stopping, hold
        self._name = ""

    def stage(self, name: str) -> None:
        self._name = name
        self._heed()

    def advance(self, done: int, total: int | None) -> None:
        self._heed()
        if self._name == "download":
            self._hold(max(done, total or 0))

    def _heed(self) -> None:
        if self._stopping():
            raise RunStopped


@dataclass(frozen=True, slots=True)
class SharedContext:
    """What all items of a run have in common."""

    options: Options
    tools: Resources
    stopping: Callable[[], bool]
    budget: Budget
    open: Callable[[int, str], int]
    """An item that is a list, and its source -> how many articles there are in its place.

    Raises BadSource, PageUnavailable, Lost."""


class StageRunner:
    """What is done to items, pool by pool."""

    def __init__(self, ledger: JobStore, place: OutputTarget, common: SharedContext) -> None:
        self._ledger, self._place, self._common = ledger, place, common
        self._stopping, self._budget = common.stopping, common.budget
        self._beside = Beside(place.folder, place.extras, common.options)

    # ------------------------------------------------------------ taking up

    def jobs(self, choice: Choice, remote: bool = False) -> Iterator[Forward[RunningJob]]:
        """The wanted items, claimed one by one, each for the pool that it needs next."""
        while row := self._ledger.claim(choice):
            job = self._job(row, forced="captioned" in choice.endings)
            pool = self._first(job)
            yield Forward(REMOTE if remote and pool != ORDER[-1] else pool, job)

    def _first(self, job: RunningJob) -> str:
        """The pool that an item that was taken up goes to."""
        if job.there and self._beside.lacks_video(job.there.outcome, job.row.name):
            return "download"
        return _next(job)

    def _job(self, row: Job, forced: bool) -> RunningJob:
        folder = self._place.of(row.id)
        if not store.is_name(row.name):  # somebody changed the ledger
            row = replace(row, name=self._place.shelf.name_for(row.key, set()))
        try:
            source = read_source(row.source)
        except ValueError as error:
            work = initial_state(row.key)
            why = f"the ledger's entry is damaged: {error}"
            return RunningJob(row, replace(work, result=_failed(work, why), done=True), "")
        said = about.read(row.about, row.key)
        if said.trouble:
            work = initial_state(source)
            return RunningJob(
                row, replace(work, result=_failed(work, about.sentence(said)), done=True), ""
            )
        if job := self._left(row, source, forced or row.was != QUEUED):
            return job
        if row.deaths >= MOST_DEATHS:
            why = f"given up: the program died {row.deaths} times while this was being done"
            return RunningJob(
                row,
                replace(
                    initial_state(source), result=_failed(initial_state(source), why), done=True
                ),
                "",
            )
        if row.state:
            try:
                step, work = read_work(row.state, source)
                self._budget.hold(row.id, _size(folder))
                return RunningJob(row, work, step)
            except ValueError as error:
                logger.info("%s: begun anew: %s", row.key, error)
        shutil.rmtree(folder, ignore_errors=True)
        return RunningJob(row, initial_state(source), "")

    def _left(self, row: Job, source: Source, anew: bool) -> RunningJob | None:
        """An item whose captions are there and stay; None if it is to be captioned.

        ``anew``: whether it was asked for once more. What a person has corrected stays even then.
        """
        place, on_its_way = self._place, row.state is not None
        try:
            there = staying(
                place.shelf, row.name, anew or on_its_way, place.discard_edits, tidy=True
            )
        except BadSource as error:
            return RunningJob(row, failed(initial_state(source), error), "")
        if there is None:
            return None
        known = replace(there.outcome, reason=KEPT) if anew else there.outcome
        return RunningJob(row, replace(initial_state(source), result=known, done=True), "", there)

    # ------------------------------------------------------------ the steps

    def do(self, pool: str, job: RunningJob) -> Forward[RunningJob] | Done | Skipped:
        """What a pool does to an item."""
        began = time.monotonic()
        self._ledger.begin(job.row.id, pool)
        if pool == "download":
            self._budget.enter(job.row.id)
        try:
            if pool == ORDER[-1]:
                return self._write(job, began)
            if job.there:
                return Forward(ORDER[-1], self._fetched(job, job.there))
            try:
                job = self._steps(pool, job)
            except IsFeedOrSitemap:
                return self._open(job)
            if self._stopping():  # what a step gave while all stopped may be the stopping's doing
                raise RunStopped
            state = work_bytes(job.work, job.step)
            self._ledger.save(job.row.id, job.step, state, pool, _ms(began))
        except OSError as error:
            raise OutputError(self._place.of(job.row.id), error.strerror or "?") from error
        except LeaseLost:
            self._budget.leave(job.row.id)
            return Skipped()
        self._budget.hold(job.row.id, _size(self._place.of(job.row.id)))
        return Forward(_next(job), job)

    def _fetched(self, job: RunningJob, there: Kept) -> RunningJob:
        """An item whose captions are there, with its recording, or why that cannot be had."""
        folder, tools = self._place.of(job.row.id), self._common.tools
        store.prepare(folder)
        telling = self._desk(job, folder).progress
        try:
            film = self._beside.fetch(there.outcome, job.row.name, folder, tools, telling)
        except OutputError:
            raise
        except AlignerError as error:
            expect_room(folder)
            return replace(job, trouble=error)
        self._budget.hold(job.row.id, _size(folder))
        return replace(job, film=film)

    def _steps(self, pool: str, job: RunningJob) -> RunningJob:
        for step in POOLS[pool]:
            if not job.work.done:
                job = replace(job, work=self._step(step, job), step=step)
        return job

    def _step(self, step: str, job: RunningJob) -> PipelineState:
        """One step; see ``run_step``."""
        folder = self._place.of(job.row.id)
        store.prepare(folder)
        return run_step(step, job.work, self._desk(job, folder))

    def _desk(self, job: RunningJob, folder: Path) -> StepContext:
        telling = CancellingProgress(
            self._stopping, lambda size: self._budget.hold(job.row.id, size)
        )
        return StepContext(self._common.options, folder, self._common.tools, telling)

    def _open(self, job: RunningJob) -> Forward[RunningJob] | Skipped:
        """An item that is a list -> its articles in its place; without any, that is its end."""
        work = job.work
        try:
            if self._common.open(job.row.id, job.row.key):
                shutil.rmtree(self._place.of(job.row.id), ignore_errors=True)
                return Skipped()
            work = replace(work, result=replace(work.result, status="no_media", reason=NO_ARTICLES))
        except LeaseLost:
            return Skipped()
        except AlignerError as error:
            work = failed(work, error)
        return Forward(ORDER[-1], replace(job, work=replace(work, done=True)))

    def send(self, cluster: Cluster, job: RunningJob) -> Forward[RunningJob] | Done | Skipped:
        """What a worker of a cluster makes of an item, all steps at once."""
        began = time.monotonic()
        self._ledger.begin(job.row.id, REMOTE)
        work = job.work
        if not work.done:
            try:
                known = cluster.outcome(job.row.source, self._stopping)
            except IsFeedOrSitemap:
                return self._open(job)
            work = replace(work, result=known, done=True)
        try:
            self._ledger.save(job.row.id, LAST, work_bytes(work, LAST), REMOTE, _ms(began))
        except LeaseLost:
            return Skipped()
        return Forward(ORDER[-1], replace(job, work=work, step=LAST))

    # ------------------------------------------------------------ writing

    def _write(self, job: RunningJob, began: float) -> Done:
        """The files of an item, then its end in the ledger. Raises Lost, OutputError."""
        row, place = job.row, self._place
        if not self._ledger.is_ours(row.id):
            raise LeaseLost
        if row.attempts > 1:
            place.shelf.sweep(row.name)
            self._beside.sweep(row.name)
        outcome = job.work.result if job.there else self._kept(job)
        outcome, files = self._files(outcome, row.name, job.there)
        more = self._extras(job, outcome)
        outcome = with_trouble(outcome, more)
        files = (*files, *names(more.files, place.folder))
        made = report_row.of(outcome, row.name, files)
        formats = place.formats if more.passes else place.wanted
        ending = JobResult(outcome.status, outcome.reason, made, ",".join(formats))
        self._ledger.end(row.id, ending, ORDER[-1], _ms(began))
        shutil.rmtree(place.of(row.id), ignore_errors=True)
        self._budget.leave(row.id)
        there = tuple(place.shelf.where(file) for file in files)
        return Done(row.name, outcome, there, _ms(job.began))

    def _extras(self, job: RunningJob, outcome: CaptionResult) -> Made:
        """What is made beside the files of an item. Raises OutputError, Stopped."""
        if not self._place.extras.marks or outcome.captions is None:
            return Made()
        if job.trouble:
            return Made(trouble=job.trouble)
        media, folder = job.work.media, self._place.of(job.row.id)
        film = job.film or outcome.file or (media.path if media else None)
        film = film if film and film.is_file() else None
        telling = self._desk(job, folder).progress
        return self._beside.make(outcome, job.row.name, film, not job.there, telling)

    def _files(
        self, outcome: CaptionResult, name: str, there: Kept | None
    ) -> tuple[CaptionResult, tuple[str, ...]]:
        """An outcome -> it, and its files; one that cannot be written as it is becomes an error.

        Of one that is ``there``, what is missing is written.
        """
        place = self._place
        try:
            if there:
                return outcome, place.shelf.complete(there, name, place.formats, place.look)
            return outcome, place.shelf.put(outcome, name, place.how)
        except CorrectionsKept:
            return self._corrected(name)
        except EarlierCaptionsKept:
            return _captions_kept(outcome), ()
        except BadSource as error:  # of what is there
            return replace(outcome, status="error", reason=str(error)), ()
        except (InvalidCaptions, OutputError) as error:
            if isinstance(error, OutputError):
                place.shelf.expect_writable(error)  # else all items would end so
            outcome = replace(
                outcome, status="error", reason=str(error), captions=None, alignment=None
            )
        try:
            return outcome, () if there else place.shelf.put(outcome, name, place.how)
        except CorrectionsKept:
            return self._corrected(name)
        except EarlierCaptionsKept:
            return _captions_kept(outcome), ()
        except OutputError:
            return outcome, ()

    def _corrected(self, name: str) -> tuple[CaptionResult, tuple[str, ...]]:
        """What somebody has corrected while it was being made again stays as it is."""
        place = self._place
        there = place.shelf.kept(name)
        assert there  # noqa: S101  whoever refused to replace it has read it
        files = place.shelf.complete(there, name, place.formats, place.look)
        return replace(there.outcome, reason=KEPT), files

    def _kept(self, job: RunningJob) -> CaptionResult:
        """The outcome, with its recording in the folder ``media`` if it is to be kept."""
        media, known = job.work.media, job.work.result
        if not (self._place.keep_media and media and media.path.is_file()):
            return known
        kept = self._place.folder / "media" / f"{job.row.name}{media.path.suffix}"
        if known.captions is None and kept.exists():  # the recording of earlier captions
            return known
        store.prepare(kept.parent)
        aside = self._place.of(job.row.id) / "kept"
        aside.unlink(missing_ok=True)
        try:
            aside.hardlink_to(media.path)  # it is still needed here, should writing be cut short
        except OSError:
            shutil.copyfile(media.path, aside)
        aside.replace(kept)
        return replace(known, file=kept)


def _captions_kept(outcome: CaptionResult) -> CaptionResult:
    """The outcome of a failed attempt, whose reason says that earlier captions are kept."""
    return replace(outcome, reason=f"{outcome.reason}; {EARLIER_KEPT}")


def run_step(step: str, work: PipelineState, desk: StepContext) -> PipelineState:
    """A step of the main job; whatever goes wrong with it is the item's end.

    Raises OutputError, and EngineUnavailable or BadSource without a recogniser: then all must stop;
    and IsList for a feed or sitemap, unless another list named it.
    """
    try:
        return STEPS[step](work, desk)
    except OutputError:
        raise
    except (FeedGiven, SitemapGiven) as error:
        if isinstance(work.source, FeedItem):
            return failed(work, error)
        raise IsFeedOrSitemap from error
    except EngineMissing as unfit:
        raise unfit.error from None
    except AlignerError as error:
        expect_room(desk.folder)
        return failed(work, error)
    except Exception as error:  # the one place: a library may raise anything, and others wait
        logger.debug("%s: %s", work.result.source, step, exc_info=True)
        expect_room(desk.folder)
        why = f"unexpected at step {step}: {type(error).__name__}: {error}".splitlines()[0]
        return replace(work, result=_failed(work, why), done=True)


def _next(job: RunningJob) -> str:
    """The pool that does a job's next step."""
    if job.work.done:
        return ORDER[-1]
    steps = list(STEPS)
    return POOL_OF[steps[steps.index(job.step) + 1 if job.step else 0]]


def _failed(work: PipelineState, why: str) -> CaptionResult:
    return replace(work.result, status="error", reason=why)


def _size(folder: Path) -> int:
    """Bytes of a folder's files."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except OSError:
        return 0


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
