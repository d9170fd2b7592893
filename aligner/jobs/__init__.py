"""Many sources -> their outcomes, resumable: a ledger in the results' folder, pools of threads.

    with Batch(options, BatchOptions(folder)) as batch:
        batch.enter(sources)
        for done in batch.results():
            ...

Killed at any moment, the same again goes on: what is done stays done, what is on its way goes on
after the last step that was finished.

job_store.py         the ledger: which items there are, how far each is, what became of it
schema.py            its tables
choice.py            which items a run is to do
runner.py            takes the items through the pools of staged_executor.py
ray_executor.py      takes them to the workers of a Ray cluster
checkpoint.py        saves an item on its way
disk_quota.py        limits the disk that recordings take
storage.py           where results lie; fsspec_storage.py for shared folders and object stores
there.py             whether captions that are there stay
beside.py            copies of the video, the page to review
report.py            report.jsonl and report.html; report_row.py makes a line of it
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aligner import asr, defaults
from aligner._util.concurrency import BackgroundLazy, cpu_count
from aligner.captions.formats import PLAIN, Look
from aligner.discovery import sources
from aligner.errors import AlignerError, BadSource, OutputError, PageUnavailable
from aligner.jobs import report
from aligner.jobs.beside import Beside
from aligner.jobs.checkpoint import source_bytes
from aligner.jobs.choice import QUEUED, RECHECKED, Choice
from aligner.jobs.disk_quota import Budget
from aligner.jobs.fsspec_storage import Remote
from aligner.jobs.job_store import JobResult, JobStore, NewJob, Wanted
from aligner.jobs.runner import (
    INNER,
    NETWORK,
    ORDER,
    POOLS,
    REMOTE,
    Done,
    EngineMissing,
    OutputTarget,
    RunningJob,
    SharedContext,
    Skipped,
    StageRunner,
)
from aligner.jobs.staged_executor import Pool, StagedExecutor
from aligner.jobs.storage import Folder, ResultStore
from aligner.jobs.there import intent
from aligner.net import client
from aligner.pipeline import source_lists
from aligner.pipeline.options import Options, polite_web_options
from aligner.pipeline.progress import CancelToken
from aligner.pipeline.resources import Resources, load_engine, with_local_files
from aligner.pipeline.source import name_of
from aligner.pipeline.source_lists import about
from aligner.review.extras import Extras
from aligner.types import DateRange, FeedItem, Listed, Source, Status

if TYPE_CHECKING:
    from aligner.jobs.ray_executor import RayCluster

logger = logging.getLogger(__name__)

__all__ = ["FAILED", "Batch", "BatchOptions", "Done", "Snapshot"]

FAILED: tuple[Status, ...] = ("error", "media_unavailable")
"""What may end otherwise the next time."""
HEARTBEAT_S = 15.0
LISTENERS = 2
"""Recordings that are heard at a time, by the same recogniser: the end of one leaves cores idle."""
AT_ONCE = 1000
"""Items that are entered in one change of the ledger."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to go about many sources; ``pipeline.options.Options`` are for each."""

    folder: Path
    """Where the results go, and the ledger: in its ``.aligner``."""
    formats: tuple[str, ...] = defaults.FORMATS
    look: Look = PLAIN
    statuses: tuple[str, ...] = (QUEUED,)
    """What is to be done: "queued" for items that were not yet; statuses, and states of media, for
    those that ended so."""
    passing_only: bool = False
    """Of those that ended as a failure, only those that may end otherwise without anything being
    changed here: ``pipeline.diagnosis.is_temporary``."""
    recheck_after: timedelta | None = None
    """Also what ended as one of ``recheck`` is to be done, if it ended longer ago than that."""
    recheck: tuple[str, ...] = RECHECKED
    limit: int | None = None
    """How many items at most."""
    window: DateRange = DateRange()  # noqa: RUF009  frozen
    """Of feeds and sitemaps that are items themselves, only the articles of that time."""
    asking: client.WebOptions = field(default_factory=polite_web_options)
    """How sites are asked; ``Options`` decide about private addresses, and ``net``."""
    network: int = defaults.JOBS
    """Pages at the same time, and recordings at the same time."""
    disk_bytes: int = defaults.DISK_BYTES
    """A download begins only while recordings on their way take less."""
    discard_edits: bool = False
    """Whether what is made again is so also where a person has corrected it."""
    extras: Extras = Extras()  # noqa: RUF009  frozen
    """What is made of each result beside its formats; not with ``ray`` or ``store``."""
    keep_media: bool = False
    """Recordings are kept in the folder's ``media``; not with ``ray``."""
    store: str | None = None
    """An address (s3://bucket/path) where the results go in place of the folder."""
    ray: str | None = None
    """The address of a Ray cluster whose workers do the items, or "local" for one of this machine;
    None to do them here."""
    workers: int | None = None
    """How many of one core; None for one for each core of the cluster that is left."""
    gpu_workers: int = defaults.GPU_WORKERS
    """How many with a GPU."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far a batch is."""

    counts: dict[str, int]
    """Listed items by status, those queued and running included."""
    busy: dict[str, int]
    """Items that each pool is doing."""
    done: int
    """Items that this run has done."""
    todo: int
    """Items that this run was to do."""
    elapsed_s: float


class Batch:
    """One run over the items of a folder's ledger."""

    def __init__(self, options: Options, how: BatchOptions, ledger: Path | None = None) -> None:
        """Opens the ledger, which may lie elsewhere than with the results. Raises OutputError."""
        self._options, self._how = options, how
        if how.extras.marks and (how.store or how.ray):
            why = "videos with captions and pages are made in a folder of this machine, by this run"
            raise BadSource(str(how.store or how.ray), why)
        inner = how.folder / INNER
        self._shelf: ResultStore = Remote(how.store, inner) if how.store else Folder(how.folder)
        self._place = OutputTarget(
            how.folder, self._shelf, how.formats, how.look, how.keep_media, how.discard_edits,
            how.extras,
        )  # fmt: skip
        self._closing = ExitStack()
        self.ledger = self._closing.enter_context(JobStore(ledger or self._place.inner))
        asking = replace(how.asking, allow_private=options.allow_private, net=options.net)
        self.session = self._closing.enter_context(client.Session(asking))
        self.cancel: CancelToken | None = None
        """Ends the run early: ``results`` then raises Cancelled."""
        self._row: StagedExecutor[RunningJob, Done | Skipped] | None = None
        self.cluster: RayCluster | None = None
        """The workers elsewhere that do the items."""
        self._choice = _chosen(how)
        self._began = time.monotonic()
        self._done = self.todo = 0
        self._entering = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    # ------------------------------------------------------------ what there is to do

    def enter(self, given: Iterable[Source | Listed]) -> int:
        """Enter sources into the ledger, each once -> how many items this run is to do.

        Of a source that is listed twice the first entry counts. What an earlier run, or
        `aligner caption`, has left in the folder is done already.
        """
        self._list(self._opened(map(about.listed, given)))
        self.ledger.take_over()
        self._clear_up()
        self._choose()
        return self.todo

    def _choose(self) -> None:
        """Choose what is to do of the items that were listed since the last time."""
        self._look_around()
        limit = self._how.limit
        room = None if limit is None else max(0, limit - self.todo)
        self.todo += self.ledger.want(self._choice, room)

    def _list(self, given: Iterable[Listed]) -> None:
        """Entries of lists become items of this run."""
        todo = iter(given)
        while taken := list(islice(todo, AT_ONCE)):
            some: dict[str, Listed] = {}
            for entry in taken:
                some.setdefault(name_of(entry.source), entry)
            known = self.ledger.list_known((key, about.text(some[key])) for key in some)
            self.ledger.enter(self._entry(some[key]) for key in some if key not in known)

    def _opened(self, given: Iterable[Listed]) -> Iterator[Listed]:
        """Entries, with their articles in place of those that are known to be lists."""
        known = self.ledger.lists()
        for entry in given:
            if entry.source not in known:
                yield entry
                continue
            try:
                for article in self._articles(entry.source):
                    yield replace(entry, source=article)
            except (BadSource, PageUnavailable):
                yield entry  # as an item of its own it says why

    def _articles(self, source: Source) -> Iterator[FeedItem]:
        """What a list names that is an item itself. Raises BadSource, PageUnavailable."""
        return source_lists.opened(name_of(source), self.session.fetch_list, self._how.window)

    def _open(self, item: int, source: str) -> int:
        """An item turned out to be a list: its articles are items in its place -> how many.

        Raises BadSource, PageUnavailable, Lost.
        """
        said = about.read(self.ledger.about(item), source)
        articles = (replace(said, source=article) for article in self._articles(source))
        count = 0
        while some := list(islice(articles, AT_ONCE)):
            with self._entering:
                self.todo -= not count  # the list itself is none of those to be done
                self._list(some)
                self._choose()
            count += len(some)
        if count:
            self.ledger.become_list(item)
        return count

    def _entry(self, entry: Listed) -> NewJob:
        """A list's entry with the name of its files."""
        source, key = entry.source, name_of(entry.source)
        moment = source.published if isinstance(source, FeedItem) else None
        name = self._shelf.name_for(key, set())
        other = partial(self._shelf.name_for, key, {name.casefold()})
        when = moment.timestamp() if moment else None
        return NewJob(key, source_bytes(source), name, other, when, about.text(entry))

    def _clear_up(self) -> None:
        """Remove what a run left that was killed between an item's end and its clearing up."""
        work = self._place.inner / "work"
        for folder in work.iterdir() if work.is_dir() else ():
            if folder.name.isdecimal() and not self.ledger.is_under_way(int(folder.name)):
                shutil.rmtree(folder, ignore_errors=True)

    def _look_around(self) -> None:
        """Compare the ledger with the files: some are done already, some of the done are gone."""
        formats, shelf = self._how.formats, self._shelf
        beside = Beside(self._how.folder, self._how.extras, self._options)
        self.ledger.settle(
            (key, _with_marks(ending, beside, name))
            for key, name in self.ledger.unknown()
            if shelf.has(name) and (ending := shelf.found(name, formats))
        )
        wanted = set(self._place.wanted)
        self.ledger.queue_again(
            item
            for item, name, made in self.ledger.ended()
            if not wanted <= set(made.split(",")) or not shelf.has(name)
        )

    # ------------------------------------------------------------ doing it

    def results(self) -> Iterator[Done]:
        """Do the items -> what became of each, in the order of completion.

        Raises OutputError where nothing can be written any more, EngineUnavailable where there is
        no recogniser: whatever it is, the same run again goes on.
        """
        self._shelf.prepare()
        ended = threading.Event()
        heart = threading.Thread(target=self._beat, args=(ended,), daemon=True)
        heart.start()
        try:
            with ExitStack() as stack:
                for result in stack.enter_context(closing(self._rounds(stack))):
                    if isinstance(result, Done):
                        self._done += 1
                        yield result
        finally:
            ended.set()
            heart.join()

    def _rounds(self, stack: ExitStack) -> Generator[Done | Skipped]:
        """The items through rows of pools: one, and more where its last items were lists."""
        how, stopping = self._how, _Stopping(self)
        tools = shared(self._options, self.session)
        common = SharedContext(
            self._options, tools, stopping, Budget(how.disk_bytes, stopping), self._open
        )
        works = StageRunner(self.ledger, self._place, common)
        pools = self._pools(works, stack)
        while True:
            self._row = StagedExecutor(pools, self.cancel)
            yield from self._row.run(works.jobs(self._choice, how.ray is not None))
            if not self.ledger.is_wanted():
                return

    def _pools(
        self, works: StageRunner, stack: ExitStack
    ) -> tuple[Pool[RunningJob, Done | Skipped], ...]:
        """The pools that items go through, here or with those of a cluster before the last."""
        how = self._how
        if how.ray is None:
            threads = dict.fromkeys(NETWORK, how.network) | {"listen": min(LISTENERS, cpu_count())}
            return tuple(
                Pool(name, threads.get(name, 1), partial(works.do, name)) for name in POOLS
            )
        from aligner.jobs.ray_executor import RayCluster, WorkerRequest

        crew = WorkerRequest(how.workers, how.gpu_workers)
        self.cluster = cluster = RayCluster(how.ray, crew, self._options, how.asking)
        stack.callback(cluster.close)
        return (
            Pool(REMOTE, cluster.slots, partial(works.send, cluster)),
            Pool(ORDER[-1], 1, partial(works.do, ORDER[-1])),
        )

    def _beat(self, ended: threading.Event) -> None:
        """Say from time to time that this run is alive."""
        while not ended.wait(HEARTBEAT_S):
            try:
                self.ledger.seen()
            except OutputError:
                continue  # whoever writes next will say so

    def intent(self, item: Wanted) -> str | None:
        """What this run would do with an item whose captions are there and stay; else None."""
        forced = "captioned" in self._choice.endings
        return intent(self._shelf, item, forced, self._how.discard_edits)

    def snapshot(self) -> Snapshot:
        """How far the run is."""
        busy = dict(self._row.busy) if self._row else {}
        elapsed = time.monotonic() - self._began
        return Snapshot(self.ledger.counts(), busy, self._done, self.todo, elapsed)

    def write_reports(self) -> tuple[str, str]:
        """report.jsonl and report.html of all listed items -> where. Raises OutputError."""
        return report.write(self.ledger, self._shelf)


def _with_marks(ending: JobResult, beside: Beside, name: str) -> JobResult:
    """What became of an item before, with what was made beside its formats."""
    if ending.status in ("captioned", "speech_only"):
        marks = beside.found(name)
    else:
        marks = beside.extras.marks  # there is nothing that it could be made of
    return replace(ending, formats=",".join((ending.formats, *marks)))


def _chosen(how: BatchOptions) -> Choice:
    """What a run that begins now is to do."""
    if how.recheck_after is None:
        return Choice(how.statuses, how.passing_only)
    before = time.time() - how.recheck_after.total_seconds()
    return Choice(how.statuses, how.passing_only, how.recheck, before)


def shared(options: Options, session: client.Session) -> Resources:
    """What all items share: connections, throttle, feeds that were read, the recogniser."""

    def engine() -> asr.Engine:
        try:
            made = load_engine(options)
        except AlignerError as error:
            raise EngineMissing(error) from error
        logger.info("the recogniser is loaded: %s %s", made.info.name, made.info.model)
        return made

    read_feed = sources.feeds.reader(session.fetch)
    return Resources(
        session.fetch,
        read_feed,
        BackgroundLazy(engine),
        session.throttle,
        fetch_part=with_local_files(session.fetch_range),
    )


class _Stopping:
    """Whether a batch's row is to stop."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def __call__(self) -> bool:
        row = self._batch._row
        return bool(row and row.stopping)


@contextmanager
def dry_run(options: Options, how: BatchOptions) -> Iterator[Batch]:
    """A batch with a copy of the ledger, to see what there would be to do; nothing is changed."""
    with tempfile.TemporaryDirectory(prefix="aligner-") as aside:
        copy = Path(aside)
        real = how.folder / INNER / "ledger.sqlite"
        if real.is_file():
            address = f"{real.absolute().as_uri()}?mode=ro"
            with (
                closing(sqlite3.connect(address, uri=True)) as old,
                closing(sqlite3.connect(copy / "ledger.sqlite")) as new,
            ):
                old.backup(new)
        with Batch(options, how, copy) as batch:
            yield batch
