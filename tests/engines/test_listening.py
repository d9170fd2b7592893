"""Runs of windows: how they are shared out, heard side by side, and stopped."""

import threading
from collections.abc import Callable, Sequence

import pytest

from aligner.engines.listening import runs, side_by_side
from aligner.nouns import Span, Word

WINDOWS = [Span(k * 1000, k * 1000 + 900) for k in range(13)]


@pytest.mark.parametrize(
    ("count", "longest", "expected"),
    [
        (0, 6, []),
        (1, 6, [1]),
        (2, 6, [1, 1]),
        (5, 6, [2, 3]),
        (12, 6, [6, 6]),
        (13, 6, [4, 4, 5]),
        (13, None, [13]),
        (0, None, []),
    ],
)
def test_windows_are_shared_out(count: int, longest: int | None, expected: list[int]) -> None:
    found = runs(WINDOWS[:count], longest)
    assert [len(run) for run in found] == expected
    assert [window for run in found for window in run] == WINDOWS[:count]


def said(run: Sequence[Span]) -> list[Word]:
    return [Word(str(window.start), window.start, window.end, 0.5) for window in run]


@pytest.mark.parametrize("streams", [1, 2, 8])
def test_words_come_in_order_however_many_are_heard_at_a_time(streams: int) -> None:
    told: list[tuple[str, int]] = []

    def hear(run: Sequence[Span], told: Callable[[int], None]) -> list[Word]:
        for window in run:
            told(len(window))
        return said(run)

    here = threading.current_thread().name
    words = side_by_side(
        hear,
        runs(WINDOWS, 3),
        streams,
        lambda done: told.append((threading.current_thread().name, done)),
    )
    assert words == said(WINDOWS)
    assert told == [(here, 900)] * len(WINDOWS)


def test_two_runs_are_heard_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)

    def hear(run: Sequence[Span], _told: Callable[[int], None]) -> list[Word]:
        both.wait()  # breaks unless the other run comes here too
        return said(run)

    assert side_by_side(hear, runs(WINDOWS[:4], 2), 2, lambda _: None) == said(WINDOWS[:4])


def test_what_a_run_raises_is_raised_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def hear(run: Sequence[Span], _told: Callable[[int], None]) -> list[Word]:
        begun.append(run[0].start)
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        side_by_side(hear, runs(WINDOWS, 1), 1, lambda _: None)
    assert begun == [0]


def test_an_interruption_stops_every_run_at_its_next_batch() -> None:
    def hear(_run: Sequence[Span], told: Callable[[int], None]) -> list[Word]:
        while True:  # until it is stopped
            told(1)

    def interrupt(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(hear, runs(WINDOWS, 6), 2, interrupt)
