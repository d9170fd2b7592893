"""Jobs through a row of pools, each with threads and a short queue of its own.

A job that is done with one pool waits for room in the next one's queue, and the thread with it:
so no pool runs far ahead of those after it, and neither memory nor disk fills with what waits.
Jobs move forwards only; so the last pool always drains, and nothing waits for itself.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

from aligner.errors import Cancelled
from aligner.pipeline.progress import CancelToken

Job = TypeVar("Job")
Result = TypeVar("Result")
Thing = TypeVar("Thing")

TICK_S = 0.2
"""How often one who waits looks whether all is to stop."""

GRACE_S = 3.0
"""How long those at work are waited for when all is to stop."""


class RunStopped(BaseException):
    """The run ends before its jobs: no error, so that no library's catch-all takes it for one."""


@dataclass(frozen=True, slots=True)
class Forward(Generic[Job]):
    """A job that is done with one pool, and where it goes next."""

    pool: str
    job: Job


@dataclass(frozen=True, slots=True)
class Pool(Generic[Job, Result]):
    """A row's member."""

    name: str
    threads: int
    work: Callable[[Job], Forward[Job] | Result]
    """Does a job -> where it goes next, or its result."""


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class StagedExecutor(Generic[Job, Result]):
    """Pools in their order, at work while the results are read."""

    def __init__(
        self, pools: tuple[Pool[Job, Result], ...], cancel: CancelToken | None = None
    ) -> None:
        self._cancel = cancel
        self._pools = pools
        self._stop = threading.Event()
        self._queues: dict[str, Queue[Job]] = {p.name: Queue(p.threads + 1) for p in pools}
        self._results: Queue[Result | _Failed] = Queue(8)
        self._lock = threading.Lock()
        self._open = 1
        """Jobs on their way, and one for the feeder as long as it may bring more."""
        self.busy: Counter[str] = Counter()
        """How many jobs each pool is doing."""

    @property
    def stopping(self) -> bool:
        """Whether all should stop."""
        return self._stop.is_set()

    def run(self, jobs: Iterator[Forward[Job]]) -> Generator[Result]:
        """Jobs, each with the pool that it enters -> their results, in the order of completion.

        Raises what the feeder or a job raises; then, and when the reader goes away, all stop.
        """
        threads = [threading.Thread(target=self._feed, args=(jobs,), daemon=True)]
        for pool in self._pools:
            threads += [
                threading.Thread(target=self._labour, args=(pool,), daemon=True)
                for _ in range(pool.threads)
            ]
        for thread in threads:
            thread.start()
        try:
            yield from self._read()
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(GRACE_S / len(threads))

    def _read(self) -> Iterator[Result]:
        """Raises Cancelled."""
        while True:
            if self._cancel and self._cancel.cancelled:
                raise Cancelled
            try:
                result = self._results.get(timeout=TICK_S)
            except Empty:
                if not self._open and self._results.empty():
                    return
                continue
            if isinstance(result, _Failed):
                raise result.error
            yield result

    def _feed(self, jobs: Iterator[Forward[Job]]) -> None:
        try:
            for onward in jobs:
                with self._lock:
                    self._open += 1
                self._put(self._queues[onward.pool], onward.job)
        except RunStopped:
            pass
        except BaseException as error:  # raised again where the results are read
            self._give(_Failed(error))
        finally:
            self._one_less()

    def _labour(self, pool: Pool[Job, Result]) -> None:
        inbox = self._queues[pool.name]
        while not self.stopping:
            try:
                job = inbox.get(timeout=TICK_S)
            except Empty:
                continue
            self._do(pool, job)

    def _do(self, pool: Pool[Job, Result], job: Job) -> None:
        """One job in one pool, and on with it."""
        self._count(pool.name, 1)
        try:
            made = pool.work(job)
        except RunStopped:
            return
        except BaseException as error:  # raised again where the results are read
            self._give(_Failed(error))
            return
        finally:
            self._count(pool.name, -1)
        try:
            if isinstance(made, Forward):
                self._put(self._queues[made.pool], made.job)
            else:
                self._put(self._results, made)
                self._one_less()
        except RunStopped:
            return

    def _count(self, name: str, change: int) -> None:
        with self._lock:
            self.busy[name] += change

    def _one_less(self) -> None:
        with self._lock:
            self._open -= 1

    def _give(self, result: _Failed) -> None:
        try:
            self._put(self._results, result)
        except RunStopped:
            return

    def _put(self, queue: Queue[Thing], thing: Thing) -> None:
        """Wait for room. Raises Stopped."""
        while True:
            if self.stopping:
                raise RunStopped
            try:
                queue.put(thing, timeout=TICK_S)
                return
            except Full:
                continue
