"""Renders NAME.ctm for NIST's scoring tools and Kaldi: one word a line, times in seconds.

Columns: recording, channel, start, duration, word, confidence.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from aligner.captions.formats.base import PLAIN, Format, Look, one_line
from aligner.types import CaptionResult

CHANNEL = "1"


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns the list of words; empty if there are none."""
    if not outcome.captions or not outcome.captions.words:
        return ""
    name = recording(outcome)
    lines = []
    for word in outcome.captions.words:
        start, duration = word.start_ms / 1000, (word.end_ms - word.start_ms) / 1000
        text = re.sub(r"\s", "_", one_line(word.text))
        if text:
            lines.append(f"{name} {CHANNEL} {start:.3f} {duration:.3f} {text} {word.score:.3f}\n")
    return "".join(lines)


def recording(outcome: CaptionResult) -> str:
    """Returns the recording's name without spaces and semicolons; these begin comments."""
    address = outcome.media.url if outcome.media else outcome.source
    stem = PurePosixPath(unquote(urlsplit(address).path)).stem if address else ""
    return re.sub(r"[\s;]+", "_", one_line(stem)) or "recording"


CTM = Format(name="ctm", suffix=".ctm", render=render, needs_cues=True, about="NIST CTM words")
