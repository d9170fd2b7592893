"""Spans in order and apart, such as those of detected speech: which of them another span meets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from aligner.types import Span


def near(speech: Sequence[Span], span: Span) -> range:
    """The segments of speech that may touch a span."""
    first = bisect_right(speech, span.start, key=lambda segment: segment.end)
    last = bisect_left(speech, span.end, key=lambda segment: segment.start)
    return range(first, last)


def spoken_ms(span: Span, speech: Sequence[Span]) -> int:
    """How much of a span is detected speech."""
    shared = (
        min(span.end, speech[k].end) - max(span.start, speech[k].start) for k in near(speech, span)
    )
    return sum(shared)


def later(span: Span, ms: int) -> Span:
    """A span so many milliseconds later; earlier if they are less than none."""
    return Span(span.start + ms, span.end + ms)
