"""A block of article atoms and spoken ones -> the pairs of its best alignment.

Affine gaps on both sides (Gotoh 1982), a row at a time in numpy. Dissimilar atoms never pair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]
"""An article atom and the spoken atom that says it."""
Matrix = NDArray[np.float64]

CELLS = 400_000
"""Largest block to fill, article atoms times spoken ones; a larger one shares too little."""
GAP_OPEN = 0.8
GAP_EXTEND = 0.01
EDGE_GAP_OPEN = 0.7
"""A gap at a block's edge is a little cheaper, so that of two readings one is taken whole."""
LESS = 0.8
"""What a pair of atoms that are only alike is worth, of a pair of equal ones as alike."""
LOW = -1e9


@dataclass(frozen=True, slots=True)
class Costs:
    """What a pair of atoms is worth."""

    weight: Callable[[str], float]
    """Atom -> what it proves when both sides have it: 1 for "the", 2 for a rare word."""
    likeness: Callable[[Sequence[str], Sequence[str]], Matrix]
    """Article atoms (m), spoken atoms (n) -> (m, n): 0, nothing alike, to below 1."""


def align_block(
    article: Sequence[str], speech: Sequence[str], costs: Costs, *, open_end: bool = False
) -> list[Pair]:
    """The best pairs inside a block, in order; with ``open_end`` the block may end anywhere."""
    m, n = len(article), len(speech)
    if not m or not n or m * n > CELLS:
        return []
    ours, theirs = list(dict.fromkeys(article)), list(dict.fromkeys(speech))
    worth = _worth(ours, theirs, costs)
    if not (worth > 0).any():
        return []
    place = {atom: k for k, atom in enumerate(theirs)}
    columns = np.array([place[atom] for atom in speech])
    place = {atom: k for k, atom in enumerate(ours)}
    gains = [worth[place[atom]][columns] for atom in article]
    return _trace(_rows(gains, n), open_end)


def _worth(ours: Sequence[str], theirs: Sequence[str], costs: Costs) -> Matrix:
    """What each pair of different atoms is worth; LOW where they may not pair."""
    alike = costs.likeness(ours, theirs) * LESS
    where = {atom: k for k, atom in enumerate(theirs)}
    for i, atom in enumerate(ours):
        if atom in where:
            alike[i, where[atom]] = 1.0
    worth: Matrix = alike * np.array([[costs.weight(atom)] for atom in ours])
    worth[worth <= 0] = LOW
    return worth


def _rows(gains: Sequence[Matrix], n: int) -> Matrix:
    """What the best way to each cell is worth, in three states: (state, article, speech).

    State 0: the last atoms pair. 1: the last article atom is unspoken. 2: the last spoken atom is
    unwritten. A gap on one side may follow one on the other.
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
    """What it costs to begin unwritten speech after so many of the article's atoms."""
    return EDGE_GAP_OPEN if row in (0, rows) else GAP_OPEN


def _trace(table: Matrix, open_end: bool) -> list[Pair]:
    """The pairs along the best way through the table of ``_rows``."""
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
