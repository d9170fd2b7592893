"""Windows of a recording -> their words: the loop that recognisers built as Whisper is share.

A recording's windows are heard in runs, each by a listener of its own, so that several can be heard
side by side. How they are shared out depends on the windows alone, never on the machine: what is
heard is the same on any number of cores.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

from aligner.engines.base import TOO_REPETITIVE, DecodeOptions, Encoded, Heard
from aligner.engines.draft import Draft
from aligner.engines.follow import Follower, Sound
from aligner.engines.words import Timed, place, real_speech, without_loops
from aligner.nouns import Audio, Span, Word

if TYPE_CHECKING:
    from aligner.engines.recogniser import Recogniser

log = logging.getLogger(__name__)

KEPT = 24
"""Encoded windows that are kept: up to 3 MB each with the base model, ten minutes of speech."""

Told = Callable[[list[Word], int], None]
"""Whom to tell more words, and the milliseconds that they were heard in."""
Hear = Callable[[Sequence[Span], Told], None]
"""Hears a run of windows and tells its words."""


def runs(windows: Sequence[Span], longest: int | None) -> list[Sequence[Span]]:
    """Windows in order -> runs of nearly the same length; None: a single one.

    Their number is even, or two cores would wait for each other at the end.
    """
    if longest is None or len(windows) < 2:
        return [windows] if windows else []
    count = min(2 * -(-len(windows) // (2 * longest)), len(windows))
    edges = [len(windows) * k // count for k in range(count + 1)]
    return [windows[first:last] for first, last in pairwise(edges)]


class _StoppedError(Exception):
    """A run that nobody waits for any longer."""


def side_by_side(
    hear: Hear, runs: Sequence[Sequence[Span]], streams: int, told: Told
) -> list[Word]:
    """Hear runs, ``streams`` at a time -> their words in order. Raises what hearing raises.

    ``told``, called in the thread that called this, is given all words from the start up to the
    first window that is not done. If it raises, or a run fails, nothing more is begun, and what is
    going on ends with the batch at hand.
    """
    steps: SimpleQueue[_Step] = SimpleQueue()
    stopped = Event()

    def one(at: int) -> None:
        def tell(words: list[Word], ms: int) -> None:
            if stopped.is_set():
                raise _StoppedError
            steps.put(_Step(at, words, ms))

        try:
            if not stopped.is_set():
                hear(runs[at], tell)
        except BaseException:
            stopped.set()
            raise
        finally:
            steps.put(_Step(at))

    said: list[list[Word]] = [[] for _ in runs]
    going = set(range(len(runs)))
    with ThreadPoolExecutor(streams, thread_name_prefix="listen") as pool:
        try:
            futures = [pool.submit(one, at) for at in range(len(runs))]
            while going:
                step = steps.get()
                if step.words is None:
                    going.remove(step.run)
                else:
                    said[step.run] += step.words
                    known = min(going) + 1
                    told([word for run in said[:known] for word in run], step.ms)
        finally:
            stopped.set()
    for future in futures:
        if (error := future.exception()) and not isinstance(error, _StoppedError):
            raise error
    return [word for run in said for word in run]


@dataclass(frozen=True, slots=True)
class _Step:
    """What a run has come to."""

    run: int
    words: list[Word] | None = None
    """More words; None: it has ended."""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Listening:
    """How to listen; the same for all runs of a recording."""

    language: str
    """Whisper's code."""
    beam_size: int
    speech: tuple[Span, ...]
    draft: Draft | None
    """The article, where it may help."""


class Listener:
    """Hears windows in order: with the draft where the speech follows it, else without.

    Where it does not, windows are handled in batches, which grow: one window may show the place in
    the draft again, and then the next ones need no decoding.
    """

    def __init__(self, recogniser: Recogniser, encodings: Encodings, how: Listening) -> None:
        self.recogniser, self.encodings, self.how = recogniser, encodings, how
        self.follower = Follower(recogniser, how.language, how.draft) if how.draft else None
        self.batch = 1 if how.draft else recogniser.batch

    def hear(self, windows: Sequence[Span], told: Told) -> None:
        """Tell the words of a run of windows."""
        at = 0
        while at < len(windows):
            rest = windows[at:]
            followed = self._followed(rest)
            for window, timed in zip(rest, followed, strict=False):
                self._tell([window], [timed], told)
                at += 1
            if batch := windows[at : at + self.batch]:
                self._tell(batch, self._lost(batch), told)
                at += len(batch)

    def _tell(self, windows: Sequence[Span], found: Sequence[list[Timed]], told: Told) -> None:
        pairs = zip(windows, found, strict=True)
        words = [w for window, timed in pairs for w in place(timed, window, self.how.speech)]
        told(words, sum(map(len, windows)))

    def _followed(self, windows: Sequence[Span]) -> Iterator[list[Timed]]:
        """The words of each window, up to one that does not go on with the draft."""
        if self.follower is None or self.batch > 1:
            return iter(())
        return self.follower.follow([partial(self._sound, window) for window in windows])

    def _sound(self, window: Span, tight: bool) -> Sound:
        inside = real_speech(self.how.speech, window)
        spoken = [Span(s.start - window.start, s.end - window.start) for s in inside]
        (encoded,) = self.encodings.of([window], tight=tight)
        return encoded, spoken

    def _lost(self, windows: Sequence[Span]) -> list[list[Timed]]:
        """The words of some windows without the draft, and where in the draft they are found."""
        found = self._decoded(windows)
        if self.follower is not None:
            self.follower.locate([word.text for words in found[-2:] for word in words])
            lost = self.follower.stand.at is None
            self.batch = min(2 * self.batch, self.recogniser.batch) if lost else 1
        return found

    def _decoded(self, windows: Sequence[Span]) -> list[list[Timed]]:
        encoded = self.encodings.of(windows, tight=False)
        heard = _hear(self.recogniser, encoded, self.how.language, self.how.beam_size)
        return _time(self.recogniser, encoded, self.how.language, heard)


class Encodings:
    """The encodings of a recording's windows: each made when it is needed, the last ones kept.

    Several listeners may ask for windows of their own at the same time.
    """

    def __init__(self, recogniser: Recogniser, audio: Audio) -> None:
        self.recogniser, self.audio = recogniser, audio
        self._held: dict[tuple[Span, bool], Encoded] = {}

    def of(self, windows: Sequence[Span], *, tight: bool = True) -> list[Encoded]:
        """The encodings of some windows; ``tight`` ones will do (see ``Recogniser.encode``)."""
        held = dict(self._held)  # another listener may drop what this one needs
        keys = [(w, tight and (w, False) not in held) for w in windows]
        missing = [key for key in keys if key not in held]
        if missing:
            sounds = [self.audio.window(window.start, window.end) for window, _ in missing]
            made = self.recogniser.encode(sounds, tight=tight)
            new = dict(zip(missing, made, strict=True))
            held |= new
            self._held |= new
        found = [held[key] for key in keys]
        for key in list(self._held)[: max(0, len(self._held) - KEPT)]:
            self._held.pop(key, None)  # another listener may have been quicker
        return found


def _hear(
    recogniser: Recogniser, encoded: Sequence[Encoded], language: str, beam_size: int
) -> list[Heard]:
    """The text of each window; poor ones are tried again, and the surest attempt is kept."""
    best = recogniser.decode(encoded, language, DecodeOptions(beam_size))
    for attempt in range(1, recogniser.attempts):
        poor = [at for at, heard in enumerate(best) if heard.is_poor]
        if not poor:
            break
        log.debug("attempt %d at %d windows", attempt + 1, len(poor))
        how = DecodeOptions(beam_size, attempt)
        again = recogniser.decode([encoded[at] for at in poor], language, how)
        for at, heard in zip(poor, again, strict=True):
            best[at] = max(best[at], heard, key=_merit)
    return best


def _merit(heard: Heard) -> tuple[bool, float]:
    """Text that does not repeat itself first, then the surer one."""
    return heard.compression_ratio <= TOO_REPETITIVE, heard.avg_logprob


def _time(
    recogniser: Recogniser, encoded: Sequence[Encoded], language: str, heard: Sequence[Heard]
) -> list[list[Timed]]:
    """The words of each window with their times; none where there is only silence."""
    spoken = [at for at, h in enumerate(heard) if h.tokens and not h.is_silence]
    found: list[list[Timed]] = [[] for _ in heard]
    if not spoken:
        return found
    texts = [heard[at].tokens for at in spoken]
    aligned = recogniser.align([encoded[at] for at in spoken], language, texts)
    for at, words in zip(spoken, aligned, strict=True):
        stuck = heard[at].compression_ratio > TOO_REPETITIVE
        found[at] = without_loops(words) if stuck else words
    return found
