"""Items of the ledger through the pools: each pool does its steps of the main job, and saves.

The same steps as for a single article (``pipeline.STEPS``). This is the boundary at which a
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

from aligner import store
from aligner.batching import record
from aligner.batching.beside import Beside, Made, names, with_trouble
from aligner.batching.budget import Budget
from aligner.batching.choice import QUEUED, Choice
from aligner.batching.ledger import MOST_DEATHS, Ending, Ledger, Lost, Row
from aligner.batching.pools import Onward, Stopped
from aligner.batching.shelf import How, Shelf, expect_room
from aligner.batching.state import read_source, read_work, work_bytes
from aligner.batching.there import staying
from aligner.errors import (
    KEPT,
    AlignerError,
    BadSource,
    CannotWrite,
    CorrectionsKept,
    InvalidCaptions,
    ManyArticles,
    SitemapGiven,
)
from aligner.extras import Extras
from aligner.formats import Look
from aligner.lists import about
from aligner.nouns import FeedItem, Outcome, Source
from aligner.pipeline import STEPS, Desk, Options, Tools, Work, begun, ended
from aligner.store import Kept

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

    def outcome(self, source: bytes, stopping: Callable[[], bool]) -> Outcome:
        """What a worker makes of a source.

        Raises Stopped, IsList, and EngineUnavailable as ``safely``.
        """
        ...


class IsList(Exception):
    """An item is a feed or a sitemap: its articles are to be done in its place."""


class Unfit(Exception):
    """There is no recogniser: not one item's matter, but the run's."""

    def __init__(self, error: AlignerError) -> None:
        self.error = error
        super().__init__(str(error))


@dataclass(frozen=True, slots=True)
class Done:
    """An item that is done."""

    name: str
    """Of its files, without suffix."""
    outcome: Outcome
    files: tuple[str, ...]
    """As people find them: paths, or addresses."""
    spent_ms: int
    """From being taken up, by this run."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """An item that is no more this run's: another has taken it over, or it was a list."""


@dataclass(frozen=True, slots=True)
class Job:
    """An item on its way."""

    row: Row
    work: Work
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
class Place:
    """Where results and what is needed on the way lie, and what is written."""

    folder: Path
    shelf: Shelf
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


class Telling:
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
            raise Stopped


@dataclass(frozen=True, slots=True)
class Common:
    """What all items of a run have in common."""

    options: Options
    tools: Tools
    stopping: Callable[[], bool]
    budget: Budget
    open: Callable[[int, str], int]
    """An item that is a list, and its source -> how many articles there are in its place.

    Raises BadSource, PageUnavailable, Lost."""


class Works:
    """What is done to items, pool by pool."""

    def __init__(self, ledger: Ledger, place: Place, common: Common) -> None:
        self._ledger, self._place, self._common = ledger, place, common
        self._stopping, self._budget = common.stopping, common.budget
        self._beside = Beside(place.folder, place.extras, common.options)

    # ------------------------------------------------------------ taking up

    def jobs(self, choice: Choice, remote: bool = False) -> Iterator[Onward[Job]]:
        """The wanted items, claimed one by one, each for the pool that it needs next."""
        while row := self._ledger.claim(choice):
            job = self._job(row, forced="captioned" in choice.endings)
            pool = self._first(job)
            yield Onward(REMOTE if remote and pool != ORDER[-1] else pool, job)

    def _first(self, job: Job) -> str:
        """The pool that an item that was taken up goes to."""
        if job.there and self._beside.lacks_video(job.there.outcome, job.row.name):
            return "download"
        return _next(job)

    def _job(self, row: Row, forced: bool) -> Job:
        folder = self._place.of(row.id)
        if not store.is_name(row.name):  # somebody changed the ledger
            row = replace(row, name=self._place.shelf.name_for(row.key, set()))
        try:
            source = read_source(row.source)
        except ValueError as error:
            work = begun(row.key)
            why = f"the ledger's entry is damaged: {error}"
            return Job(row, replace(work, known=_failed(work, why), ended=True), "")
        said = about.read(row.about, row.key)
        if said.trouble:
            work = begun(source)
            return Job(
                row, replace(work, known=_failed(work, about.sentence(said)), ended=True), ""
            )
        if job := self._left(row, source, forced or row.was != QUEUED):
            return job
        if row.deaths >= MOST_DEATHS:
            why = f"given up: the program died {row.deaths} times while this was being done"
            return Job(
                row, replace(begun(source), known=_failed(begun(source), why), ended=True), ""
            )
        if row.state:
            try:
                step, work = read_work(row.state, source)
                self._budget.hold(row.id, _size(folder))
                return Job(row, work, step)
            except ValueError as error:
                logger.info("%s: begun anew: %s", row.key, error)
        shutil.rmtree(folder, ignore_errors=True)
        return Job(row, begun(source), "")

    def _left(self, row: Row, source: Source, anew: bool) -> Job | None:
        """An item whose captions are there and stay; None if it is to be captioned.

        ``anew``: whether it was asked for once more. What a person has corrected stays even then.
        """
        place, on_its_way = self._place, row.state is not None
        try:
            there = staying(
                place.shelf, row.name, anew or on_its_way, place.discard_edits, tidy=True
            )
        except BadSource as error:
            return Job(row, ended(begun(source), error), "")
        if there is None:
            return None
        known = replace(there.outcome, reason=KEPT) if anew else there.outcome
        return Job(row, replace(begun(source), known=known, ended=True), "", there)

    # ------------------------------------------------------------ the steps

    def do(self, pool: str, job: Job) -> Onward[Job] | Done | Dropped:
        """What a pool does to an item."""
        began = time.monotonic()
        self._ledger.begin(job.row.id, pool)
        if pool == "download":
            self._budget.enter(job.row.id)
        try:
            if pool == ORDER[-1]:
                return self._write(job, began)
            if job.there:
                return Onward(ORDER[-1], self._fetched(job, job.there))
            try:
                job = self._steps(pool, job)
            except IsList:
                return self._open(job)
            if self._stopping():  # what a step gave while all stopped may be the stopping's doing
                raise Stopped
            state = work_bytes(job.work, job.step)
            self._ledger.save(job.row.id, job.step, state, pool, _ms(began))
        except OSError as error:
            raise CannotWrite(self._place.of(job.row.id), error.strerror or "?") from error
        except Lost:
            self._budget.leave(job.row.id)
            return Dropped()
        self._budget.hold(job.row.id, _size(self._place.of(job.row.id)))
        return Onward(_next(job), job)

    def _fetched(self, job: Job, there: Kept) -> Job:
        """An item whose captions are there, with its recording, or why that cannot be had."""
        folder, tools = self._place.of(job.row.id), self._common.tools
        store.prepare(folder)
        telling = self._desk(job, folder).progress
        try:
            film = self._beside.fetch(there.outcome, job.row.name, folder, tools, telling)
        except CannotWrite:
            raise
        except AlignerError as error:
            expect_room(folder)
            return replace(job, trouble=error)
        self._budget.hold(job.row.id, _size(folder))
        return replace(job, film=film)

    def _steps(self, pool: str, job: Job) -> Job:
        for step in POOLS[pool]:
            if not job.work.ended:
                job = replace(job, work=self._step(step, job), step=step)
        return job

    def _step(self, step: str, job: Job) -> Work:
        """One step; see ``safely``."""
        folder = self._place.of(job.row.id)
        store.prepare(folder)
        return safely(step, job.work, self._desk(job, folder))

    def _desk(self, job: Job, folder: Path) -> Desk:
        telling = Telling(self._stopping, lambda size: self._budget.hold(job.row.id, size))
        return Desk(self._common.options, folder, self._common.tools, telling)

    def _open(self, job: Job) -> Onward[Job] | Dropped:
        """An item that is a list -> its articles in its place; without any, that is its end."""
        work = job.work
        try:
            if self._common.open(job.row.id, job.row.key):
                shutil.rmtree(self._place.of(job.row.id), ignore_errors=True)
                return Dropped()
            work = replace(work, known=replace(work.known, status="no_media", reason=NO_ARTICLES))
        except Lost:
            return Dropped()
        except AlignerError as error:
            work = ended(work, error)
        return Onward(ORDER[-1], replace(job, work=replace(work, ended=True)))

    def send(self, cluster: Cluster, job: Job) -> Onward[Job] | Done | Dropped:
        """What a worker of a cluster makes of an item, all steps at once."""
        began = time.monotonic()
        self._ledger.begin(job.row.id, REMOTE)
        work = job.work
        if not work.ended:
            try:
                known = cluster.outcome(job.row.source, self._stopping)
            except IsList:
                return self._open(job)
            work = replace(work, known=known, ended=True)
        try:
            self._ledger.save(job.row.id, LAST, work_bytes(work, LAST), REMOTE, _ms(began))
        except Lost:
            return Dropped()
        return Onward(ORDER[-1], replace(job, work=work, step=LAST))

    # ------------------------------------------------------------ writing

    def _write(self, job: Job, began: float) -> Done:
        """The files of an item, then its end in the ledger. Raises Lost, CannotWrite."""
        row, place = job.row, self._place
        if not self._ledger.is_ours(row.id):
            raise Lost
        if row.attempts > 1:
            place.shelf.sweep(row.name)
            self._beside.sweep(row.name)
        outcome = job.work.known if job.there else self._kept(job)
        outcome, files = self._files(outcome, row.name, job.there)
        more = self._extras(job, outcome)
        outcome = with_trouble(outcome, more)
        files = (*files, *names(more.files, place.folder))
        made = record.of(outcome, row.name, files)
        formats = place.formats if more.passes else place.wanted
        ending = Ending(outcome.status, outcome.reason, made, ",".join(formats))
        self._ledger.end(row.id, ending, ORDER[-1], _ms(began))
        shutil.rmtree(place.of(row.id), ignore_errors=True)
        self._budget.leave(row.id)
        there = tuple(place.shelf.where(file) for file in files)
        return Done(row.name, outcome, there, _ms(job.began))

    def _extras(self, job: Job, outcome: Outcome) -> Made:
        """What is made beside the files of an item. Raises CannotWrite, Stopped."""
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
        self, outcome: Outcome, name: str, there: Kept | None
    ) -> tuple[Outcome, tuple[str, ...]]:
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
        except BadSource as error:  # of what is there
            return replace(outcome, status="error", reason=str(error)), ()
        except (InvalidCaptions, CannotWrite) as error:
            if isinstance(error, CannotWrite):
                place.shelf.expect_writable(error)  # else all items would end so
            outcome = replace(
                outcome, status="error", reason=str(error), captions=None, alignment=None
            )
        try:
            return outcome, () if there else place.shelf.put(outcome, name, place.how)
        except CorrectionsKept:
            return self._corrected(name)
        except CannotWrite:
            return outcome, ()

    def _corrected(self, name: str) -> tuple[Outcome, tuple[str, ...]]:
        """What somebody has corrected while it was being made again stays as it is."""
        place = self._place
        there = place.shelf.kept(name)
        assert there  # noqa: S101  whoever refused to replace it has read it
        files = place.shelf.complete(there, name, place.formats, place.look)
        return replace(there.outcome, reason=KEPT), files

    def _kept(self, job: Job) -> Outcome:
        """The outcome, with its recording in the folder ``media`` if it is to be kept."""
        media, known = job.work.media, job.work.known
        if not (self._place.keep_media and media and media.path.is_file()):
            return known
        kept = self._place.folder / "media" / f"{job.row.name}{media.path.suffix}"
        store.prepare(kept.parent)
        aside = self._place.of(job.row.id) / "kept"
        aside.unlink(missing_ok=True)
        try:
            aside.hardlink_to(media.path)  # it is still needed here, should writing be cut short
        except OSError:
            shutil.copyfile(media.path, aside)
        aside.replace(kept)
        return replace(known, file=kept)


def safely(step: str, work: Work, desk: Desk) -> Work:
    """A step of the main job; whatever goes wrong with it is the item's end.

    Raises CannotWrite, and EngineUnavailable or BadSource without a recogniser: then all must stop;
    and IsList for a feed or sitemap, unless another list named it.
    """
    try:
        return STEPS[step](work, desk)
    except CannotWrite:
        raise
    except (ManyArticles, SitemapGiven) as error:
        if isinstance(work.source, FeedItem):
            return ended(work, error)
        raise IsList from error
    except Unfit as unfit:
        raise unfit.error from None
    except AlignerError as error:
        expect_room(desk.folder)
        return ended(work, error)
    except Exception as error:  # the one place: a library may raise anything, and others wait
        logger.debug("%s: %s", work.known.source, step, exc_info=True)
        expect_room(desk.folder)
        why = f"unexpected at step {step}: {type(error).__name__}: {error}".splitlines()[0]
        return replace(work, known=_failed(work, why), ended=True)


def _next(job: Job) -> str:
    """The pool that does a job's next step."""
    if job.work.ended:
        return ORDER[-1]
    steps = list(STEPS)
    return POOL_OF[steps[steps.index(job.step) + 1 if job.step else 0]]


def _failed(work: Work, why: str) -> Outcome:
    return replace(work.known, status="error", reason=why)


def _size(folder: Path) -> int:
    """Bytes of a folder's files."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except OSError:
        return 0


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
