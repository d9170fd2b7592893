"""Moves word boundaries to where the spectrum changes most, and excludes silence from words.

A forced aligner steps by 10 ms and its boundaries scatter by some 15 ms. People who label sound by
hand put a boundary where the spectrum changes: at a burst, or where voice or friction begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.acoustic.blocked_matmul import product
from aligner.alignment.acoustic.filterbank import RATE, mel_edges, spectra, triangles

HOP = 32
"""Samples between two spectra: 2 ms."""
LENGTH, POINTS = 160, 256
"""Samples of a spectrum (10 ms) and points of its Fourier transform."""
BANDS, LOWEST_HZ, HIGHEST_HZ = 24, 100.0, 8_000.0
STEP_MS = HOP * 1000 / RATE
SIDE = 5
"""Spectra on either side of a boundary that are compared: 10 ms."""
LEVEL = 0.02
"""Level to which sound is normalised: the 90th percentile of its root mean square."""
FLOOR = 1e-4
"""Added to the energy of every band, so that inaudible changes do not count."""
REACH_MS, SIGMA_MS = 40.0, 16.0
"""How far a boundary may move, and the standard deviation of the weight around its first place."""

LEAST_POWER = 1e-9
"""Added to the power of a sound, so that digital silence has a level."""
QUIET_DB = (
    dict.fromkeys("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW L R W Y".split(), 25.0)
    | dict.fromkeys("M N NG".split(), 30.0)
    | dict.fromkeys("V DH Z ZH".split(), 40.0)
)
"""By the first phone of a word: how many dB below the loudest of the word sound may be a gap before
it. Plosives have no entry, as they begin with a gap, nor have soft fricatives."""
DEPTH, FLOOR_PERCENT = 0.4, 5
"""A gap also lies in the lower 40 % of the range in dB from the quietest part of the window (its
5th percentile) to the loudest of the word: soft sounds between fluent words are no gap."""
GAP_MS = (20, 30)
"""How far before and after the start of a word a gap is searched for."""
LEFT_MS = 20
"""Least length of a word after a gap."""

Curve = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpectralFlux:
    """The spectral change and the level of a sound, every 2 ms."""

    change: Curve
    """How much the spectrum changes, whatever the level: value ``i`` at ``i - 0.5`` steps."""
    level: Curve
    """The level in dB after normalisation: value ``i`` at ``i`` steps."""
    floor: float
    """The level of its quietest part."""


def spectral_flux(samples: NDArray[np.int16]) -> SpectralFlux:
    """Computes the spectral flux and the level of samples at 16 kHz."""
    padded = np.pad(_levelled(samples), (LENGTH // 2, LENGTH // 2 + HOP))
    some = [
        (product(one, _filters()), one.sum(axis=1))
        for one in spectra(padded, _taper(), HOP, POINTS, len(samples) // HOP + 2)
    ]
    bands, powers = (np.concatenate(parts) for parts in zip(*some, strict=True))
    logs = np.log(bands + FLOOR)
    sums = np.concatenate([np.zeros((1, BANDS)), np.cumsum(logs, axis=0, dtype=np.float64)])
    at = np.arange(len(logs))
    first, last = np.maximum(at - SIDE, 0), np.minimum(at + SIDE, len(logs))
    before = (sums[at] - sums[first]) / np.maximum(at - first, 1)[:, None]
    after = (sums[last] - sums[at]) / (last - at)[:, None]
    found = np.sqrt(((after - before) ** 2).mean(axis=1))
    found[:1] = 0.0
    level = 10 * np.log10(powers + LEAST_POWER)
    floor = float(np.percentile(level, FLOOR_PERCENT))
    return SpectralFlux(np.asarray(found, dtype=np.float32), level, floor)


def nearest(curve: Curve, ms: float) -> float:
    """Returns the time of the strongest change near a boundary, both in milliseconds."""
    low, high = (int((ms + reach) / STEP_MS) for reach in (-REACH_MS, REACH_MS))
    places = np.arange(max(low, 0), min(high + 2, len(curve)))
    away = (places - 0.5) * STEP_MS - ms
    strength = curve[places] * np.exp(-0.5 * (away / SIGMA_MS) ** 2) * (np.abs(away) <= REACH_MS)
    if not len(places) or strength.max() <= 0:
        return ms
    return ms + float(away[strength.argmax()])


def after_gap(sound: SpectralFlux, start: float, end: float, phone: str) -> float:
    """Returns the start of a word after the gap that it may begin with, in milliseconds.

    The model takes a short silence between words for a part of the second one. ``phone`` is the
    first phone of the word.
    """
    if phone not in QUIET_DB:
        return start
    first, last = round(start / STEP_MS), int(end / STEP_MS)
    level = sound.level
    loudest = level[max(first, 0) : max(last, first + 1)].max(initial=-np.inf)
    quiet = level < min(loudest - QUIET_DB[phone], sound.floor + DEPTH * (loudest - sound.floor))
    least, most = (int(ms / STEP_MS) for ms in GAP_MS)
    near = np.flatnonzero(quiet[max(first - least, 0) : first + most])
    if not len(near):
        return start
    at = int(max(first - least, 0) + near[-1])
    loud = np.flatnonzero(~quiet[at:])
    begins = (at + loud[0] - 0.5) * STEP_MS if len(loud) else end
    return begins if start < begins <= end - LEFT_MS else start


def _levelled(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Converts samples to [-1, 1) and normalises their level."""
    sound = samples.astype(np.float32) / 32768
    whole = sound[: len(sound) // LENGTH * LENGTH].reshape(-1, LENGTH)
    level = np.sqrt(np.percentile((whole**2).mean(axis=1), 90)) if len(whole) else 0.0
    return np.multiply(sound, LEVEL / max(level, 1e-6), dtype=np.float32)


@cache
def _taper() -> NDArray[np.float64]:
    return np.hanning(LENGTH)


@cache
def _filters() -> NDArray[np.float32]:
    """Returns the mel filters that turn spectra into band energies; shape (lines, bands)."""
    hz = mel_edges(LOWEST_HZ, HIGHEST_HZ, BANDS)
    return triangles(hz, POINTS).astype(np.float32)
