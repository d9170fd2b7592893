"""Runs of windows: how they are shared out, heard side by side, and stopped."""

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from aligner.engines.listening import runs, side_by_side
from aligner.nouns import Span, Word

WINDOWS = [Span(k * 1000, k * 1000 + 900) for k in range(17)]


@pytest.mark.parametrize(
    ("count", "longest", "expected"),
    [
        (0, 6, []),
        (1, 6, [1]),
        (2, 6, [1, 1]),
        (5, 6, [2, 3]),
        (12, 6, [6, 6]),
        (13, 6, [3, 3, 3, 4]),
        (13, 8, [6, 7]),
        (17, 8, [4, 4, 4, 5]),
        (13, None, [13]),
        (0, None, []),
    ],
)
def test_windows_are_shared_out(count: int, longest: int | None, expected: list[int]) -> None:
    found = runs(WINDOWS[:count], longest)
    assert [len(run) for run in found] == expected
    assert [window for run in found for window in run] == WINDOWS[:count]


Told = Callable[[list[Word], int], None]


def said(run: Sequence[Span]) -> list[Word]:
    return [Word(str(window.start), window.start, window.end, 0.5) for window in run]


def hear(run: Sequence[Span], told: Told) -> None:
    for window in run:
        told(said([window]), len(window))


@pytest.mark.parametrize("streams", [1, 2, 8])
def test_words_come_in_order_however_many_are_heard_at_a_time(streams: int) -> None:
    told: list[tuple[str, list[Word], int]] = []

    def tell(words: list[Word], ms: int) -> None:
        told.append((threading.current_thread().name, words, ms))

    assert side_by_side(hear, runs(WINDOWS, 3), streams, tell) == said(WINDOWS)
    assert {(name, ms) for name, _, ms in told} == {(threading.current_thread().name, 900)}
    assert len(told) == len(WINDOWS)
    for (_, before, _), (_, after, _) in pairwise(told):
        assert before == said(WINDOWS)[: len(before)]  # from the start, without a hole
        assert len(before) <= len(after)
    assert told[-1][1] == said(WINDOWS)


def test_two_runs_are_heard_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)

    def meet(run: Sequence[Span], told: Told) -> None:
        both.wait()  # breaks unless the other run comes here too
        hear(run, told)

    assert side_by_side(meet, runs(WINDOWS[:4], 2), 2, lambda *_: None) == said(WINDOWS[:4])


def test_what_a_run_raises_is_raised_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def fail(run: Sequence[Span], _told: Told) -> None:
        begun.append(run[0].start)
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        side_by_side(fail, runs(WINDOWS, 1), 1, lambda *_: None)
    assert begun == [0]


def test_an_interruption_stops_every_run_at_its_next_batch() -> None:
    def go_on(_run: Sequence[Span], told: Told) -> None:
        while True:  # until it is stopped
            told([], 1)

    def interrupt(_words: list[Word], _ms: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(go_on, runs(WINDOWS, 6), 2, interrupt)
