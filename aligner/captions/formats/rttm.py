"""Renders NAME.rttm, NIST's form of who speaks when: a turn a line, times in seconds.

Columns: SPEAKER, recording, channel, start, duration, <NA>, <NA>, speaker, <NA>, <NA>. A silence of
more than half a second divides a turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aligner.captions.formats.base import PLAIN, Format, Look
from aligner.captions.formats.ctm import CHANNEL, recording
from aligner.captions.formats.voices import label_of, turns
from aligner.types import CaptionResult, CaptionWord

LONGEST_PAUSE_MS = 500


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns the list of turns; empty if voices were not told apart, or there is only one."""
    if not outcome.captions:
        return ""
    name, lines = recording(outcome), []
    for voice, words in turns(outcome.captions):
        who = re.sub(r"\s", "_", label_of(voice))
        for start_ms, end_ms in _passages(words):
            start, duration = start_ms / 1000, (end_ms - start_ms) / 1000
            lines.append(
                f"SPEAKER {name} {CHANNEL} {start:.3f} {duration:.3f} <NA> <NA> {who} <NA> <NA>\n"
            )
    return "".join(lines)


def _passages(words: Sequence[CaptionWord]) -> Iterator[tuple[int, int]]:
    """Yields the start and end of each passage without a long pause."""
    start, end = words[0].start_ms, words[0].end_ms
    for word in words[1:]:
        if word.start_ms - end > LONGEST_PAUSE_MS:
            yield start, end
            start = word.start_ms
        end = max(end, word.end_ms)
    yield start, end


RTTM = Format(
    name="rttm", suffix=".rttm", render=render, needs_cues=True, about="who speaks when, NIST RTTM"
)
