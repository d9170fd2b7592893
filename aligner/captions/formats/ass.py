"""Renders NAME.ass (Advanced SubStation Alpha), with times in hundredths of a second.

ASS has no escape that all players know. Braces, which enclose settings, become full-width braces;
between a backslash and a letter goes an invisible word joiner (U+2060).
"""

from __future__ import annotations

import re

from aligner.captions.formats.base import (
    PLAIN,
    Format,
    Look,
    cues_of,
    lines_of,
    one_line,
    provenance,
)
from aligner.captions.formats.voices import label_of, voices_of_cues
from aligner.languages.tags import RIGHT_TO_LEFT, primary
from aligner.types import CaptionResult

HEAD = """[Script Info]
{about}
Title: {title}
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,sans-serif,54,&H00FFFFFF,&H00FFFFFF,&H00000000,&H40000000,\
0,0,0,0,100,100,0,0,3,6,0,2,120,120,54,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""The style: white text of 1/20 of the picture's height, at the bottom, on a box of 75 % black."""

EMBEDDED = "\u202b{}\u202c"
"""A line from right to left: renderers lay lines out from left to right whatever their letters."""
JOINER = "\u2060"
_ESCAPES = re.compile(r"\\(?=[nNh{}\\])")


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns an ASS file. Raises InvalidCaptions."""
    cues = cues_of(outcome)
    title = outcome.article.title if outcome.article else None
    about = "\n".join(f"; {key}: {what}" for key, what in provenance(outcome))
    head = HEAD.format(about=about, title=one_line(title or outcome.source))
    events = []
    language = outcome.captions.language if outcome.captions else "und"
    embedded = EMBEDDED if primary(language) in RIGHT_TO_LEFT else "{}"
    voices = voices_of_cues(outcome.captions) if outcome.captions else ()
    for cue, voice in zip(cues, voices, strict=True):
        who = escaped(label_of(voice).replace(",", " ")) if voice else ""
        start = (cue.start_ms + 5) // 10
        end = max(start + 1, (cue.end_ms + 5) // 10)
        text = r"\N".join(embedded.format(escaped(line)) for line in lines_of(cue))
        events.append(f"Dialogue: 0,{_clock(start)},{_clock(end)},Default,{who},0,0,0,,{text}\n")
    return head + "".join(events)


def escaped(line: str) -> str:
    """Returns a line as the text of an event."""
    line = line.replace("{", "\uff5b").replace("}", "\uff5d")
    return _ESCAPES.sub(lambda found: found[0] + JOINER, line)


def _clock(hundredths: int) -> str:
    """Returns a time in hundredths of a second as h:mm:ss.cc."""
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"


ASS = Format(name="ass", suffix=".ass", render=render, needs_cues=True, about="ASS subtitles")
