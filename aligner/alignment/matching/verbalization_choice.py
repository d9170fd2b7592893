"""Groups of both sides and which atoms pair -> the reading of each group that was spoken.

Most groups have one reading. Where one has more ("2015", "$1.3bn"), the words around it that pair
show where it was said, and there the readings of both sides are chosen that have most atoms in
common. Blocks are small, so that this takes time in proportion to the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import prod

from rapidfuzz.distance import LCSseq

from aligner.languages import SpokenToken, VerbalizationGroup

NEAR = 12
"""Groups on either side of a place that are looked at together."""
WAYS = 200
"""Combinations of readings that are tried in one place; more are tried one group at a time."""


@dataclass(frozen=True, slots=True)
class Place:
    """Groups of the article and of the speech that stand in one another's place."""

    article: range
    speech: range
    closed: bool
    """Whether what lies on both sides pairs, so that all of one is said for all of the other."""


@dataclass(frozen=True, slots=True)
class VerbalizationState:
    """One side's groups, and which reading of each is taken."""

    groups: Sequence[VerbalizationGroup]
    taken: list[int] = field(default_factory=list)
    group_of: list[int] = field(default_factory=list)
    """Atom -> its group, with every group in its usual reading."""

    @classmethod
    def of(cls, groups: Sequence[VerbalizationGroup]) -> VerbalizationState:
        owners = [g for g, group in enumerate(groups) for _ in group.usual]
        return cls(groups, [0] * len(groups), owners)

    def atoms(self) -> tuple[SpokenToken, ...]:
        """The atoms of the readings taken."""
        chosen = zip(self.groups, self.taken, strict=True)
        return tuple(atom for group, k in chosen for atom in group.readings[k])

    def is_firm(self, group: int) -> bool:
        return len(self.groups[group].readings) == 1

    def open(self, within: range) -> list[int]:
        return [g for g in within if not self.is_firm(g)]

    def texts(self, within: range) -> list[str]:
        return [a.text for g in within for a in self.groups[g].readings[self.taken[g]]]


def choose_verbalizations(
    article: VerbalizationState, speech: VerbalizationState, pairs: Sequence[int | None]
) -> bool:
    """Take the readings that were spoken, given the pairs of the usual ones; whether any is new."""
    settled: set[tuple[int, int]] = set()
    for place in sorted(_places(article, speech, pairs), key=lambda place: not place.closed):
        chosen = [(article, g) for g in article.open(place.article) if (0, g) not in settled]
        chosen += [(speech, g) for g in speech.open(place.speech) if (1, g) not in settled]
        if not chosen:
            continue
        if article.texts(place.article) != speech.texts(place.speech):
            _take_likest(article, speech, place, chosen)
        if place.closed:
            settled |= {(0 if side is article else 1, g) for side, g in chosen}
    return any(article.taken) or any(speech.taken)


def _places(
    article: VerbalizationState, speech: VerbalizationState, pairs: Sequence[int | None]
) -> Iterator[Place]:
    """What lies between groups that pair and have one reading, in the order of the speech."""
    anchors = [(-1, -1)]
    for j, i in enumerate(pairs):
        if i is None:
            continue
        ours, theirs = article.group_of[i], speech.group_of[j]
        if article.is_firm(ours) and speech.is_firm(theirs) and theirs > anchors[-1][1]:
            anchors.append((ours, theirs))
    ends = (len(article.groups), len(speech.groups))
    anchors.append(ends)
    for (i, j), (p, q) in pairwise(anchors):
        if 0 < p - i <= NEAR and q - j <= NEAR:
            yield Place(range(i + 1, p), range(j + 1, q), closed=True)
        elif q - j > 1:
            last = min(i + NEAR, ends[0]), min(j + NEAR, q)
            yield Place(range(i + 1, last[0]), range(j + 1, last[1]), closed=False)
            first = max(0, p - NEAR + 1), max(last[1], q - NEAR + 1)
            yield Place(range(first[0], p), range(first[1], q), closed=False)


def _take_likest(
    article: VerbalizationState,
    speech: VerbalizationState,
    place: Place,
    chosen: Sequence[tuple[VerbalizationState, int]],
) -> None:
    """Choose the readings of a place's groups that leave fewest atoms without a partner.

    In an open place, where most atoms may have none, the readings that have most partners.
    """
    counts = [range(len(side.groups[g].readings)) for side, g in chosen]
    if prod(map(len, counts)) <= WAYS:
        _try(article, speech, place, chosen, product(*counts))
        return
    for one, count in zip(chosen, counts, strict=True):
        _try(article, speech, place, [one], ((k,) for k in count))


def _try(
    article: VerbalizationState,
    speech: VerbalizationState,
    place: Place,
    chosen: Sequence[tuple[VerbalizationState, int]],
    ways: Iterator[tuple[int, ...]],
) -> None:
    best, likest = None, 0
    for way in ways:
        for (side, g), k in zip(chosen, way, strict=True):
            side.taken[g] = k
        ours, theirs = article.texts(place.article), speech.texts(place.speech)
        apart = -2 * LCSseq.similarity(ours, theirs)
        if place.closed:
            apart += len(ours) + len(theirs)
        if best is None or apart < likest:
            best, likest = way, apart
    for (side, g), k in zip(chosen, best or (), strict=True):
        side.taken[g] = k
