"""Detects speech with Silero VAD, also in a recording that is still being decoded.

The model comes with faster-whisper. It gives a probability of speech for every 32 ms.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aligner._util.telemetry import silence_huggingface_hub, silence_onnxruntime
from aligner.types import Audio, Span

SAMPLE_RATE = 16_000
"""Samples a second of the detector's input."""
CHUNK = 512
"""Samples for one probability: 32 ms."""
BLOCK = 1_500
"""Chunks detected at a time: 48 s, 3 MB as float32, about ten times that inside the detector."""
WARM_UP = 160
"""Chunks fed before a block, which bring the detector's state to that of continuous input."""

MAX_ONSET = 0.5
"""Clear speech begins at this probability (Silero's own default)."""
MIN_ONSET = 0.25
"""Unclear speech, as over a telephone, begins at half of its own usual probability, but never below
this. Noise, tones and music stay below 0.2 (99 of 100 chunks)."""
OFFSET_RATIO = 0.65
"""Speech ends below this share of the probability at which it begins (Silero: about 0.7)."""
MIN_UNCLEAR_RUN = 32
"""Chunks (1 s); a longer stretch of unclear speech beside clear speech gets its own threshold."""
MIN_SPEECH = 5
"""Chunks; a shorter sound is a click or a cough."""
MIN_PAUSE = 4
"""Chunks; a shorter pause is within a word (a stop consonant takes up to 100 ms)."""
MAX_SPEECH = 375
"""Chunks (12 s); longer speech without a pause is split at the lowest probability."""


class StreamingVad:
    """Finds speech in a growing recording, the same as in the complete one.

    It finds none in silence, noise and music. Pauses below an eighth of a second are part of the
    speech. Memory is that of one block, however long the recording.
    """

    def __init__(self) -> None:
        self._probabilities = np.zeros(0, dtype=np.float32)
        """The probability of speech of each chunk."""
        self._done = 0
        """Chunks whose runs are final."""

    def feed(self, audio: Audio, *, is_last: bool) -> list[Span]:
        """Return new segments of speech, in milliseconds, of a recording that has grown.

        Speech that may go on is returned later, unless the recording is complete (``is_last``).
        """
        self._detect(audio, is_last=is_last)
        probabilities, found = self._probabilities, []
        rest = Span(self._done, len(probabilities))
        for run in list(_runs(probabilities, rest, MIN_ONSET, is_last=is_last)):
            self._done = run.end
            fine = (
                part
                for level in _by_level(run, probabilities)
                for part in _split_long(level, probabilities)
            )
            found += [Span(_to_ms(part.start, audio), _to_ms(part.end, audio)) for part in fine]
        return [span for span in found if span.end > span.start]

    def _detect(self, audio: Audio, *, is_last: bool) -> None:
        """Add the probabilities of whole blocks, and at the end those of the rest."""
        silence_onnxruntime()
        silence_huggingface_hub()
        from faster_whisper.vad import get_vad_model

        start = len(self._probabilities)
        count = -(-len(audio.samples) // CHUNK) if is_last else len(audio.samples) // CHUNK
        while start < count and (is_last or start + BLOCK <= count):
            warm_from, end = max(0, start - WARM_UP), min(start + BLOCK, count)
            output = np.asarray(get_vad_model()(_block(audio, warm_from, end))).reshape(-1)
            self._probabilities = np.concatenate([self._probabilities, output[start - warm_from :]])
            start = end


def _to_ms(chunk: int, audio: Audio) -> int:
    return min(chunk * CHUNK * 1000 // SAMPLE_RATE, audio.duration_ms)


def _block(audio: Audio, start: int, end: int) -> NDArray[np.float32]:
    """Returns the chunks ``start`` up to ``end`` as float32, the last one padded with silence."""
    block = np.zeros((end - start) * CHUNK, dtype=np.float32)
    samples = audio.samples[start * CHUNK : end * CHUNK]
    np.divide(samples, 32768.0, out=block[: len(samples)], dtype=np.float32)
    return block


def _by_level(run: Span, probabilities: NDArray[np.float32]) -> Iterator[Span]:
    """Yield the runs of speech in a run by a threshold from its own 90th percentile."""
    level = float(np.percentile(probabilities[run.start : run.end], 90))
    if level < MIN_ONSET:
        return
    found = list(_runs(probabilities, run, min(max(level / 2, MIN_ONSET), MAX_ONSET)))
    if not found:
        return
    done = run.start
    for part in [*found, Span(run.end, run.end)]:
        if part.start - done >= MIN_UNCLEAR_RUN:
            yield from _by_level(Span(done, part.start), probabilities)
        if part:
            yield part
        done = part.end


def _runs(
    probabilities: NDArray[np.float32], within: Span, onset: float, *, is_last: bool = True
) -> Iterator[Span]:
    """Yield runs of speech, in chunks; short pauses are part of a run.

    With ``is_last`` an open run ends at the end of ``within``.
    """
    offset = onset * OFFSET_RATIO
    start: int | None = None
    pause_start: int | None = None
    for at, probability in enumerate(
        probabilities[within.start : within.end].tolist(), within.start
    ):
        if probability >= onset:
            start, pause_start = (at if start is None else start), None
        elif start is not None and probability < offset:
            pause_start = at if pause_start is None else pause_start
            if at - pause_start + 1 >= MIN_PAUSE:
                if pause_start - start >= MIN_SPEECH:
                    yield Span(start, pause_start)
                start = pause_start = None
    if start is not None and is_last:
        end = within.end if pause_start is None else pause_start
        if end - start >= MIN_SPEECH:
            yield Span(start, end)


def _split_long(run: Span, probabilities: NDArray[np.float32]) -> Iterator[Span]:
    """Yield a run in parts of at most MAX_SPEECH, split at the lowest probability."""
    while len(run) > MAX_SPEECH:
        middle = run.start + MAX_SPEECH // 2
        latest = min(run.start + MAX_SPEECH, run.end - MIN_SPEECH)
        split_at = middle + int(np.argmin(probabilities[middle:latest]))
        yield Span(run.start, split_at)
        run = Span(split_at, run.end)
    yield run
