"""Divides a recording at pauses into the windows that are aligned one by one.

A window is some seconds of sound and the words said in it. Windows are cut at pauses, as a word
too many or too few spoils the forced alignment up to the next pause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from aligner.types import CaptionWord, Span

LONGEST_MS = 15_000
"""Longer windows are divided where a pause allows it."""
SHORTEST_MS = 2_000
"""Shortest part that is cut off at a short pause: features of less sound are badly normalised."""
LONG_PAUSE_MS = 2_500
"""Pauses of this length are always cut: silence takes time, and words may be placed in it."""
LEAST_PAUSE_MS = 150
"""Shorter pauses may be the closure of a plosive."""
LOW_SCORE = 0.5
"""A pause shorter than ``LONG_PAUSE_MS`` beside a word with a lower score is cut only if there is
no other: the word may be said on either side of it."""
MARGIN_MS = 300
"""Most sound before the first and after the last word of a window."""

FEWEST_WORDS = 3
"""Least words of each half of a divided window."""
OFF_CENTRE_MS = 400
"""How much longer a pause at the edge of a window must be to be preferred to one at its middle."""
OVERLAP_MS = 100
"""Sound that both halves of a window have where there is no pause between them."""


@dataclass(frozen=True, slots=True)
class AlignmentWindow:
    """A range of word indices, and the sound in which these words are said."""

    words: Span
    sound: Span
    """In milliseconds."""


def windows(
    words: Sequence[CaptionWord], speech: Sequence[Span], last_ms: int
) -> list[AlignmentWindow]:
    """Returns windows that hold each word once, in order.

    ``speech``: detected speech. ``last_ms``: the end of the recording. All in milliseconds.
    """
    if not words:
        return []
    pauses = _pauses(words, speech)
    parts = list(_divided(Span(0, len(words)), words, pauses))
    return [AlignmentWindow(part, _sound(part, words, pauses, last_ms)) for part in parts]


def bisect_window(
    window: AlignmentWindow, words: Sequence[CaptionWord]
) -> tuple[AlignmentWindow, ...]:
    """Divides a window in two at the longest pause near its middle; empty if it has too few words.

    Where there is no pause the halves overlap a little, so that a word at the border is whole in
    its half even if the recogniser's time is not exact.
    """
    at = window.words
    if len(at) < 2 * FEWEST_WORDS:
        return ()
    middle = (words[at.start].start_ms + words[at.end - 1].end_ms) / 2
    reach = max(1.0, (words[at.end - 1].end_ms - words[at.start].start_ms) / 2)

    def preference(cut: int) -> float:
        open_ms = words[cut].start_ms - words[cut - 1].end_ms
        return open_ms - OFF_CENTRE_MS * abs(words[cut].start_ms - middle) / reach

    cut = max(range(at.start + FEWEST_WORDS, at.end - FEWEST_WORDS + 1), key=preference)
    left, right = words[cut - 1].end_ms, words[cut].start_ms
    overlap = max(OVERLAP_MS - (right - left) // 2, 0)
    border = (left + right) // 2
    first = Span(window.sound.start, min(border + overlap, window.sound.end))
    second = Span(max(border - overlap, window.sound.start), window.sound.end)
    return (AlignmentWindow(Span(at.start, cut), first), AlignmentWindow(Span(cut, at.end), second))


def _pauses(words: Sequence[CaptionWord], speech: Sequence[Span]) -> list[Span]:
    """Returns for each word the pause before it: detected silence, else the time between words."""
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
    """Yields the silences between two times; segment ``at`` is the first to look at."""
    while at + 1 < len(speech) and speech[at].end < high:
        gap = Span(speech[at].end, speech[at + 1].start)
        if gap.start >= low and gap.end <= high and gap.end > gap.start:
            yield gap
        at += 1


def _middle(word: CaptionWord) -> int:
    return (word.start_ms + word.end_ms) // 2


def _divided(part: Span, words: Sequence[CaptionWord], pauses: Sequence[Span]) -> Iterator[Span]:
    """Cuts a run of words at pauses until each part is short enough or has no pause to cut at."""
    waiting = [part]
    while waiting:
        run = waiting.pop()
        cut = _best_cut(run, words, pauses)
        if cut is None:
            yield run
        else:
            waiting += [Span(cut, run.end), Span(run.start, cut)]


def _best_cut(run: Span, words: Sequence[CaptionWord], pauses: Sequence[Span]) -> int | None:
    """Returns the word before which to cut a run: at its longest suitable pause; else None."""
    start, end = words[run.start].start_ms, words[run.end - 1].end_ms
    is_long = end - start > LONGEST_MS
    shortest = LEAST_PAUSE_MS if is_long else LONG_PAUSE_MS
    best, best_rank = None, (False, 0)
    for at in range(run.start + 1, run.end):
        length = len(pauses[at])
        is_long_pause = length >= LONG_PAUSE_MS
        least = 0 if is_long_pause else SHORTEST_MS
        enough = words[at - 1].end_ms - start >= least and end - words[at].start_ms >= least
        rank = (is_long_pause or min(words[at - 1].score, words[at].score) >= LOW_SCORE, length)
        if enough and length > shortest and rank > best_rank:
            best, best_rank = at, rank
    return best


def _sound(part: Span, words: Sequence[CaptionWord], pauses: Sequence[Span], last_ms: int) -> Span:
    """Returns the sound of a run of words with ``MARGIN_MS`` on each side, at most half a pause."""
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
