"""Cuts speech into the windows that a recogniser transcribes, also while speech is being found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from aligner.types import Span

PADDING_MS = 300
"""Kept before and after the speech of a window: recognisers miss words at a close cut."""
GOOD_PAUSE_MS = 600
"""A pause of this length is between sentences more often than within one."""
LONG_PAUSE_MS = 4_000
"""Silence of this length costs as much as a window: recognisers invent words in it."""
LAG_MS = 180_000
"""Windows are final at the latest when so much more speech is known. The best cuts are mostly known
after two minutes, but among sentences of equal length never."""


class Chunker:
    """Cuts speech into windows of at most ``max_ms`` that hold all of it, at the best pauses.

    Windows do not overlap. Each has up to PADDING_MS of what is around it, never of another
    window's speech. Speech longer than ``max_ms`` without a pause is cut hard; nothing is lost.

    The cuts have the least total cost (dynamic programming). A window costs 1, for its work;
    a cut at a pause shorter than GOOD_PAUSE_MS costs up to 1 more, and pauses kept within a window
    cost 1 for every LONG_PAUSE_MS. A window is returned once no further speech can change it, or
    LAG_MS later; the windows do not depend on the parts in which the speech comes in.
    """

    def __init__(self, max_ms: int = 28_000) -> None:
        self._max_speech_ms = max_ms - 2 * PADDING_MS
        self._segments: list[Span] = []
        self._best: list[tuple[float, int]] = [(0.0, 0)]
        """For the first n segments: the least cost, and the first segment of their last window."""
        self._edges = [0]
        """Segment counts at which final windows end; the first is the start of the next window."""

    def feed(self, speech: Iterable[Span], duration_ms: int | None) -> list[Span]:
        """Add speech, and return new windows.

        ``duration_ms`` is that of the recording; None if more speech follows.
        """
        for segment in speech:
            for part in _cut_hard(segment, self._max_speech_ms):
                self._segments.append(part)
                self._update_best()
                self._fix_edges()
        if duration_ms is not None:
            self._edges += self._best_edges(len(self._segments))
        edges, self._edges = self._edges, self._edges[-1:]
        return [self._window(first, end, duration_ms) for first, end in pairwise(edges)]

    def _update_best(self) -> None:
        """Extend the table of least costs to all segments so far."""
        for last in range(len(self._best) - 1, len(self._segments)):
            self._best.append(min(self._candidates(last)))

    def _candidates(self, last: int) -> Iterator[tuple[float, int]]:
        """Yield (cost, first segment) of each window that ends with the segment ``last``."""
        segments = self._segments
        silence = 0.0
        for first in range(last, self._edges[-1] - 1, -1):
            if segments[last].end - segments[first].start > self._max_speech_ms:
                return
            if first < last:
                silence += self._pause(first + 1) / LONG_PAUSE_MS
            shortness = 1 - min(self._pause(first) / GOOD_PAUSE_MS, 1.0)
            yield self._best[first][0] + 1 + shortness + silence, first

    def _pause(self, at: int) -> int:
        """Returns the milliseconds of silence before a segment; GOOD_PAUSE_MS before the first."""
        segments = self._segments
        return segments[at].start - segments[at - 1].end if at else GOOD_PAUSE_MS

    def _fix_edges(self) -> None:
        """Fix the ends of windows that nothing can change any more, or that have waited LAG_MS."""
        count, segments = len(self._segments), self._segments
        edges = self._best_edges(count)
        same = set(edges[:-1])  # the padding of the last window may still change
        for first in range(count - 1, self._edges[-1] - 1, -1):
            if segments[-1].end - segments[first].start >= self._max_speech_ms:
                break  # no further window can begin so early
            same &= {*self._best_edges(first)}
        if same:
            self._edges += sorted(same)
        elif segments[-1].end - segments[self._edges[-1]].start > LAG_MS and len(edges) > 1:
            self._edges.append(edges[0])
            del self._best[edges[0] + 1 :]  # alternatives to this cut are dropped
            self._update_best()

    def _best_edges(self, end: int) -> list[int]:
        """Returns the ends of the windows of least cost for the first ``end`` segments."""
        edges: list[int] = []
        while end > self._edges[-1]:
            edges.append(end)
            end = self._best[end][1]
        return edges[::-1]

    def _window(self, first: int, end: int, duration_ms: int | None) -> Span:
        """Returns a window with its padding: at most half of the pause on either side."""
        start_ms, end_ms = self._segments[first].start, self._segments[end - 1].end
        before = start_ms - (self._segments[first - 1].end if first else -start_ms)
        start = start_ms - min(PADDING_MS, before // 2)
        if end < len(self._segments):
            after = self._segments[end].start - end_ms
            return Span(start, end_ms + min(PADDING_MS, after - after // 2))
        assert duration_ms is not None  # noqa: S101  the last window is returned at the end
        return Span(start, min(end_ms + PADDING_MS, duration_ms))


def _cut_hard(segment: Span, max_ms: int) -> Iterator[Span]:
    """Yield a segment in equal parts of at most ``max_ms``."""
    parts = -(-len(segment) // max_ms)
    edges = [segment.start + len(segment) * i // parts for i in range(parts + 1)]
    for start, end in pairwise(edges):
        yield Span(start, end)
