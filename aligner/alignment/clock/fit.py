"""Fits the clock of a caption file: a ratio, and an offset that may jump.

The distances of the anchors from a clock are compared by their absolute values, capped, so that
cues that are placed by ear, or matched with another place, do not move the clock. For each ratio
that is tried, the offsets are chosen among the densest ones by dynamic programming (Viterbi), in
which each jump costs as much as some cues that disagree. The ratio with the least cost is taken:
1 costs nothing, the ratio of two frame rates a little, any other more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aligner.alignment.clock import CaptionClock, ClockAnchor, ClockSegment
from aligner.alignment.clock.frame_rates import RATIOS

Numbers = NDArray[np.float64]

FINEST_MS = 20.0
"""The least noise of cue starts, about the error of word times."""
CAP = 10.0
"""A cue counts as at most so many times the noise away from the clock."""
JUMP_COST = 25.0
"""What a jump costs, in multiples of the noise: two and a half cues that disagree wholly."""
NAMED_COST, FREE_COST = 5.0, 12.0
"""What the ratio of two frame rates costs, and any other ratio."""
AGREES = 6.0
"""A cue agrees with the clock within so many times the noise."""
LEVELS = 48
"""Offsets that are tried, densest first."""
THINNED = 800
"""Cues by which ratios are compared."""
LEAST_FREE, LEAST_SPAN_MS = 8, 20_000
"""Cues and length of a file from which a ratio is estimated."""
RATIO_RANGE = 0.3
"""The greatest drift that is estimated: 30 of 24 frames a second are 0.25."""
NEAR_PAIRS_MS = (10_000, 300_000)
"""The distance of the cues from whose pairs a ratio is estimated."""


def fit_clock(anchors: Sequence[ClockAnchor]) -> CaptionClock | None:
    """Returns the clock that agrees best with cues found in the recording; None without any.

    The order of the cues does not matter. With fewer than ``LEAST_FREE`` cues, or within less than
    ``LEAST_SPAN_MS``, drift is not estimated.
    """
    ordered = sorted(anchors, key=lambda anchor: (anchor.sound_ms, anchor.cue_ms))
    if not ordered:
        return None
    cues = np.array([anchor.cue_ms for anchor in ordered], dtype=float)
    sounds = np.array([anchor.sound_ms for anchor in ordered], dtype=float)
    points = _Points(cues, sounds, _noise(cues, sounds))
    ratio = _best_ratio(points)
    levels, chosen = _segmented(points, ratio)
    for _ in range(2):  # the ratio and the offsets depend on each other
        if ratio != 1 and ratio not in RATIOS:
            ratio = _refined(points, levels[chosen], chosen, ratio)
            levels, chosen = _segmented(points, ratio)
    return _clock(ordered, points, ratio, levels[chosen])


@dataclass(frozen=True, slots=True)
class _Points:
    """The anchors as arrays in the order of the recording, and the noise of cue starts."""

    cues: Numbers
    sounds: Numbers
    noise: float

    def offsets(self, ratio: float) -> Numbers:
        return self.sounds - ratio * self.cues

    def thinned(self) -> _Points:
        step = -(-len(self.cues) // THINNED)
        return _Points(self.cues[::step], self.sounds[::step], self.noise)


def _noise(cues: Numbers, sounds: Numbers) -> float:
    """Returns how far cue starts lie from the sound, by neighbouring cues, in milliseconds.

    The differences of neighbours hold neither offset nor jumps, and hardly any drift.
    """
    if len(cues) < 3:
        return FINEST_MS
    steps = np.diff(sounds - cues)
    return max(FINEST_MS, float(np.median(np.abs(steps - np.median(steps)))))


# ---------------------------------------------------------------- the ratio


def _best_ratio(points: _Points) -> float:
    """Returns the ratio whose clock has the least cost."""
    few = points.thinned()
    if len(few.cues) < LEAST_FREE or few.sounds[-1] - few.sounds[0] < LEAST_SPAN_MS:
        return 1.0
    costs = {1.0: _cost(few, 1.0)}
    costs |= {ratio: _cost(few, ratio) + NAMED_COST for ratio in RATIOS}
    free = _estimated(few)
    for _ in range(2):
        levels, chosen = _segmented(few, free)
        free = _refined(few, levels[chosen], chosen, free)
    costs.setdefault(free, _cost(few, free) + FREE_COST)
    return min(costs, key=costs.__getitem__)


def _estimated(points: _Points) -> float:
    """Returns the median ratio of pairs of cues that are not far from each other.

    Few such pairs have a jump between them (Theil and Sen's estimator, on windows).
    """
    cues, sounds = points.cues, points.sounds
    least, most = NEAR_PAIRS_MS
    ratios: list[Numbers] = []
    for lag in range(1, min(len(cues), 60)):
        apart = cues[lag:] - cues[:-lag]  # below 0 across a jump
        near = (apart >= least) & (apart <= most)
        ratios.append((sounds[lag:] - sounds[:-lag])[near] / apart[near])
    found = np.concatenate(ratios) if ratios else np.empty(0)
    found = found[np.abs(found - 1) <= RATIO_RANGE]
    return float(np.median(found)) if len(found) else 1.0


def _refined(points: _Points, levels: Numbers, chosen: NDArray[np.int64], ratio: float) -> float:
    """Returns the ratio by least squares over the cues that agree, each segment by itself.

    ``levels`` are the offsets of the cues by ``ratio``, ``chosen`` the numbers of their segments.
    """
    agree = np.abs(points.offsets(ratio) - levels) <= AGREES * points.noise
    x, y, segment = points.cues[agree], points.sounds[agree], chosen[agree]
    if len(x) < LEAST_FREE:
        return ratio
    for one in np.unique(segment):
        of = segment == one
        x[of] -= x[of].mean()
        y[of] -= y[of].mean()
    total = float((x * x).sum())
    refined = float((x * y).sum()) / total if total else ratio
    return refined if abs(refined - 1) <= RATIO_RANGE else ratio


# ---------------------------------------------------------------- the offsets


def _cost(points: _Points, ratio: float) -> float:
    """Returns the cost of the best offsets by a ratio, in multiples of the noise."""
    levels, chosen = _segmented(points, ratio)
    away = np.minimum(np.abs(points.offsets(ratio) - levels[chosen]) / points.noise, CAP)
    return float(away.sum()) + JUMP_COST * float(np.count_nonzero(np.diff(chosen)))


def _segmented(points: _Points, ratio: float) -> tuple[Numbers, NDArray[np.int64]]:
    """Returns the offsets tried, and for each cue the index of its own."""
    offsets = points.offsets(ratio)
    levels = _dense(offsets, points.noise)
    chosen = _viterbi(offsets, levels, points.noise)
    for k in np.unique(chosen):  # an offset is the median of its cues, not of its bin
        near = offsets[chosen == k]
        near = near[np.abs(near - levels[k]) <= AGREES * points.noise]
        levels[k] = np.median(near) if len(near) else levels[k]
    return levels, chosen


def _dense(offsets: Numbers, noise: float) -> Numbers:
    """Returns the densest offsets, no two of them nearer than three times the noise."""
    width = 3 * noise
    bins, counts = np.unique(np.round(offsets / width), return_counts=True)
    found: list[float] = []
    for k in np.argsort(-counts, kind="stable"):
        middle = bins[k] * width
        level = float(np.median(offsets[np.abs(offsets - middle) <= width]))
        if all(abs(level - other) >= width for other in found):
            found.append(level)
        if len(found) == LEVELS:
            break
    return np.array(found)


def _viterbi(offsets: Numbers, levels: Numbers, noise: float) -> NDArray[np.int64]:
    """Returns for each cue the index of its level, in the sequence with the least cost."""
    away = np.minimum(np.abs(offsets[:, None] - levels[None, :]) / noise, CAP)
    total = away[0]
    stays = np.zeros(away.shape, dtype=bool)
    best = np.zeros(len(offsets), dtype=np.int64)
    for at in range(1, len(offsets)):
        best[at] = int(total.argmin())
        jump = total[best[at]] + JUMP_COST
        stays[at] = total <= jump
        total = np.where(stays[at], total, jump) + away[at]
    chosen = np.zeros(len(offsets), dtype=np.int64)
    chosen[-1] = int(total.argmin())
    for at in range(len(offsets) - 1, 0, -1):
        chosen[at - 1] = chosen[at] if stays[at, chosen[at]] else best[at]
    return chosen


def _clock(
    anchors: Sequence[ClockAnchor], points: _Points, ratio: float, levels: Numbers
) -> CaptionClock:
    """Returns the clock with the offset of each cue."""
    away = np.abs(points.offsets(ratio) - levels)
    borders = [0, *(int(k) + 1 for k in np.flatnonzero(np.diff(levels))), len(anchors)]
    segments = []
    for first, end in pairwise(borders):
        agree = [k for k in range(first, end) if away[k] <= CAP * points.noise]
        one, last = (agree[0], agree[-1]) if agree else (first, end - 1)
        segments.append(ClockSegment(float(levels[first]), anchors[one], anchors[last]))
    return CaptionClock(ratio, RATIOS.get(ratio), tuple(segments), float(np.median(away)))
