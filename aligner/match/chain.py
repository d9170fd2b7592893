"""Two sequences of atoms -> which of the one stands where in the other.

Exact runs first: n-grams that occur once on both sides are chained, as a patient diff does, so
that skipped and added passages of any length cost nothing. What lies between two links of the
chain is aligned with affine gaps (Gotoh 1982), where similar atoms may pair too. Islands that
may stand there by chance are dropped. What is left over is looked for in the whole article once
more, so that moved and repeated passages are found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pairs = list[int | None]
"""For each spoken atom the article atom that it says, or None."""

CELLS = 400_000
"""Largest gap block to fill, article atoms times spoken ones; a larger one shares too little."""
GAP_OPEN = 0.8
GAP_EXTEND = 0.01
EDGE_GAP_OPEN = 0.7
"""A gap at a block's edge is a little cheaper, so that of two readings one is taken whole."""
NEAR = 6
"""Atoms of unmatched text on either side across which a single shared word still counts."""
FAR_ISLAND = 4.0
"""The weight that an island needs where it stands alone: two rare words or four common ones."""
SEED = 3
EXTEND_LEAST = 2
MOVED_LEAST, MOVED_SHARE = 5, 0.5
"""A moved passage: at least so many shared atoms, and such a share of its own."""
MOVED_LONG, MOVED_WHOLE = 10, 0.7
"""It is also long, or most of what was left over there: a stock phrase is no passage."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a pair of atoms is worth."""

    weight: Callable[[str], float]
    """Atom -> what it proves when both sides have it: 1 for "the", 2 for a rare word."""
    likeness: Callable[[str, str], float]
    """Two different atoms -> 0 (nothing alike) to below 1."""


def pair(article: Sequence[str], speech: Sequence[str], costs: Costs) -> Pairs:
    """Article atoms and spoken atoms -> for each spoken one its place in the article."""
    pairs: Pairs = [None] * len(speech)
    for i, j in _links(article, speech):
        pairs[j] = i
    for a, b in _gaps(pairs, len(article)):
        for i, j in _fill(article[a[0] : a[1]], speech[b[0] : b[1]], costs):
            pairs[b[0] + j] = a[0] + i
    _drop_islands(article, pairs, costs)
    _find_moved(article, speech, pairs, costs)
    _extend(article, speech, pairs, 1)
    _extend(article, speech, pairs, -1)
    return pairs


# ---------------------------------------------------------------- exact runs


def _links(article: Sequence[str], speech: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of atoms of n-grams that are unique on both sides, the longest rising chain."""
    links: list[tuple[int, int]] = []
    todo = [(0, len(article), 0, len(speech), 4)]
    while todo:
        a0, a1, b0, b1, size = todo.pop()
        chain = _rising(_unique(article[a0:a1], speech[b0:b1], size))
        if not chain:
            if size > SEED and a1 - a0 >= SEED and b1 - b0 >= SEED:
                todo.append((a0, a1, b0, b1, size - 1))
            continue
        found = sorted({(a0 + i + k, b0 + j + k) for i, j in chain for k in range(size)})
        links += _rising(found)
        edges = [(a0 - 1, b0 - 1), *found, (a1, b1)]
        for (i, j), (p, q) in pairwise(edges):
            if p - i > size and q - j > size:
                todo.append((i + 1, p, j + 1, q, size))
    return links


def _unique(article: Sequence[str], speech: Sequence[str], size: int) -> list[tuple[int, int]]:
    """Places of the n-grams that each side has exactly once, in order of the article."""
    places = []
    for side in (article, speech):
        grams = list(zip(*(side[k:] for k in range(size)), strict=False))
        counts = Counter(grams)
        places.append({gram: i for i, gram in enumerate(grams) if counts[gram] == 1})
    ours, theirs = places
    return [(i, theirs[gram]) for gram, i in ours.items() if gram in theirs]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest chain of pairs in which both numbers rise (Fredman 1975)."""
    tails: list[int] = []
    ends: list[int] = []
    back: list[int | None] = []
    for n, (_, j) in enumerate(pairs):
        k = bisect_left(tails, j)
        back.append(ends[k - 1] if k else None)
        tails[k : k + 1], ends[k : k + 1] = [j], [n]
    chain: list[tuple[int, int]] = []
    at = ends[-1] if ends else None
    while at is not None:
        chain.append(pairs[at])
        at = back[at]
    # Equal article places can follow each other in `pairs`: keep one of them.
    chain.reverse()
    return [p for n, p in enumerate(chain) if n == 0 or p[0] > chain[n - 1][0]]


# ---------------------------------------------------------------- between them


def _gaps(pairs: Pairs, article_size: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Blocks between the links: (article range, speech range), neither empty."""
    edges = [(-1, -1), *((i, j) for j, i in enumerate(pairs) if i is not None)]
    edges.append((article_size, len(pairs)))
    return [
        ((i + 1, p), (j + 1, q)) for (i, j), (p, q) in pairwise(edges) if p - i > 1 and q - j > 1
    ]


def _fill(
    article: Sequence[str], speech: Sequence[str], costs: Costs, free_ends: bool = False
) -> list[tuple[int, int]]:
    """The best pairs inside a block, in order; dissimilar atoms never pair.

    Affine gaps on both sides; with ``free_ends`` the article's ends cost nothing, as for a
    passage looked for in a longer text.
    """
    m, n = len(article), len(speech)
    if m * n > CELLS or not m or not n:
        return []
    scores = _scores(article, speech, costs)
    edge = 0.0 if free_ends else -GAP_OPEN
    # State 0: the last atoms pair. 1: the last article atom is unspoken. 2: the last spoken
    # atom is unwritten. A gap on one side may follow one on the other.
    low = -1e9
    rows = [[(low, low, low)] * (n + 1) for _ in range(m + 1)]
    rows[0] = [(0.0, low, low)] + [
        (low, low, -EDGE_GAP_OPEN - GAP_EXTEND * j) for j in range(1, n + 1)
    ]
    for i in range(1, m + 1):
        above, row, gains = rows[i - 1], rows[i], scores[i - 1]
        opening = _opening(i, m)
        row[0] = (low, edge - GAP_EXTEND * i * (not free_ends), low)
        for j in range(1, n + 1):
            gain = gains.get(j - 1)
            met = low if gain is None else max(above[j - 1]) + gain
            up, left = above[j], row[j - 1]
            unspoken = max(up[0] - GAP_OPEN, up[1], up[2] - GAP_OPEN) - GAP_EXTEND
            unwritten = max(left[0] - opening, left[1] - opening, left[2]) - GAP_EXTEND
            row[j] = (met, unspoken, unwritten)
    return _trace(rows, free_ends)


def _scores(article: Sequence[str], speech: Sequence[str], costs: Costs) -> list[dict[int, float]]:
    """For each article atom, the spoken atoms that it may pair with and what that is worth."""
    where: dict[str, list[int]] = defaultdict(list)
    for j, atom in enumerate(speech):
        where[atom].append(j)
    known: dict[str, dict[int, float]] = {}
    for atom in set(article):
        gains: dict[int, float] = {}
        for other, places in where.items():
            if other == atom:
                gain = costs.weight(atom)
            else:
                gain = costs.weight(atom) * 0.8 * costs.likeness(atom, other)
            if gain > 0:
                gains.update(dict.fromkeys(places, gain))
        known[atom] = gains
    return [known[atom] for atom in article]


def _trace(rows: list[list[tuple[float, float, float]]], free_ends: bool) -> list[tuple[int, int]]:
    """The pairs along the best way through the rows of ``_fill``."""
    m, n = len(rows) - 1, len(rows[0]) - 1
    i = max(range(m + 1), key=lambda k: (max(rows[k][n]), -k)) if free_ends else m
    j, pairs = n, []
    state = _best(rows[i][j])
    while i and j:
        value = rows[i][j][state]
        if state == 0:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
            state = _best(rows[i][j])
            continue
        i, j = (i - 1, j) if state == 1 else (i, j - 1)
        before, value = rows[i][j], value + GAP_EXTEND
        opening = GAP_OPEN if state == 1 else _opening(i, m)
        opened = [v - (opening if k != state else 0.0) for k, v in enumerate(before)]
        state = min(range(3), key=lambda k: (abs(opened[k] - value), k))
    return pairs[::-1]


def _opening(row: int, rows: int) -> float:
    """What it costs to begin unwritten speech after so many of the article's atoms."""
    return EDGE_GAP_OPEN if row in (0, rows) else GAP_OPEN


def _best(cell: tuple[float, float, float]) -> int:
    return cell.index(max(cell))


# ---------------------------------------------------------------- chance and order


def _drop_islands(article: Sequence[str], pairs: Pairs, costs: Costs) -> None:
    """Release pairs that stand alone in unmatched text on both sides: they may be chance."""
    for first, last, left, right in _islands(pairs, len(article)):
        weight = sum(costs.weight(article[i]) for i in pairs[first:last] if i is not None)
        if min(left, right) > NEAR and weight < FAR_ISLAND:
            pairs[first:last] = [None] * (last - first)


def _islands(pairs: Pairs, article_size: int) -> list[tuple[int, int, int, int]]:
    """Runs of pairs with at most two atoms missing inside, and the unmatched text around them.

    (first, last, left, right): spoken atoms, half-open; left and right are the larger of the
    unspoken and the unwritten stretch on that side.
    """
    matched = [(j, i) for j, i in enumerate(pairs) if i is not None]
    runs: list[list[tuple[int, int]]] = []
    for j, i in matched:
        if runs and j - runs[-1][-1][0] <= 3 and 0 < i - runs[-1][-1][1] <= 3:
            runs[-1].append((j, i))
        else:
            runs.append([(j, i)])
    out = []
    for k, run in enumerate(runs):
        j0, i0 = runs[k - 1][-1] if k else (-1, -1)
        j1, i1 = runs[k + 1][0] if k + 1 < len(runs) else (len(pairs), article_size)
        left = max(run[0][0] - j0, run[0][1] - i0) - 1
        right = max(j1 - run[-1][0], i1 - run[-1][1]) - 1
        out.append((run[0][0], run[-1][0] + 1, left, right))
    return out


def _find_moved(article: Sequence[str], speech: Sequence[str], pairs: Pairs, costs: Costs) -> None:
    """Pair leftover stretches of speech with any place of the article, spoken before or not."""
    seeds: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, gram in enumerate(zip(*(article[k:] for k in range(SEED)), strict=False)):
        seeds[gram].append(i)
    todo = _unpaired(pairs)
    while todo:
        first, last = todo.pop()
        place = _likeliest(seeds, speech, first, last)
        if place is None:
            continue
        size = last - first
        lo, hi = max(0, place - size // 4 - 5), min(len(article), place + size + size // 4 + 5)
        found = _solid(_fill(article[lo:hi], speech[first:last], costs, free_ends=True))
        if not found or len(found) < min(MOVED_LONG, MOVED_WHOLE * size):
            continue
        for i, j in found:
            pairs[first + j] = lo + i
        rest = (first, first + found[0][1]), (first + found[-1][1] + 1, last)
        todo += [(a, b) for a, b in rest if b - a >= MOVED_LEAST]


def _extend(article: Sequence[str], speech: Sequence[str], pairs: Pairs, step: int) -> None:
    """Go on from a paired stretch, forward or back, into what was paired with another reading.

    The end of a passage that is read twice is unique together with what follows the second
    reading, and then the first reading lacks it.
    """
    order = range(len(pairs)) if step > 0 else range(len(pairs) - 1, -1, -1)
    for j in order:
        near = pairs[j - step] if 0 <= j - step < len(pairs) else None
        if pairs[j] is not None or near is None:
            continue
        size = 0
        while (
            0 <= (i := near + step * (size + 1)) < len(article)
            and 0 <= (k := j + step * size) < len(speech)
            and pairs[k] is None
            and article[i] == speech[k]
        ):
            size += 1
        if size >= EXTEND_LEAST:
            for n in range(size):
                pairs[j + step * n] = near + step * (n + 1)


def _unpaired(pairs: Pairs) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = 0
    for j, i in enumerate([*pairs, 0]):
        if i is not None:
            if j - start >= MOVED_LEAST:
                runs.append((start, j))
            start = j + 1
    return runs


def _likeliest(
    seeds: dict[tuple[str, ...], list[int]], speech: Sequence[str], first: int, last: int
) -> int | None:
    """Where in the article most of a stretch's n-grams point: the place of its first atom."""
    votes: Counter[int] = Counter()
    for j in range(first, last - SEED + 1):
        for i in seeds.get(tuple(speech[j : j + SEED]), ()):
            votes[i - (j - first)] += 1
    if not votes:
        return None
    return max(votes, key=lambda at: (sum(votes[at + k] for k in range(-3, 4)), -at))


def _solid(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The densest stretch of the pairs, or none if it is too thin to be a passage."""
    best: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for i, j in found:
        if run and (j - run[-1][1] > NEAR or i - run[-1][0] > NEAR):
            run = []
        run.append((i, j))
        if len(run) > len(best):
            best = list(run)
    if len(best) < MOVED_LEAST:
        return []
    share = len(best) / (best[-1][1] - best[0][1] + 1)
    return best if share >= MOVED_SHARE else []
