"""No regular expression takes time by the square of its text, unless that text is short."""

from __future__ import annotations

import re
import sys
import time

import pytest
from growth import at_most
from patterns import Used, attacks, used

SIZES = (4000, 16_000)
"""Characters. Where the first take too little time to tell, as simple patterns do on a quick
machine, the others are tried: in proportion they take less than a thousandth of a second too."""
SHORT_S = 0.002
MOST = 3.0
"""For four times the length; in proportion it would be 4, by the square 16."""

LONGEST_S = 0.5
SHORT = {
    "aligner/captions/lint/timing_lines.py:_TWO_CLOCKS": "lines of 100 characters",
    "aligner/captions/lint/timing_lines.py:NUMBER": "matched at the beginning of lines only",
    "aligner/discovery/article/inline_extras.py:NOTE_MARK": "60 characters (MARK_CHARS)",
    "aligner/discovery/article/inline_extras.py:_kept": "40 characters (LONGEST_MEASURE)",
    "aligner/discovery/article/markup.py:SITE_MARK": "texts with single spaces",
    "aligner/discovery/durations.py:UNITS": "200 characters (MOST_CHARS)",
    "aligner/discovery/durations.py:ZERO_DATE": "200 characters (MOST_CHARS)",
    "aligner/discovery/sources/interstitials.py:titles": "texts with single spaces",
    "aligner/discovery/ytdlp/errors.py:_sentence": "2,000 characters (MESSAGE_CHARS)",
    "aligner/discovery/article/inline_extras.py:EXPLAINED": "200 characters (NAME_CHARS)",
    "aligner/net/proxies.py:parse": "the user's own option",
    "aligner/net/list_root.py:list_xml": "10,000 characters, matched at the beginning only",
}
"""Patterns that take longer, and why that does no harm: how long their texts can be."""


def spent_s(one: Used, text: str) -> float:
    """Returns the processor's time that a pattern takes for a text."""
    began = time.thread_time()
    try:
        with at_most(LONGEST_S):
            if one.is_searched:
                for _ in one.pattern.finditer(text):
                    pass
            else:
                one.pattern.match(text)
                one.pattern.fullmatch(text)
    except TimeoutError:
        return 16 * LONGEST_S
    return time.thread_time() - began


def slow_text(one: Used) -> tuple[str, str] | None:
    """Returns a text with which a pattern takes time by the square: its beginning, and a part."""
    for head, part in attacks(one.pattern):
        for size in SIZES:
            texts = [f"{head}{part * (long // len(part))}\0!" for long in (size, 4 * size)]
            first = spent_s(one, texts[0])
            if first > LONGEST_S:
                return head, part
            if first >= SHORT_S:
                times = [min(spent_s(one, text) for _ in range(2)) for text in texts]
                if times[1] > MOST * 4 * min(first, times[0]) * 0.8:
                    return head, part
                break
    return None


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info < (3, 11), reason="the parser's module has another name")
def test_patterns_are_quick() -> None:
    slow = {one.where: found for one in used() if (found := slow_text(one))}
    assert {where: found for where, found in slow.items() if where not in SHORT} == {}


@pytest.mark.parametrize("pattern", [r"\s*(?:a)?\s*x", r"<a[^>]*b", r"(?:a|aa)*c", r"\w+\d+$"])
def test_a_slow_pattern_is_seen(pattern: str) -> None:
    assert slow_text(Used("here", re.compile(pattern), is_searched=True))


@pytest.mark.parametrize("pattern", [r"<a[^<>]{0,50}b", r"(?<![A-Z])([A-Z]++)=", r"^\s*x", "ab+"])
def test_a_quick_pattern_is_left_alone(pattern: str) -> None:
    assert not slow_text(Used("here", re.compile(pattern), is_searched=True))
