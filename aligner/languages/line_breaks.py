"""Line breaks by the rules of Unicode, as ICU implements them."""

from __future__ import annotations

from itertools import accumulate


def line_breaks(text: str, code: str) -> frozenset[int]:
    """Returns the offsets in a text, in characters, at which a line may end.

    Strict rules: no small kana and no closing mark begins a line, no opening mark ends one. Within
    Thai, Lao, Khmer and Burmese ICU's dictionaries find the words.
    """
    from icu4py.breakers import LineBreaker

    parts = LineBreaker(text, f"{code}@lb=strict")
    return frozenset(accumulate(len(part) for part in parts))
