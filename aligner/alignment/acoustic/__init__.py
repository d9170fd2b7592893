"""Refines the times of caption words by forced alignment with an acoustic model.

A recogniser's word times are off by 60 to 100 ms. The words are aligned with the sound in short
windows, by an acoustic model of English; words of other languages by their nearest English phones
(``phones``). An alignment is accepted only if most of its times are close to the recogniser's.
Other windows keep the recogniser's times.
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
from aligner.alignment.acoustic import noise
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.intervals import near, shifted
from aligner.alignment.acoustic.lexicon import LexiconToken, Phones
from aligner.alignment.acoustic.rescoring import AcousticRescorer, spot_words
from aligner.alignment.acoustic.segment_aligner import BEFORE_MS, Places, Segment, align_segments
from aligner.alignment.acoustic.segmentation import AlignmentWindow, windows
from aligner.languages.tags import primary
from aligner.types import (
    Audio,
    CaptionWord,
    EncodedSpeech,
    GlossaryTerm,
    Span,
    SpeechSegments,
    Transcript,
    WordSpotter,
)

Progress = Callable[[int, int], None]
TimingPrecision = Literal["fast", "usual", "fine"]
"""fast: the recogniser's own times. usual: one forced alignment. fine: the mean of four alignments,
each with the sound shifted by a quarter of a frame."""

RESCORED = ("en",)
"""Languages whose wordings are compared by the acoustic model: its own."""
PAUSE_MS = 200
"""Least length of a pause. A word that spans a pause is cut to one side of it."""
GUESSED_MS = 20
"""Longest length at which a recogniser's word has no measured time: its time is interpolated."""

BATCH_SEGMENTS = 6
"""Segments that are aligned in one batch. More take more memory and hardly less time."""

FINE_SHIFTS = (0, 40, 80, 120)
"""Samples by which the sound is shifted for fine times: quarters of a frame of 10 ms."""


def _no_progress(_done: int, _total: int) -> None:
    """Ignores progress."""


@dataclass(frozen=True, slots=True)
class TimingOptions:
    """The precision of word times, and a callback for progress."""

    precision: TimingPrecision = "usual"
    progress: Progress = _no_progress
    """Called with the milliseconds of sound that are done, and their total."""
    glossary: tuple[GlossaryTerm, ...] = ()
    """Terms whose pronunciations are given."""
    encoded: EncodedSpeech | None = None
    """The output of the recogniser's encoder, which helps in noise; None if there is none."""


USUAL = TimingOptions()


def refine(
    audio: Audio,
    words: tuple[CaptionWord, ...],
    speech: SpeechSegments,
    language: str,
    options: TimingOptions = USUAL,
) -> tuple[CaptionWord, ...]:
    """Returns the words with refined times; their number, order and texts stay.

    ``speech``: the detected speech of the recording. In the result, starts never decrease, ends
    are after starts, and no word ends after the next one starts. A word whose time could not be
    measured has the origin "interpolated".
    """
    if not words or not _has_model(audio) or options.precision == "fast":
        return words
    shifts = FINE_SHIFTS if options.precision == "fine" else FINE_SHIFTS[:1]
    from aligner.alignment.acoustic.spoken_tokens import (
        spoken,  # here: languages are slow to import
    )

    said = spoken(words, language, _given(options.glossary, language))
    cuts = windows(words, speech.segments, audio.duration_ms)
    encoded = options.encoded if _is_known(language) else None
    noises = noise.of_recording(audio, speech.segments, encoded)
    segmenter = _Segmenter(audio, words, speech, said, shifts, noises)
    segments = [segmenter.segment(window) for window in cuts]
    places: Places = {}
    for window, found in zip(cuts, _aligned_in_batches(segments), strict=True):
        from_ms = segmenter.origin(window)
        places |= {at + window.words.start: shifted(span, from_ms) for at, span in found.items()}
        options.progress(window.sound.end, audio.duration_ms)
    is_one_token = [len(group) == 1 for group in said]
    placed = [
        _placed(word, places.get(at), speech.segments if is_one_token[at] else ())
        for at, word in enumerate(words)
    ]
    return tuple(_in_order(placed, audio.duration_ms))


def snr_db(audio: Audio, speech: SpeechSegments) -> int | None:
    """Estimates the signal-to-noise ratio of a recording, in dB; None if it cannot be known."""
    ratio = noise.recording_snr_db(audio, speech.segments) if _has_model(audio) else None
    return None if ratio is None else round(ratio)


def acoustic_rescorer(
    audio: Audio,
    transcript: Transcript,
    glossary: Sequence[GlossaryTerm] = (),
    *,
    least_contrast: float = 0.0,
) -> Callable[[Span, str], float | None] | None:
    """Returns a function that rescores wordings with the acoustic model.

    Words are pronounced as the terms of a glossary say, too. ``least_contrast``: wordings that fit
    the sound less are not compared (see ``rescoring.CONTRAST``).

    The function returns the log-likelihood ratio, in nats, of a wording to a span of the words of
    the transcript (``AcousticRescorer``). None if the language has no acoustic model.
    """
    if not (_has_model(audio) and _is_known(transcript.language)):
        return None
    given = _given(glossary, transcript.language)
    rescorer = AcousticRescorer(audio, transcript.words, transcript.language, given, least_contrast)
    return rescorer.log_likelihood_ratio


def _given(glossary: Sequence[GlossaryTerm], language: str) -> dict[str, tuple[Phones, ...]]:
    """Returns the pronunciations of a glossary, by spoken token."""
    if not glossary:
        return {}
    from aligner.alignment.acoustic.pronouncing import (
        pronunciations_of,  # here: languages are slow to import
    )

    return pronunciations_of(glossary, language)


def word_spotter(language: str) -> WordSpotter | None:
    """Returns the word spotter of a language (``spot_words``); None without an acoustic model."""
    return partial(spot_words, language) if _is_known(language) else None


def _has_model(audio: Audio) -> bool:
    return audio.sample_rate == RATE


def _is_known(language: str) -> bool:
    return primary(language) in RESCORED


@dataclass(frozen=True, slots=True)
class _Segmenter:
    """Makes the segments to align from the windows of one recording."""

    audio: Audio
    words: tuple[CaptionWord, ...]
    speech: SpeechSegments
    said: list[tuple[LexiconToken, ...]]
    shifts: tuple[int, ...]
    noise: noise.RecordingNoise

    def origin(self, window: AlignmentWindow) -> int:
        """Returns where the segment of a window starts, in milliseconds of the recording."""
        return max(0, window.sound.start - BEFORE_MS)

    def segment(self, window: AlignmentWindow) -> Segment:
        """Returns the segment of a window. Its samples are a view, not a copy."""
        origin = self.origin(window)
        first, last = (ms * RATE // 1000 for ms in (origin, window.sound.end))
        at = slice(window.words.start, window.words.end)
        segments = self.speech.segments
        touched = near(segments, Span(origin, window.sound.end))
        there = self.noise.at((window.sound.start + window.sound.end) // 2)
        return Segment(
            Audio(np.asarray(self.audio.samples[first:last]), RATE),
            AlignmentWindow(Span(0, len(window.words)), shifted(window.sound, -origin)),
            tuple(
                replace(word, start_ms=word.start_ms - origin, end_ms=word.end_ms - origin)
                for word in self.words[at]
            ),
            tuple(self.said[at]),
            tuple(shifted(segments[k], -origin) for k in touched) if segments else None,
            self.shifts,
            there and there.later(origin),
        )


def _aligned_in_batches(segments: Sequence[Segment]) -> Iterator[Places]:
    """Yields the word times of each segment, in order. Each core aligns one batch at a time."""
    pool = ThreadPoolExecutor(cpu_count(), thread_name_prefix="time")
    batches = (segments[at : at + BATCH_SEGMENTS] for at in range(0, len(segments), BATCH_SEGMENTS))
    trimmer = malloc.MallocTrimmer()

    def align_batch(batch: Sequence[Segment]) -> list[Places]:
        trimmer.trim_if_grown()
        return align_segments(batch)

    try:
        yield from chain.from_iterable(pool.map(align_batch, batches))
    finally:
        pool.shutdown(cancel_futures=True)


def _placed(word: CaptionWord, place: Span | None, speech: Sequence[Span]) -> CaptionWord:
    """Returns a word with its measured time, or its own if ``place`` is None.

    If a pause in the detected ``speech`` lies within the time, the longer side of it is kept.
    """
    span = place or Span(word.start_ms, word.end_ms)
    pause = _pause_within(span, speech)
    if pause:
        before, after = Span(span.start, pause.start), Span(pause.end, span.end)
        span = before if len(before) >= len(after) else after
    is_guess = place is None and len(span) <= GUESSED_MS
    origin = "interpolated" if is_guess else word.origin
    return replace(word, start_ms=span.start, end_ms=span.end, origin=origin)


def _pause_within(span: Span, speech: Sequence[Span]) -> Span | None:
    """Returns the longest pause in a span, if speech in the span precedes and follows it."""
    touched = near(speech, span)
    gaps = (Span(speech[k].end, speech[k + 1].start) for k in touched[:-1])
    longest = max(gaps, key=len, default=Span(0, 0))
    return longest if len(longest) >= PAUSE_MS else None


def _in_order(words: list[CaptionWord], last_ms: int) -> Iterator[CaptionWord]:
    """Yields words with times put in order: starts never decrease, no word overlaps the next."""
    free_from = 0
    for at, word in enumerate(words):
        start = max(word.start_ms, free_from)
        following = words[at + 1].start_ms if at + 1 < len(words) else last_ms
        end = max(min(word.end_ms, following), start + 1)
        yield replace(word, start_ms=start, end_ms=end)
        free_from = end
