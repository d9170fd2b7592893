"""The ledger of speech: the speech that no word accounts for.

A decoder may skip a voice in the middle of a window and give its text a high probability, and its
attention spreads the words over the skipped speech. The ledger therefore uses neither: speech comes
from voice activity detection, and each word accounts for as much of it as its letters may take.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from aligner.types import Span

WORD_MS, LETTER_MS = 300, 75
"""Speech that a word accounts for: a fixed part, and a part for each letter. Of 8,929 words in 43
minutes of clear, fully transcribed speech, none takes over 420 ms more."""
SYMBOLS = 5
"""Letters for which a digit or a sign such as % counts: each is spoken as a word."""
LOGOGRAMS, FIRST_LOGOGRAM = 3, 0x2E80
"""Letters for which a Chinese, Japanese or Korean character counts; the first such code point."""
LOOK_AGAIN_MS = 500
"""Least speech without words between two words that is decoded again."""
TELL_MS = 1_000
"""Least speech without words that is reported if it remains."""
APART_MS = 1_000
"""Stretches nearer to each other are reported as one."""


class TimedText(Protocol):
    """A word of a transcript or of captions."""

    @property
    def text(self) -> str: ...

    @property
    def start_ms(self) -> int: ...


def unaccounted(
    speech: Sequence[Span], words: Sequence[TimedText], least_ms: int = LOOK_AGAIN_MS
) -> list[Span]:
    """Returns stretches of speech, in milliseconds, with more than ``least_ms`` without words.

    ``speech`` and ``words`` are in order of time. Stretches begin and end within speech.
    """
    ends = [segment.end for segment in speech]
    found: list[Span] = []
    for between, room_ms in _between(words):
        first = bisect_right(ends, between.start)
        left = list(_after(room_ms, speech[first:], between))
        if sum(map(len, left)) > least_ms:
            found.append(Span(left[0].start, left[-1].end))
    return found


def joined(stretches: Sequence[Span], apart_ms: int = APART_MS) -> tuple[Span, ...]:
    """Joins stretches, given in order, that are less than ``apart_ms`` apart."""
    whole: list[Span] = []
    for stretch in stretches:
        if whole and stretch.start - whole[-1].end < apart_ms:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, stretch.end))
        else:
            whole.append(stretch)
    return tuple(whole)


def total_ms(speech: Sequence[Span], words: Sequence[TimedText]) -> int:
    """Returns the milliseconds of speech in the stretches that should be decoded again."""
    return sum(
        max(0, min(part.end, stretch.end) - max(part.start, stretch.start))
        for stretch in unaccounted(speech, words)
        for part in speech
    )


def allowance_ms(text: str) -> int:
    """Returns the milliseconds of speech that a word may take."""
    return WORD_MS + LETTER_MS * sum(map(_letters, text))


def _letters(character: str) -> int:
    if character.isdigit() or character in "%&+$€£¥°":
        return SYMBOLS
    if not character.isalpha():
        return 0
    return LOGOGRAMS if ord(character) >= FIRST_LOGOGRAM else 1


def _between(words: Sequence[TimedText]) -> Iterator[tuple[Span, int]]:
    """Yields the span from each word's start to the next one's, and the word's allowance in ms.

    The first span lies before the first word; the last one reaches to the end of all sound.
    """
    starts = [0, *(word.start_ms for word in words), 1 << 60]
    rooms = [0, *(allowance_ms(word.text) for word in words)]
    for (start, end), room_ms in zip(pairwise(starts), rooms, strict=True):
        if start < end:
            yield Span(start, end), room_ms


def _after(room_ms: int, speech: Sequence[Span], within: Span) -> Iterator[Span]:
    """Yields the speech within a span, less its first ``room_ms`` milliseconds."""
    for segment in speech:
        if segment.start >= within.end:
            return
        start, end = max(segment.start, within.start), min(segment.end, within.end)
        taken = min(room_ms, end - start)
        room_ms -= taken
        if start + taken < end:
            yield Span(start + taken, end)
