"""Word timestamps: the words of a window on the recording's clock.

A recogniser's own times come from its attention, in steps of 20 ms. Each word runs up to the next,
so that a word beside a pause contains the pause. Voice activity detection shows better where speech
begins and ends, so words beside a pause are moved to the pause's edges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aligner.types import Span, Word

ATTENTION_LAG_MS = 45
"""Added to every time, because attention runs ahead of the sound: by 45 to 56 ms (median, for
starts and for ends) against hand-made and synthesised word times, with both engines and the model
base. Other models may have another lag (``ModelFiles.attention_lag_ms``)."""
REAL_PAUSE_MS = 200
"""A shorter pause may lie within a word: the silence before a plosive lasts up to 150 ms."""
MAX_MOVE_MS = 300
"""Greatest distance by which a word beside a pause is moved to the edge of the speech."""
MIN_WORD_MS = 20
"""Duration of a word that has none: one step of the recogniser."""
MARKS = frozenset(".,;:!?…-–—―'\"“”„‘’«»‹›()[]{}♪*_/|~。、，！？：；「」『』")
PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the word after them and to the one before them, as in both Whispers."""
CONTINUATIONS = tuple(".,:'’%°‰&@/_+*=€£¥")
"""A token that begins with one of these, without a space before it, continues a word."""
ENDS_SENTENCE = ("!", "?", "…", "。", "！", "？")
MAX_LOOP_WORDS = 8
"""Most words in a repeated phrase."""
MIN_LOOP_TIMES = 4
"""A phrase repeated so often without a break is a decoder loop, not speech."""


@dataclass(frozen=True, slots=True)
class WordTiming:
    """A word with its punctuation, as aligned within a window."""

    text: str
    """The word with the space before it, if the script has one."""
    start: float
    """Seconds from the window's start."""
    end: float
    probability: float


def to_recording_time(
    words: Sequence[WordTiming],
    window: Span,
    speech: Sequence[Span],
    lag_ms: int = ATTENTION_LAG_MS,
) -> tuple[Word, ...]:
    """Converts the words of one window to milliseconds of the recording.

    ``lag_ms`` is added to every time, because attention runs ahead of the sound or behind it.
    The results are in order, do not overlap, lie within the window and are at least 1 ms long. With
    empty ``speech`` the recogniser's own times are kept.
    """
    whole = joined(words)
    said = (word for word in whole if set(word.text.strip()) - MARKS)
    placed = [_in_recording_time(word, window, lag_ms) for word in said]
    inside = real_speech(speech, window)
    if inside:
        placed = _to_speech_edges(placed, inside)
    return tuple(_in_order(placed, window))


def joined(words: Sequence[WordTiming]) -> list[WordTiming]:
    """Joins words that Whisper splits at marks: "6" and ".3" to "6.3", "U" and ".S." to "U.S.".

    A part after a hyphen stays a word of its own, and so does every word of a script without
    spaces.
    """
    whole: list[WordTiming] = []
    for word in words:
        if whole and word.text[:1] in CONTINUATIONS and not whole[-1].text.endswith(ENDS_SENTENCE):
            last = whole[-1]
            chance = min(last.probability, word.probability)
            whole[-1] = WordTiming(last.text + word.text, last.start, word.end, chance)
        else:
            whole.append(word)
    return whole


def _in_recording_time(timing: WordTiming, window: Span, lag_ms: int) -> Word:
    """Converts seconds in the window to milliseconds of the recording: the only rounding."""
    start, end = (window.start + round(t * 1000) + lag_ms for t in (timing.start, timing.end))
    text = timing.text.strip()
    spaced = timing.text[:1].isspace()
    return Word(text, start, end, min(max(float(timing.probability), 0.0), 1.0), spaced)


def real_speech(speech: Sequence[Span], window: Span) -> list[Span]:
    """Returns the speech within a window, joined over pauses that may lie within a word."""
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


def _to_speech_edges(words: list[Word], speech: list[Span]) -> list[Word]:
    """Moves each word into the segment that it overlaps most, and outer words to its edges."""
    segments = _segments_of(words, speech)
    placed = []
    for at, (word, segment) in enumerate(zip(words, segments, strict=True)):
        span = speech[segment]
        start, end = max(word.start_ms, span.start), min(word.end_ms, span.end)
        if (at == 0 or segments[at - 1] != segment) and start - span.start <= MAX_MOVE_MS:
            start = span.start
        if (at + 1 == len(words) or segments[at + 1] != segment) and span.end - end <= MAX_MOVE_MS:
            end = span.end
        placed.append(replace(word, start_ms=start, end_ms=end) if start < end else word)
    return placed


def _segments_of(words: list[Word], speech: list[Span]) -> list[int]:
    """Returns each word's segment (index), never one before that of the preceding word."""
    segments: list[int] = []
    ends = [span.end for span in speech]
    for word in words:
        first = min(bisect_left(ends, word.start_ms + 1), len(speech) - 1)
        near = range(max(first - 1, segments[-1] if segments else 0), min(first + 8, len(speech)))
        shares = [(_shared(word, speech[at]), -at) for at in near]
        segments.append(-max(shares)[1] if shares else segments[-1])
    return segments


def _shared(word: Word, span: Span) -> int:
    """Returns the milliseconds that a word and a span share; negative if they are apart."""
    return min(word.end_ms, span.end) - max(word.start_ms, span.start)


def _in_order(words: list[Word], window: Span) -> list[Word]:
    """Makes words follow each other without overlap, within the window."""
    shortest = max(1, min(MIN_WORD_MS, len(window) // max(1, len(words))))
    placed: list[Word] = []
    free_from = window.start
    for at, word in enumerate(words):
        latest = window.end - shortest * (len(words) - at)
        start = min(max(word.start_ms, free_from), latest)
        end = min(max(word.end_ms, start + shortest), latest + shortest)
        placed.append(replace(word, start_ms=start, end_ms=end))
        free_from = end
    return placed


# ---------------------------------------------------------------- decoder loops


def collapse_repetitions(words: Sequence[WordTiming]) -> list[WordTiming]:
    """Removes decoder loops: of each repeated phrase only the first occurrence is kept."""
    kept = list(words)
    keys = [word.text.strip().casefold() for word in kept]
    at = 0
    while at < len(kept):
        size, times = _loop_at(keys, at)
        if times >= MIN_LOOP_TIMES:
            del kept[at + size : at + size * times]
            del keys[at + size : at + size * times]
        at += 1
    return kept


def _loop_at(keys: list[str], at: int) -> tuple[int, int]:
    """Returns the length of the phrase at a word that is repeated most, and how often it is."""
    best = (1, 1)
    for size in range(1, MAX_LOOP_WORDS + 1):
        phrase = keys[at : at + size]
        times = 1
        while keys[at + size * times : at + size * (times + 1)] == phrase:
            times += 1
        if times > best[1]:
            best = (size, times)
    return best


def normalise(word: str) -> str:
    """Returns a word as it is compared: letters and digits only, case folded."""
    return "".join(c for c in word.casefold() if c.isalnum())
