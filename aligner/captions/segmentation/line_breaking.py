"""Choose where cues and lines end: one optimisation, by dynamic programming.

The cheapest way to cut pieces 0..j into cues is the cheapest way to cut 0..i plus the cue of
i..j, for the best i. A cue's cost adds up what the standards ask for (``BreakCosts``); what they
forbid outright (a line too long, a line too many, a cue too long, a cue across a long silence)
is never looked at, unless it is one piece alone. Time grows with the number of pieces; how many
fit in one cue bounds the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from aligner.captions.profiles import Profile
from aligner.captions.segmentation.break_points import BreakKind, places
from aligner.captions.segmentation.quotes import quoted
from aligner.captions.segmentation.tokens import CueToken

INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class BreakCosts:
    """What each blemish weighs. Only the ratios count; a break at a plain place is 5.

    What is wanted is the standards': timing before line breaks, whole units before even lines, a
    cue for each sentence. The sizes were set on one half of a set of professional captions, in
    English and French, and tried on the other half and on other languages (docs/cues.md).
    """

    cue: float = 2.0
    """Each cue, so that there are no more than needed."""
    places: tuple[float, ...] = (0.0, 1.0, 1.5, 3.0, 5.0, 14.0, 40.0)
    """A cue's end at each kind of ``BreakKind``."""
    line: float = 0.4
    """A line's end, as a share of a cue's end at the same place. What belongs together is parted
    no more gladly by a line's end than by a cue's."""
    sentence_at_tail: float = 18.0
    """A cue that begins a sentence after another and does not end it."""
    sentence_after_rest: float = 10.0
    """A cue that ends one sentence and holds the next whole."""
    sentence_more: float = 12.0
    """Several whole sentences in one cue, for each more than one."""
    pause: float = 9.0
    """A cue's end at a pause of a second earns this; such a pause within costs it."""
    jump: float = 4.0
    """The same for a jump in the article, or from the article to other speech."""
    paragraph: float = 4.0
    """The same for the end of a paragraph."""
    quote: float = 4.0
    """A cue's end inside a quotation that would fit in one cue."""
    too_short: float = 15.0
    too_fast: float = 12.0
    missing: float = 10.0
    """On top of those two, for each second that is missing. Cues that are all too quick lack as
    much when they are put together, so that it does not pay to do so."""
    scrap: float = 4.0
    """A cue of one word that is no sentence; half of it for a line of one word."""
    narrow: float = 12.0
    """A cue that is no sentence and narrower than half a line: this by the part it lacks."""
    uneven: float = 2.0
    """The shorter line against the longer: all of it for an empty one."""
    top_heavy: float = 0.5


COSTS = BreakCosts()

SHORT_ASIDE = 3
"""So few words from elsewhere amid the article's are a slip of the tongue, not another voice."""
SHORT_SKIP = 3
"""So few words left out are no jump."""


@dataclass(frozen=True, slots=True)
class BreakTable:
    """Everything about a row of pieces that the choice needs, as lists by piece or by border.

    Border g lies before piece g; there are ``count`` + 1 borders.
    """

    count: int
    profile: Profile
    costs: BreakCosts
    duration_ms: int
    start: Sequence[int]
    end: Sequence[int]
    gone: Sequence[int]
    """By border: when the cue that ends there must have gone, with the least gap to the next."""
    reading: Sequence[float]
    """By border: how long everything before it takes to read."""
    ahead: Sequence[int]
    """By border: cells of everything before it, spaces included."""
    space: Sequence[int]
    """By piece: 1 if a space stands before it, else 0."""
    ending: Sequence[float]
    """By border: cost of a cue's end there."""
    breaking: Sequence[float]
    """By border: cost of a line's end there."""
    within: Sequence[float]
    """By border: summed costs of holding together every border up to it."""
    sentences: Sequence[int]
    """By border: how many sentences end up to it."""
    reach: Sequence[int]
    """By border: the last border that a line from it can run to."""
    earliest: Sequence[int]
    """By border: the first border from which a cue can run to it."""

    def width(self, first: int, last: int) -> int:
        """Cells of the pieces set in one line."""
        return self.ahead[last] - self.ahead[first] - self.space[first]

    def to_read(self, first: int, last: int) -> float:
        """How long the cue of these pieces takes to read."""
        blank = self.space[first] * 1000 / self.profile.max_cps
        return self.reading[last] - self.reading[first] - blank

    def is_sentence_end(self, border: int) -> bool:
        return border == 0 or self.sentences[border] > self.sentences[border - 1]


# ---------------------------------------------------------------- what is known of each place


def table(
    pieces: Sequence[CueToken],
    code: str,
    profile: Profile,
    duration_ms: int,
    costs: BreakCosts = COSTS,
) -> BreakTable:
    """Returns the table of tokens that ``cue_borders`` and ``lines_of`` read.

    ``code`` is the primary subtag of their language.
    """
    kinds = places(pieces, code)
    plain = [costs.places[kind] for kind in kinds]
    pulls = _pulls(pieces, profile, costs)
    quote = [costs.quote * k for k in quoted(pieces, profile.max_lines * profile.max_line_chars)]
    space = [int(p.space_before) for p in pieces]
    ahead = [0, *accumulate(p.width + s for p, s in zip(pieces, space, strict=True))]
    ends = [0, *(int(kind is BreakKind.SENTENCE) for kind in kinds), 1][: len(pieces) + 1]
    ending = (costs.cue + c + q - pull for c, q, pull in zip(plain, quote, pulls, strict=True))
    return BreakTable(
        count=len(pieces),
        profile=profile,
        costs=costs,
        duration_ms=duration_ms,
        start=[p.start_ms for p in pieces],
        end=[p.end_ms for p in pieces],
        gone=_gone(pieces, profile, duration_ms),
        reading=[0.0, *accumulate(_reading(p, profile) for p in pieces)],
        ahead=ahead,
        space=space,
        ending=[0.0, *ending, 0.0],
        breaking=[0.0, *(_breaking(kind, costs) for kind in kinds), 0.0],
        within=[0.0, *accumulate(pulls)],
        sentences=list(accumulate(ends)),
        reach=_reach(ahead, space, profile.max_line_chars),
        earliest=_earliest(pieces, ahead, profile),
    )


def _gone(pieces: Sequence[CueToken], profile: Profile, duration_ms: int) -> list[int]:
    """For each border, when the cue that ends there must have gone."""
    if not pieces:
        return [0]
    gap = profile.min_gap_ms
    return [*(p.start_ms - gap for p in pieces), max(duration_ms, pieces[-1].end_ms)]


def _breaking(kind: BreakKind, costs: BreakCosts) -> float:
    """What a line's end costs at a place."""
    return costs.places[kind] * (costs.line if kind < BreakKind.TIE else 1.0)


def _reading(piece: CueToken, profile: Profile) -> float:
    """How long a piece takes to read, with the space before it."""
    return profile.reading_ms(piece.width + piece.space_before, int(piece.space_before))


def _pulls(pieces: Sequence[CueToken], profile: Profile, costs: BreakCosts) -> list[float]:
    """For each border between pieces, how strongly it asks for a cue's end."""
    return [
        costs.pause * _pause(b.start_ms - a.end_ms, profile.pause_ms)
        + costs.jump * jump
        + costs.paragraph * b.paragraph
        for (a, b), jump in zip(pairwise(pieces), _jumps(pieces), strict=True)
    ]


def _pause(ms: int, least: int) -> float:
    """Returns the weight of a pause for a break: 1 for a second, by the logarithm of its length.

    The lengths of pauses in speech are distributed log-normally (Campione and Veronis, 2002).
    """
    if ms <= least or ms <= 1:
        return 0.0
    return min(1.5, math.log(ms / max(least, 1)) / math.log(1000 / max(least, 1)))


def _jumps(pieces: Sequence[CueToken]) -> list[float]:
    """For each border between pieces, 1 where the article jumps or begins or ends, else 0."""
    aside = _asides(pieces)
    jumps = []
    for k, (a, b) in enumerate(pairwise(pieces)):
        if a.article_word is None or b.article_word is None:
            jumps.append(float(aside[k] != aside[k + 1]))
        else:
            step = b.article_word - a.article_word
            jumps.append(float(step < 0 or step > SHORT_SKIP + 1))
    return jumps


def _asides(pieces: Sequence[CueToken]) -> list[bool]:
    """For each piece, whether it belongs to a longer stretch that is not the article's."""
    found: list[bool] = []
    run = 0
    for piece in pieces:
        run = run + 1 if piece.article_word is None else 0
        found.append(False)
        if run == SHORT_ASIDE + 1:
            found[-run:] = [True] * run
        elif run > SHORT_ASIDE:
            found[-1] = True
    return found


def _reach(ahead: Sequence[int], space: Sequence[int], line: int) -> list[int]:
    """For each border the farthest that a line from it can run; one piece at least."""
    reach, far = [], 0
    for first in range(len(space)):
        far = max(far, first + 1)
        while far < len(space) and ahead[far + 1] - ahead[first] - space[first] <= line:
            far += 1
        reach.append(far)
    return reach


def _earliest(pieces: Sequence[CueToken], ahead: Sequence[int], profile: Profile) -> list[int]:
    """For each border the first border that a cue to it can run from."""
    room = profile.max_lines * (profile.max_line_chars + 1)
    earliest, first = [0], 0
    for last in range(1, len(pieces) + 1):
        here, before = pieces[last - 1], pieces[max(0, last - 2)]
        if here.turn or here.start_ms - before.end_ms > profile.max_silence_ms:
            first = last - 1
        while first < last - 1 and (
            ahead[last] - ahead[first] > room
            or here.end_ms - pieces[first].start_ms > profile.max_duration_ms
        ):
            first += 1
        earliest.append(first)
    return earliest


# ---------------------------------------------------------------- the choice


def cue_borders(places: BreakTable) -> list[int]:
    """The borders at which cues end, from 0 to the number of pieces."""
    best = [0.0] + [INFINITE] * places.count
    origin = [0] * (places.count + 1)
    for last in range(1, places.count + 1):
        for first in range(last - 1, places.earliest[last] - 1, -1):
            cost = best[first] + _cost(places, first, last)
            if cost < best[last]:  # the lines cost something, and looking for them takes time
                cost += _layout(places, first, last, places.profile.max_lines)[0]
            if cost < best[last]:
                best[last], origin[last] = cost, first
    borders = [places.count]
    while borders[-1]:
        borders.append(origin[borders[-1]])
    return borders[::-1]


def lines_of(places: BreakTable, first: int, last: int) -> tuple[int, ...]:
    """The borders at which the lines of a cue end, its own end left out."""
    return _layout(places, first, last, places.profile.max_lines)[1]


def _cost(places: BreakTable, first: int, last: int) -> float:
    """What a cue costs, its lines aside."""
    cost = places.ending[last] + places.within[last - 1] - places.within[first]
    inside = places.sentences[last - 1] - places.sentences[first]
    whole_end = places.sentences[last] > places.sentences[last - 1]
    if inside:
        cost += _sentences(places.costs, inside, places.is_sentence_end(first), whole_end)
    if not (whole_end and places.is_sentence_end(first)):
        cost += _scrap(places, first, last)
    return cost + _timing(places, first, last)


def _sentences(costs: BreakCosts, inside: int, whole_start: bool, whole_end: bool) -> float:
    """What the sentences that end inside a cue cost."""
    if not whole_end:
        return costs.sentence_at_tail
    return costs.sentence_more * inside if whole_start else costs.sentence_after_rest


def _scrap(places: BreakTable, first: int, last: int) -> float:
    """What it costs that a cue which is no sentence holds very little."""
    half = places.profile.max_line_chars / 2
    cost = places.costs.narrow * max(0.0, 1 - places.width(first, last) / half)
    return cost + places.costs.scrap if last == first + 1 else cost


def _timing(places: BreakTable, first: int, last: int) -> float:
    """What it costs that a cue is too short, or too quick to read."""
    start, profile, costs = places.start[first], places.profile, places.costs
    time = places.gone[last] - start
    cost = 0.0
    if time < profile.min_duration_ms:
        cost = costs.too_short + costs.missing * (profile.min_duration_ms - time) / 1000
    to_read = places.to_read(first, last)
    if to_read > time:
        cost += costs.too_fast + costs.missing * (to_read - time) / 1000
    return cost


def _layout(places: BreakTable, first: int, last: int, lines: int) -> tuple[float, tuple[int, ...]]:
    """The cheapest way to set a cue in at most so many lines: its cost, and where lines end."""
    if last <= places.reach[first]:
        return 0.0, ()
    best: tuple[float, tuple[int, ...]] = (INFINITE, ())
    if lines == 1:
        return best
    for at in range(min(places.reach[first], last - 1), first, -1):
        rest, borders = _layout(places, at, last, lines - 1)
        if rest == INFINITE:
            break  # an earlier break leaves still more to the lines below
        upper, lower = places.width(first, at), places.width(at, last) / (len(borders) + 1)
        cost = places.breaking[at] + rest + _shape(upper, lower, places)
        if at == first + 1 or at == last - 1:
            cost += places.costs.scrap / 2
        if cost < best[0]:
            best = cost, (at, *borders)
    return best


def _shape(upper: int, lower: float, places: BreakTable) -> float:
    """What an upper line and the (mean) line below it cost by their lengths."""
    cost = places.costs.uneven * abs(upper - lower) / max(upper, lower)
    return cost + places.costs.top_heavy if places.profile.bottom_heavy and upper > lower else cost
