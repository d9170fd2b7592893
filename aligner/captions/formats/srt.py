"""Renders NAME.srt (SubRip). The format has no standard; this is what all players read.

SubRip has tags, but no escapes. A text that players would take for a tag gets an invisible word
joiner (U+2060), so that it is shown unchanged. Braces, in which many players expect settings of
ASS, become full-width braces.
"""

from __future__ import annotations

import re

from aligner.captions.formats.base import (
    PLAIN,
    Format,
    Look,
    clock,
    cues_of,
    direction_mark,
    lines_of,
)
from aligner.types import CaptionResult

JOINER = "\u2060"
_TAG_LIKE = re.compile(r"(?<=<)(?=[/!a-zA-Z])|(?<=--)(?=>)")
"""The positions within texts that players take for a tag or for a line of times."""
BRACES = str.maketrans("{}", "\uff5b\uff5d")


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns a SubRip file. Raises InvalidCaptions."""
    blocks = []
    language = outcome.captions.language if outcome.captions else "und"
    for number, cue in enumerate(cues_of(outcome), start=1):
        times = f"{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}"
        lines = [
            direction_mark(line, language) + _TAG_LIKE.sub(JOINER, line.translate(BRACES))
            for line in lines_of(cue)
        ]
        blocks.append("\n".join([str(number), times, *lines, ""]))
    return "\n".join(blocks)


SRT = Format(name="srt", suffix=".srt", render=render, needs_cues=True, about="SubRip subtitles")
