"""Finds passages of the article in unpaired speech, wherever they stand in the article.

Runs of tokens that both sides have are joined into passages where they follow each other closely
on both sides. The positions of a run are looked up in an index, so that the time grows with the
text, not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aligner.alignment.matching.affine_gap import Pair

SEED = 3
"""Tokens of a run that is looked up."""
COMMON = 24
"""A run in more positions than this is a stock phrase, and is ignored."""
NEAR = 6
"""Most tokens on either side between two runs of one passage."""
LEAST, SHARE = 5, 0.5
"""Least shared tokens of a passage, and their least share of its length."""
LONG, WHOLE = 10, 0.7
"""A passage must also have ``LONG`` tokens, or the share ``WHOLE`` of the unpaired run, so that no
stock phrase is taken for one."""

Index = dict[tuple[str, ...], list[int]]


@dataclass(slots=True)
class _Passage:
    """Pairs that follow each other closely on both sides; grows while it is found."""

    pairs: list[Pair] = field(default_factory=list)

    @property
    def solid(self) -> bool:
        (i0, j0), (i1, j1) = self.pairs[0], self.pairs[-1]
        return len(self.pairs) >= SHARE * max(j1 - j0 + 1, i1 - i0 + 1)


def index(article: Sequence[str]) -> Index:
    """Returns the positions of each run of ``SEED`` tokens in the article."""
    places: Index = defaultdict(list)
    for i, run in enumerate(zip(*(article[k:] for k in range(SEED)), strict=False)):
        places[run].append(i)
    return places


def passages(
    places: Index, speech: Sequence[str], first: int, last: int, *, near: int, alone: bool
) -> Iterator[list[Pair]]:
    """Yields the passages in a run of unpaired speech, longest first, without overlaps.

    ``near``: the article token from which on it would go on in order; of equal passages the one
    closest to it is taken. ``alone``: whether passages that are short, but most of the stretch,
    count too.
    """
    found = [p for p in _grown(places, speech, first, last) if len(p.pairs) >= LEAST and p.solid]
    found.sort(key=lambda p: (-len(p.pairs), abs(p.pairs[0][0] - near)))
    enough = min(LONG, WHOLE * (last - first)) if alone else LONG
    taken: set[int] = set()
    for passage in found:
        pairs = [(i, j) for i, j in passage.pairs if j not in taken]
        if len(pairs) < max(LEAST, enough) or len(pairs) < len(passage.pairs) / 2:
            continue
        taken.update(range(pairs[0][1], pairs[-1][1] + 1))
        yield pairs


def _grown(places: Index, speech: Sequence[str], first: int, last: int) -> list[_Passage]:
    """Grows passages from left to right: each run extends the passage that it follows closest."""
    done: list[_Passage] = []
    ends: dict[int, _Passage] = {}
    """For each last article token the passage that ends with it."""
    for j in range(first, last - SEED + 1):
        hits = places.get(tuple(speech[j : j + SEED]), ())
        if len(hits) > COMMON:
            continue
        for i in hits:
            passage = _before(ends, i, j)
            if passage is None:
                passage = _Passage([(i, j)])
                done.append(passage)
            else:
                ends.pop(passage.pairs[-1][0], None)
            _append(passage, i, j)
            ends[passage.pairs[-1][0]] = passage
    return done


def _before(ends: dict[int, _Passage], i: int, j: int) -> _Passage | None:
    """Returns the passage that a run at (i, j) extends: on its diagonal or a little off it."""
    for end in (i + SEED - 2, *range(i + SEED - 3, i - NEAR - 2, -1)):
        passage = ends.get(end)
        if passage and j - NEAR - 1 <= passage.pairs[-1][1] <= j + SEED - 2:
            last_i, last_j = passage.pairs[-1]
            overlaps = last_i >= i or last_j >= j
            if not overlaps or last_i - i == last_j - j:
                return passage
    return None


def _append(passage: _Passage, i: int, j: int) -> None:
    last_i, last_j = passage.pairs[-1]
    for k in range(SEED):
        if i + k > last_i and j + k > last_j:
            passage.pairs.append((i + k, j + k))
