"""Finds the best alignment of a block of tokens of the article and of the speech.

Gaps are affine on both sides (Gotoh 1982); a row is computed at a time. Dissimilar tokens never
pair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]
"""Indices of a token of the article and of its partner in the speech."""
Matrix = NDArray[np.float64]

MAX_CELLS = 400_000
"""Largest block to align, in tokens of the article times tokens of the speech."""
GAP_OPEN = 0.8
GAP_EXTEND = 0.01
EDGE_GAP_OPEN = 0.7
"""A gap at a block's edge is a little cheaper, so that of two readings one is taken whole."""
SIMILAR_FACTOR = 0.8
"""Factor on the similarity of different tokens, against equal ones."""
LOW = -1e9


@dataclass(frozen=True, slots=True)
class GapCosts:
    """How pairs of tokens are scored."""

    weight: Callable[[str], float]
    """Returns the score of a token that both sides have: 1 for "the", 2 for a rare word."""
    similarity: Callable[[Sequence[str], Sequence[str]], Matrix]
    """Returns similarities, from 0 to below 1, of m article and n speech tokens; shape (m, n)."""


def align_block(
    article: Sequence[str], speech: Sequence[str], costs: GapCosts, *, open_end: bool = False
) -> list[Pair]:
    """Returns the best pairs of a block in order; with ``open_end`` the block may end anywhere."""
    m, n = len(article), len(speech)
    if not m or not n or m * n > MAX_CELLS:
        return []
    article_types, speech_types = list(dict.fromkeys(article)), list(dict.fromkeys(speech))
    worth = _worth(article_types, speech_types, costs)
    if not (worth > 0).any():
        return []
    place = {token: k for k, token in enumerate(speech_types)}
    columns = np.array([place[token] for token in speech])
    place = {token: k for k, token in enumerate(article_types)}
    gains = [worth[place[token]][columns] for token in article]
    return _trace(_rows(gains, n), open_end)


def _worth(article_types: Sequence[str], speech_types: Sequence[str], costs: GapCosts) -> Matrix:
    """Returns the score of each pair of distinct tokens; LOW where they may not pair."""
    alike = costs.similarity(article_types, speech_types) * SIMILAR_FACTOR
    where = {token: k for k, token in enumerate(speech_types)}
    for i, token in enumerate(article_types):
        if token in where:
            alike[i, where[token]] = 1.0
    worth: Matrix = alike * np.array([[costs.weight(token)] for token in article_types])
    worth[worth <= 0] = LOW
    return worth


def _rows(gains: Sequence[Matrix], n: int) -> Matrix:
    """Returns the best score of each cell in three states; shape (state, article, speech).

    State 0: the last tokens pair. 1: the last article token is unspoken. 2: the last spoken
    token is unwritten. A gap on one side may follow one on the other.
    """
    m = len(gains)
    table = np.full((3, m + 1, n + 1), LOW)
    steps = GAP_EXTEND * np.arange(n + 1)
    table[0, 0, 0] = 0.0
    for i in range(m + 1):
        met, unspoken, unwritten = table[:, i]
        if i:
            above = table[:, i - 1]
            met[1:] = above.max(axis=0)[:-1] + gains[i - 1]
            opened = np.maximum(above[0], above[2]) - GAP_OPEN
            np.maximum(opened, above[1], out=unspoken)
            unspoken -= GAP_EXTEND
        start = np.maximum(met, unspoken) - _opening(i, m) + steps
        unwritten[1:] = np.maximum.accumulate(start)[:-1] - steps[1:]
    return table


def _opening(row: int, rows: int) -> float:
    """Returns the cost of opening a gap of unwritten speech after ``row`` article tokens."""
    return EDGE_GAP_OPEN if row in (0, rows) else GAP_OPEN


def _trace(table: Matrix, open_end: bool) -> list[Pair]:
    """Returns the pairs along the best path through the table of ``_rows``."""
    m, n = table.shape[1] - 1, table.shape[2] - 1
    i, j = m, n
    if open_end:
        i, j = (int(k) for k in np.unravel_index(int(table[0].argmax()), (m + 1, n + 1)))
    pairs: list[Pair] = []
    state = int(table[:, i, j].argmax())
    while i and j:
        value = table[state, i, j]
        if state == 0:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
            state = int(table[:, i, j].argmax())
            continue
        i, j = (i - 1, j) if state == 1 else (i, j - 1)
        opening = GAP_OPEN if state == 1 else _opening(i, m)
        opened = [
            before - (opening if k != state else 0.0) for k, before in enumerate(table[:, i, j])
        ]
        value += GAP_EXTEND
        state = min(range(3), key=lambda k: (abs(opened[k] - value), k))
    return pairs[::-1]
