"""Side by side: how many cores; items -> results in threads; a thing made before it is needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def cpu_count() -> int:
    """Cores that this process may use."""
    if (given := os.environ.get("OMP_NUM_THREADS", "")).isdecimal() and int(given):
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limit_blas_threads() -> None:
    """From now on the thread that asks numpy for a product computes it.

    The library under numpy has threads of its own. Products are small here, so that these would
    mostly wait for one another, busily, on cores that others have work for. What is loaded later
    (torch) stays as it is.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


class BackgroundLazy(Generic[Result]):
    """Makes a thing once, when it is first asked for, or in a thread that was begun before."""

    def __init__(self, make: Callable[[], Result]) -> None:
        self._make = make
        self._made: Future[Result] | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Make it in a thread; what that raises is raised where the thing is asked for."""
        with self._lock:  # several may ask first at the same time
            if self._made is None:
                with_one = ThreadPoolExecutor(1)
                self._made = with_one.submit(self._make)
                with_one.shutdown(wait=False)  # its thread ends with its work

    def __call__(self) -> Result:
        """The thing. Raises what making it raises."""
        self.begin()
        assert self._made is not None  # noqa: S101
        return self._made.result()

    def settle(self) -> None:
        """Wait until its thread has ended, if it was begun; what that raises is not raised here."""
        with self._lock:
            made = self._made
        if made is not None:
            made.exception()


class _Done:
    """A thread has nothing left to do."""


def imap_unordered(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """Do the work for every item, ``jobs`` at a time; results in the order of their completion.

    Items are taken and results kept only as fast as the results are read. Raises what the work
    raises. The threads are daemons: an interruption does not wait for a server that answers slowly.
    """
    todo = iter(items)
    taking = threading.Lock()
    results: Queue[Result | BaseException | _Done] = Queue(maxsize=jobs)

    def labour() -> None:
        try:
            while True:
                with taking:
                    item = next(todo)
                results.put(work(item))
        except StopIteration:
            results.put(_Done())
        except BaseException as error:  # raised again where the results are read
            results.put(error)

    for _ in range(jobs):
        threading.Thread(target=labour, daemon=True).start()
    working = jobs
    while working:
        result = results.get()
        if isinstance(result, _Done):
            working -= 1
        elif isinstance(result, BaseException):
            raise result
        else:
            yield result
