"""Chooses where cues and lines end, by dynamic programming.

The cheapest segmentation of tokens 0..j is the cheapest one of 0..i plus a cue of i..j, for the
best i. The cost of a cue sums what the standards recommend (``BreakCosts``). Cues that they forbid
(a line too long, too many lines, a cue too long, a cue across a long silence) are not considered,
unless they are a single token. Computing time is proportional to the number of tokens, and for
each token to the number of tokens that fit in a cue.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from aligner.captions.profiles import Profile
from aligner.captions.segmentation.break_points import BreakKind, break_kinds
from aligner.captions.segmentation.quotes import quoted
from aligner.captions.segmentation.tokens import CueToken

INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class BreakCosts:
    """The costs of cues and breaks. Only ratios matter; a break at a plain border costs 5.

    The priorities are those of the standards: timing before line breaks, unbroken phrases before
    even lines, one cue for each sentence. The values were fitted to one half of a set of
    professional captions in English and French, and tested on the other half and on other
    languages (docs/cues.md).
    """

    cue: float = 2.0
    """Each cue, which keeps their number small."""
    break_at: tuple[float, ...] = (0.0, 1.0, 1.5, 3.0, 5.0, 14.0, 40.0)
    """The end of a cue at a border of each ``BreakKind``."""
    line: float = 0.4
    """The end of a line, as a share of the cost of a cue's end at the same border; at a ``TIE`` or
    within a word the costs are equal."""
    sentence_at_tail: float = 18.0
    """A cue that contains the end of a sentence and an incomplete one after it."""
    sentence_after_rest: float = 10.0
    """A cue that contains the last part of a sentence and a complete one after it."""
    sentence_more: float = 12.0
    """Each sentence after the first in a cue of several complete ones."""
    pause: float = 9.0
    """The gain of a cue's end at a pause of one second, and the cost of such a pause within."""
    jump: float = 4.0
    """The same for a jump in the article, or a change between the article and other speech."""
    paragraph: float = 4.0
    """The same for the end of a paragraph."""
    quote: float = 4.0
    """The end of a cue within a quotation that would fit in one cue."""
    too_short: float = 15.0
    too_fast: float = 12.0
    missing: float = 10.0
    """Added to these two for each missing second. Joining cues that are all too fast does not
    change this sum, so it gains nothing."""
    fragment: float = 4.0
    """A cue of one word that is not a sentence; half of it for a line of one word."""
    narrow: float = 12.0
    """A cue narrower than half a line that is not a sentence: times the missing share."""
    uneven: float = 2.0
    """Lines of different widths: times the difference as a share of the longer line."""
    top_heavy: float = 0.5


COSTS = BreakCosts()

LABEL_ALONE = 1000.0
"""The cost of a cue's end after a speaker's label: more than that of any other break."""
SHORT_ASIDE = 3
"""At most this many words outside the article, between words in it, are a slip of the tongue."""
SHORT_SKIP = 3
"""Leaving out at most this many words of the article is not a jump."""


@dataclass(frozen=True, slots=True)
class BreakTable:
    """What the choice needs to know of the tokens, in lists by token or by border.

    Border g is before token g; there are ``count`` + 1 borders.
    """

    count: int
    profile: Profile
    costs: BreakCosts
    duration_ms: int
    start: Sequence[int]
    end: Sequence[int]
    latest_end: Sequence[int]
    """By border: the latest out-time in ms of a cue that ends there, before the minimum gap."""
    reading_before: Sequence[float]
    """By border: the reading time in ms of all tokens before it."""
    cells_before: Sequence[int]
    """By border: the cells of all tokens before it, including spaces."""
    space: Sequence[int]
    """By token: 1 if there is a space before it, else 0."""
    cue_end: Sequence[float]
    """By border: the cost of a cue's end there."""
    line_end: Sequence[float]
    """By border: the cost of a line's end there."""
    kept_together: Sequence[float]
    """By border: the summed costs of having no cue's end at any border up to it."""
    sentences: Sequence[int]
    """By border: the number of sentences that end there or before."""
    line_limit: Sequence[int]
    """By border: the last border at which a line from it may end."""
    cue_limit: Sequence[int]
    """By border: the first border at which a cue up to it may begin."""
    after_label: Sequence[bool]
    """By border: whether a line must end there, but no cue, for a speaker's label is before it."""

    def width(self, first: int, last: int) -> int:
        """Returns the cells of the tokens in one line."""
        return self.cells_before[last] - self.cells_before[first] - self.space[first]

    def to_read(self, first: int, last: int) -> float:
        """Returns the reading time in ms of a cue of these tokens."""
        blank = self.space[first] * 1000 / self.profile.max_cps
        return self.reading_before[last] - self.reading_before[first] - blank

    def is_sentence_end(self, border: int) -> bool:
        return border == 0 or self.sentences[border] > self.sentences[border - 1]


# ---------------------------------------------------------------- the table


def break_table(
    tokens: Sequence[CueToken],
    code: str,
    profile: Profile,
    duration_ms: int,
    costs: BreakCosts = COSTS,
) -> BreakTable:
    """Returns the table of tokens that ``cue_borders`` and ``lines_of`` read.

    ``code`` is the primary subtag of their language.
    """
    after_label = [token.own_line for token in tokens[:-1]]
    kinds = [
        BreakKind.WORD if label else kind
        for kind, label in zip(break_kinds(tokens, code), after_label, strict=True)
    ]
    plain = [costs.break_at[kind] for kind in kinds]
    pulls = _pulls(tokens, profile, costs)
    quote = [costs.quote * k for k in quoted(tokens, profile.max_lines * profile.max_line_chars)]
    space = [int(p.space_before) for p in tokens]
    cells_before = [0, *accumulate(p.width + s for p, s in zip(tokens, space, strict=True))]
    ends = [0, *(int(kind is BreakKind.SENTENCE) for kind in kinds), 1][: len(tokens) + 1]
    cue_end = (
        costs.cue + c + q - pull + LABEL_ALONE * label
        for c, q, pull, label in zip(plain, quote, pulls, after_label, strict=True)
    )
    return BreakTable(
        count=len(tokens),
        profile=profile,
        costs=costs,
        duration_ms=duration_ms,
        start=[p.start_ms for p in tokens],
        end=[p.end_ms for p in tokens],
        latest_end=_latest_ends(tokens, profile, duration_ms),
        reading_before=[0.0, *accumulate(_reading(p, profile) for p in tokens)],
        cells_before=cells_before,
        space=space,
        cue_end=[0.0, *cue_end, 0.0],
        line_end=[0.0, *(_line_end(kind, costs) for kind in kinds), 0.0],
        kept_together=[0.0, *accumulate(pulls)],
        sentences=list(accumulate(ends)),
        line_limit=_line_limits(tokens, cells_before, profile.max_line_chars),
        cue_limit=_cue_limits(tokens, cells_before, profile),
        after_label=[False, *after_label, False],
    )


def _latest_ends(tokens: Sequence[CueToken], profile: Profile, duration_ms: int) -> list[int]:
    """Returns ``BreakTable.latest_end``."""
    if not tokens:
        return [0]
    gap = profile.min_gap_ms
    return [*(p.start_ms - gap for p in tokens), max(duration_ms, tokens[-1].end_ms)]


def _line_end(kind: BreakKind, costs: BreakCosts) -> float:
    """Returns the cost of a line's end at a border."""
    return costs.break_at[kind] * (costs.line if kind < BreakKind.TIE else 1.0)


def _reading(token: CueToken, profile: Profile) -> float:
    """Returns the reading time in ms of a token with the space before it."""
    return profile.reading_ms(token.width + token.space_before, int(token.space_before))


def _pulls(tokens: Sequence[CueToken], profile: Profile, costs: BreakCosts) -> list[float]:
    """Returns the gain of a cue's end at each border between tokens."""
    return [
        costs.pause * _pause(b.start_ms - a.end_ms, profile.pause_ms)
        + costs.jump * jump
        + costs.paragraph * b.paragraph
        for (a, b), jump in zip(pairwise(tokens), _jumps(tokens), strict=True)
    ]


def _pause(ms: int, least: int) -> float:
    """Returns the weight of a pause for a break: 1 for a second, by the logarithm of its length.

    The lengths of pauses in speech are distributed log-normally (Campione and Veronis, 2002).
    """
    if ms <= least or ms <= 1:
        return 0.0
    return min(1.5, math.log(ms / max(least, 1)) / math.log(1000 / max(least, 1)))


def _jumps(tokens: Sequence[CueToken]) -> list[float]:
    """Returns for each border between tokens 1 at a jump in the article or a change to it."""
    aside = _asides(tokens)
    jumps = []
    for k, (a, b) in enumerate(pairwise(tokens)):
        if a.article_word is None or b.article_word is None:
            jumps.append(float(aside[k] != aside[k + 1]))
        else:
            step = b.article_word - a.article_word
            jumps.append(float(step < 0 or step > SHORT_SKIP + 1))
    return jumps


def _asides(tokens: Sequence[CueToken]) -> list[bool]:
    """Returns for each token whether it is in a run of words outside the article.

    The run is longer than ``SHORT_ASIDE``.
    """
    found: list[bool] = []
    run = 0
    for token in tokens:
        run = run + 1 if token.article_word is None else 0
        found.append(False)
        if run == SHORT_ASIDE + 1:
            found[-run:] = [True] * run
        elif run > SHORT_ASIDE:
            found[-1] = True
    return found


def _line_limits(tokens: Sequence[CueToken], cells_before: Sequence[int], line: int) -> list[int]:
    """Returns ``BreakTable.line_limit``; a line has at least one token, and ends after a label."""
    reach, far = [], 0
    for first, token in enumerate(tokens):
        far = max(far, first + 1)
        limit = cells_before[first] + token.space_before + line
        while far < len(tokens) and cells_before[far + 1] <= limit:
            if tokens[far - 1].own_line:
                break
            far += 1
        reach.append(far)
    return reach


def _cue_limits(
    tokens: Sequence[CueToken], cells_before: Sequence[int], profile: Profile
) -> list[int]:
    """Returns ``BreakTable.cue_limit``."""
    room = profile.max_lines * (profile.max_line_chars + 1)
    earliest, first = [0], 0
    for last in range(1, len(tokens) + 1):
        here, before = tokens[last - 1], tokens[max(0, last - 2)]
        if here.turn or here.start_ms - before.end_ms > profile.max_silence_ms:
            first = last - 1
        while first < last - 1 and (
            cells_before[last] - cells_before[first] > room
            or here.end_ms - tokens[first].start_ms > profile.max_duration_ms
        ):
            first += 1
        earliest.append(first)
    return earliest


# ---------------------------------------------------------------- the segmentation


def cue_borders(table: BreakTable) -> list[int]:
    """Returns the borders at which cues begin and end, from 0 to the number of tokens."""
    best = [0.0] + [INFINITE] * table.count
    origin = [0] * (table.count + 1)
    for last in range(1, table.count + 1):
        for first in range(last - 1, table.cue_limit[last] - 1, -1):
            cost = best[first] + _cost(table, first, last)
            if cost < best[last]:  # computing the lines takes time, and adds to the cost
                cost += _layout(table, first, last, table.profile.max_lines)[0]
            if cost < best[last]:
                best[last], origin[last] = cost, first
    borders = [table.count]
    while borders[-1]:
        borders.append(origin[borders[-1]])
    return borders[::-1]


def lines_of(table: BreakTable, first: int, last: int) -> tuple[int, ...]:
    """Returns the borders at which the lines of a cue end, without the end of the cue."""
    return _layout(table, first, last, table.profile.max_lines)[1]


def _cost(table: BreakTable, first: int, last: int) -> float:
    """Returns the cost of a cue without its line breaks."""
    cost = table.cue_end[last] + table.kept_together[last - 1] - table.kept_together[first]
    inside = table.sentences[last - 1] - table.sentences[first]
    whole_end = table.sentences[last] > table.sentences[last - 1]
    if inside:
        cost += _sentences(table.costs, inside, table.is_sentence_end(first), whole_end)
    if not (whole_end and table.is_sentence_end(first)):
        cost += _fragment(table, first, last)
    return cost + _timing(table, first, last)


def _sentences(costs: BreakCosts, inside: int, whole_start: bool, whole_end: bool) -> float:
    """Returns the cost of a cue within which sentences end."""
    if not whole_end:
        return costs.sentence_at_tail
    return costs.sentence_more * inside if whole_start else costs.sentence_after_rest


def _fragment(table: BreakTable, first: int, last: int) -> float:
    """Returns the cost of a short cue that is not a sentence."""
    half = table.profile.max_line_chars / 2
    cost = table.costs.narrow * max(0.0, 1 - table.width(first, last) / half)
    return cost + table.costs.fragment if last == first + 1 else cost


def _timing(table: BreakTable, first: int, last: int) -> float:
    """Returns the cost of a cue that is shown too briefly, in general or for its text."""
    start, profile, costs = table.start[first], table.profile, table.costs
    time = table.latest_end[last] - start
    cost = 0.0
    if time < profile.min_duration_ms:
        cost = costs.too_short + costs.missing * (profile.min_duration_ms - time) / 1000
    to_read = table.to_read(first, last)
    if to_read > time:
        cost += costs.too_fast + costs.missing * (to_read - time) / 1000
    return cost


def _layout(table: BreakTable, first: int, last: int, lines: int) -> tuple[float, tuple[int, ...]]:
    """Returns the cheapest division of a cue into at most ``lines`` lines: its cost and borders."""
    if last <= table.line_limit[first]:
        return 0.0, ()
    best: tuple[float, tuple[int, ...]] = (INFINITE, ())
    if lines == 1:
        return best
    for at in range(min(table.line_limit[first], last - 1), first, -1):
        rest, borders = _layout(table, at, last, lines - 1)
        if rest == INFINITE:
            break  # an earlier break leaves even more to the lines below
        if table.after_label[at]:  # it has to end there, whatever the shape
            return rest, (at, *borders)
        upper, lower = table.width(first, at), table.width(at, last) / (len(borders) + 1)
        cost = table.line_end[at] + rest + _shape(upper, lower, table)
        if at == first + 1 or at == last - 1:
            cost += table.costs.fragment / 2
        if cost < best[0]:
            best = cost, (at, *borders)
    return best


def _shape(upper: int, lower: float, table: BreakTable) -> float:
    """Returns the cost of the widths of an upper line and of the mean line below it."""
    cost = table.costs.uneven * abs(upper - lower) / max(upper, lower)
    return cost + table.costs.top_heavy if table.profile.bottom_heavy and upper > lower else cost
