"""What a recogniser heard in one window -> words on the recording's clock.

A recogniser's own times come from its attention: steps of 20 ms, each word running up to the next,
so that a word beside a pause swallows it. Where somebody speaks is known better from the sound
itself: the words beside a pause are moved to the pause's edges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aligner.types import Span, Word

ATTENTION_LAG_MS = 45
"""Added to every time: attention runs ahead of the sound. Measured as 45 to 56 ms (median, starts
and ends alike) against hand-made and synthesised word times, with both recognisers."""
REAL_PAUSE_MS = 200
"""A shorter one may lie within a word: the silence before a plosive lasts up to 150 ms."""
REACH_MS = 300
"""The first word after a pause starts with the speech if it is no further off; so the last ends."""
SHORTEST_MS = 20
"""A word with no time of its own gets that much: one step of the recogniser."""
MARKS = frozenset(".,;:!?…-–—―'\"“”„‘’«»‹›()[]{}♪*_/|~。、，！？：；「」『』")
PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the word after them and before them, as both Whispers have them."""
JOINS = tuple(".,:'’%°‰&@/_+*=€£¥")
"""A word that begins with one of these, without a space before it, goes on with the last one."""
ENDS_SENTENCE = ("!", "?", "…", "。", "！", "？")
LONGEST_LOOP = 8
"""Words in a phrase that is looked for when a recogniser repeats itself."""
LOOP_TIMES = 4
"""A phrase said so often without a break is not speech but a recogniser that is stuck."""


@dataclass(frozen=True, slots=True)
class WordTiming:
    """A word with its punctuation, as aligned within a window."""

    text: str
    """With the space before it, if the script has one."""
    start: float
    """Seconds from the window's start."""
    end: float
    probability: float


def to_recording_time(
    heard: Sequence[WordTiming], window: Span, speech: Sequence[Span]
) -> tuple[Word, ...]:
    """Words of one window -> words in milliseconds of the recording.

    In order, not overlapping, each within the window and at least 1 ms long. ``speech`` may be
    empty: then the recogniser's own times stand.
    """
    whole = joined(heard)
    words = [_on_clock(word, window) for word in whole if set(word.text.strip()) - MARKS]
    inside = real_speech(speech, window)
    if inside:
        words = _to_edges(words, inside)
    return tuple(_in_order(words, window))


def joined(heard: Sequence[WordTiming]) -> list[WordTiming]:
    """Words less the cuts that Whisper makes at every mark: "6" ".3" -> "6.3", "U" ".S." -> "U.S.".

    A hyphen still begins a word of its own, and so does every word of a script without spaces.
    """
    whole: list[WordTiming] = []
    for word in heard:
        if whole and word.text[:1] in JOINS and not whole[-1].text.endswith(ENDS_SENTENCE):
            last = whole[-1]
            chance = min(last.probability, word.probability)
            whole[-1] = WordTiming(last.text + word.text, last.start, word.end, chance)
        else:
            whole.append(word)
    return whole


def _on_clock(heard: WordTiming, window: Span) -> Word:
    """Seconds in the window -> milliseconds of the recording: the only rounding there is."""
    start, end = (
        window.start + round(t * 1000) + ATTENTION_LAG_MS for t in (heard.start, heard.end)
    )
    text = heard.text.strip()
    spaced = heard.text[:1].isspace()
    return Word(text, start, end, min(max(float(heard.probability), 0.0), 1.0), spaced)


def real_speech(speech: Sequence[Span], window: Span) -> list[Span]:
    """Speech within a window, joined over pauses that may lie within a word."""
    joined: list[Span] = []
    for segment in speech:
        part = Span(max(segment.start, window.start), min(segment.end, window.end))
        if part.end <= part.start:
            continue
        if joined and part.start - joined[-1].end < REAL_PAUSE_MS:
            joined[-1] = Span(joined[-1].start, part.end)
        else:
            joined.append(part)
    return joined


def _to_edges(words: list[Word], speech: list[Span]) -> list[Word]:
    """Each word into the stretch of speech that it shares most with; outer words to its edges."""
    homes = _homes(words, speech)
    placed = []
    for at, (word, home) in enumerate(zip(words, homes, strict=True)):
        span = speech[home]
        start, end = max(word.start_ms, span.start), min(word.end_ms, span.end)
        if (at == 0 or homes[at - 1] != home) and start - span.start <= REACH_MS:
            start = span.start
        if (at + 1 == len(words) or homes[at + 1] != home) and span.end - end <= REACH_MS:
            end = span.end
        placed.append(replace(word, start_ms=start, end_ms=end) if start < end else word)
    return placed


def _homes(words: list[Word], speech: list[Span]) -> list[int]:
    """For each word its stretch of speech, never one before that of the word before it."""
    homes: list[int] = []
    ends = [span.end for span in speech]
    for word in words:
        first = min(bisect_left(ends, word.start_ms + 1), len(speech) - 1)
        near = range(max(first - 1, homes[-1] if homes else 0), min(first + 8, len(speech)))
        shares = [(_shared(word, speech[at]), -at) for at in near]
        homes.append(-max(shares)[1] if shares else homes[-1])
    return homes


def _shared(word: Word, span: Span) -> int:
    """Milliseconds that a word and a span share; negative: how far they are apart."""
    return min(word.end_ms, span.end) - max(word.start_ms, span.start)


def _in_order(words: list[Word], window: Span) -> list[Word]:
    """Starts that never go back, ends after starts, nothing shared, all within the window."""
    shortest = max(1, min(SHORTEST_MS, len(window) // max(1, len(words))))
    placed: list[Word] = []
    free_from = window.start
    for at, word in enumerate(words):
        latest = window.end - shortest * (len(words) - at)
        start = min(max(word.start_ms, free_from), latest)
        end = min(max(word.end_ms, start + shortest), latest + shortest)
        placed.append(replace(word, start_ms=start, end_ms=end))
        free_from = end
    return placed


# ---------------------------------------------------------------- a recogniser that is stuck


def collapse_repetitions(heard: Sequence[WordTiming]) -> list[WordTiming]:
    """Words less what a stuck recogniser repeated: of each loop only its first turn is kept."""
    kept = list(heard)
    keys = [word.text.strip().casefold() for word in kept]
    at = 0
    while at < len(kept):
        size, times = _loop_at(keys, at)
        if times >= LOOP_TIMES:
            del kept[at + size : at + size * times]
            del keys[at + size : at + size * times]
        at += 1
    return kept


def _loop_at(keys: list[str], at: int) -> tuple[int, int]:
    """The phrase that begins at a word and is repeated most in a row: its length, how often."""
    best = (1, 1)
    for size in range(1, LONGEST_LOOP + 1):
        phrase = keys[at : at + size]
        times = 1
        while keys[at + size * times : at + size * (times + 1)] == phrase:
            times += 1
        if times > best[1]:
            best = (size, times)
    return best


def normalise(word: str) -> str:
    """A word as it is compared: letters and digits alone, no case."""
    return "".join(c for c in word.casefold() if c.isalnum())
