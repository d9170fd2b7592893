"""Tells the phones of a sound from the output of a speech recogniser's encoder.

Whisper's encoder was trained on speech in all kinds of noise. A linear classifier on its output
(``benchmarks/calibration/phone_head.py`` trains it, and says on which speech) gives each 10 ms the
log-likelihood ratio of each phone's states. It belongs to the encoder that it was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aligner.types import EncodedSpeech, Span

WEIGHTS = Path(__file__).parent / "encoders"
"""A file for each encoder with a classifier, see NOTICE.md."""
HALF_MS, FRAME_MS = 10, 20
"""What one row of ratios stands for, and one of the encoder's output."""
CENTRE_MS = 13
"""From the start of a frame of the acoustic model to its middle."""
LOWEST = -6.0
"""Least log-likelihood ratio in nats, so that one frame does not exclude a phone."""

Features = NDArray[np.float32]
"""Rows of numbers: the encoder's output, one row for 20 ms, or what is computed from it."""


@dataclass(frozen=True, slots=True)
class PhoneHead:
    """A linear classifier of phones."""

    mean: Features
    components: Features
    """Principal components of the encoder's output; shape (width, components)."""
    weights: Features
    """For the first and the second half of a frame; shape (2, 3 * components, states)."""
    offsets: Features
    """Shape (2, states)."""

    def ratios(self, features: Features) -> Features:
        """Returns the log-likelihood ratios of states, in nats; shape (2 * n, states)."""
        reduced = np.pad((features - self.mean) @ self.components, ((1, 1), (0, 0)), "edge")
        rows = np.concatenate([reduced[:-2], reduced[1:-1], reduced[2:]], axis=1)
        scores = (rows @ self.weights + self.offsets[:, None]).transpose(1, 0, 2)
        scores = scores.reshape(2 * len(features), -1)
        scores -= scores.max(axis=1, keepdims=True)
        states = int((self.offsets[0] > UNKNOWN).sum())
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True)) - np.log(states)
        return np.asarray(np.maximum(scores, np.float32(LOWEST)), np.float32)


UNKNOWN = -1e3
"""Offsets below it are those of states that the training had not."""


@cache
def head(model: str) -> PhoneHead | None:
    """Returns the classifier that was trained on the encoder of a model; None if there is none."""
    path = WEIGHTS / f"whisper-{model}.npz"
    if not path.is_file():
        return None
    with np.load(path) as read:
        mean, components, weights, offsets = (
            read[name].astype(np.float32) for name in ("mean", "components", "weights", "offsets")
        )
        return PhoneHead(mean, components, weights, offsets)


def phone_ratios(encoded: EncodedSpeech, start_ms: int, frames: int) -> Features:
    """Returns the ratios of states in frames of the acoustic model; shape (frames, states).

    ``start_ms``: of the first frame, in the recording. Frames that the encoder was not given have
    the ratio 0. There must be a classifier for the encoder (``head``).
    """
    of = head(encoded.model)
    assert of is not None  # noqa: S101  the caller asks first
    found = np.zeros((frames, of.offsets.shape[1]), np.float32)
    middles = start_ms + np.arange(frames) * HALF_MS + CENTRE_MS
    part = Span(start_ms, start_ms + (frames + 1) * HALF_MS + CENTRE_MS)
    for window, features in encoded.windows(part):
        first = max(0, (part.start - window.start) // FRAME_MS - 1)
        last = min(len(features), (part.end - window.start) // FRAME_MS + 2)
        length = min(last, len(window) // FRAME_MS)
        if first >= length:
            continue
        ratios = of.ratios(features[first:last])[: 2 * (length - first)]
        at = (middles - window.start) // HALF_MS - 2 * first
        inside = (at >= 0) & (at < len(ratios))
        found[inside] = ratios[at[inside]]
    return found
