"""Threads: the number of cores, a parallel map, and values made in the background."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from typing import Generic, TypeVar

from aligner._util import machine

Item = TypeVar("Item")
Result = TypeVar("Result")


def cpu_count() -> int:
    """Returns the cores that this process may use, by its affinity and its container's quota.

    OMP_NUM_THREADS overrides the system.
    """
    return core_setting() or machine.usable_cores()


def core_setting() -> int | None:
    """Returns the number of cores that OMP_NUM_THREADS says; None if it says none."""
    setting = os.environ.get("OMP_NUM_THREADS", "")
    return (int(setting) or None) if setting.isdecimal() else None


def limit_blas_threads() -> None:
    """Have numpy compute matrix products in the calling thread, from now on.

    The BLAS library under numpy has its own threads. The products here are small, so those threads
    would mostly spin on cores that others need. Libraries loaded later (torch) are not affected.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


class BackgroundLazy(Generic[Result]):
    """Makes a value once: when it is first called, or earlier in a thread."""

    def __init__(self, make: Callable[[], Result]) -> None:
        self._make = make
        self._made: Future[Result] | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Start making the value in a thread. A call later raises what making it raises."""
        with self._lock:  # several threads may make the first call at once
            if self._made is None:
                executor = ThreadPoolExecutor(1)
                self._made = executor.submit(self._make)
                executor.shutdown(wait=False)  # the thread ends after the task

    def __call__(self) -> Result:
        """Returns the value. Raises what making it raises."""
        self.begin()
        assert self._made is not None  # noqa: S101
        return self._made.result()

    def settle(self) -> None:
        """Wait until the value is made, if that was begun. Raises nothing of it."""
        with self._lock:
            made = self._made
        if made is not None:
            made.exception()


class _Done:
    """A worker thread has no more items."""


def imap_unordered(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """Yield the result of ``work`` for each item, in order of completion, ``jobs`` at a time.

    Items are taken only as fast as results are read. Raises what ``work`` raises. The threads are
    daemons, so that an interruption does not wait for a slow server.
    """
    remaining = iter(items)
    items_lock = threading.Lock()
    results: Queue[Result | BaseException | _Done] = Queue(maxsize=jobs)

    def run_worker() -> None:
        try:
            while True:
                with items_lock:
                    item = next(remaining)
                results.put(work(item))
        except StopIteration:
            results.put(_Done())
        except BaseException as error:  # raised again where the results are read
            results.put(error)

    for _ in range(jobs):
        threading.Thread(target=run_worker, daemon=True).start()
    active = jobs
    while active:
        result = results.get()
        if isinstance(result, _Done):
            active -= 1
        elif isinstance(result, BaseException):
            raise result
        else:
            yield result


def in_order(work: Callable[[Item], Result], items: Iterable[Item], jobs: int) -> Iterator[Result]:
    """Yield the result of ``work`` for each item, in the order of the items, ``jobs`` at a time.

    A result waits until those before it are there. Raises what ``work`` raises.
    """
    waiting: dict[int, Result] = {}
    expected = 0

    def numbered(pair: tuple[int, Item]) -> tuple[int, Result]:
        return pair[0], work(pair[1])

    for number, result in imap_unordered(numbered, enumerate(items), jobs):
        waiting[number] = result
        while expected in waiting:
            yield waiting.pop(expected)
            expected += 1
