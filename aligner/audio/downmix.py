"""Mixes channels down to mono, also where they cancel each other.

The mono sound of libav is the channels' sum, in which a voice whose polarity is inverted in one of
two channels is silent. The decoder therefore writes two signals (mid/side coding): the sum, and the
difference of the left and the right channel. Where the difference is the louder one for long
enough, the channels are out of phase, and the difference is taken; elsewhere the sum is taken as
it is. Layouts of more than two channels are mixed to stereo for the difference.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
CHANNELS = 2
"""Signals that are decoded: the sum and the difference."""
SAMPLE_BYTES = 2
FRAME_BYTES = CHANNELS * SAMPLE_BYTES

BLOCK = 320
"""Samples that are judged together: 20 ms at 16 kHz, a few periods of a voice."""
STEP = 4
"""Of so many samples one is looked at, which is enough to measure loudness."""
QUIET_DB = 10.0
"""A block is not judged if its signals stay below this level, in dB of the smallest sample's."""
PAUSE_DB = 40.0
"""Nor is it if they stay so far below the loudest block before it: pauses tell nothing of phase."""
FORGET_DB = 0.04
"""By so much the level of the loudest block falls with every block after it (2 dB a second)."""
WIDE_DB = 3.0
"""By this much the difference of two sounds that are merely wide or unrelated is not louder."""
CLEAR_DB = 30.0
"""A larger difference in level is not more evidence."""
ENOUGH_DB = 150.0
"""The evidence, summed over blocks, from which the phase has changed: 0.1 s at 30 dB, 1 s at 6."""
MAX_UNDECIDED = 500
"""Blocks (10 s) after which a block is taken as those before it, so that memory stays bounded."""


def filter_chains(mono: str) -> tuple[str, str]:
    """Returns libav's filter chains for the sum and the difference.

    ``mono`` is the chain that makes a 16-bit mono signal of any layout.
    """
    return mono, f"aformat=channel_layouts=stereo,pan=mono|c0=0.5*c0-0.5*c1,{mono}"


def mono(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield mono 16-bit samples from pairs of sum and difference, with a lag of up to 10 s.

    The result does not depend on how the pairs are divided into chunks.
    """
    phase = _Phase()
    rest = b""
    undecided = np.zeros((0, CHANNELS), np.dtype("<i2"))
    for chunk in chunks:
        pairs, rest = _whole_blocks(rest + chunk)
        undecided = np.concatenate([undecided, pairs])
        if len(pairs):
            decided = phase.feed(_levels(pairs))
            yield _taken(undecided, decided)
            undecided = undecided[len(decided) * BLOCK :]
    last = np.frombuffer(rest[: len(rest) // FRAME_BYTES * FRAME_BYTES], "<i2")
    undecided = np.concatenate([undecided, last.reshape(-1, CHANNELS)])
    yield _taken(undecided, phase.rest(-(-len(undecided) // BLOCK)))


def _whole_blocks(data: bytes) -> tuple[NDArray[np.int16], bytes]:
    """Returns the whole blocks in ``data`` as pairs, shape (n, 2), and the bytes after them."""
    size = len(data) // (BLOCK * FRAME_BYTES) * BLOCK * FRAME_BYTES
    return np.frombuffer(data[:size], "<i2").reshape(-1, CHANNELS), data[size:]


def _levels(pairs: NDArray[np.int16]) -> NDArray[np.float32]:
    """Returns each block's levels of sum and difference in dB, shape (blocks, 2).

    They are those of the signals' slopes: a constant offset and hum hardly count.
    """
    slopes = pairs[1::STEP].astype(np.float32) - pairs[0::STEP]
    energies = np.square(slopes).reshape(-1, BLOCK // STEP, CHANNELS).mean(axis=1)
    return np.asarray(10 * np.log10(energies + 1e-3), np.float32)


def _taken(pairs: NDArray[np.int16], inverted: list[bool]) -> bytes:
    """Returns the mono samples of the blocks that are decided."""
    size = len(inverted) * BLOCK
    if not any(inverted):
        return pairs[:size, 0].tobytes()
    each = np.repeat(np.array(inverted), BLOCK)[: len(pairs)]
    return np.where(each, pairs[:size, 1], pairs[:size, 0]).tobytes()


class _Phase:
    """Decides for each block whether the channels are out of phase (CUSUM change detection).

    The phase changes where the evidence against the present one begins to grow until it is enough.
    """

    def __init__(self) -> None:
        self._inverted = False
        self._against = 0.0
        """The evidence against the present phase."""
        self._undecided = 0
        """Blocks since there is evidence against it."""
        self._done = 0
        self._loudest_db = QUIET_DB

    def feed(self, levels: NDArray[np.float32]) -> list[bool]:
        """Add blocks, and return whether the oldest undecided ones are out of phase."""
        out_of_phase, in_phase = self._evidence(levels)
        if not self._inverted and not self._against and not (out_of_phase > 0).any():
            self._done += len(levels)
            return [False] * len(levels)
        decided: list[bool] = []
        for evidence in zip(in_phase.tolist(), out_of_phase.tolist(), strict=True):
            self._against = max(0.0, self._against + evidence[not self._inverted])
            self._undecided += 1
            if self._against >= ENOUGH_DB:
                self._change(self._done + len(decided))
            if not self._against:
                decided += [self._inverted] * self._undecided
                self._undecided = 0
            elif self._undecided > MAX_UNDECIDED:
                decided.append(self._inverted)
                self._undecided -= 1
        self._done += len(decided)
        return decided

    def _evidence(
        self, levels: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns each block's evidence, in dB, that it is out of phase, and in phase."""
        block_db = levels.max(axis=1)
        fall = FORGET_DB * np.arange(1, len(levels) + 1)
        loudest_db = np.maximum.accumulate(np.maximum(block_db + fall, self._loudest_db)) - fall
        self._loudest_db = float(loudest_db[-1])
        judged = block_db > np.maximum(loudest_db - PAUSE_DB, QUIET_DB)
        ratio_db = levels[:, 1] - levels[:, 0]
        out_of_phase = np.clip(ratio_db - WIDE_DB, -CLEAR_DB, CLEAR_DB) * judged
        return out_of_phase, np.clip(-ratio_db, -CLEAR_DB, CLEAR_DB) * judged

    def _change(self, block: int) -> None:
        self._inverted, self._against = not self._inverted, 0.0
        logger.info(
            "from %.1f s on the channels are %s",
            block * BLOCK / SAMPLE_RATE,
            "out of phase: their difference is taken" if self._inverted else "in phase again",
        )

    def rest(self, count: int) -> list[bool]:
        """Returns the phase of the ``count`` last blocks."""
        return [self._inverted] * count
