"""The verification of a draft: the low-confidence spans of a window's scored text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from aligner.asr.whisper.word_timestamps import normalise
from aligner.types import Span, SpottedWord

DRIFT, THRESHOLD, RESET = 0.5, 2.5, 1.5
"""Parameters of the CUSUM test, in nats. Each word adds its surprisal less ``DRIFT`` to a sum. A
run of words is in doubt if the sum reaches ``THRESHOLD``; it ends where the sum falls by ``RESET``
from its peak. A single word is therefore in doubt below a probability of e**-3, the limit of
rescoring."""
SURE = math.log(0.5)
"""Numbers, negations and words without duration are in doubt below this log probability: a less
likely wording than all others together."""
COLLAPSED_MS = 40
"""A word that is not spoken gets no more time than this."""
SLOW_MS, PER_LETTER_MS = 900, 110
"""Speech between two starts that is longer than a word of so many letters explains may hold more
words than the draft has."""
NEAR = 2
"""Low-confidence spans with at most this many words between them are merged."""
MAX_DOUBTFUL_SHARE = 0.4
"""Share of a window's speech in doubt above which the window is decoded without the draft."""
MIN_ORDINARY_LOG_PROB = -2.5
"""Nats. Word spotting confirms no passage with an ordinary word that is less probable than this."""
MIN_MEAN_SCORE, MIN_SCORE, MAX_DISTANCE_MS = -15.5, -18.0, 300
"""Word spotting confirms a passage by its words' acoustic scores (nats per frame; mean and lowest)
and by their distance from the recogniser's times. Of 102 spoken passages with a name and no number
43 pass, of 53 that were not spoken none (``benchmarks/calibration/acoustic_confirmation.py``)."""
END_MS = 350
"""Speech shorter than this after a word belongs to that word."""


@dataclass(frozen=True, slots=True)
class DraftToken:
    """A word of a window's text."""

    text: str
    """The word with the space before it."""
    draft_index: int | None
    """Its index in the draft; None for a decoded word."""
    protected: bool = False
    """Whether it is a number or a negation (see ``DraftWord``)."""
    name: bool = False
    """Whether it is a name."""
    decoded: bool = False
    """Whether the recogniser decoded it: neither it nor the place after it is in doubt again."""
    confirmed: bool = False
    """Whether word spotting confirms it, however improbable it is."""

    @property
    def certain(self) -> bool:
        """Whether it is certainly spoken."""
        return self.decoded or self.confirmed


@dataclass(frozen=True, slots=True)
class ScoredWord:
    """A word scored against the sound."""

    token: DraftToken
    log: float
    """Log probability of all its tokens together, in nats."""
    probability: float
    """Mean probability of its tokens."""
    start: int
    end: int
    """Milliseconds from the window's start."""


def low_confidence_spans(
    scored: list[ScoredWord], speech: Sequence[Span]
) -> tuple[list[Span], int | None]:
    """Returns the low-confidence spans (indices of words) of a scored text.

    Also returns the index of the first word after the end of the window's speech; None if the text
    ends with the speech.
    """
    found = sorted([*_improbable(scored), *_crowded(scored, speech)], key=lambda s: s.start)
    merged: list[Span] = []
    for doubt in found:
        if merged and doubt.start - merged[-1].end <= NEAR:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, doubt.end))
        else:
            merged.append(doubt)
    for at, doubt in enumerate(merged):
        over = doubt.start and scored[doubt.start - 1].end >= speech[-1].end - END_MS
        if over and doubt.start < len(scored):
            return merged[:at], doubt.start
    return merged, None


def _improbable(scored: list[ScoredWord]) -> Iterator[Span]:
    """Yields runs of improbable words: a cumulative sum of surprise (CUSUM, Page 1954)."""
    total = peak = 0.0
    start = end = 0
    for at, word in enumerate(scored):
        if not word.token.certain and word.log < SURE and _must_be_sure(word):
            yield Span(at, at + 1)
        if total == 0.0:
            start, peak = at, 0.0
        surprise = 0.0 if word.token.certain else -word.log
        total = max(0.0, total + surprise - DRIFT)
        if total > peak:
            peak, end = total, at + 1
        if total == 0.0 or total <= peak - RESET:
            if peak >= THRESHOLD:
                yield Span(start, end)
            total = peak = 0.0
    if peak >= THRESHOLD:
        yield Span(start, end)


def _must_be_sure(word: ScoredWord) -> bool:
    return word.token.protected or word.end - word.start <= COLLAPSED_MS


def _crowded(scored: list[ScoredWord], speech: Sequence[Span]) -> Iterator[Span]:
    """Yields empty spans between words where speech is longer than the words explain."""
    ends = [*(word.start for word in scored[1:]), speech[-1].end]
    for at, (word, end) in enumerate(zip(scored, ends, strict=True)):
        spoken = sum(max(0, min(end, s.end) - max(word.start, s.start)) for s in speech)
        if not word.token.decoded and spoken > SLOW_MS + PER_LETTER_MS * len(
            normalise(word.token.text)
        ):
            yield Span(at + 1, at + 1)


def confirmable(scored: Sequence[ScoredWord]) -> bool:
    """Whether word spotting may confirm a passage: it has a name, no number and no negation."""
    return any(w.token.name for w in scored) and not any(w.token.protected for w in scored)


def acoustically_confirmed(
    scored: Sequence[ScoredWord], spotted: Sequence[SpottedWord | None]
) -> bool:
    """Whether word spotting confirms that the words of a passage in doubt are spoken.

    A recogniser gives unknown names a low probability; an acoustic model of phones does not depend
    on how common a word is. Numbers, negations, ordinary words and their endings sound too much
    like others to be confirmed so; none of these may be improbable.
    """
    found = [spot for spot in spotted if spot is not None]
    if len(found) < len(scored) or not confirmable(scored):
        return False
    if any(w.log < MIN_ORDINARY_LOG_PROB and not (w.token.name or w.token.certain) for w in scored):
        return False
    offsets = (abs(f.start_ms - w.start) for w, f in zip(scored, found, strict=True))
    if max(offsets) > MAX_DISTANCE_MS:
        return False
    scores = [spot.nats for spot in found]
    return min(scores) >= MIN_SCORE and fmean(scores) >= MIN_MEAN_SCORE


def should_redecode_window(
    doubts: list[Span], scored: list[ScoredWord], speech: Sequence[Span]
) -> bool:
    """Whether so much is in doubt that the window is better decoded without the draft."""
    inside = [d for d in doubts if len(d) and d.end < len(scored)]
    doubtful = sum(scored[d.end - 1].end - scored[d.start].start for d in inside)
    all_of_it = not doubts[0].start and doubts[0].end == len(scored)
    return all_of_it or doubtful > MAX_DOUBTFUL_SHARE * sum(map(len, speech))
