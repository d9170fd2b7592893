"""A pipeline of thread pools, each with a short queue.

A thread that has done a job waits for space in the next pool's queue, so that no pool runs far
ahead of the next one, and waiting jobs fill neither memory nor disk. Jobs only move forwards, so
the last pool always drains and there is no deadlock.
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
Item = TypeVar("Item")

TICK_S = 0.2
"""How often a waiting thread checks whether the run stops."""

GRACE_S = 3.0
"""How long working threads are waited for when the run stops."""


class RunStopped(BaseException):
    """The run stops before its jobs end.

    A BaseException, so that no library's ``except Exception`` swallows it.
    """


@dataclass(frozen=True, slots=True)
class Forward(Generic[Job]):
    """A job that one pool has done, and the next pool's name."""

    pool: str
    job: Job


@dataclass(frozen=True, slots=True)
class Pool(Generic[Job, Result]):
    """A pool of threads, and its work on a job."""

    name: str
    threads: int
    work: Callable[[Job], Forward[Job] | Result]
    """Does a job, and returns its next pool or its result."""


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class StagedExecutor(Generic[Job, Result]):
    """Runs jobs through pools while the results are read."""

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
        """Number of unfinished jobs, plus one while the feeder may bring more."""
        self.busy: Counter[str] = Counter()
        """Number of jobs that each pool is working on."""

    @property
    def stopping(self) -> bool:
        """Whether the run stops."""
        return self._stop.is_set()

    def run(self, jobs: Iterator[Forward[Job]]) -> Generator[Result]:
        """Run jobs, each from the pool that it enters, and yield results as they complete.

        Raises what the iterator of jobs or a pool's work raises. All threads stop then, and when
        the generator is closed.
        """
        threads = [threading.Thread(target=self._feed, args=(jobs,), daemon=True)]
        for pool in self._pools:
            threads += [
                threading.Thread(target=self._work, args=(pool,), daemon=True)
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
        """Yield results until no job is left. Raises Cancelled, and what a thread raised."""
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
            for entry in jobs:
                with self._lock:
                    self._open += 1
                self._put(self._queues[entry.pool], entry.job)
        except RunStopped:
            pass
        except BaseException as error:  # raised again by _read
            self._give(_Failed(error))
        finally:
            self._close_one()

    def _work(self, pool: Pool[Job, Result]) -> None:
        inbox = self._queues[pool.name]
        while not self.stopping:
            try:
                job = inbox.get(timeout=TICK_S)
            except Empty:
                continue
            self._do(pool, job)

    def _do(self, pool: Pool[Job, Result], job: Job) -> None:
        """Do a job in a pool, and pass it on."""
        self._count(pool.name, 1)
        try:
            made = pool.work(job)
        except RunStopped:
            return
        except BaseException as error:  # raised again by _read
            self._give(_Failed(error))
            return
        finally:
            self._count(pool.name, -1)
        try:
            if isinstance(made, Forward):
                self._put(self._queues[made.pool], made.job)
            else:
                self._put(self._results, made)
                self._close_one()
        except RunStopped:
            return

    def _count(self, name: str, change: int) -> None:
        with self._lock:
            self.busy[name] += change

    def _close_one(self) -> None:
        with self._lock:
            self._open -= 1

    def _give(self, result: _Failed) -> None:
        try:
            self._put(self._results, result)
        except RunStopped:
            return

    def _put(self, queue: Queue[Item], item: Item) -> None:
        """Put an item into a queue when it has space. Raises RunStopped."""
        while True:
            if self.stopping:
                raise RunStopped
            try:
                queue.put(item, timeout=TICK_S)
                return
            except Full:
                continue
