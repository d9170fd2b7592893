"""Many sources -> their outcomes, resumable: a ledger in the results' folder, pools of threads.

    with Batch(options, BatchOptions(folder)) as batch:
        batch.enter(sources)
        for done in batch.results():
            ...

Killed at any moment, the same again goes on: what is done stays done, what is on its way goes on
after the last step that was finished.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from aligner import engines, sources, store, web, weights
from aligner.batching import record, report
from aligner.batching.budget import Budget
from aligner.batching.ledger import QUEUED, Ending, Entry, Ledger
from aligner.batching.pools import Pool, Row
from aligner.batching.state import source_bytes
from aligner.batching.work import ORDER, POOLS, REMOTE, Done, Dropped, Job, Place, Unfit, Works
from aligner.errors import AlignerError, CannotWrite
from aligner.formats import JSON, PLAIN, Look
from aligner.nouns import FeedItem, Source, Status
from aligner.pipeline import ATTEMPTS, Options, Tools, name_of
from aligner.review import record as sidecars

__all__ = ["FAILED", "Batch", "BatchOptions", "Done", "Snapshot"]

FAILED: tuple[Status, ...] = ("error", "media_unavailable")
"""What may end otherwise the next time."""
HEARTBEAT_S = 15.0
AT_ONCE = 1000
"""Items that are entered in one change of the ledger."""
ASKING = web.WebOptions(attempts=ATTEMPTS)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to go about many sources; ``pipeline.Options`` are for each."""

    folder: Path
    """Where the results go, and the ledger: in its ``.aligner``."""
    formats: tuple[str, ...] = ("vtt", "json", "txt")
    look: Look = PLAIN
    statuses: tuple[str, ...] = (QUEUED,)
    """What is to be done: items that were not yet, or that ended so."""
    limit: int | None = None
    """How many items at most."""
    asking: web.WebOptions = ASKING
    """How sites are asked; ``pipeline.Options`` decide about private addresses."""
    network: int = 4
    """Pages at the same time, and recordings at the same time."""
    disk_bytes: int = 20_000_000_000
    """A download begins only while recordings on their way take less."""
    keep_media: bool = False
    """Recordings are kept in the folder's ``media``; not with ``ray``."""
    ray: str | None = None
    """The address of a Ray cluster whose workers do the items, or "local" for one of this machine;
    None to do them here."""
    workers: int | None = None
    """How many of them; None for one a core."""


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
        """Opens the ledger, which may lie elsewhere than with the results. Raises CannotWrite."""
        self._options, self._how = options, how
        self._place = Place(how.folder, how.formats, how.look, how.keep_media)
        self._closing = ExitStack()
        self.ledger = self._closing.enter_context(Ledger(ledger or self._place.inner))
        asking = replace(how.asking, allow_private=options.allow_private)
        self.session = self._closing.enter_context(web.Session(asking))
        self._row: Row[Job, Done | Dropped] | None = None
        self._began = time.monotonic()
        self._done = self.todo = 0

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

    def enter(self, given: Iterable[Source]) -> int:
        """Enter sources into the ledger, each once -> how many items this run is to do.

        What an earlier run, or `aligner caption`, has left in the folder is done already.
        """
        todo = iter(given)
        while some := {name_of(source): source for source in islice(todo, AT_ONCE)}:
            known = self.ledger.list_known(some)
            self.ledger.enter(self._entry(some[key]) for key in some if key not in known)
        self.ledger.take_over()
        self._clear_up()
        self._look_around(self._how.folder)
        self.todo = self.ledger.want(self._how.statuses, self._how.limit)
        return self.todo

    def _entry(self, source: Source) -> Entry:
        """A source with the name of its files."""
        key, folder = name_of(source), self._how.folder
        moment = source.published if isinstance(source, FeedItem) else None
        name = store.output_name(key, set(), folder)
        other = partial(store.output_name, key, {name.casefold()}, folder)
        when = moment.timestamp() if moment else None
        return Entry(key, source_bytes(source), name, other, when)

    def _clear_up(self) -> None:
        """Remove what a run left that was killed between an item's end and its clearing up."""
        work = self._place.inner / "work"
        for folder in work.iterdir() if work.is_dir() else ():
            if folder.name.isdecimal() and not self.ledger.is_under_way(int(folder.name)):
                shutil.rmtree(folder, ignore_errors=True)

    def _look_around(self, folder: Path) -> None:
        """Compare the ledger with the files: some are done already, some of the done are gone."""
        formats = self._how.formats
        self.ledger.settle(
            (key, ending)
            for key, name in self.ledger.unknown()
            if _has_sidecar(folder, name) and (ending := found(folder, name, formats))
        )
        wanted = set(formats)
        self.ledger.queue_again(
            item
            for item, name, made in self.ledger.ended()
            if not wanted <= set(made.split(",")) or not _has_sidecar(folder, name)
        )

    # ------------------------------------------------------------ doing it

    def results(self) -> Iterator[Done]:
        """Do the items -> what became of each, in the order of completion.

        Raises CannotWrite where nothing can be written any more, EngineUnavailable where there is
        no recogniser: whatever it is, the same run again goes on.
        """
        store.prepare(self._how.folder)
        ended = threading.Event()
        heart = threading.Thread(target=self._beat, args=(ended,), daemon=True)
        heart.start()
        try:
            with ExitStack() as stack:
                for result in stack.enter_context(closing(self._run(stack))):
                    if isinstance(result, Done):
                        self._done += 1
                        yield result
        finally:
            ended.set()
            heart.join()

    def _run(self, stack: ExitStack) -> Generator[Done | Dropped]:
        """The items through a row of pools, here or with those of a cluster before the last."""
        how, stopping = self._how, _Stopping(self)
        budget = Budget(how.disk_bytes, stopping)
        works = Works(
            self.ledger, self._place, self._options, shared(self._options, self.session), stopping,
            budget,
        )  # fmt: skip
        pools: list[Pool[Job, Done | Dropped]]
        if how.ray is None:
            threads = {"page": how.network, "download": how.network}
            pools = [Pool(name, threads.get(name, 1), partial(works.do, name)) for name in POOLS]
        else:
            from aligner.batching.ray_work import RayCluster

            cluster = RayCluster(how.ray, how.workers, self._options, how.asking)
            stack.callback(cluster.close)
            pools = [
                Pool(REMOTE, cluster.workers, partial(works.send, cluster)),
                Pool(ORDER[-1], 1, partial(works.do, ORDER[-1])),
            ]
        self._row = Row(tuple(pools))
        return self._row.run(works.jobs(how.statuses, how.ray is not None))

    def _beat(self, ended: threading.Event) -> None:
        """Say from time to time that this run is alive."""
        while not ended.wait(HEARTBEAT_S):
            try:
                self.ledger.seen()
            except CannotWrite:
                continue  # whoever writes next will say so

    def snapshot(self) -> Snapshot:
        """How far the run is."""
        busy = dict(self._row.busy) if self._row else {}
        elapsed = time.monotonic() - self._began
        return Snapshot(self.ledger.counts(), busy, self._done, self.todo, elapsed)

    def write_reports(self) -> tuple[Path, Path]:
        """report.jsonl and report.html of all listed items. Raises CannotWrite."""
        return report.write(self.ledger, self._how.folder)


def shared(options: Options, session: web.Session) -> Tools:
    """What all items share: connections, manners, feeds that were read, the recogniser."""

    @cache
    def engine() -> engines.Engine:
        try:
            return engines.load(options.engine, options.model, weights.resolve, options.device)
        except AlignerError as error:
            raise Unfit(error) from error

    return Tools(session.fetch, sources.feeds.reader(session.fetch), engine, session.manners)


class _Stopping:
    """Whether a batch's row is to stop."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def __call__(self) -> bool:
        row = self._batch._row
        return bool(row and row.stopping)


@contextmanager
def rehearsal(options: Options, how: BatchOptions) -> Iterator[Batch]:
    """A batch with a copy of the ledger, to see what there would be to do; nothing is changed."""
    with tempfile.TemporaryDirectory(prefix="aligner-") as aside:
        copy = Path(aside)
        real = Place(how.folder, (), PLAIN, False).inner / "ledger.sqlite"
        if real.is_file():
            address = f"{real.absolute().as_uri()}?mode=ro"
            with (
                closing(sqlite3.connect(address, uri=True)) as old,
                closing(sqlite3.connect(copy / "ledger.sqlite")) as new,
            ):
                old.backup(new)
        with Batch(options, how, copy) as batch:
            yield batch


def _has_sidecar(folder: Path, name: str) -> bool:
    """Asked of every item, so without the time that a path takes."""
    return os.access(f"{folder}/{name}{JSON.suffix}", os.F_OK)


def found(folder: Path, name: str, formats: tuple[str, ...]) -> Ending | None:
    """What lies in a folder for an item that the ledger does not know yet."""
    there = store.finished(folder, name, formats)
    if there is None:
        return None
    text = (folder / f"{name}{JSON.suffix}").read_text(encoding="utf-8")
    try:
        outcome, _ = sidecars.read(text)
    except ValueError:  # of the schema by its head alone: it is made again
        return None
    line = record.of(outcome, name, there.files, folder)
    return Ending(outcome.status, there.reason, line, ",".join(formats))
