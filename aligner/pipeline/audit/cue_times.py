"""When the words of each cue are spoken, and by which clock the file runs."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aligner.alignment.clock import CaptionClock, ClockAnchor
from aligner.alignment.clock.fit import fit_clock
from aligner.pipeline.audit.hearing import HeardCaptions
from aligner.types import CaptionWord, Span

ASTRAY, ASTRAY_MS = 8.0, 2_500
"""A cue is found at another place if its start lies so many times the usual distance, and so far,
from the clock: a phrase that is said twice."""


@dataclass(frozen=True, slots=True)
class HeardCue:
    """The words of a cue as they are spoken."""

    shown: Span
    """When the file shows it, in milliseconds."""
    words: tuple[int, ...]
    """Those of its words that have a sound, as indices into all words of the captions."""
    heard: tuple[CaptionWord | None, ...]
    """For each of these words the spoken word that it is matched with; None if none is."""
    onset_ms: int | None
    """When its first word begins, which may be said otherwise than it is written; None if it is
    not known."""
    end_ms: int | None
    """When its last word ends; None if it is not known."""

    @property
    def is_heard(self) -> bool:
        """Whether any of its words is."""
        return any(self.heard)


@dataclass(frozen=True, slots=True)
class CueTimes:
    """The cues of a file as they are spoken, and the clock of the file."""

    cues: tuple[HeardCue, ...]
    """In the order of the file."""
    clock: CaptionClock | None
    """None if no cue begins with a word that is heard."""


def cue_times(heard: HeardCaptions, shown: Sequence[Span]) -> CueTimes:
    """Returns when the words of each cue are spoken. ``shown`` are the file's times of the cues."""
    order = _words_in_order(heard)
    cues = tuple(_cue(shown[k], order.words_of(k), order) for k in range(len(shown)))
    anchors = [
        ClockAnchor(cue.shown.start, word.start_ms)
        for cue in cues
        if cue.heard and (word := cue.heard[0])
    ]
    clock = fit_clock(anchors)
    return CueTimes(tuple(_without_stray(cues, clock)) if clock else cues, clock)


@dataclass(frozen=True, slots=True)
class _WordOrder:
    """The spoken words in their order, and the captions' words that are matched with them."""

    spoken: Sequence[CaptionWord]
    places: dict[int, list[int]]
    """For each word of the captions the indices of the spoken words that it is matched with."""
    firsts: Sequence[int]
    """For each cue its first word."""
    total: int
    silent: frozenset[int]
    """Words without a sound, such as dashes."""

    def words_of(self, cue: int) -> tuple[int, ...]:
        end = self.firsts[cue + 1] if cue + 1 < len(self.firsts) else self.total
        return tuple(k for k in range(self.firsts[cue], end) if k not in self.silent)


def _words_in_order(heard: HeardCaptions) -> _WordOrder:
    spoken = heard.alignment.words
    places: defaultdict[int, list[int]] = defaultdict(list)
    for at, word in enumerate(spoken):
        if word.article_word is not None:
            places[word.article_word].append(at)
    expected = {k for match in heard.alignment.matches for k in _range(match.article)}
    expected |= places.keys()
    total = max(expected, default=-1) + 1
    silent = frozenset(range(total)) - expected
    return _WordOrder(spoken, dict(places), heard.first_words, total, silent)


def _range(span: Span | None) -> Iterable[int]:
    return range(span.start, span.end) if span else ()


def _cue(shown: Span, words: tuple[int, ...], order: _WordOrder) -> HeardCue:
    """Returns a cue with the spoken words that it is matched with."""
    found = _one_passage([order.places.get(k, []) for k in words])
    heard = tuple(None if at is None else order.spoken[at] for at in found)
    first = next((k for k, at in enumerate(found) if at is not None), None)
    if first is None:
        return HeardCue(shown, words, heard, None, None)
    last = max(k for k, at in enumerate(found) if at is not None)
    begins, ends = found[first], found[last]
    assert begins is not None and ends is not None  # noqa: S101, PT018
    begins = _reworded(order.spoken, begins, -1, first)
    ends = _reworded(order.spoken, ends, 1, len(words) - 1 - last)
    return HeardCue(
        shown, words, heard, order.spoken[begins].start_ms, order.spoken[ends].end_ms
    )  # fmt: skip


def _one_passage(places: Sequence[Sequence[int]]) -> list[int | None]:
    """Chooses where each word of a cue is spoken, so that they lie together.

    A passage that is read twice has two places; the first one that has the most words is taken.
    """
    starts = sorted({at - k for k, found in enumerate(places) for at in found})
    if not starts:
        return [None] * len(places)
    reach = len(places) + 3

    def within(start: int) -> list[int | None]:
        near = (start - 3, start + reach)
        return [next((at for at in found if near[0] <= at < near[1]), None) for found in places]

    best = max(starts, key=lambda start: sum(at is not None for at in within(start)))
    return within(best)


def _reworded(spoken: Sequence[CaptionWord], at: int, step: int, most: int) -> int:
    """Goes on from a word to those beside it that stand for words said otherwise, ``most`` words.

    They follow without a pause.
    """
    for _ in range(most):
        beside = at + step
        if not 0 <= beside < len(spoken) or spoken[beside].article_word is not None:
            break
        one, two = sorted((at, beside))
        if spoken[two].start_ms - spoken[one].end_ms > PAUSE_MS:
            break
        at = beside
    return at


PAUSE_MS = 300
"""Words farther apart belong to different phrases."""


def _without_stray(cues: Sequence[HeardCue], clock: CaptionClock) -> Iterable[HeardCue]:
    """Yields the cues; what is found far from the clock, at another place, counts as not heard."""
    far = max(ASTRAY_MS, ASTRAY * clock.spread_ms)
    for cue in cues:
        if cue.onset_ms is None or _away(clock, cue) <= far:
            yield cue
        else:
            yield HeardCue(cue.shown, cue.words, (None,) * len(cue.words), None, None)


def _away(clock: CaptionClock, cue: HeardCue) -> int:
    onset = cue.onset_ms or 0
    return min(
        abs(round(clock.ratio * cue.shown.start + segment.offset_ms) - onset)
        for segment in clock.segments
    )


def neighbours(known: Sequence[int], at: int) -> tuple[int | None, int | None]:
    """Returns the nearest of some sorted indices before and after an index."""
    k = bisect_right(known, at)
    before = known[k - 1] if k else None
    return before, known[k] if k < len(known) else None
