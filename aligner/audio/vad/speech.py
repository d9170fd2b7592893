"""Audio -> where somebody speaks, also while more of it is coming.

The detector is Silero VAD, as faster-whisper ships it. It gives a probability for every 32 ms.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aligner._util.telemetry import silence_onnxruntime
from aligner.types import Audio, Span

RATE = 16_000
"""Samples a second that the detector knows."""
CHUNK = 512
"""Samples to one probability: 32 ms."""
BLOCK = 1_500
"""Chunks handled at a time: 48 s, 3 MB as float32, some ten times that inside the detector."""
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


class StreamingVad:
    """Finds speech in a sound that is still coming in: the same as in all of it at once.

    Nothing is found in silence, noise and music. Pauses of less than an eighth of a second are not
    told apart. Needs little memory beyond a block, however long the sound.
    """

    def __init__(self) -> None:
        self._chances = np.zeros(0, dtype=np.float32)
        """The probability of speech for every chunk."""
        self._done = 0
        """Chunks in which all runs are found."""

    def more(self, audio: Audio, *, whole: bool) -> list[Span]:
        """Further speech in a sound of which there is more now, in milliseconds.

        What may go on when more comes is kept for then; ``whole``: there is no more.
        """
        self._weigh(audio, whole=whole)
        chances, found = self._chances, []
        rest = Span(self._done, len(chances))
        for run in list(_runs(chances, rest, LEAST, whole=whole)):
            self._done = run.end
            fine = (part for level in _by_level(run, chances) for part in _divided(level, chances))
            found += [Span(_ms(part.start, audio), _ms(part.end, audio)) for part in fine]
        return [span for span in found if span.end > span.start]

    def _weigh(self, audio: Audio, *, whole: bool) -> None:
        """The chances of more chunks: of whole blocks, and of the rest where there is no more."""
        silence_onnxruntime()
        from faster_whisper.vad import get_vad_model

        start = len(self._chances)
        count = -(-len(audio.samples) // CHUNK) if whole else len(audio.samples) // CHUNK
        while start < count and (whole or start + BLOCK <= count):
            heard_from, end = max(0, start - WARM_UP), min(start + BLOCK, count)
            heard = np.asarray(get_vad_model()(_block(audio, heard_from, end))).reshape(-1)
            self._chances = np.concatenate([self._chances, heard[start - heard_from :]])
            start = end


def _ms(chunk: int, audio: Audio) -> int:
    return min(chunk * CHUNK * 1000 // RATE, audio.duration_ms)


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


def _runs(
    chances: NDArray[np.float32], within: Span, starts: float, *, whole: bool = True
) -> Iterator[Span]:
    """Probabilities -> runs of speech, in chunks; short pauses are part of a run.

    ``whole``: what has not ended ends there.
    """
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
    if start is not None and whole:
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
