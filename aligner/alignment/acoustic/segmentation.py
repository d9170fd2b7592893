"""Words with rough times + where somebody speaks -> the windows in which they are timed.

A window is some seconds of sound and the words in it, cut where there is a pause: an aligner that
is given a word too many, or one too few, goes astray up to the next pause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aligner.types import CaptionWord, Span

LONGEST_MS = 15_000
"""A window is divided, if it can be, until it is no longer than this."""
SHORTEST_MS = 2_000
"""Nothing shorter is cut off at a short pause: the means of a moment's sound say little."""
CERTAIN_PAUSE_MS = 2_500
"""Always cut at such a pause: silence costs time, and words may be lost in it."""
LEAST_PAUSE_MS = 150
"""A shorter one may be the closure before a plosive."""
DOUBT = 0.5
"""A shorter pause beside a word with a lower score is used only if there is no other: on which side
of it the word is said is for the aligner to find."""
MARGIN_MS = 300
"""Sound before the first and after the last word of a window."""

FEWEST_WORDS = 3
"""A window is not halved into fewer words."""
OFF_CENTRE_MS = 400
"""How much longer a pause must be to be preferred at a window's edge to its middle."""
OVERLAP_MS = 100
"""Sound of the other half that a half has where there is no pause."""


@dataclass(frozen=True, slots=True)
class Window:
    """Words, by their place in the list, and the sound in which they are said."""

    words: Span
    sound: Span
    """In milliseconds."""


def windows(words: Sequence[CaptionWord], speech: Sequence[Span], last_ms: int) -> list[Window]:
    """Words in order -> windows that hold each word once. ``last_ms``: the recording's end."""
    if not words:
        return []
    pauses = _pauses(words, speech)
    parts = list(_divided(Span(0, len(words)), words, pauses))
    return [Window(part, _sound(part, words, pauses, last_ms)) for part in parts]


def bisect_window(window: Window, words: Sequence[CaptionWord]) -> tuple[Window, ...]:
    """A window in two, cut between words where the recogniser leaves most time near the middle.

    Empty if it has too few words. There may be no pause: either half has a little of the other's
    sound, so that a border that is a little off is still in it.
    """
    at = window.words
    if len(at) < 2 * FEWEST_WORDS:
        return ()
    middle = (words[at.start].start_ms + words[at.end - 1].end_ms) / 2
    reach = max(1.0, (words[at.end - 1].end_ms - words[at.start].start_ms) / 2)

    def good(cut: int) -> float:
        open_ms = words[cut].start_ms - words[cut - 1].end_ms
        return open_ms - OFF_CENTRE_MS * abs(words[cut].start_ms - middle) / reach

    cut = max(range(at.start + FEWEST_WORDS, at.end - FEWEST_WORDS + 1), key=good)
    left, right = words[cut - 1].end_ms, words[cut].start_ms
    overlap = max(OVERLAP_MS - (right - left) // 2, 0)
    border = (left + right) // 2
    first = Span(window.sound.start, min(border + overlap, window.sound.end))
    second = Span(max(border - overlap, window.sound.start), window.sound.end)
    return (Window(Span(at.start, cut), first), Window(Span(cut, at.end), second))


def _pauses(words: Sequence[CaptionWord], speech: Sequence[Span]) -> list[Span]:
    """For each word the silence before it: by the detector, else what the words leave open."""
    found = [Span(0, words[0].start_ms)]
    at = 0
    for last, word in pairwise(words):
        low, high = _middle(last), _middle(word)
        while at + 1 < len(speech) and speech[at + 1].start <= low:
            at += 1
        silences = list(_silences(speech, at, low, high))
        open_ms = Span(last.end_ms, max(word.start_ms, last.end_ms))
        found.append(max(silences, key=len, default=open_ms))
    return found


def _silences(speech: Sequence[Span], at: int, low: int, high: int) -> Iterator[Span]:
    """Silences, from a segment on, that lie between two moments."""
    while at + 1 < len(speech) and speech[at].end < high:
        gap = Span(speech[at].end, speech[at + 1].start)
        if gap.start >= low and gap.end <= high and gap.end > gap.start:
            yield gap
        at += 1


def _middle(word: CaptionWord) -> int:
    return (word.start_ms + word.end_ms) // 2


def _divided(part: Span, words: Sequence[CaptionWord], pauses: Sequence[Span]) -> Iterator[Span]:
    """A run of words, cut at its pauses until every part is short enough or has none left."""
    waiting = [part]
    while waiting:
        run = waiting.pop()
        cut = _best_cut(run, words, pauses)
        if cut is None:
            yield run
        else:
            waiting += [Span(cut, run.end), Span(run.start, cut)]


def _best_cut(run: Span, words: Sequence[CaptionWord], pauses: Sequence[Span]) -> int | None:
    """The word before which to cut: the longest pause, of those that leave enough either side."""
    start, end = words[run.start].start_ms, words[run.end - 1].end_ms
    long = end - start > LONGEST_MS
    shortest = LEAST_PAUSE_MS if long else CERTAIN_PAUSE_MS
    best, best_worth = None, (False, 0)
    for at in range(run.start + 1, run.end):
        length = len(pauses[at])
        certain = length >= CERTAIN_PAUSE_MS
        least = 0 if certain else SHORTEST_MS
        enough = words[at - 1].end_ms - start >= least and end - words[at].start_ms >= least
        worth = (certain or min(words[at - 1].score, words[at].score) >= DOUBT, length)
        if enough and length > shortest and worth > best_worth:
            best, best_worth = at, worth
    return best


def _sound(part: Span, words: Sequence[CaptionWord], pauses: Sequence[Span], last_ms: int) -> Span:
    """What a run of words spans, with up to MARGIN_MS around it but half a pause at most."""
    first, last = words[part.start], words[part.end - 1]
    before = pauses[part.start]
    start = max(before.end - MARGIN_MS, (before.start + before.end) // 2)
    after = pauses[part.end] if part.end < len(pauses) else Span(last.end_ms, last_ms)
    end = min(after.start + MARGIN_MS, (after.start + after.end + 1) // 2)
    if part.start == 0:
        start = max(0, first.start_ms - MARGIN_MS)
    if part.end == len(words):
        end = min(last_ms, last.end_ms + MARGIN_MS)
    return Span(start, max(end, start))
