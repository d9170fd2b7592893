"""A window's text, weighed against the sound -> the passages of it that are in doubt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from aligner.asr.whisper.word_timestamps import normalise
from aligner.types import Span, SpottedWord

USUAL, DOUBT, RELIEF = 0.5, 2.5, 1.5
"""Nats: a word's surprise is counted above the first; a run whose sum reaches the second is in
doubt, until the sum falls by the third. One word is in doubt at a probability of e**-3: what the
second hearing would allow."""
SURE = math.log(0.5)
"""What must be the likeliest reading, or it is in doubt: numbers, negations, words without time."""
COLLAPSED_MS = 40
"""A word that nobody says gets no more time than this."""
SLOW_MS, PER_LETTER_MS = 900, 110
"""Speech between two starts that is longer than a word of so many letters explains may hold more
words than the draft has."""
NEAR = 2
"""Words in doubt so close to each other are one passage."""
MOST_DOUBT = 0.4
"""Share of a window's speech in doubt from which on the draft is no help."""
UNUSUAL = -2.5
"""Nats: an ordinary word in a passage with names may not be less probable than this."""
USUAL_FIT, LEAST_FIT, NEAR_MS = -15.5, -18.0, 300
"""What bears a passage out: its words' fits (nats to a frame; on average, each), so near to where
the recogniser placed them. Of 102 passages with a name and no number that were said 43 pass, of 53
that were not said none (``benchmarks/borne_out.py``)."""
END_MS = 350
"""Speech shorter than this after a word belongs to it."""


@dataclass(frozen=True, slots=True)
class DraftToken:
    """A word of a window's text."""

    text: str
    """With the space before it."""
    place: int | None
    """Its place in the draft; None: it was heard."""
    guarded: bool = False
    name: bool = False
    settled: bool = False
    """The recogniser heard it by itself: neither it nor what follows it is in doubt again."""
    borne_out: bool = False
    """The sound bears it out, however improbable it is."""

    @property
    def known(self) -> bool:
        """Whether it is said, beyond doubt."""
        return self.settled or self.borne_out


@dataclass(frozen=True, slots=True)
class ScoredWord:
    """An item, weighed against the sound."""

    item: DraftToken
    log: float
    """Nats, for all its tokens together."""
    probability: float
    """Mean of its tokens'."""
    start: int
    end: int
    """Milliseconds from the window's start."""


def low_confidence_spans(
    weighed: list[ScoredWord], speech: Sequence[Span]
) -> tuple[list[Span], int | None]:
    """Passages in doubt, and where the window's speech ends if the text goes on after it."""
    found = sorted([*_improbable(weighed), *_crowded(weighed, speech)], key=lambda s: s.start)
    merged: list[Span] = []
    for doubt in found:
        if merged and doubt.start - merged[-1].end <= NEAR:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, doubt.end))
        else:
            merged.append(doubt)
    for at, doubt in enumerate(merged):
        over = doubt.start and weighed[doubt.start - 1].end >= speech[-1].end - END_MS
        if over and doubt.start < len(weighed):
            return merged[:at], doubt.start
    return merged, None


def _improbable(weighed: list[ScoredWord]) -> Iterator[Span]:
    """Runs of words that the sound makes improbable: a cumulated sum of surprise (Page 1954)."""
    total = peak = 0.0
    start = end = 0
    for at, word in enumerate(weighed):
        if not word.item.known and word.log < SURE and _must_be_sure(word):
            yield Span(at, at + 1)
        if total == 0.0:
            start, peak = at, 0.0
        surprise = 0.0 if word.item.known else -word.log
        total = max(0.0, total + surprise - USUAL)
        if total > peak:
            peak, end = total, at + 1
        if total == 0.0 or total <= peak - RELIEF:
            if peak >= DOUBT:
                yield Span(start, end)
            total = peak = 0.0
    if peak >= DOUBT:
        yield Span(start, end)


def _must_be_sure(word: ScoredWord) -> bool:
    return word.item.guarded or word.end - word.start <= COLLAPSED_MS


def _crowded(weighed: list[ScoredWord], speech: Sequence[Span]) -> Iterator[Span]:
    """Places between words where more is said than the words explain."""
    ends = [*(word.start for word in weighed[1:]), speech[-1].end]
    for at, (word, end) in enumerate(zip(weighed, ends, strict=True)):
        spoken = sum(max(0, min(end, s.end) - max(word.start, s.start)) for s in speech)
        if not word.item.settled and spoken > SLOW_MS + PER_LETTER_MS * len(
            normalise(word.item.text)
        ):
            yield Span(at + 1, at + 1)


def confirmable(weighed: Sequence[ScoredWord]) -> bool:
    """Whether to ask how a passage fits the sound: it has a name, and nothing guarded."""
    return any(w.item.name for w in weighed) and not any(w.item.guarded for w in weighed)


def acoustically_confirmed(
    weighed: Sequence[ScoredWord], fitted: Sequence[SpottedWord | None]
) -> bool:
    """Whether the words of a passage in doubt are said, by how well they fit the sound.

    Recognisers do not know names, but an acoustic model of phones does not mind whether a word is
    usual. Numbers and negations sound too much like others, and so do ordinary words and their
    endings: of these none may be improbable.
    """
    found = [fit for fit in fitted if fit is not None]
    if len(found) < len(weighed) or not confirmable(weighed):
        return False
    if any(w.log < UNUSUAL and not (w.item.name or w.item.known) for w in weighed):
        return False
    away = (abs(f.start_ms - w.start) for w, f in zip(weighed, found, strict=True))
    fits = [fit.nats for fit in found]
    return max(away) <= NEAR_MS and min(fits) >= LEAST_FIT and fmean(fits) >= USUAL_FIT


def should_redecode_window(
    doubts: list[Span], weighed: list[ScoredWord], speech: Sequence[Span]
) -> bool:
    """Whether so much is in doubt that the window is better decoded whole."""
    inside = [d for d in doubts if len(d) and d.end < len(weighed)]
    doubtful = sum(weighed[d.end - 1].end - weighed[d.start].start for d in inside)
    all_of_it = not doubts[0].start and doubts[0].end == len(weighed)
    return all_of_it or doubtful > MOST_DOUBT * sum(map(len, speech))
