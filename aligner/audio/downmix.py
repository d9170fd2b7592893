"""Mixes channels down to mono, also where they cancel each other.

The mono sound of libav is the channels' sum, in which a voice whose polarity is inverted in one of
two channels is silent. The decoder therefore writes two signals (mid/side coding): the sum, and the
difference of the left and the right channel. Where the difference is the louder one for long
enough, the channels are out of phase, and the difference is taken; elsewhere the sum is taken as
it is. Layouts of more than two channels are mixed to stereo for the difference.

Both together also tell whether the channels have different sound, for instance two languages.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from aligner.types import Channel, Span

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
PERIOD = 50
"""Blocks (1 s) over which the correlation of left and right is measured."""
UNRELATED = 0.35
"""Two channels of one stereo recording are correlated more than this where somebody speaks."""
INAUDIBLE = 0.01
"""Beside a channel with so many times its energy another one does not matter (20 dB)."""
LARGE_SHARE = 0.25
"""The share of periods with sound, in a window, from which unrelated channels are reported."""
WINDOW, HOP = 30, 5
"""Periods of the windows in which unrelated channels are looked for, and between their starts."""
SAME_AGAIN = 5
"""Periods in which both channels have the same sound, from which a stretch of unrelated ends."""
MAX_UNDECIDED = 500
"""Blocks (10 s) after which a block is taken as those before it, so that memory stays bounded."""


class Downmix:
    """The downmix of one recording."""

    def __init__(self, *, is_mono: bool = False, channel: Channel | None = None) -> None:
        """``is_mono`` says that there is only one channel; ``channel`` is the only one to take."""
        self._is_mono, self._channel = is_mono, channel
        self._phase = _Phase()
        self._difference = _Difference()

    @property
    def unrelated(self) -> tuple[Span, ...]:
        """Where the left and the right channel have had unrelated sound, in milliseconds."""
        return tuple(self._difference.spans())

    def filter_chains(self, mono: str) -> tuple[str, ...]:
        """Returns the chains of libav's filters whose outputs, interleaved, ``mono`` takes.

        ``mono`` is the chain that makes a 16-bit mono signal of any layout.
        """
        stereo = "aformat=channel_layouts=stereo,pan=mono|c0="
        if self._channel:
            return (f"{stereo}{'c0' if self._channel == 'left' else 'c1'},{mono}",)
        return (mono,) if self._is_mono else (mono, f"{stereo}0.5*c0-0.5*c1,{mono}")

    def mono(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield mono 16-bit samples from the decoder's output, with a lag of up to 10 s.

        The result does not depend on how the output is divided into chunks.
        """
        if self._is_mono or self._channel:
            yield from chunks
        else:
            yield from self._mixed(chunks)

    def _mixed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield mono samples from pairs of sum and difference."""
        rest = b""
        undecided = np.zeros((0, CHANNELS), np.dtype("<i2"))
        for chunk in chunks:
            pairs, rest = _whole_blocks(rest + chunk)
            undecided = np.concatenate([undecided, pairs])
            if len(pairs):
                energies = _energies(pairs)
                self._difference.feed(energies)
                decided = self._phase.feed(10 * np.log10(energies[:, :CHANNELS] + 1e-3))
                yield _taken(undecided, decided)
                undecided = undecided[len(decided) * BLOCK :]
        last = np.frombuffer(rest[: len(rest) // FRAME_BYTES * FRAME_BYTES], "<i2")
        undecided = np.concatenate([undecided, last.reshape(-1, CHANNELS)])
        yield _taken(undecided, self._phase.rest(-(-len(undecided) // BLOCK)))


def _whole_blocks(data: bytes) -> tuple[NDArray[np.int16], bytes]:
    """Returns the whole blocks in ``data`` as pairs, shape (n, 2), and the bytes after them."""
    size = len(data) // (BLOCK * FRAME_BYTES) * BLOCK * FRAME_BYTES
    return np.frombuffer(data[:size], "<i2").reshape(-1, CHANNELS), data[size:]


def _energies(pairs: NDArray[np.int16]) -> NDArray[np.float64]:
    """Returns each block's energies of sum and difference, and their product, shape (blocks, 3).

    They are those of the signals' slopes: a constant offset and hum hardly count.
    """
    slopes = pairs[1::STEP].astype(np.float32) - pairs[0::STEP]
    blocks = slopes.reshape(-1, BLOCK // STEP, CHANNELS)
    products = np.multiply(blocks[:, :, 0], blocks[:, :, 1]).mean(axis=1)
    squares = np.square(blocks, out=blocks).mean(axis=1)
    return np.column_stack([squares, products]).astype(np.float64)


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

    def feed(self, levels: NDArray[np.float64]) -> list[bool]:
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
        self, levels: NDArray[np.float64]
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


class _Difference:
    """Finds where the left and the right channel have unrelated sound."""

    def __init__(self) -> None:
        self._rest = np.zeros((0, CHANNELS + 1))
        self._has_sound: list[bool] = []
        self._is_unrelated: list[bool] = []
        self._is_related: list[bool] = []

    def spans(self) -> Iterator[Span]:
        """Yield the stretches of unrelated sound so far, in milliseconds."""
        sound, unrelated = np.array(self._has_sound, bool), np.array(self._is_unrelated, bool)
        differs = np.zeros(len(sound), bool)
        for start in range(0, max(1, len(sound) - WINDOW + HOP), HOP):
            window = slice(start, start + WINDOW)
            if unrelated[window].sum() > LARGE_SHARE * sound[window].sum():
                differs[window] = True
        period_ms = PERIOD * BLOCK * 1000 // SAMPLE_RATE
        before = np.concatenate([[0], np.cumsum(self._is_related)])
        at = np.flatnonzero(differs & unrelated)
        apart = before[at[1:]] - before[at[:-1]] >= SAME_AGAIN
        for run in np.split(at, np.flatnonzero(apart) + 1) if len(at) else ():
            yield Span(int(run[0]) * period_ms, int(run[-1] + 1) * period_ms)

    def feed(self, energies: NDArray[np.float64]) -> None:
        """Add blocks by the energies of sum and difference, and their product."""
        energies = np.concatenate([self._rest, energies])
        size = len(energies) // PERIOD * PERIOD
        self._rest = energies[size:]
        mid, side, product = energies[:size].reshape(-1, PERIOD, CHANNELS + 1).mean(axis=1).T
        left, right = mid + side + 2 * product, mid + side - 2 * product
        louder, softer = np.maximum(left, right), np.maximum(np.minimum(left, right), 1e-3)
        correlation = (mid - side) / np.sqrt(louder * softer + 1e-9)
        has_sound = louder > 10 ** (QUIET_DB / 10)
        both = (softer > INAUDIBLE * louder) & has_sound
        unrelated = both & (np.abs(correlation) < UNRELATED)
        self._is_related += (both & ~unrelated).tolist()
        self._has_sound += has_sound.tolist()
        self._is_unrelated += unrelated.tolist()
