"""Items -> results, several at a time, each as soon as it is there.

The threads are daemons: an interruption does not wait for a server that answers slowly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Queue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Done:
    """A thread has nothing left to do."""


def in_threads(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Iterator[Result]:
    """Do the work for every item, ``jobs`` at a time; results in the order of their completion.

    Items are taken and results kept only as fast as the results are read. Raises what the work
    raises.
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
