"""Many sources -> their outcomes, resumable: a ledger in the results' folder, pools of threads.

    with Batch(options, BatchOptions(folder)) as batch:
        batch.enter(sources)
        for done in batch.results():
            ...

Killed at any moment, the same again goes on: what is done stays done, what is on its way goes on
after the last step that was finished.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
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
from aligner.batching.work import POOLS, Done, Dropped, Job, Place, Unfit, Works
from aligner.errors import AlignerError, CannotWrite
from aligner.formats import JSON, PLAIN, Look, sidecar
from aligner.nouns import FeedItem, Source, Status
from aligner.pipeline import ATTEMPTS, Options, Tools, name_of

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
    """Recordings are kept in the folder's ``media``."""


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
        folder = self._how.folder
        entries = (self._named(source, folder) for source in given)
        while some := list(islice(entries, AT_ONCE)):
            self.ledger.enter(some)
        self.ledger.take_over()
        self._look_around(folder)
        self.todo = self.ledger.want(self._how.statuses, self._how.limit)
        return self.todo

    @staticmethod
    def _named(source: Source, folder: Path) -> tuple[Entry, str, str]:
        """A source with the name of its files, and with the one it has if that is taken."""
        key = name_of(source)
        moment = source.published if isinstance(source, FeedItem) else None
        entry = Entry(key, source_bytes(source), moment.timestamp() if moment else None)
        name = store.output_name(key, set(), folder)
        return entry, name, store.output_name(key, {name.casefold()}, folder)

    def _look_around(self, folder: Path) -> None:
        """Compare the ledger with the files: some are done already, some of the done are gone."""
        formats = self._how.formats
        self.ledger.settle(
            (key, ending)
            for key, name in self.ledger.unknown()
            if (ending := found(folder, name, formats))
        )
        self.ledger.queue_again(
            item
            for item, name, made in self.ledger.ended()
            if not set(formats) <= set(made.split(",")) or not _sidecar(folder, name).is_file()
        )

    # ------------------------------------------------------------ doing it

    def results(self) -> Iterator[Done]:
        """Do the items -> what became of each, in the order of completion.

        Raises CannotWrite where nothing can be written any more, EngineUnavailable where there is
        no recogniser: whatever it is, the same run again goes on.
        """
        store.prepare(self._how.folder)
        stopping = _Stopping(self)
        budget = Budget(self._how.disk_bytes, stopping)
        works = Works(self.ledger, self._place, self._options, self._tools(), stopping, budget)
        threads = {"page": self._how.network, "download": self._how.network}
        self._row = Row(
            tuple(Pool(name, threads.get(name, 1), partial(works.do, name)) for name in POOLS)
        )
        ended = threading.Event()
        heart = threading.Thread(target=self._beat, args=(ended,), daemon=True)
        heart.start()
        try:
            with closing(self._row.run(works.jobs(self._how.statuses))) as results:
                for result in results:
                    if isinstance(result, Done):
                        self._done += 1
                        yield result
        finally:
            ended.set()
            heart.join()

    def _tools(self) -> Tools:
        """What all items share: connections, manners, feeds that were read, the recogniser."""
        fetch = self.session.fetch

        @cache
        def engine() -> engines.Engine:
            try:
                return engines.load(self._options.engine, self._options.model, weights.resolve)
            except AlignerError as error:
                raise Unfit(error) from error

        return Tools(fetch, sources.feeds.reader(fetch), engine, self.session.manners)

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


def _sidecar(folder: Path, name: str) -> Path:
    return folder / f"{name}{JSON.suffix}"


def found(folder: Path, name: str, formats: tuple[str, ...]) -> Ending | None:
    """What lies in a folder for an item that the ledger does not know yet."""
    if not (place := _sidecar(folder, name)).is_file():
        return None
    there = store.finished(folder, name, formats)
    if there is None:
        return None
    status, made = sidecar.read_status(place.read_text(encoding="utf-8"))
    line = record.of_sidecar(made, status, name, there.files, folder)
    return Ending(status, there.reason, line, ",".join(formats))
