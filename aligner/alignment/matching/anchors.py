"""Pairs the tokens of the speech with those of the article: seed, chain, extend.

N-grams that occur once on both sides are chained, as in a patience diff, so that skipped and added
passages of any length cost nothing. Passages that are moved or read twice are looked up
(``reordered``). What lies between is aligned with affine gaps (``affine_gap``), where similar
tokens may pair too. Isolated pairs that may be chance are dropped. Time and memory grow with the
length of the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aligner.alignment.matching import reordered
from aligner.alignment.matching.affine_gap import MAX_CELLS, GapCosts, Pair, align_block

Pairs = list[int | None]
"""For each token of the speech the index of its partner in the article, or None."""

NEAR = 6
"""Most unpaired tokens on either side across which a single pair still counts."""
ISOLATED_WEIGHT = 4.0
"""Least weight of an isolated run of pairs: two rare words or four common ones."""
SEED = 3
EXTEND_LEAST = 2
MARGIN, ATTACHED = 12, 3
"""Tokens beside a passage that are aligned, and the largest step between two pairs there."""


def pair(article: Sequence[str], speech: Sequence[str], costs: GapCosts) -> Pairs:
    """Pairs the tokens of the speech with those of the article."""
    pairs: Pairs = [None] * len(speech)
    for i, j in _links(article, speech):
        pairs[j] = i
    places = reordered.index(article)
    _find_moved(places, speech, pairs, alone=False)
    for block in _gaps(pairs, len(article)):
        for i, j in _filled(article, speech, block, costs):
            pairs[j] = i
    _drop_isolated_matches(article, pairs, costs)
    _find_moved(places, speech, pairs, alone=True)
    _extend(article, speech, pairs, 1)
    _extend(article, speech, pairs, -1)
    return pairs


# ---------------------------------------------------------------- exact runs


def _links(article: Sequence[str], speech: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the pairs of the longest rising chain of n-grams that are unique on both sides."""
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
    """Returns the positions of the n-grams that each side has exactly once, in article order."""
    places = []
    for side in (article, speech):
        grams = list(zip(*(side[k:] for k in range(size)), strict=False))
        counts = Counter(grams)
        places.append({gram: i for i, gram in enumerate(grams) if counts[gram] == 1})
    in_article, in_speech = places
    return [(i, in_speech[gram]) for gram, i in in_article.items() if gram in in_speech]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the longest chain of pairs in which both numbers rise (Fredman 1975)."""
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


# ---------------------------------------------------------------- gaps between them

Block = tuple[Pair, Pair]
"""The pairs before and after a run of unpaired speech."""


def _gaps(pairs: Pairs, article_size: int) -> list[Block]:
    """Returns the runs of unpaired speech."""
    edges = [(-1, -1), *((i, j) for j, i in enumerate(pairs) if i is not None)]
    edges.append((article_size, len(pairs)))
    return [(a, b) for a, b in pairwise(edges) if b[1] - a[1] > 1]


def _filled(
    article: Sequence[str], speech: Sequence[str], block: Block, costs: GapCosts
) -> Iterator[Pair]:
    """Yields pairs inside a gap: in all of it where it is small, else in its two margins."""
    (i, j), (p, q) = block
    if p - i > 0 and (p - i) * (q - j) <= MAX_CELLS:
        for a, b in align_block(article[i + 1 : p], speech[j + 1 : q], costs):
            yield i + 1 + a, j + 1 + b
        return
    middle = min(j + 1 + MARGIN, q)
    if i >= 0 or j >= 0:
        after = align_block(
            article[i + 1 : i + 1 + MARGIN], speech[j + 1 : middle], costs, open_end=True
        )
        for a, b in _attached(after):
            yield i + 1 + a, j + 1 + b
    start = max(middle, q - MARGIN)
    before = align_block(
        article[max(0, p - MARGIN) : p][::-1], speech[start:q][::-1], costs, open_end=True
    )
    for a, b in _attached(before):
        yield p - 1 - a, q - 1 - b


def _attached(pairs: Sequence[Pair]) -> list[Pair]:
    """Returns the pairs from the edge of a margin up to where the next is too far off."""
    out: list[Pair] = []
    last = (-1, -1)
    for one in pairs:
        if max(one[0] - last[0], one[1] - last[1]) > ATTACHED:
            break
        out.append(one)
        last = one
    return out


# ---------------------------------------------------------------- chance and order


def _drop_isolated_matches(article: Sequence[str], pairs: Pairs, costs: GapCosts) -> None:
    """Release pairs that stand alone in unmatched text on both sides: they may be chance."""
    for first, last, left, right in _islands(pairs, len(article)):
        weight = sum(costs.weight(article[i]) for i in pairs[first:last] if i is not None)
        if min(left, right) > NEAR and weight < ISOLATED_WEIGHT:
            pairs[first:last] = [None] * (last - first)


def _islands(pairs: Pairs, article_size: int) -> list[tuple[int, int, int, int]]:
    """Runs of pairs with at most two tokens missing inside, and the unmatched text around them.

    (first, last, left, right): spoken tokens, half-open; left and right are the larger of the
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


def _find_moved(
    places: reordered.Index, speech: Sequence[str], pairs: Pairs, *, alone: bool
) -> None:
    """Pair leftover stretches of speech with any place of the article, spoken before or not."""
    for first, last in _unpaired(pairs):
        before = pairs[first - 1] if first else -1
        near = before + 1 if before is not None else 0
        for passage in reordered.passages(places, speech, first, last, near=near, alone=alone):
            for i, j in passage:
                pairs[j] = i


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
            if j - start >= reordered.LEAST:
                runs.append((start, j))
            start = j + 1
    return runs
