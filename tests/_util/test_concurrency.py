"""One thing, made before it is needed."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aligner._util import concurrency
from aligner._util.concurrency import BackgroundLazy


def test_a_thing_is_made_once_in_a_thread_that_was_begun_before() -> None:
    made: list[str] = []
    free = threading.Event()

    def make() -> int:
        made.append(threading.current_thread().name)
        assert free.wait(60)
        return 7

    once = BackgroundLazy(make)
    once.begin()
    free.set()
    assert [once(), once()] == [7, 7]
    assert len(made) == 1
    assert made != [threading.main_thread().name]


def test_what_making_raises_is_raised_where_the_thing_is_asked_for() -> None:
    once = BackgroundLazy(lambda: 1 // 0)
    once.begin()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            once()


def test_several_that_ask_first_at_the_same_time_get_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = threading.Barrier(2)

    class Slow(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Any:
            time.sleep(0.05)  # both are past the question whether it is made, if they may be
            return super().submit(*args, **kwargs)

    monkeypatch.setattr(concurrency, "ThreadPoolExecutor", Slow)
    once = BackgroundLazy(object)

    def ask() -> object:
        begun.wait()
        return once()

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(ask) for _ in range(2))
    assert first.result() is second.result()


def test_products_are_computed_on_one_core() -> None:
    """In a process of its own: it holds for all that comes after."""
    tell = "print([one['num_threads'] for one in threadpool_info() if one['user_api'] == 'blas'])"
    text = (
        "import numpy\n"
        "from threadpoolctl import threadpool_info, threadpool_limits\n"
        "from aligner._util.concurrency import limit_blas_threads\n"
        "threadpool_limits(limits=2, user_api='blas')\n"
        f"{tell}\nlimit_blas_threads()\n{tell}\n"
    )
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    if "2" not in ran.stdout:
        pytest.skip("numpy's library here has no threads")
    assert ran.stdout.split() == ["[2]", "[1]"]
