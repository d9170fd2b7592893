"""Speech -> the windows that a recogniser hears one by one, also while more is being found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from aligner.types import Span

PADDING_MS = 300
"""Kept before and after the speech of a window: recognisers miss words cut close."""
GOOD_PAUSE_MS = 600
"""A pause of that length stands between sentences more often than within one."""
LONG_PAUSE_MS = 4_000
"""Silence of that length is not worth keeping within a window: recognisers invent words in it."""
LAG_MS = 180_000
"""Windows are settled at the latest when so much more speech is known. The best cuts mostly show
within two minutes, but among sentences of the same length they never do."""


class Chunker:
    """Cuts speech into windows of at most ``max_ms`` that hold all of it, at the best pauses.

    Windows do not overlap. Each has up to PADDING_MS of what is around it, never of another
    window's speech. Speech longer than ``max_ms`` without a pause is cut hard; nothing is lost.

    Of all ways to cut the one of least cost is taken. A window costs 1, for its share of the work;
    a cut at a pause shorter than GOOD_PAUSE_MS costs up to 1 more, and pauses kept within a window
    cost 1 for every LONG_PAUSE_MS. A window is given as soon as whatever may follow cannot change
    it, or is more than LAG_MS away; the windows are the same however the speech comes in.
    """

    def __init__(self, max_ms: int = 28_000) -> None:
        self._most = max_ms - 2 * PADDING_MS
        self._segments: list[Span] = []
        self._best: list[tuple[float, int]] = [(0.0, 0)]
        """For the first n segments: the least cost, and where their last window begins."""
        self._edges = [0]
        """Segments before the next window, and those at which windows end that are settled."""

    def more(self, speech: Iterable[Span], duration_ms: int | None) -> list[Span]:
        """Further speech -> further windows. ``duration_ms``: the sound's; None if more follows."""
        for segment in speech:
            for part in _cut_hard(segment, self._most):
                self._segments.append(part)
                self._weigh()
                self._settle()
        if duration_ms is not None:
            self._edges += self._best_edges(len(self._segments))
        edges, self._edges = self._edges, self._edges[-1:]
        return [self._padded(first, end, duration_ms) for first, end in pairwise(edges)]

    def _weigh(self) -> None:
        """Find the best way to have all segments so far in windows."""
        for last in range(len(self._best) - 1, len(self._segments)):
            self._best.append(min(self._choices(last)))

    def _choices(self, last: int) -> Iterator[tuple[float, int]]:
        """(Cost, first segment) of every window that ends with the segment ``last``."""
        segments = self._segments
        silence = 0.0
        for first in range(last, self._edges[-1] - 1, -1):
            if segments[last].end - segments[first].start > self._most:
                return
            if first < last:
                silence += self._pause(first + 1) / LONG_PAUSE_MS
            shortness = 1 - min(self._pause(first) / GOOD_PAUSE_MS, 1.0)
            yield self._best[first][0] + 1 + shortness + silence, first

    def _pause(self, at: int) -> int:
        """Milliseconds of silence before a segment; before the first one, enough."""
        segments = self._segments
        return segments[at].start - segments[at - 1].end if at else GOOD_PAUSE_MS

    def _settle(self) -> None:
        """Settle where windows end that are the same whatever follows, or have waited too long."""
        count, segments = len(self._segments), self._segments
        edges = self._best_edges(count)
        same = set(edges[:-1])  # what is around a window is part of it: not the last one
        for first in range(count - 1, self._edges[-1] - 1, -1):
            if segments[-1].end - segments[first].start >= self._most:
                break  # no window that is still to come begins so early
            same &= {*self._best_edges(first)}
        if same:
            self._edges += sorted(same)
        elif segments[-1].end - segments[self._edges[-1]].start > LAG_MS and len(edges) > 1:
            self._edges.append(edges[0])
            del self._best[edges[0] + 1 :]  # other ways than this one are closed
            self._weigh()

    def _best_edges(self, end: int) -> list[int]:
        """Where windows end on the best way to have ``end`` segments in windows."""
        edges: list[int] = []
        while end > self._edges[-1]:
            edges.append(end)
            end = self._best[end][1]
        return edges[::-1]

    def _padded(self, first: int, end: int, duration_ms: int | None) -> Span:
        """A window's segments with what is around them, half of a short pause to either side."""
        start_ms, end_ms = self._segments[first].start, self._segments[end - 1].end
        before = start_ms - (self._segments[first - 1].end if first else -start_ms)
        start = start_ms - min(PADDING_MS, before // 2)
        if end < len(self._segments):
            after = self._segments[end].start - end_ms
            return Span(start, end_ms + min(PADDING_MS, after - after // 2))
        assert duration_ms is not None  # noqa: S101  the last window is given when all is there
        return Span(start, min(end_ms + PADDING_MS, duration_ms))


def _cut_hard(segment: Span, most: int) -> Iterator[Span]:
    """A segment in equal parts no longer than ``most``."""
    parts = -(-len(segment) // most)
    edges = [segment.start + len(segment) * i // parts for i in range(parts + 1)]
    for start, end in pairwise(edges):
        yield Span(start, end)
