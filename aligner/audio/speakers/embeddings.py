"""Vectors of voices: one for each word, and one for each window of speech.

The speaker model (CAM++) is run once over the recording, in blocks. It gives features of every
20 ms; a vector of any stretch is their mean and deviation, projected. The model itself looks at the
whole of a short recording: its masks depend on the mean of all frames and of the two seconds
around. Here both means are taken of the frames near by, and so is the mean that is subtracted from
the spectrum, so that one pass serves overlapping windows, which would otherwise cost six passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner._util.concurrency import cpu_count
from aligner._util.telemetry import silence_onnxruntime
from aligner.audio.speakers.fbank import HOP, LENGTH, fbank
from aligner.errors import EngineUnavailable
from aligner.types import Audio, CaptionWord, Span

FEATURES, PROJECTION = "features.onnx", "projection.npy"
"""The files of a speaker model."""
RATE = 50
"""Features a second."""
BLOCK, MARGIN = 200, 60
"""Features computed at a time (4 s), and further ones on either side: half of a window, and what
the model looks at around it. Longer blocks take a quarter less time and 150 MB more memory."""
NEAR, SEGMENT = 37, 50
"""Features on either side that count for the mean of all frames, and for that of the segment
(1.5 s and 2 s in all)."""
MEAN_FRAMES = 75
"""Frames of 10 ms on either side whose mean is subtracted from the spectrum."""
WINDOW, STEP = 75, 12.5
"""Features of a window (1.5 s), and from a window to the next (0.25 s)."""
WORD = 37
"""Features of which a word's vector is made, centred in it (0.75 s)."""
MIN_SPEECH = 0.5
"""Least share of speech in a window."""
MAX_GAP = 10
"""Features; a shorter gap between words (0.2 s) counts as speech."""

Vectors = NDArray[np.float32]


class Embedder:
    """A speaker model, loaded."""

    def __init__(self, folder: Path) -> None:
        """Raises EngineUnavailable if the files cannot be used."""
        silence_onnxruntime()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cpu_count()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / FEATURES), options, providers=["CPUExecutionProvider"]
            )
            self._projection = np.load(folder / PROJECTION, allow_pickle=False)
        except Exception as error:  # onnxruntime's errors have no common class
            raise EngineUnavailable("campplus", f"{folder} cannot be loaded: {error}") from error

    @property
    def size(self) -> int:
        """The length of a vector."""
        return len(self._projection)

    def features(self, spectrum: Vectors) -> Vectors:
        """Returns the features of a normalised spectrum, shape (512, frames / 2 rounded up)."""
        context = _context((len(spectrum) + 1) // 2)
        (found,) = self._session.run(None, {"fbank": spectrum[None], "context": context})
        return np.asarray(found[0], np.float32)

    def project(self, mean: NDArray[np.float64], deviation: NDArray[np.float64]) -> Vectors:
        """Returns vectors of length 1 of means and deviations, both of shape (n, 512)."""
        pooled = np.hstack([mean, deviation]).astype(np.float32)
        vectors = pooled @ self._projection[:, :-1].T + self._projection[:, -1]
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def embed(
    audio: Audio, words: Sequence[CaptionWord], embedder: Embedder
) -> tuple[Vectors, Vectors]:
    """Returns the vectors of the words, and those of the windows that are mostly speech.

    Shapes (words, 192) and (windows, 192); windows are in order of time. Only frames of words and
    of short gaps between them count. A word without sound has a vector of zeros.
    """
    count = len(audio.samples) // (2 * HOP)
    speech = _speech(words, count)
    middles = np.array([(w.start_ms + w.end_ms) / 2000 * RATE for w in words])
    word_spans = _centred(middles, WORD, count)
    windows = _centred(np.arange(WINDOW / 2, count - WINDOW / 2 + 0.1, STEP), WINDOW, count)
    of_words = np.zeros((len(words), embedder.size), np.float32)
    of_windows = np.zeros((len(windows), embedder.size), np.float32)
    enough = int(MIN_SPEECH * WINDOW) + 1
    for block in _blocks(audio, speech, embedder):
        block.fill(of_words, word_spans, 1)
        block.fill(of_windows, windows, enough)
    return of_words, of_windows[of_windows.any(axis=1)]


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of a recording with its features, and running sums of those of speech."""

    core: Span
    """The features that this block stands for."""
    start: int
    """The feature that its sums begin with; there are margins before and after the core."""
    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]
    """Running sums, shape (n + 1,) and (n + 1, 512)."""
    embedder: Embedder

    def fill(self, vectors: Vectors, spans: NDArray[np.int64], enough: int) -> None:
        """Sets the vectors of the spans whose middle is in the core.

        ``spans``: starts and ends, shape (n, 2). ``enough``: the least features of speech.
        """
        middles = spans.sum(axis=1) // 2
        own = np.flatnonzero((middles >= self.core.start) & (middles < self.core.end))
        starts, ends = np.clip(spans[own] - self.start, 0, len(self.counts) - 1).T
        counts = self.counts[ends] - self.counts[starts]
        kept = counts >= enough
        own, starts, ends, n = own[kept], starts[kept], ends[kept], counts[kept][:, None]
        if len(own):
            means = (self.sums[ends] - self.sums[starts]) / n
            variances = (self.squares[ends] - self.squares[starts]) / n - means**2
            deviations = np.sqrt(np.maximum(variances, 0) * n / np.maximum(n - 1, 1))
            vectors[own] = self.embedder.project(means, deviations)


def _blocks(audio: Audio, speech: NDArray[np.bool_], embedder: Embedder) -> Iterator[_Block]:
    """Yields the blocks that have speech."""
    count = len(speech)
    for at in range(0, count, BLOCK):
        core = Span(at, min(at + BLOCK, count))
        if not speech[core.start : core.end].any():
            continue
        start, end = max(0, at - MARGIN), min(core.end + MARGIN, count)
        before = min(start * 2, MEAN_FRAMES)  # further frames for the mean of the spectrum
        first = (start * 2 - before) * HOP
        last = (end * 2 + MEAN_FRAMES) * HOP + LENGTH - HOP
        spectrum = _normalised(fbank(np.asarray(audio.samples[first:last])))
        features = embedder.features(spectrum[before : before + 2 * (end - start)]).T
        mask = speech[start : start + len(features), None]
        spoken = np.where(mask, features, 0).astype(np.float64)
        yield _Block(
            core, start, _running(mask[:, 0]), _running(spoken), _running(spoken**2), embedder
        )


def _running(values: NDArray[Any]) -> NDArray[np.float64]:
    """Returns the sums of the first 0, 1, 2, ... values."""
    nothing = np.zeros((1, *values.shape[1:]))
    return np.concatenate([nothing, np.cumsum(values, axis=0, dtype=np.float64)])


def _normalised(spectrum: Vectors) -> Vectors:
    """Subtracts from each frame the mean of those near by."""
    at, sums = np.arange(len(spectrum)), _running(spectrum)
    first, end = np.maximum(0, at - MEAN_FRAMES), np.minimum(len(at), at + MEAN_FRAMES + 1)
    means = (sums[end] - sums[first]) / (end - first)[:, None]
    return np.asarray(spectrum - means, np.float32)


@lru_cache(2)
def _context(count: int) -> Vectors:
    """Returns the weights of the features around each one: the sum of two means."""
    distance = np.abs(np.arange(count)[:, None] - np.arange(count))
    near, segment = (distance <= reach for reach in (NEAR, SEGMENT))
    weights = near / near.sum(axis=0) + segment / segment.sum(axis=0)
    return np.asarray(weights, np.float32)


def _centred(middles: NDArray[np.float64], length: int, count: int) -> NDArray[np.int64]:
    """Returns spans of a length around points, shape (n, 2), within the recording."""
    starts = np.clip(np.rint(middles - length / 2), 0, max(0, count - length)).astype(np.int64)
    return np.stack([starts, np.minimum(starts + length, count)], axis=1)


def _speech(words: Sequence[CaptionWord], count: int) -> NDArray[np.bool_]:
    """Returns which features are those of a word, or of a short gap between two."""
    speech = np.zeros(count, bool)
    end = -MAX_GAP
    for word in words:
        start = word.start_ms * RATE // 1000
        start = min(start, end) if start - end < MAX_GAP else start
        end = max(end, word.end_ms * RATE // 1000 + 1)
        speech[max(0, start) : end] = True
    return speech
