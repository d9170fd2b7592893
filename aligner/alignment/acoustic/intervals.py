"""Queries on sorted, disjoint spans, such as those of detected speech."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from aligner.types import Span


def near(speech: Sequence[Span], span: Span) -> range:
    """Returns the indices of the segments of speech that may overlap a span."""
    first = bisect_right(speech, span.start, key=lambda segment: segment.end)
    last = bisect_left(speech, span.end, key=lambda segment: segment.start)
    return range(first, last)


def spoken_ms(span: Span, speech: Sequence[Span]) -> int:
    """Returns how much of a span is detected speech, in milliseconds."""
    shared = (
        min(span.end, speech[k].end) - max(span.start, speech[k].start) for k in near(speech, span)
    )
    return sum(shared)


def shifted(span: Span, ms: int) -> Span:
    """Moves a span by milliseconds; a negative number moves it to the left."""
    return Span(span.start + ms, span.end + ms)
