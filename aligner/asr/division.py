"""A window's speech, and what of it no word accounts for -> where the window is cut.

It is cut at pauses, and where there is none, where the sound is quietest.
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
"""A part with less speech is not decoded alone."""
DIVISIBLE_MS = 4_000
"""Speech shorter than this is not cut in two."""
MOST = 0.75
"""Share of a part's speech that lacks words, where the decoder stopped rather than skipped."""
BEFORE_START_MS, AFTER_START_MS = 300, 200
"""Around the place where words end, the sound that is searched for a quiet moment,"""
BEFORE_END_MS, AFTER_END_MS = 300, 100
"""... and around the place where they begin again."""
FRAME = SAMPLE_RATE // 50
"""Samples (20 ms) whose loudness counts together."""
QUIET_FRAMES = 5
"""Frames that a quiet moment takes."""

Sound = Callable[[Span], NDArray[np.float32]]
"""A span of the recording, in milliseconds -> its samples, at SAMPLE_RATE."""


def divided(
    speech: Sequence[Span], gaps: Sequence[Span], sound: Sound, *, again: bool = False
) -> list[list[Span]]:
    """Speech -> runs of it to be decoded each by itself: those with words, those without.

    Where all of it lacks words it is cut in two; where it was cut off from words ``again`` and
    still lacks most of them, too. A single run: it is better not cut.
    """
    whole = sum(map(len, speech))
    if again and sum(_shared_ms(segment, gaps) for segment in speech) > MOST * whole:
        return _halves(list(speech), sound)
    pieces = _cut_at_gaps(list(speech), gaps, sound)
    lacking = [_shared_ms(piece, gaps) > len(piece) // 2 for piece in pieces]
    runs = [
        [piece for _, piece in run]
        for _, run in groupby(_evened(lacking, pieces), key=itemgetter(0))
    ]
    return runs if len(runs) > 1 else _halves(pieces, sound)


def _cut_at_gaps(speech: list[Span], gaps: Sequence[Span], sound: Sound) -> list[Span]:
    """Speech, cut where words end and begin again within a run of it without a pause."""
    for gap in gaps:
        start = Span(gap.start - BEFORE_START_MS, gap.start + AFTER_START_MS)
        end = Span(gap.end - BEFORE_END_MS, gap.end + AFTER_END_MS)
        for edge in (start, end):
            speech = [part for segment in speech for part in _cut(segment, edge, sound)]
    return speech


def _cut(segment: Span, near: Span, sound: Sound) -> list[Span]:
    """A run of speech, cut where a part of it is quietest, if enough is left on both sides."""
    if near.start < segment.start + SHORT_MS or near.end > segment.end - SHORT_MS:
        return [segment]
    cut = near.start + _quietest_ms(sound(near))
    return [Span(segment.start, cut), Span(cut, segment.end)]


def _evened(lacking: Sequence[bool], speech: Sequence[Span]) -> Iterator[tuple[bool, Span]]:
    """Speech with whether it lacks words; what is too short to be decoded alone counts as if it
    did."""
    for lacks, run in groupby(zip(lacking, speech, strict=True), key=itemgetter(0)):
        pieces = [piece for _, piece in run]
        short = sum(map(len, pieces)) < SHORT_MS
        yield from ((lacks or short, piece) for piece in pieces)


def _halves(speech: list[Span], sound: Sound) -> list[list[Span]]:
    """Speech in two, at a long pause near its middle, or where it is quietest there."""
    start, length = speech[0].start, speech[-1].end - speech[0].start
    if length < DIVISIBLE_MS:
        return [speech]
    pauses = [
        (_worth(before, after, start + length // 2), at)
        for at, (before, after) in enumerate(pairwise(speech), start=1)
        if length // 4 <= before.end - start and after.start - start <= length * 3 // 4
    ]
    if not pauses:
        middle = Span(start + length * 3 // 8, start + length * 5 // 8)
        speech = [part for segment in speech for part in _cut(segment, middle, sound)]
        pauses = [(0.0, at) for at, part in enumerate(speech) if part.start >= middle.start][:1]
    at = max(pauses, default=(0.0, 0))[1]
    return [some for some in (speech[:at], speech[at:]) if some]


def _worth(before: Span, after: Span, middle: int) -> float:
    """What a pause is worth as a cut: its length, less a tenth of how far off the middle it is."""
    return after.start - before.end - abs(after.start - middle) / 10


def _shared_ms(span: Span, others: Sequence[Span]) -> int:
    """Milliseconds that a span has in common with others, which do not overlap."""
    return sum(max(0, min(span.end, other.end) - max(span.start, other.start)) for other in others)


def _quietest_ms(sound: NDArray[np.float32]) -> int:
    """The middle of a sound's quietest moment, in milliseconds from its start."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.convolve((frames**2).mean(axis=1), np.ones(QUIET_FRAMES), mode="valid")
    return (2 * int(np.argmin(power)) + QUIET_FRAMES) * FRAME * 1000 // (2 * SAMPLE_RATE)
