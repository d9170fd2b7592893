"""Chooses which reading of an ambiguous word ("2015", "$1.3bn") was spoken.

The paired words around such a word show where it was said. There the readings of both sides are
chosen that have most spoken tokens in common. The gaps are small, so that the time grows in
proportion to the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import prod

from rapidfuzz.distance import LCSseq

from aligner.languages import SpokenToken, VerbalizationGroup

MAX_GROUPS = 12
"""Longest gap, in groups of each side, whose readings are chosen together."""
MAX_COMBINATIONS = 200
"""Combinations of readings tried in one gap; where there are more, each group is tried alone."""


@dataclass(frozen=True, slots=True)
class AnchorGap:
    """Ranges of groups of the article and of the speech that correspond."""

    article: range
    speech: range
    closed: bool
    """Whether the groups before and after pair, so that all of one range is said for the other."""


@dataclass(slots=True, eq=False)
class VerbalizationState:
    """The verbalization groups of the article or the speech, and the reading chosen for each.

    ``choose_verbalizations`` changes ``choice``; the rest stays.
    """

    groups: Sequence[VerbalizationGroup]
    choice: list[int]
    """For each group the index of the chosen reading."""
    group_of: Sequence[int]
    """For each spoken token its group, with every group in its usual reading."""

    @classmethod
    def of(cls, groups: Sequence[VerbalizationGroup]) -> VerbalizationState:
        owners = [g for g, group in enumerate(groups) for _ in group.usual]
        return cls(groups, [0] * len(groups), owners)

    def tokens(self) -> tuple[SpokenToken, ...]:
        """Returns the spoken tokens of the chosen readings."""
        chosen = zip(self.groups, self.choice, strict=True)
        return tuple(token for group, k in chosen for token in group.readings[k])

    def is_unambiguous(self, group: int) -> bool:
        """Whether a group has only one reading."""
        return len(self.groups[group].readings) == 1

    def ambiguous(self, within: range) -> list[int]:
        """Returns the groups of a range that have several readings."""
        return [g for g in within if not self.is_unambiguous(g)]

    def texts(self, within: range) -> list[str]:
        """Returns the texts of the spoken tokens of a range of groups, as chosen."""
        return [a.text for g in within for a in self.groups[g].readings[self.choice[g]]]


def choose_verbalizations(
    article: VerbalizationState, speech: VerbalizationState, pairs: Sequence[int | None]
) -> bool:
    """Chooses the readings that were spoken; returns whether any differs from the usual one.

    ``pairs`` has for each spoken token of the speech its partner in the article, both sides in
    their usual readings.
    """
    settled: set[tuple[int, int]] = set()
    for gap in sorted(_anchor_gaps(article, speech, pairs), key=lambda gap: not gap.closed):
        chosen = [(article, g) for g in article.ambiguous(gap.article) if (0, g) not in settled]
        chosen += [(speech, g) for g in speech.ambiguous(gap.speech) if (1, g) not in settled]
        if not chosen:
            continue
        if article.texts(gap.article) != speech.texts(gap.speech):
            _choose_readings(article, speech, gap, chosen)
        if gap.closed:
            settled |= {(0 if side is article else 1, g) for side, g in chosen}
    return any(article.choice) or any(speech.choice)


def _anchor_gaps(
    article: VerbalizationState, speech: VerbalizationState, pairs: Sequence[int | None]
) -> Iterator[AnchorGap]:
    """Yields what lies between paired unambiguous groups, in the order of the speech."""
    anchors = [(-1, -1)]
    for j, i in enumerate(pairs):
        if i is None:
            continue
        printed, spoken = article.group_of[i], speech.group_of[j]
        if (
            article.is_unambiguous(printed)
            and speech.is_unambiguous(spoken)
            and spoken > anchors[-1][1]
        ):
            anchors.append((printed, spoken))
    ends = (len(article.groups), len(speech.groups))
    anchors.append(ends)
    for (i, j), (p, q) in pairwise(anchors):
        if 0 < p - i <= MAX_GROUPS and q - j <= MAX_GROUPS:
            yield AnchorGap(range(i + 1, p), range(j + 1, q), closed=True)
        elif q - j > 1:
            last = min(i + MAX_GROUPS, ends[0]), min(j + MAX_GROUPS, q)
            yield AnchorGap(range(i + 1, last[0]), range(j + 1, last[1]), closed=False)
            first = max(0, p - MAX_GROUPS + 1), max(last[1], q - MAX_GROUPS + 1)
            yield AnchorGap(range(first[0], p), range(first[1], q), closed=False)


def _choose_readings(
    article: VerbalizationState,
    speech: VerbalizationState,
    gap: AnchorGap,
    chosen: Sequence[tuple[VerbalizationState, int]],
) -> None:
    """Chooses readings for the groups of a gap: all together, or one after the other.

    ``chosen`` lists the groups, each with its side.
    """
    counts = [range(len(side.groups[g].readings)) for side, g in chosen]
    if prod(map(len, counts)) <= MAX_COMBINATIONS:
        _choose_best(article, speech, gap, chosen, product(*counts))
        return
    for one, count in zip(chosen, counts, strict=True):
        _choose_best(article, speech, gap, [one], ((k,) for k in count))


def _choose_best(
    article: VerbalizationState,
    speech: VerbalizationState,
    gap: AnchorGap,
    chosen: Sequence[tuple[VerbalizationState, int]],
    ways: Iterator[tuple[int, ...]],
) -> None:
    """Chooses the combination of readings that leaves fewest tokens without a partner.

    In an open gap, where most tokens may have none, it is the one with most partners.
    """
    best, least = None, 0
    for way in ways:
        for (side, g), k in zip(chosen, way, strict=True):
            side.choice[g] = k
        printed, spoken = article.texts(gap.article), speech.texts(gap.speech)
        unpaired = -2 * LCSseq.similarity(printed, spoken)
        if gap.closed:
            unpaired += len(printed) + len(spoken)
        if best is None or unpaired < least:
            best, least = way, unpaired
    for (side, g), k in zip(chosen, best or (), strict=True):
        side.choice[g] = k
