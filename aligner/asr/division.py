"""The division of a window whose words do not account for all of its speech.

The window is cut at pauses; where there is none, at the quietest moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from aligner.asr.whisper.model import SAMPLE_RATE
from aligner.types import Span

SHORT_MS = 1_000
"""A part with less speech is not decoded by itself."""
DIVISIBLE_MS = 4_000
"""Speech shorter than this is not cut in two."""
MAX_MISSING_SHARE = 0.75
"""If more of a part's speech lacks words, the decoder stopped early rather than skipped a voice."""
BEFORE_START_MS, AFTER_START_MS = 300, 200
"""Sound searched for a quiet moment before and after the start of speech without words."""
BEFORE_END_MS, AFTER_END_MS = 300, 100
"""Sound searched for a quiet moment before and after its end."""
FRAME = SAMPLE_RATE // 50
"""Samples (20 ms) of one frame of the loudness curve."""
QUIET_FRAMES = 5
"""Frames over which loudness is averaged."""

Sound = Callable[[Span], NDArray[np.float32]]
"""Returns the samples, at SAMPLE_RATE, of a span of the recording in milliseconds."""


def divide(
    speech: Sequence[Span], gaps: Sequence[Span], sound: Sound, *, again: bool = False
) -> list[list[Span]]:
    """Divides speech into runs with words and runs without, each to be decoded by itself.

    ``gaps`` is the speech without words. Speech that lacks words altogether is cut in two, and so
    is a part of an earlier division (``again``) that still lacks most of them. A single run means
    that the speech is better not cut.
    """
    whole = sum(map(len, speech))
    if again and sum(_shared_ms(segment, gaps) for segment in speech) > MAX_MISSING_SHARE * whole:
        return _halves(list(speech), sound)
    pieces = _cut_at_gaps(list(speech), gaps, sound)
    lacking = [_shared_ms(piece, gaps) > len(piece) // 2 for piece in pieces]
    runs = [
        [piece for _, piece in run]
        for _, run in groupby(_without_short_runs(lacking, pieces), key=itemgetter(0))
    ]
    return runs if len(runs) > 1 else _halves(pieces, sound)


def _cut_at_gaps(speech: list[Span], gaps: Sequence[Span], sound: Sound) -> list[Span]:
    """Cuts speech where words end and begin again without a pause."""
    for gap in gaps:
        start = Span(gap.start - BEFORE_START_MS, gap.start + AFTER_START_MS)
        end = Span(gap.end - BEFORE_END_MS, gap.end + AFTER_END_MS)
        for edge in (start, end):
            speech = [part for segment in speech for part in _cut(segment, edge, sound)]
    return speech


def _cut(segment: Span, near: Span, sound: Sound) -> list[Span]:
    """Cuts a segment at the quietest moment of a part, if enough is left on both sides."""
    if near.start < segment.start + SHORT_MS or near.end > segment.end - SHORT_MS:
        return [segment]
    cut = near.start + _quietest_ms(sound(near))
    return [Span(segment.start, cut), Span(cut, segment.end)]


def _without_short_runs(
    lacking: Sequence[bool], speech: Sequence[Span]
) -> Iterator[tuple[bool, Span]]:
    """Yields each segment and whether it lacks words; runs too short to be decoded count as so."""
    for lacks, run in groupby(zip(lacking, speech, strict=True), key=itemgetter(0)):
        pieces = [piece for _, piece in run]
        short = sum(map(len, pieces)) < SHORT_MS
        yield from ((lacks or short, piece) for piece in pieces)


def _halves(speech: list[Span], sound: Sound) -> list[list[Span]]:
    """Cuts speech in two at a long pause near its middle, or at the quietest moment there."""
    start, length = speech[0].start, speech[-1].end - speech[0].start
    if length < DIVISIBLE_MS:
        return [speech]
    pauses = [
        (_cut_score(before, after, start + length // 2), at)
        for at, (before, after) in enumerate(pairwise(speech), start=1)
        if length // 4 <= before.end - start and after.start - start <= length * 3 // 4
    ]
    if not pauses:
        middle = Span(start + length * 3 // 8, start + length * 5 // 8)
        speech = [part for segment in speech for part in _cut(segment, middle, sound)]
        pauses = [(0.0, at) for at, part in enumerate(speech) if part.start >= middle.start][:1]
    at = max(pauses, default=(0.0, 0))[1]
    return [some for some in (speech[:at], speech[at:]) if some]


def _cut_score(before: Span, after: Span, middle: int) -> float:
    """Rates a pause as a cut: its length less a tenth of its distance from the middle."""
    return after.start - before.end - abs(after.start - middle) / 10


def _shared_ms(span: Span, others: Sequence[Span]) -> int:
    """Returns the milliseconds that a span shares with others, which do not overlap."""
    return sum(max(0, min(span.end, other.end) - max(span.start, other.start)) for other in others)


def _quietest_ms(sound: NDArray[np.float32]) -> int:
    """Returns the middle of a sound's quietest moment, in milliseconds from its start."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.convolve((frames**2).mean(axis=1), np.ones(QUIET_FRAMES), mode="valid")
    return (2 * int(np.argmin(power)) + QUIET_FRAMES) * FRAME * 1000 // (2 * SAMPLE_RATE)
