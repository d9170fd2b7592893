"""Windows of a recording -> their words: the loop that recognisers built as Whisper is share.

A recording's windows are heard in runs, each by a listener of its own, so that several can be heard
side by side, and the first ones while more sound is coming in. How they are shared out depends on
the windows alone, never on the machine or on when they came: what is heard is always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from aligner.asr import attempts
from aligner.asr.draft.decoder import DraftDecoder
from aligner.asr.draft.index import Draft
from aligner.asr.draft.window import WindowAudio
from aligner.asr.recovery import Recovery
from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import DecodeOptions, EncoderOutput, WhisperModel
from aligner.asr.whisper.word_timestamps import WordTiming, real_speech, to_recording_time
from aligner.types import AudioSoFar, Span, SpottedWord, Word, WordSpotter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


TAIL = 3
"""The last windows, up to so many full runs, are shared out evenly."""


@dataclass(frozen=True, slots=True)
class WindowBatch:
    """Windows that are heard one after the other, and as much of the recording as was there."""

    windows: Sequence[Span]
    arrived: AudioSoFar


OnWords = Callable[[list[Word], int], None]
"""Whom to tell more words, and the milliseconds that they were heard in."""
Hear = Callable[[WindowBatch, OnWords], None]
"""Hears a run of windows and tells its words."""
Over = Callable[[], bool]
"""Whether there is nothing more to do."""


def runs(arrivals: Iterable[AudioSoFar], longest: int | None) -> Iterator[WindowBatch]:
    """Windows as they come in -> runs, each as soon as it is certain; None: a single one."""
    done = 0
    for arrived in arrivals:
        rest = arrived.windows[done:]
        while longest and len(rest) > TAIL * longest:
            yield WindowBatch(rest[:longest], arrived)
            done += longest
            rest = rest[longest:]
        if arrived.whole:
            yield from (WindowBatch(part, arrived) for part in split_evenly(rest, longest))


def split_evenly(windows: Sequence[Span], longest: int | None) -> list[Sequence[Span]]:
    """Windows in order -> parts of nearly the same length.

    Their number is even, or two cores would wait for each other at the end.
    """
    if longest is None or len(windows) < 2:
        return [windows] if windows else []
    parts = min(2 * -(-len(windows) // (2 * longest)), len(windows))
    edges = [len(windows) * k // parts for k in range(parts + 1)]
    return [windows[first:last] for first, last in pairwise(edges)]


class _StoppedError(Exception):
    """A run that nobody waits for any longer."""


def run_parallel(
    hear: Hear,
    runs: Iterable[WindowBatch],
    streams: int,
    told: OnWords,
    idle: Callable[[Over], None],
) -> list[Word]:
    """Hear runs, ``streams`` at a time -> their words in order. Raises what hearing raises.

    ``told``, called in the thread that called this, is given all words from the start up to the
    first window that is not done. ``idle`` is what threads do that have no run left, until it is
    over. If anything raises, nothing more is begun, and what is going on ends with the batch at
    hand.
    """
    crew = _WorkerPool(hear, idle)
    said: list[list[Word]] = []
    going = {FEEDER}
    with (
        ThreadPoolExecutor(streams, thread_name_prefix="listen") as pool,
        ThreadPoolExecutor(1, thread_name_prefix="feed") as feeder,
    ):
        fed = feeder.submit(crew.feed, runs, pool, streams)
        try:
            while going:
                step = crew.steps.get()
                if step.words is None:
                    going.remove(step.run)
                elif step.run == len(said):
                    said.append([])
                    going.add(step.run)
                else:
                    said[step.run] += step.words
                    known = min(going) + 1
                    told([word for run in said[:known] for word in run], step.ms)
        finally:
            crew.stopped.set()
    for future in (*crew.futures, fed):
        if (error := future.exception()) and not isinstance(error, _StoppedError):
            raise error
    return [word for run in said for word in run]


FEEDER = sys.maxsize
"""Who begins runs, among those at work: as if it were the last run."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a run has come to."""

    run: int
    words: list[Word] | None = None
    """More words, the first time none; None: it has ended."""
    ms: int = 0


class _WorkerPool:
    """The threads that hear runs, and the one that begins them."""

    def __init__(self, hear: Hear, idle: Callable[[Over], None]) -> None:
        self._hear, self._idle = hear, idle
        self.steps: SimpleQueue[_Step] = SimpleQueue()
        self.stopped = Event()
        self.futures: list[Future[None]] = []

    def feed(self, runs: Iterable[WindowBatch], pool: ThreadPoolExecutor, streams: int) -> None:
        """Begin runs as they come; when there are no more, whoever is free is idle."""
        with self._until_its_end(FEEDER):
            for at, run in enumerate(runs):
                if self.stopped.is_set():
                    return
                self.steps.put(_Step(at, []))
                self.futures.append(pool.submit(self._one, at, run))
            for _ in range(streams):
                self.futures.append(pool.submit(self._idle, self.stopped.is_set))

    def _one(self, at: int, run: WindowBatch) -> None:
        def tell(words: list[Word], ms: int) -> None:
            if self.stopped.is_set():
                raise _StoppedError
            self.steps.put(_Step(at, words, ms))

        with self._until_its_end(at):
            if not self.stopped.is_set():
                self._hear(run, tell)

    @contextmanager
    def _until_its_end(self, at: int) -> Iterator[None]:
        """However it ends, say so; if it fails, all is stopped."""
        try:
            yield
        except BaseException:
            self.stopped.set()
            raise
        finally:
            self.steps.put(_Step(at))


@dataclass(frozen=True, slots=True)
class TranscribeConfig:
    """How to listen; the same for all runs of a recording."""

    language: str
    """Whisper's code."""
    beam_size: int
    speech: tuple[Span, ...]
    draft: Draft | None
    """The article, where it may help."""
    witness: WordSpotter | None = None
    """Who tells how well the draft's words fit the sound."""


class WindowTranscriber:
    """Hears windows in order: with the draft where the speech follows it, else without.

    Where it does not, windows are handled in batches, which grow: one window may show the place in
    the draft again, and then the next ones need no decoding.
    """

    def __init__(self, model: WhisperModel, encodings: EncoderCache, how: TranscribeConfig) -> None:
        self.model, self.encodings, self.how = model, encodings, how
        self.follower = DraftDecoder(model, how.language, how.draft) if how.draft else None
        self.recovery = Recovery(model, how.language, how.beam_size, self._samples, how.speech)
        self.batch = 1 if how.draft else model.batch
        self._rest: Sequence[Span] = ()

    def _samples(self, span: Span) -> NDArray[np.float32]:
        return self.encodings.audio.window(span.start, span.end)

    def coming(self) -> Sequence[Span]:
        """Windows whose tight encodings will be asked for, unless the speech leaves the draft."""
        follows = self.follower and self.batch == 1 and self.follower.position.at is not None
        return self._rest if follows else ()

    def hear(self, windows: Sequence[Span], told: OnWords) -> None:
        """Tell the words of a run of windows."""
        at = 0
        while at < len(windows):
            self._rest = rest = windows[at:]
            followed = self._followed(rest)
            for window, timed in zip(rest, followed, strict=False):
                self._tell([window], [timed], told)
                at += 1
            if batch := windows[at : at + self.batch]:
                self._tell(batch, self._lost(batch), told)
                at += len(batch)

    def _tell(
        self, windows: Sequence[Span], found: Sequence[list[WordTiming]], told: OnWords
    ) -> None:
        words: list[Word] = []
        for window, timed in zip(windows, found, strict=True):
            placed = to_recording_time(timed, window, self.how.speech)
            words += self.recovery.mended(window, placed, partial(self._encoded, window))
        told(words, sum(map(len, windows)))

    def _encoded(self, window: Span) -> EncoderOutput:
        return self.encodings.of([window], tight=False)[0]

    def _followed(self, windows: Sequence[Span]) -> Iterator[list[WordTiming]]:
        """The words of each window, up to one that does not go on with the draft."""
        if self.follower is None or self.batch > 1:
            return iter(())
        return self.follower.decode([partial(self._sound, window) for window in windows])

    def _sound(self, window: Span, tight: bool) -> WindowAudio:
        inside = real_speech(self.how.speech, window)
        spoken = [Span(s.start - window.start, s.end - window.start) for s in inside]
        (encoded,) = self.encodings.of([window], tight=tight)
        return WindowAudio(encoded, spoken, partial(self._fitted, window))

    def _fitted(
        self, window: Span, part: Span, words: Sequence[str]
    ) -> Sequence[SpottedWord | None]:
        """Where words fit a part of a window best."""
        if self.how.witness is None:
            return [None] * len(words)
        start = window.start + part.start
        found = self.how.witness(self.encodings.audio, Span(start, start + len(part)), words)
        return [fit and replace(fit, start_ms=fit.start_ms + part.start) for fit in found]

    def _lost(self, windows: Sequence[Span]) -> list[list[WordTiming]]:
        """The words of some windows without the draft, and where in the draft they are found."""
        found = self._decoded(windows)
        if self.follower is not None:
            self.follower.locate([word.text for words in found[-2:] for word in words])
            lost = self.follower.position.at is None
            self.batch = min(2 * self.batch, self.model.batch) if lost else 1
        return found

    def _decoded(self, windows: Sequence[Span]) -> list[list[WordTiming]]:
        encoded = self.encodings.of(windows, tight=False)
        language, how = self.how.language, DecodeOptions(self.how.beam_size)
        heard = attempts.decoded(self.model, encoded, language, how)
        return attempts.timed(self.model, encoded, language, heard)
