"""Audio + caption words -> the same words with exact times, from the sound itself.

A recogniser's word times are off by 60 to 100 ms. Where the language has an acoustic model here
(English), the words known to be spoken are looked for in short windows of the sound; what is found
is believed only where it agrees, by and large, with what the recogniser said. Elsewhere, and in
other languages, the recogniser's times stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Literal

import numpy as np

from aligner._util import malloc
from aligner._util.concurrency import cpu_count
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.intervals import later, near
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.rescoring import AcousticRescorer, spot_words
from aligner.alignment.acoustic.segment_aligner import BEFORE_MS, Places, Segment, align_segments
from aligner.alignment.acoustic.segmentation import Window, windows
from aligner.languages.tags import primary
from aligner.types import Audio, CaptionWord, Span, SpeechSegments, Transcript, WordSpotter

Progress = Callable[[int, int], None]
TimingPrecision = Literal["fast", "usual", "fine"]
"""The recogniser's own times; found in the sound; found four times in the sound, and the mean."""

ALIGNED = ("en",)
"""Languages for which there is an acoustic model."""
PAUSE_MS = 200
"""Silence of that length is a pause, which no word spans."""
GUESSED_MS = 20
"""A recogniser's word of this length or less has no time of its own."""

TOGETHER = 6
"""Passages that are timed together: more take more memory, and hardly less time."""

FINE_SHIFTS = (0, 40, 80, 120)
"""Samples by which the sound is shifted for fine times: quarters of the model's frame of 10 ms."""


def _silent(_done: int, _total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class TimingOptions:
    """How exact times are to be, and whom to tell how far it is."""

    fineness: TimingPrecision = "usual"
    progress: Progress = _silent
    """Told how many milliseconds of sound are done, of how many."""


USUAL = TimingOptions()


def refine(
    audio: Audio,
    words: tuple[CaptionWord, ...],
    speech: SpeechSegments,
    language: str,
    care: TimingOptions = USUAL,
) -> tuple[CaptionWord, ...]:
    """Rough times -> exact ones. Every word is kept, in order, its text as it was.

    Starts never go back, ends come after starts, no word ends after the next begins. A word whose
    time is no more than a guess has the origin "interpolated".
    """
    if not words or not _has_model(audio, language) or care.fineness == "fast":
        return words
    shifts = FINE_SHIFTS if care.fineness == "fine" else FINE_SHIFTS[:1]
    from aligner.alignment.acoustic.spoken_tokens import (
        spoken,  # here: languages are slow to import
    )

    said = spoken(words, language)
    cuts = windows(words, speech.segments, audio.duration_ms)
    cutter = _Segmenter(audio, words, speech, said, shifts)
    passages = [cutter.passage(window) for window in cuts]
    places: Places = {}
    for window, found in zip(cuts, _placed_together(passages), strict=True):
        from_ms = cutter.origin(window)
        places |= {at + window.words.start: later(span, from_ms) for at, span in found.items()}
        care.progress(window.sound.end, audio.duration_ms)
    whole = [len(group) == 1 for group in said]
    placed = [
        _placed(word, places.get(at), speech.segments if whole[at] else ())
        for at, word in enumerate(words)
    ]
    return tuple(_in_order(placed, audio.duration_ms))


def fit(audio: Audio, transcript: Transcript) -> Callable[[Span, str], float | None] | None:
    """Some of the words heard, others -> how much better the others fit the sound, in nats.

    None where the language has no acoustic model.
    """
    if not _has_model(audio, transcript.language):
        return None
    return AcousticRescorer(audio, transcript.words, transcript.language).gain


def word_spotter(language: str) -> WordSpotter | None:
    """Who tells how well words fit a recording's sound; None without an acoustic model."""
    return partial(spot_words, language) if _is_known(language) else None


def _has_model(audio: Audio, language: str) -> bool:
    return _is_known(language) and audio.sample_rate == RATE


def _is_known(language: str) -> bool:
    return primary(language) in ALIGNED


@dataclass(frozen=True, slots=True)
class _Segmenter:
    """A recording -> the passages that its windows are."""

    audio: Audio
    words: tuple[CaptionWord, ...]
    speech: SpeechSegments
    said: list[tuple[LexiconToken, ...]]
    shifts: tuple[int, ...]

    def origin(self, window: Window) -> int:
        """Where a window's passage begins, in milliseconds of the recording."""
        return max(0, window.sound.start - BEFORE_MS)

    def passage(self, window: Window) -> Segment:
        """A window with what belongs to it. Its samples are not copied."""
        origin = self.origin(window)
        first, last = (ms * RATE // 1000 for ms in (origin, window.sound.end))
        at = slice(window.words.start, window.words.end)
        segments = self.speech.segments
        touched = near(segments, Span(origin, window.sound.end))
        return Segment(
            Audio(np.asarray(self.audio.samples[first:last]), RATE),
            Window(Span(0, len(window.words)), later(window.sound, -origin)),
            tuple(
                replace(word, start_ms=word.start_ms - origin, end_ms=word.end_ms - origin)
                for word in self.words[at]
            ),
            tuple(self.said[at]),
            tuple(later(segments[k], -origin) for k in touched) if segments else None,
            self.shifts,
        )


def _placed_together(passages: Sequence[Segment]) -> Iterator[Places]:
    """The places of each passage's words, in order; some passages at a time on each core."""
    pool = ThreadPoolExecutor(cpu_count(), thread_name_prefix="time")
    some = (passages[at : at + TOGETHER] for at in range(0, len(passages), TOGETHER))
    tidier = malloc.MallocTrimmer()

    def tidily(passages: Sequence[Segment]) -> list[Places]:
        tidier.trim_if_grown()
        return align_segments(passages)

    try:
        yield from chain.from_iterable(pool.map(tidily, some))
    finally:
        pool.shutdown(cancel_futures=True)


def _placed(word: CaptionWord, place: Span | None, speech: Sequence[Span]) -> CaptionWord:
    """A word at its place, on one side of any pause; without a place, as it was."""
    span = place or Span(word.start_ms, word.end_ms)
    pause = _pause_within(span, speech)
    if pause:
        before, after = Span(span.start, pause.start), Span(pause.end, span.end)
        span = before if len(before) >= len(after) else after
    guessed = place is None and len(span) <= GUESSED_MS
    origin = "interpolated" if guessed else word.origin
    return replace(word, start_ms=span.start, end_ms=span.end, origin=origin)


def _pause_within(span: Span, speech: Sequence[Span]) -> Span | None:
    """The longest pause with speech of the same span before and after it."""
    touched = near(speech, span)
    gaps = (Span(speech[k].end, speech[k + 1].start) for k in touched[:-1])
    longest = max(gaps, key=len, default=Span(0, 0))
    return longest if len(longest) >= PAUSE_MS else None


def _in_order(words: list[CaptionWord], last_ms: int) -> Iterator[CaptionWord]:
    """Starts that never go back, ends after starts and not after the next start."""
    free_from = 0
    for at, word in enumerate(words):
        start = max(word.start_ms, free_from)
        following = words[at + 1].start_ms if at + 1 < len(words) else last_ms
        end = max(min(word.end_ms, following), start + 1)
        yield replace(word, start_ms=start, end_ms=end)
        free_from = end
