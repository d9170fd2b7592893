"""When the words of each cue are spoken, and by which clock the file runs."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from aligner.alignment.clock import CaptionClock, ClockAnchor
from aligner.alignment.clock.fit import fit_clock
from aligner.pipeline.audit.hearing import HeardCaptions
from aligner.types import CaptionWord, Span

EXACT_MS, NEAR_MS, FAR_MS = 40, 80, 900
"""In a file whose starts lie within ``EXACT_MS`` of its clock, in the median, a first word farther
than ``NEAR_MS`` from it is badly timed, unless it is so far that the cue is. A first word that is
not heard begins by such a clock up to ``FAR_MS`` from where the words beside it say."""
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
    """When its first word begins, which may be said otherwise than it is written or, where it is
    not heard, lies before the first one that is; None if no word is heard."""
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
    """None if no word of a cue is heard."""


def cue_times(heard: HeardCaptions, shown: Sequence[Span]) -> CueTimes:
    """Returns when the words of each cue are spoken. ``shown`` are the file's times of the cues."""
    order = _words_in_order(heard)
    cues = tuple(_cue(shown[k], order.words_of(k), order) for k in range(len(shown)))
    anchors = [
        ClockAnchor(cue.shown.start, cue.onset_ms) for cue in cues if cue.onset_ms is not None
    ]
    clock = fit_clock(anchors)
    if clock is None:
        return CueTimes(cues, None)
    # What is said twice is captioned where the file has it.
    cues = tuple(_cue(cue.shown, cue.words, order, clock) for cue in cues)
    return CueTimes(tuple(_by_clock(cue, clock) for cue in _without_stray(cues, clock)), clock)


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


def _cue(
    shown: Span, words: tuple[int, ...], order: _WordOrder, clock: CaptionClock | None = None
) -> HeardCue:
    """Returns a cue with the spoken words that it is matched with.

    Of several passages with as many of its words, the one nearest to the clock is taken.
    """

    def away_ms(start: int) -> int:
        at = order.spoken[min(max(start, 0), len(order.spoken) - 1)].start_ms
        return abs(clock.at(shown.start, at) - at) if clock else 0

    found = _one_passage([order.places.get(k, []) for k in words], away_ms)
    heard = tuple(None if at is None else order.spoken[at] for at in found)
    first = next((k for k, at in enumerate(found) if at is not None), None)
    if first is None:
        return HeardCue(shown, words, heard, None, None)
    last = max(k for k, at in enumerate(found) if at is not None)
    begins, ends = found[first], found[last]
    assert begins is not None and ends is not None  # noqa: S101, PT018
    reached = _reworded(order.spoken, begins, -1, first)
    ends = _reworded(order.spoken, ends, 1, len(words) - 1 - last)
    onset = order.spoken[reached].start_ms
    # Words that are missing altogether before the first one that is heard take time too.
    onset -= WORD_MS * (first - (begins - reached))
    return HeardCue(shown, words, heard, max(0, onset), order.spoken[ends].end_ms)


def _one_passage(
    places: Sequence[Sequence[int]], away_ms: Callable[[int], int]
) -> list[int | None]:
    """Chooses where each word of a cue is spoken, so that they lie together.

    A passage that is read twice has two places. The one with the most words is taken, and of those
    the one that is least ``away_ms``, a function of the index of its first word.
    """
    starts = sorted({at - k for k, found in enumerate(places) for at in found})
    if not starts:
        return [None] * len(places)
    reach = len(places) + 3

    def within(start: int) -> list[int | None]:
        near = (start - 3, start + reach)
        return [next((at for at in found if near[0] <= at < near[1]), None) for found in places]

    best = max(
        starts, key=lambda start: (sum(at is not None for at in within(start)), -away_ms(start))
    )
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


WORD_MS = 280
"""About how long a word takes."""
PAUSE_MS = 800
"""Words farther apart belong to different phrases."""


def _by_clock(cue: HeardCue, clock: CaptionClock) -> HeardCue:
    """Returns a cue with its onset by the clock, where that is more exact than the word's time."""
    if cue.onset_ms is None or clock.spread_ms > EXACT_MS:
        return cue
    expected = clock.at(cue.shown.start, cue.onset_ms)
    off = abs(expected - cue.onset_ms)
    first = cue.heard[0]
    if first is None:
        heard = next(word.start_ms for word in cue.heard if word)
        return replace(cue, onset_ms=expected) if expected <= heard and off <= FAR_MS else cue
    return replace(cue, onset_ms=expected) if NEAR_MS < off <= FAR_MS // 3 else cue


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
