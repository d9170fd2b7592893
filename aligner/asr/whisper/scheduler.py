"""The division of a recording's windows into runs, and the threads that transcribe them.

The runs are transcribed at the same time, the first ones while more audio arrives. Their bounds
depend on the windows alone, never on the machine or on when the audio arrives, so that the
transcript is always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from queue import SimpleQueue
from threading import Event

from aligner.types import AudioSoFar, Span, Word

TAIL = 3
"""The last windows, up to this many full runs, are divided evenly."""


@dataclass(frozen=True, slots=True)
class WindowRun:
    """Windows that one thread transcribes in order, and the audio when the run was formed."""

    windows: Sequence[Span]
    arrived: AudioSoFar


OnWords = Callable[[list[Word], int], None]
"""Takes more words of a run, and the length in milliseconds of the windows that hold them."""
TranscribeRun = Callable[[WindowRun, OnWords], None]
"""Transcribes a run and passes its words on."""
Over = Callable[[], bool]
"""Returns whether all runs are done."""


def runs(
    arrivals: Iterable[AudioSoFar], longest: int | None, batch: int | None = None
) -> Iterator[WindowRun]:
    """Yields each run of at most ``longest`` windows as soon as it is certain.

    None: a single run, when all audio has arrived. ``batch``: a run has no use for the one before
    it, so that runs have no more than so many windows, and half as many among the last ones: many
    cores then have work in a short recording, and at the end of a long one.
    """
    done = 0
    last = max(1, batch // 2) if batch and longest else longest
    for arrived in arrivals:
        rest = arrived.windows[done:]
        while longest and len(rest) > TAIL * longest:
            for part in split_evenly(rest[:longest], batch) if batch else [rest[:longest]]:
                yield WindowRun(part, arrived)
            done += longest
            rest = rest[longest:]
        if arrived.whole:
            yield from (WindowRun(part, arrived) for part in split_evenly(rest, last))


def split_evenly(windows: Sequence[Span], longest: int | None) -> list[Sequence[Span]]:
    """Divides windows into parts of nearly the same length, at most ``longest`` each.

    The number of parts is even, so that no core waits for another at the end.
    """
    if longest is None or len(windows) < 2:
        return [windows] if windows else []
    parts = min(2 * -(-len(windows) // (2 * longest)), len(windows))
    edges = [len(windows) * k // parts for k in range(parts + 1)]
    return [windows[first:last] for first, last in pairwise(edges)]


class _StoppedError(Exception):
    """Ends a run after another one has failed."""


def run_parallel(
    transcribe_run: TranscribeRun,
    runs: Iterable[WindowRun],
    streams: int,
    report: OnWords,
    idle: Callable[[Over], None],
) -> list[Word]:
    """Transcribes runs, ``streams`` at a time; returns their words in order.

    ``report`` gets all words from the start up to the first window that is not done, and the
    length of the windows done since its last call; it is called in the thread that calls this
    function, the last time with all words. Threads without a run call ``idle``, which returns when
    all runs are done. Raises what a run raises; then no other run begins, and each active one ends
    with its next batch.
    """
    workers = _WorkerPool(transcribe_run, idle)
    words_of_run: list[list[Word]] = []
    active = {FEEDER}
    reported = 0
    with (
        ThreadPoolExecutor(streams, thread_name_prefix="listen") as pool,
        ThreadPoolExecutor(1, thread_name_prefix="feed") as feeder,
    ):
        feeding = feeder.submit(workers.feed, runs, pool, streams)
        try:
            while active:
                step = workers.steps.get()
                if step.words is None:
                    active.remove(step.run)
                elif step.run == len(words_of_run):
                    words_of_run.append([])
                    active.add(step.run)
                else:
                    words_of_run[step.run] += step.words
                until = min(active, default=FEEDER) + 1
                known = [word for run in words_of_run[:until] for word in run]
                if step.ms or len(known) > reported:
                    reported = len(known)
                    report(known, step.ms)
        finally:
            workers.stopped.set()
    for future in (*workers.futures, feeding):
        if (error := future.exception()) and not isinstance(error, _StoppedError):
            raise error
    return [word for run in words_of_run for word in run]


FEEDER = sys.maxsize
"""The number of the thread that begins runs, which counts as the last run."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Progress of a run."""

    run: int
    words: list[Word] | None = None
    """More words; none when the run begins; None when it has ended."""
    ms: int = 0


class _WorkerPool:
    """The work of the threads that transcribe runs, and of the one that begins them."""

    def __init__(self, transcribe_run: TranscribeRun, idle: Callable[[Over], None]) -> None:
        self._transcribe_run, self._idle = transcribe_run, idle
        self.steps: SimpleQueue[_Step] = SimpleQueue()
        self.stopped = Event()
        self.futures: list[Future[None]] = []

    def feed(self, runs: Iterable[WindowRun], pool: ThreadPoolExecutor, streams: int) -> None:
        """Begins runs as they arrive; after the last one, free threads call ``idle``."""
        with self._announcing_end(FEEDER):
            for at, run in enumerate(runs):
                if self.stopped.is_set():
                    return
                self.steps.put(_Step(at, []))
                self.futures.append(pool.submit(self._work, at, run))
            for _ in range(streams):
                self.futures.append(pool.submit(self._idle, self.stopped.is_set))

    def _work(self, at: int, run: WindowRun) -> None:
        def on_words(words: list[Word], ms: int) -> None:
            if self.stopped.is_set():
                raise _StoppedError
            self.steps.put(_Step(at, words, ms))

        with self._announcing_end(at):
            if not self.stopped.is_set():
                self._transcribe_run(run, on_words)

    @contextmanager
    def _announcing_end(self, at: int) -> Iterator[None]:
        """Announces the end of a run, and stops all runs if it fails."""
        try:
            yield
        except BaseException:
            self.stopped.set()
            raise
        finally:
            self.steps.put(_Step(at))
