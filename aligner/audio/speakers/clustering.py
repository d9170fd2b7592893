"""Finds the voices of a recording: average-linkage clustering of its windows.

Of vectors of length 1 the mean similarity of two clusters is the product of their sums, divided by
their sizes; so a cluster is its sum and its size, and its members need not be kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aligner.types import VoiceLimits

Vectors = NDArray[np.floating]

THRESHOLD = 0.42
"""Least mean similarity (cosine) of the windows of two clusters that are one voice."""
SURE, TOGETHER = 0.6, 240
"""Windows as alike as this are joined beforehand, a minute at a time: time and memory of the
clustering proper then grow with the number of voices and not by the square of the duration."""
SAME = 0.66
"""Least similarity of the mean vectors of two clusters that are one voice. Above that of two people
in one noise (0.65)."""
MIN_WINDOWS = 8
"""Windows of a voice (2 s of speech)."""
STRICTER = (0.5, 0.58, 0.66, 0.74, 0.82)
"""Thresholds that are tried where there must be more voices than are found."""


@dataclass
class _Clusters:
    """Sums of vectors, and how many each is the sum of."""

    sums: NDArray[np.float64]
    sizes: NDArray[np.float64]

    def without_small(self, least: int) -> _Clusters:
        """Returns those with so many members; the largest alone if there are none."""
        kept = self.sizes >= min(least, self.sizes.max())
        return _Clusters(self.sums[kept], self.sizes[kept])


def find_voices(windows: Vectors, limits: VoiceLimits) -> NDArray[np.float64]:
    """Returns the mean vector of each voice, of length 1; shape (voices, d).

    ``windows``: the vectors of windows of speech in order of time, of length 1. There are none for
    a recording without a window; there may be fewer voices than ``limits`` say.
    """
    if not len(windows):
        return np.zeros((0, windows.shape[1]))
    found = _at(windows, THRESHOLD, limits)
    for threshold in STRICTER:
        if len(found.sums) >= limits.least:
            break
        found = max(found, _at(windows, threshold, limits), key=lambda one: len(one.sums))
    return np.asarray(found.sums / np.linalg.norm(found.sums, axis=1, keepdims=True))


def _at(windows: Vectors, threshold: float, limits: VoiceLimits) -> _Clusters:
    """Returns the voices by a threshold of the windows' similarity."""
    parts = []
    for at in range(0, len(windows), TOGETHER):
        some = windows[at : at + TOGETHER].astype(np.float64)
        parts.append(_merged(_Clusters(some, np.ones(len(some))), max(SURE, threshold)))
    whole = _Clusters(
        np.concatenate([part.sums for part in parts]),
        np.concatenate([part.sizes for part in parts]),
    )
    return _by_means(_merged(whole, threshold).without_small(MIN_WINDOWS), limits)


def _merged(clusters: _Clusters, threshold: float) -> _Clusters:
    """Merges the two most similar clusters again and again, down to a threshold."""
    sums, sizes = clusters.sums.copy(), clusters.sizes.copy()
    similar = sums @ sums.T / np.outer(sizes, sizes)
    np.fill_diagonal(similar, -np.inf)
    nearest, best = similar.argmax(axis=1), similar.max(axis=1)
    while best[i := int(best.argmax())] >= threshold:
        j = int(nearest[i])
        sums[i] += sums[j]
        sizes[i] += sizes[j]
        sums[j] = 0
        similar[j] = similar[:, j] = best[j] = -np.inf
        row = sums @ sums[i] / (sizes * sizes[i])
        row[np.isneginf(best)] = row[i] = -np.inf
        similar[i] = similar[:, i] = row
        stale = np.flatnonzero(~np.isneginf(best) & ((nearest == i) | (nearest == j)))
        closer = row > best
        nearest[closer], best[closer] = i, row[closer]
        for at in {i, *stale.tolist()}:
            nearest[at] = similar[at].argmax()
            best[at] = similar[at, nearest[at]]
        if np.isneginf(best[i]):  # the only one that is left
            kept = np.arange(len(sums)) == i
            return _Clusters(sums[kept], sizes[kept])
    kept = sums.any(axis=1)
    return _Clusters(sums[kept], sizes[kept])


def _by_means(clusters: _Clusters, limits: VoiceLimits) -> _Clusters:
    """Merges clusters whose means are alike, and more of them if there are too many."""
    sums, sizes = clusters.sums.copy(), clusters.sizes.copy()
    most = limits.most or len(sums)
    while len(sums) > limits.least:
        means = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        similar = means @ means.T
        np.fill_diagonal(similar, -np.inf)
        i, j = np.unravel_index(int(similar.argmax()), similar.shape)
        if similar[i, j] < SAME and len(sums) <= most:
            break
        sums[i] += sums[j]
        sizes[i] += sizes[j]
        sums, sizes = np.delete(sums, j, axis=0), np.delete(sizes, j)
    return _Clusters(sums, sizes)
