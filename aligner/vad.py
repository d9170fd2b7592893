"""Audio -> where somebody speaks, and Speech -> the windows that a recogniser hears one by one.

The detector is Silero VAD, as faster-whisper ships it. It gives a probability for every 32 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aligner.nouns import Audio, Span, Speech

RATE = 16_000
"""Samples a second that the detector knows."""
CHUNK = 512
"""Samples to one probability: 32 ms."""
BLOCK = 3_000
"""Chunks handled at a time: 96 s, 6 MB as float32, some ten times that inside the detector."""
WARM_UP = 160
"""Chunks heard before a block, so that the detector's memory is as if it had heard everything."""

STARTS = 0.5
"""Speech begins at this probability where it is clear (Silero's own default)."""
LEAST = 0.25
"""Where it is not, as over a telephone, speech is given half of its own usual probability, but
never less than this. Noise, tones and music stay under 0.2 (99 of 100 chunks)."""
ENDS = 0.65
"""Speech ends below this share of what it begins at (Silero's own default is about 0.7)."""
LONG_GAP = 32
"""Chunks (1 s); unclear speech for longer beside clear speech is judged by itself."""
SHORTEST_SPEECH = 5
"""Chunks; anything shorter is a click or a cough."""
SHORTEST_PAUSE = 4
"""Chunks; a shorter one is within a word (a stop consonant takes up to 100 ms)."""
LONGEST_SPEECH = 375
"""Chunks (12 s); speech without a pause for longer is divided where it is least sure."""

PADDING_MS = 300
"""Kept before and after the speech of a window: recognisers miss words cut close."""
GOOD_PAUSE_MS = 600
"""A pause of that length stands between sentences more often than within one."""
LONG_PAUSE_MS = 4_000
"""Silence of that length is not worth keeping within a window: recognisers invent words in it."""


def find_speech(audio: Audio) -> Speech:
    """Where somebody speaks; pauses of less than an eighth of a second are not told apart.

    Empty for silence, noise and music. Needs little memory beyond a block, however long the sound.
    """
    chances = _chances(audio)
    coarse = _runs(chances, Span(0, len(chances)), LEAST)
    fine = (part for run in coarse for part in _by_level(run, chances))
    parts = (part for run in fine for part in _divided(run, chances))
    ms = [(_ms(part.start, audio), _ms(part.end, audio)) for part in parts]
    return Speech(tuple(Span(a, b) for a, b in ms if b > a))


def _ms(chunk: int, audio: Audio) -> int:
    return min(chunk * CHUNK * 1000 // RATE, audio.duration_ms)


def _chances(audio: Audio) -> NDArray[np.float32]:
    """The probability of speech for every chunk."""
    from faster_whisper.vad import get_vad_model

    count = -(-len(audio.samples) // CHUNK)
    chances = np.zeros(count, dtype=np.float32)
    model = get_vad_model()
    for start in range(0, count, BLOCK):
        heard_from = max(0, start - WARM_UP)
        end = min(start + BLOCK, count)
        heard = model(_block(audio, heard_from, end))
        chances[start:end] = np.asarray(heard).reshape(-1)[start - heard_from :]
    return chances


def _block(audio: Audio, start: int, end: int) -> NDArray[np.float32]:
    """Chunks ``start`` up to ``end`` as float32, the last one filled up with silence."""
    block = np.zeros((end - start) * CHUNK, dtype=np.float32)
    samples = audio.samples[start * CHUNK : end * CHUNK]
    np.divide(samples, 32768.0, out=block[: len(samples)], dtype=np.float32)
    return block


def _by_level(run: Span, chances: NDArray[np.float32]) -> Iterator[Span]:
    """A run of perhaps unclear speech -> its runs by the threshold that suits its own level."""
    level = float(np.percentile(chances[run.start : run.end], 90))
    if level < LEAST:
        return
    found = list(_runs(chances, run, min(max(level / 2, LEAST), STARTS)))
    if not found:
        return
    done = run.start
    for part in [*found, Span(run.end, run.end)]:
        if part.start - done >= LONG_GAP:
            yield from _by_level(Span(done, part.start), chances)
        if part:
            yield part
        done = part.end


def _runs(chances: NDArray[np.float32], within: Span, starts: float) -> Iterator[Span]:
    """Probabilities -> runs of speech, in chunks; short pauses are part of a run."""
    ends = starts * ENDS
    start: int | None = None
    quiet_from: int | None = None
    for at, chance in enumerate(chances[within.start : within.end].tolist(), within.start):
        if chance >= starts:
            start, quiet_from = (at if start is None else start), None
        elif start is not None and chance < ends:
            quiet_from = at if quiet_from is None else quiet_from
            if at - quiet_from + 1 >= SHORTEST_PAUSE:
                if quiet_from - start >= SHORTEST_SPEECH:
                    yield Span(start, quiet_from)
                start = quiet_from = None
    if start is not None:
        end = within.end if quiet_from is None else quiet_from
        if end - start >= SHORTEST_SPEECH:
            yield Span(start, end)


def _divided(run: Span, chances: NDArray[np.float32]) -> Iterator[Span]:
    """A run of speech, in parts of at most LONGEST_SPEECH, divided where speech is least sure."""
    while len(run) > LONGEST_SPEECH:
        middle = run.start + LONGEST_SPEECH // 2
        latest = min(run.start + LONGEST_SPEECH, run.end - SHORTEST_SPEECH)
        cut = middle + int(np.argmin(chances[middle:latest]))
        yield Span(run.start, cut)
        run = Span(cut, run.end)
    yield run


# ---------------------------------------------------------------- windows


def windows(speech: Speech, duration_ms: int, max_ms: int = 28_000) -> tuple[Span, ...]:
    """Speech -> windows of at most ``max_ms`` that hold all of it, cut at the best pauses.

    Windows do not overlap. Each has up to PADDING_MS of what is around it, never of another
    window's speech. Speech longer than ``max_ms`` without a pause is cut hard; nothing is lost.
    """
    most = max_ms - 2 * PADDING_MS
    segments = [part for segment in speech.segments for part in _cut_hard(segment, most)]
    return tuple(_padded(_grouped(segments, most), duration_ms))


def _cut_hard(segment: Span, most: int) -> Iterator[Span]:
    """A segment in equal parts no longer than ``most``."""
    parts = -(-len(segment) // most)
    edges = [segment.start + len(segment) * i // parts for i in range(parts + 1)]
    for start, end in pairwise(edges):
        yield Span(start, end)


def _grouped(segments: list[Span], most: int) -> list[Span]:
    """Segments in order -> windows, each of consecutive segments, at the least total cost.

    A window costs 1, for its share of the work; a cut at a pause shorter than GOOD_PAUSE_MS costs
    up to 1 more, and pauses kept within a window cost 1 for every LONG_PAUSE_MS.
    """
    best: list[tuple[float, int]] = [(0.0, 0)]
    """For the first n segments: the least cost, and where their last window begins."""
    for last in range(len(segments)):
        best.append(min(_choices(segments, last, most, best)))
    found: list[Span] = []
    end = len(segments)
    while end:
        first = best[end][1]
        found.append(Span(segments[first].start, segments[end - 1].end))
        end = first
    return found[::-1]


def _choices(
    segments: list[Span], last: int, most: int, best: list[tuple[float, int]]
) -> Iterator[tuple[float, int]]:
    """(Cost, first segment) of every window that ends with the segment ``last``."""
    silence = 0.0
    for first in range(last, -1, -1):
        if segments[last].end - segments[first].start > most:
            return
        if first < last:
            silence += _pause(segments, first + 1) / LONG_PAUSE_MS
        shortness = 1 - min(_pause(segments, first) / GOOD_PAUSE_MS, 1.0)
        yield best[first][0] + 1 + shortness + silence, first


def _pause(segments: list[Span], at: int) -> int:
    """Milliseconds of silence before a segment; before the first one, enough."""
    return segments[at].start - segments[at - 1].end if at else GOOD_PAUSE_MS


def _padded(spans: list[Span], duration_ms: int) -> Iterator[Span]:
    """Spans with what is around them, half of a short pause going to either side."""
    for at, span in enumerate(spans):
        before = span.start - (spans[at - 1].end if at else -span.start)
        after = (
            spans[at + 1].start if at + 1 < len(spans) else 2 * duration_ms - span.end
        ) - span.end
        start = span.start - min(PADDING_MS, before // 2)
        yield Span(start, min(span.end + min(PADDING_MS, after - after // 2), duration_ms))
