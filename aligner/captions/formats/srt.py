"""Render NAME.srt (SubRip). The format has no standard: this is what players agree on.

SubRip has tags and no way to escape them. Where text would be taken for one, an invisible word
joiner (U+2060) parts it, so that it is shown as it is. Braces, in which many players look for
settings of ASS, become their full-width forms.
"""

from __future__ import annotations

import re

from aligner.captions.formats.base import PLAIN, Format, Look, clock, cues_of, lines_of
from aligner.types import CaptionResult

JOINER = "\u2060"
_TAKEN = re.compile(r"(?<=<)(?=[/!a-zA-Z])|(?<=--)(?=>)")
"""Within what players take for a tag, or for a line of times."""
BRACES = str.maketrans("{}", "\uff5b\uff5d")


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns a SubRip file. Raises InvalidCaptions."""
    blocks = []
    for number, cue in enumerate(cues_of(outcome), start=1):
        times = f"{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}"
        lines = [_TAKEN.sub(JOINER, line.translate(BRACES)) for line in lines_of(cue)]
        blocks.append("\n".join([str(number), times, *lines, ""]))
    return "\n".join(blocks)


SRT = Format(name="srt", suffix=".srt", render=render, needs_cues=True, about="SubRip subtitles")
