"""Computes the features of the acoustic model: MFCC with their first and second differences.

The steps are those with which the model was trained (its ``feat.params``): every 10 ms the energies
of 25 bands on the mel scale, reduced by the background noise, and the first 13 terms of the cosine
transform of their logarithms (Davis and Mermelstein 1980).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic.blocked_matmul import product
from aligner.alignment.acoustic.filterbank import RATE, mel_edges, spectra, triangles

HOP, LENGTH, POINTS = 160, 410, 512
"""Samples from a frame to the next, samples of a frame, and points of its Fourier transform."""
EMPHASIS = 0.97
"""Pre-emphasis: the share of the previous sample that is subtracted from each sample."""
BANDS, LOWEST_HZ, HIGHEST_HZ = 25, 130.0, 6_800.0
TERMS, LIFTER = 13, 22
LEAST = 1e-4
"""Added to each energy before the logarithm."""
WIDTH = 3 * TERMS
"""Length of a feature vector."""

SMOOTH = 0.7
"""Weight of the previous frame in the smoothed power."""
RISING, FALLING = 0.995, 0.5
"""Weight of the previous frame in the lower envelope where the power rises, and where it falls."""
MOST_GAIN = 20
"""Largest factor by which noise reduction changes an energy, in either direction."""
DECAY, MASKING, MASKED = 0.85, 0.85, 0.2
"""Temporal masking: decay of a peak per frame, the share of it below which sound is masked, and the
share of it that masked sound gets."""
NEIGHBOURS = 4
"""Bands on either side over which the factors of noise reduction are smoothed."""

Sound = NDArray[np.int16]
Frames = NDArray[np.float32]


def features(sounds: Sequence[Sound]) -> list[Frames]:
    """Returns the feature vectors of each sound at 16 kHz, shape (n, 39).

    Results for several sounds are the same as for each alone.
    """
    if not sounds:
        return []
    energies = [band_energies(sound) for sound in sounds]
    return [_cepstra(clean) for clean in _without_noise(energies)]


def log_energies(sound: Sound) -> NDArray[np.float64]:
    """Returns the logarithms of the band energies of a sound, noise included; shape (n, bands)."""
    return np.log(band_energies(sound).astype(np.float64) + LEAST)


def band_energies(sound: Sound) -> Frames:
    """Returns the energy in each band and frame of a sound; shape (n, bands)."""
    levels = sound.astype(np.float32)
    levels[1:] -= np.float32(EMPHASIS) * sound[:-1]
    count = max(0, len(sound) - LENGTH) // HOP + 2
    padded = np.pad(levels, (0, LENGTH + HOP))
    some = spectra(padded, _taper(), HOP, POINTS, count)
    return np.concatenate([product(one, _filters()) for one in some], dtype=np.float32)


def _without_noise(sounds: Sequence[Frames]) -> list[Frames]:
    """Reduces background noise in band energies; all sounds are processed together, by frame.

    The noise is estimated by an envelope that rises slowly and falls fast, and is subtracted from
    the power. Sound that a louder frame just before masks is attenuated (Kim and Stern 2010).
    """
    longest = max(map(len, sounds))
    energy = np.stack([np.pad(s, ((0, longest - len(s)), (0, 0)), "edge") for s in sounds], axis=1)
    lowest = energy[0] / MOST_GAIN
    power = _smoothed(energy)
    signal = np.maximum(power - _envelope(power, lowest), 1.0)
    peaks = _decaying_peaks(signal)
    masked = np.where(signal < MASKING * peaks, MASKED * peaks, signal)
    gains = np.maximum(masked, _envelope(signal, lowest)) / np.maximum(power, LEAST)
    np.clip(gains, 1 / MOST_GAIN, MOST_GAIN, out=gains)
    near = (slice(max(0, k - NEIGHBOURS), k + NEIGHBOURS + 1) for k in range(BANDS))
    energy *= np.stack([gains[..., bands].mean(axis=-1) for bands in near], axis=-1)
    return [energy[: len(sound), at] for at, sound in enumerate(sounds)]


def _smoothed(energy: Frames) -> Frames:
    """Smooths band energies over time; the frames before the first are taken to equal it."""
    found = (1 - SMOOTH) * energy
    last, share = energy[0], np.empty_like(energy[0])
    for now in found:
        np.multiply(last, SMOOTH, out=share)
        now += share
        last = now
    return found


def _envelope(power: Frames, before: Frames) -> Frames:
    """Returns the lower envelope of power over time, which rises slowly and falls fast.

    ``before``: its value before the first frame.
    """
    slow = (1 - np.float32(RISING)) * power
    fast = (1 - np.float32(FALLING)) * power
    last, share = before, np.empty_like(before)
    for rising, falling in zip(slow, fast, strict=True):
        np.multiply(last, RISING, out=share)
        rising += share
        np.multiply(last, FALLING, out=share)
        falling += share
        last = np.minimum(rising, falling, out=rising)
    return slow


def _decaying_peaks(power: Frames) -> Frames:
    """Returns for each frame the decayed peak of the frames before it."""
    found = np.empty_like(power)
    peak = np.zeros_like(power[0])
    for now, left in zip(power, found, strict=True):
        np.multiply(peak, DECAY, out=left)
        np.maximum(now, left, out=peak)
    return found


def _cepstra(energies: Frames) -> Frames:
    """Returns mean-normalised MFCC with their first and second differences; shape (n, 39)."""
    cepstra = product(np.log(energies + LEAST), cosines())
    loud = cepstra[cepstra[:, 0] >= 0]
    if len(loud):
        cepstra -= loud.mean(axis=0)
    return with_differences(cepstra)


def with_differences(cepstra: NDArray[np.float64]) -> Frames:
    """Returns MFCC with their first and second differences; shape (n, 39)."""
    count = len(cepstra)
    padded = np.pad(cepstra, ((3, 3), (0, 0)), "edge")

    def after(frames: int) -> NDArray[np.float64]:
        return np.asarray(padded[3 + frames : 3 + frames + count])

    first = after(2) - after(-2)
    second = (after(3) - after(-1)) - (after(1) - after(-3))
    return np.concatenate([cepstra, first, second], axis=1, dtype=np.float32)


@cache
def _taper() -> NDArray[np.float64]:
    return np.hamming(LENGTH)


@cache
def _filters() -> Frames:
    """Returns mel filters of unit area; shape (POINTS / 2 + 1, BANDS)."""
    step = RATE / POINTS
    edges = np.floor(mel_edges(LOWEST_HZ, HIGHEST_HZ, BANDS) / step + 0.5) * step
    area = (edges[2:] - edges[:-2]) / 2
    return (triangles(edges, POINTS) / area).astype(np.float32)


@cache
def cosines() -> NDArray[np.float64]:
    """Returns the cosine transform with liftering, which lifts high terms; shape (bands, terms)."""
    terms, bands = np.arange(TERMS), np.arange(BANDS)
    waves = np.cos(np.pi * terms * (bands[:, None] + 0.5) / BANDS) * np.sqrt(2 / BANDS)
    waves[:, 0] /= np.sqrt(2)
    return np.asarray(waves * (1 + LIFTER / 2 * np.sin(np.pi * terms / LIFTER)))
