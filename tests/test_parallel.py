"""One thing, made before it is needed."""

import threading

import pytest

from aligner.parallel import Once


def test_a_thing_is_made_once_in_a_thread_that_was_begun_before() -> None:
    made: list[str] = []
    free = threading.Event()

    def make() -> int:
        made.append(threading.current_thread().name)
        assert free.wait(60)
        return 7

    once = Once(make)
    once.begin()
    free.set()
    assert [once(), once()] == [7, 7]
    assert len(made) == 1
    assert made != [threading.main_thread().name]


def test_what_making_raises_is_raised_where_the_thing_is_asked_for() -> None:
    once = Once(lambda: 1 // 0)
    once.begin()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            once()
