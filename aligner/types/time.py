"""A half-open range of time or of words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of word indices, or of milliseconds."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start
