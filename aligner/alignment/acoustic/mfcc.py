"""Sound -> what the acoustic model looks at: cepstra, how they change, and how that changes.

As the model was taught (its ``feat.params``): every 10 ms the energies of 25 bands on the mel scale
(Davis and Mermelstein 1980), less the noise that is under them, as a cosine series of 13 terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic.blocked_matmul import product
from aligner.alignment.acoustic.filterbank import RATE, mel_edges, spectra, triangles

HOP, LENGTH, POINTS = 160, 410, 512
"""Samples between two frames and in one, and points of its Fourier transform."""
EMPHASIS = 0.97
"""Share of the last sample that is taken off each."""
BANDS, LOWEST_HZ, HIGHEST_HZ = 25, 130.0, 6_800.0
TERMS, LIFTER = 13, 22
LEAST = 1e-4
"""Added to every energy before its logarithm."""
WIDTH = 3 * TERMS
"""Numbers to a frame."""

SMOOTH = 0.7
"""How slowly the power that noise is taken off follows the sound."""
RISING, FALLING = 0.995, 0.5
"""How slowly a lower envelope follows what rises above it, and what falls below."""
MOST_GAIN = 20
"""Noise and sound are at most so many times one another."""
FORGET, HIDDEN, MASKED = 0.85, 0.85, 0.2
"""How fast a peak is forgotten, below what share of it sound is hidden, and what that becomes."""
NEIGHBOURS = 4
"""Bands on either side over which gains are smoothed."""

Sound = NDArray[np.int16]
Frames = NDArray[np.float32]


def features(sounds: Sequence[Sound]) -> list[Frames]:
    """Sounds at 16 kHz -> for each its frames, shape (n, 39)."""
    if not sounds:
        return []
    energies = [_energies(sound) for sound in sounds]
    return [_described(clean) for clean in _without_noise(energies)]


def _energies(sound: Sound) -> Frames:
    """A sound -> the energy in each band; shape (n, bands)."""
    levels = sound.astype(np.float32)
    levels[1:] -= np.float32(EMPHASIS) * sound[:-1]
    count = max(0, len(sound) - LENGTH) // HOP + 2
    padded = np.pad(levels, (0, LENGTH + HOP))
    some = spectra(padded, _taper(), HOP, POINTS, count)
    return np.concatenate([product(one, _filters()) for one in some], dtype=np.float32)


def _without_noise(sounds: Sequence[Frames]) -> list[Frames]:
    """Energies -> the same, less the noise under them: all sounds at once, frame by frame.

    What lies under a sound is followed by an envelope that rises slowly and falls fast, and is
    taken off its power; what a louder moment just before hides is lowered (Kim and Stern 2010).
    """
    longest = max(map(len, sounds))
    heard = np.stack([np.pad(s, ((0, longest - len(s)), (0, 0)), "edge") for s in sounds], axis=1)
    lowest = heard[0] / MOST_GAIN
    power = _smoothed(heard)
    signal = np.maximum(power - _envelope(power, lowest), 1.0)
    hidden = _fading(signal)
    masked = np.where(signal < HIDDEN * hidden, MASKED * hidden, signal)
    gains = np.maximum(masked, _envelope(signal, lowest)) / np.maximum(power, LEAST)
    np.clip(gains, 1 / MOST_GAIN, MOST_GAIN, out=gains)
    near = (slice(max(0, k - NEIGHBOURS), k + NEIGHBOURS + 1) for k in range(BANDS))
    heard *= np.stack([gains[..., bands].mean(axis=-1) for bands in near], axis=-1)
    return [heard[: len(sound), at] for at, sound in enumerate(sounds)]


def _smoothed(heard: Frames) -> Frames:
    """Each frame with what is left of those before it: before the first one, of others like it."""
    found = (1 - SMOOTH) * heard
    last, share = heard[0], np.empty_like(heard[0])
    for now in found:
        np.multiply(last, SMOOTH, out=share)
        now += share
        last = now
    return found


def _envelope(heard: Frames, before: Frames) -> Frames:
    """What lies under frames, with what lay ``before`` them.

    It follows slowly what rises and fast what falls, whichever gives less.
    """
    slow = (1 - np.float32(RISING)) * heard
    fast = (1 - np.float32(FALLING)) * heard
    last, share = before, np.empty_like(before)
    for rising, falling in zip(slow, fast, strict=True):
        np.multiply(last, RISING, out=share)
        rising += share
        np.multiply(last, FALLING, out=share)
        falling += share
        last = np.minimum(rising, falling, out=rising)
    return slow


def _fading(heard: Frames) -> Frames:
    """What is left in each frame of the loudest moments before it."""
    found = np.empty_like(heard)
    peak = np.zeros_like(heard[0])
    for now, left in zip(heard, found, strict=True):
        np.multiply(peak, FORGET, out=left)
        np.maximum(now, left, out=peak)
    return found


def _described(energies: Frames) -> Frames:
    """Energies -> cepstra less their mean, and what they become around each frame."""
    cepstra = product(np.log(energies + LEAST), _cosines())
    loud = cepstra[cepstra[:, 0] >= 0]
    if len(loud):
        cepstra -= loud.mean(axis=0)
    count = len(cepstra)
    padded = np.pad(cepstra, ((3, 3), (0, 0)), "edge")

    def after(frames: int) -> NDArray[np.float64]:
        return np.asarray(padded[3 + frames : 3 + frames + count])

    slope = after(2) - after(-2)
    bend = (after(3) - after(-1)) - (after(1) - after(-3))
    return np.concatenate([cepstra, slope, bend], axis=1, dtype=np.float32)


@cache
def _taper() -> NDArray[np.float64]:
    return np.hamming(LENGTH)


@cache
def _filters() -> Frames:
    """Spectra -> the energy in each band, of unit area; shape (lines, bands)."""
    step = RATE / POINTS
    edges = np.floor(mel_edges(LOWEST_HZ, HIGHEST_HZ, BANDS) / step + 0.5) * step
    area = (edges[2:] - edges[:-2]) / 2
    return (triangles(edges, POINTS) / area).astype(np.float32)


@cache
def _cosines() -> NDArray[np.float64]:
    """Energies -> cepstra, the higher ones raised; shape (bands, terms)."""
    terms, bands = np.arange(TERMS), np.arange(BANDS)
    waves = np.cos(np.pi * terms * (bands[:, None] + 0.5) / BANDS) * np.sqrt(2 / BANDS)
    waves[:, 0] /= np.sqrt(2)
    return np.asarray(waves * (1 + LIFTER / 2 * np.sin(np.pi * terms / LIFTER)))
