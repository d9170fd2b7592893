"""Speech and its words -> the speech that no word accounts for: the ledger of speech.

A decoder may skip a voice in the middle of a window and be sure of what it writes, and the
attention that times its words spreads them over what it skipped. So neither is asked here. Speech
comes from the voice detector, and a word accounts for as much speech as its letters may take.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from aligner.types import Span

WORD_MS, LETTER_MS = 300, 75
"""Speech that a word accounts for: so much, and so much more for each of its letters. Of 8,929
words in 43 minutes of clear speech, whose words are all there, none takes over 420 ms more."""
SYMBOLS = 5
"""Letters that a digit or a sign such as % stands for: each is spoken as a word."""
LOGOGRAMS, FIRST_LOGOGRAM = 3, 0x2E80
"""Letters that a character of Chinese, Japanese or Korean writing stands for; the first one."""
LOOK_AGAIN_MS = 500
"""Speech between two words that is worth another decoding, if no word accounts for it."""
TELL_MS = 1_000
"""... and that is told, if it remains."""
APART_MS = 1_000
"""Stretches that are nearer to each other are told as one."""


class Said(Protocol):
    """A word of a transcript or of captions."""

    @property
    def text(self) -> str: ...

    @property
    def start_ms(self) -> int: ...


def unaccounted(
    speech: Sequence[Span], words: Sequence[Said], least_ms: int = LOOK_AGAIN_MS
) -> list[Span]:
    """Stretches of speech, in milliseconds, of which more than ``least_ms`` has no word.

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
    """Stretches in order, those that lie close together as one."""
    whole: list[Span] = []
    for stretch in stretches:
        if whole and stretch.start - whole[-1].end < apart_ms:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, stretch.end))
        else:
            whole.append(stretch)
    return tuple(whole)


def total_ms(speech: Sequence[Span], words: Sequence[Said]) -> int:
    """Milliseconds of speech in the stretches that are worth another decoding."""
    return sum(
        max(0, min(part.end, stretch.end) - max(part.start, stretch.start))
        for stretch in unaccounted(speech, words)
        for part in speech
    )


def allowance_ms(text: str) -> int:
    """Speech that a word may take."""
    return WORD_MS + LETTER_MS * sum(map(_letters, text))


def _letters(character: str) -> int:
    if character.isdigit() or character in "%&+$€£¥°":
        return SYMBOLS
    if not character.isalpha():
        return 0
    return LOGOGRAMS if ord(character) >= FIRST_LOGOGRAM else 1


def _between(words: Sequence[Said]) -> Iterator[tuple[Span, int]]:
    """From the start of each word to that of the next, and the speech that the word may take.

    The first is what lies before the first word, the last goes on to the end of all sound.
    """
    starts = [0, *(word.start_ms for word in words), 1 << 60]
    rooms = [0, *(allowance_ms(word.text) for word in words)]
    for (start, end), room_ms in zip(pairwise(starts), rooms, strict=True):
        if start < end:
            yield Span(start, end), room_ms


def _after(room_ms: int, speech: Sequence[Span], within: Span) -> Iterator[Span]:
    """What is left of the speech within a span, less its first milliseconds."""
    for segment in speech:
        if segment.start >= within.end:
            return
        start, end = max(segment.start, within.start), min(segment.end, within.end)
        taken = min(room_ms, end - start)
        room_ms -= taken
        if start + taken < end:
            yield Span(start + taken, end)
