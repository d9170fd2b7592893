"""Runs of windows: their division, their threads, and how they stop."""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest

from aligner.asr.whisper.scheduler import Over, WindowRun, run_parallel, runs
from aligner.types import Audio, AudioSoFar, Span, SpeechSegments, Word

WINDOWS = tuple(Span(k * 1000, k * 1000 + 900) for k in range(17))
SOUND = Audio(np.zeros(100 * 16_000, dtype=np.int16), 16_000)


def there(windows: Sequence[Span], *, whole: bool = True) -> AudioSoFar:
    return AudioSoFar(SOUND, SpeechSegments(()), tuple(windows), whole)


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
        (24, 8, [6, 6, 6, 6]),
        (25, 8, [8, 4, 4, 4, 5]),
        (61, 8, [8, 8, 8, 8, 8, 5, 5, 5, 6]),
        (13, None, [13]),
        (0, None, []),
    ],
)
def test_windows_are_divided_alike_however_they_arrive(
    count: int, longest: int | None, expected: list[int]
) -> None:
    windows = [Span(k, k + 1) for k in range(count)]
    for step in (1, 3, 10, 100):
        known = [windows[:size] for size in range(0, count, step)]
        coming = [there(some, whole=False) for some in known] + [there(windows)]
        found = list(runs(coming, longest))
        assert [len(run.windows) for run in found] == expected
        assert [window for run in found for window in run.windows] == windows


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, [1]),
        (2, [1, 1]),
        (13, [1, 2, 1, 2, 2, 1, 2, 2]),
        (24, [2] * 12),
        (25, [4, 4, *[2] * 7, 1, 1, 1]),
    ],
)
def test_without_a_draft_runs_are_batches(count: int, expected: list[int]) -> None:
    windows = [Span(k, k + 1) for k in range(count)]
    for step in (1, 3, 100):
        known = [windows[:size] for size in range(0, count, step)]
        coming = [there(some, whole=False) for some in known] + [there(windows)]
        found = list(runs(coming, 8, 4))
        assert sorted(len(run.windows) for run in found) == sorted(expected)
        assert [window for run in found for window in run.windows] == windows


COST = {1: 1.26, 2: 1.06, 3: 1.03, 4: 1.0}
"""Processor time for a window in a batch of so many, in relation to one of four windows."""


def duration(lengths: list[int], cores: int) -> float:
    """How long runs take on some cores, in windows: each free core takes the next run."""
    free_at = [0.0] * cores
    for length in lengths:
        at = free_at.index(min(free_at))
        batches = [4] * (length // 4) + ([length % 4] if length % 4 else [])
        free_at[at] += sum(COST[batch] * batch for batch in batches)
    return max(free_at)


@pytest.mark.parametrize(
    ("windows", "cores", "times_faster"),
    [(13, 2, 0.9), (13, 4, 1.6), (13, 16, 3.3), (130, 16, 1.1)],
)
def test_many_cores_have_work_in_short_recordings(
    windows: int, cores: int, times_faster: float
) -> None:
    """13 windows are five minutes of speech; runs of eight windows left all cores but two idle."""
    spans = [Span(k, k + 1) for k in range(windows)]
    before, now = (
        duration([len(run.windows) for run in runs([there(spans)], 8, batch)], cores)
        for batch in (None, 4)
    )
    assert before / now >= times_faster


def test_runs_begin_before_all_audio_has_arrived() -> None:
    taken: list[int] = []

    def coming() -> Iterator[AudioSoFar]:
        for count in (10, 30, 61):
            taken.append(count)
            yield there([Span(k, k + 1) for k in range(count)], whole=count == 61)

    assert len(next(iter(runs(coming(), 8))).windows) == 8
    assert taken == [10, 30]


OnWords = Callable[[list[Word], int], None]


def nothing(_over: Over) -> None:
    """What whoever is free does."""


def said(windows: Sequence[Span]) -> list[Word]:
    return [Word(str(window.start), window.start, window.end, 0.5) for window in windows]


def transcribe(run: WindowRun, on_words: OnWords) -> None:
    for window in run.windows:
        on_words(said([window]), len(window))


def all_of(windows: Sequence[Span], longest: int) -> Iterator[WindowRun]:
    return runs([there(windows)], longest)


@pytest.mark.parametrize("streams", [1, 2, 8])
def test_words_are_in_order_with_any_number_of_streams(streams: int) -> None:
    on_words: list[tuple[str, list[Word], int]] = []

    def tell(words: list[Word], ms: int) -> None:
        on_words.append((threading.current_thread().name, words, ms))

    assert run_parallel(transcribe, all_of(WINDOWS, 3), streams, tell, nothing) == said(WINDOWS)
    assert {name for name, _, _ in on_words} == {threading.current_thread().name}
    assert [ms for _, _, ms in on_words if ms] == [900] * len(WINDOWS)
    for (_, before, _), (_, after, _) in pairwise(on_words):
        assert before == said(WINDOWS)[: len(before)]  # from the start, without a hole
        assert len(before) <= len(after)
    assert on_words[-1][1] == said(WINDOWS)


def test_words_of_a_later_run_are_reported_when_the_one_before_ends() -> None:
    later_is_done = threading.Event()
    reports: list[list[Word]] = []

    def transcribe_later_first(run: WindowRun, on_words: OnWords) -> None:
        if run.windows[0] == WINDOWS[0]:
            assert later_is_done.wait(60)
        transcribe(run, on_words)
        later_is_done.set()

    run_parallel(
        transcribe_later_first, all_of(WINDOWS[:4], 2), 2, lambda w, _: reports.append(w), nothing
    )
    assert reports[-1] == said(WINDOWS[:4])


def test_two_runs_are_transcribed_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)

    def meet(run: WindowRun, on_words: OnWords) -> None:
        both.wait()  # breaks unless the other run comes here too
        transcribe(run, on_words)

    first = all_of(WINDOWS[:4], 2)
    assert run_parallel(meet, first, 2, lambda *_: None, nothing) == said(WINDOWS[:4])


def test_a_run_s_error_is_raised_and_no_other_run_begins() -> None:
    begun: list[int] = []

    def fail(run: WindowRun, _told: OnWords) -> None:
        begun.append(run.windows[0].start)
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        run_parallel(fail, all_of(WINDOWS, 1), 1, lambda *_: None, nothing)
    assert begun == [0]


def test_an_interruption_stops_every_run_at_its_next_batch() -> None:
    def endless(_run: WindowRun, on_words: OnWords) -> None:
        while True:  # until it is stopped
            on_words([], 1)

    def interrupt(_words: list[Word], _ms: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_parallel(endless, all_of(WINDOWS, 6), 2, interrupt, nothing)


def test_an_error_of_the_arriving_audio_is_raised() -> None:
    def coming() -> Iterator[WindowRun]:
        yield WindowRun(WINDOWS[:2], there(WINDOWS, whole=False))
        raise OSError("broken off")

    with pytest.raises(OSError, match="broken off"):
        run_parallel(transcribe, coming(), 2, lambda *_: None, nothing)


def test_free_threads_are_idle_until_all_runs_are_done() -> None:
    """The one run ends only when the second thread has come to be idle."""
    free = threading.Event()

    def wait(run: WindowRun, on_words: OnWords) -> None:
        assert free.wait(60)
        transcribe(run, on_words)

    def idle(over: Over) -> None:
        free.set()
        while not over():
            pass

    run = WindowRun(WINDOWS, there(WINDOWS))
    assert run_parallel(wait, [run], 2, lambda *_: None, idle) == said(WINDOWS)
