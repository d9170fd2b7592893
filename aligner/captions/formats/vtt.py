"""Renders NAME.vtt with webvtt-py, which only this module and ``hls.py`` import.

webvtt-py writes cues as they are given, including markup characters and reversed times. Therefore
texts are escaped before, and the whole file is checked against the grammar afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any

from aligner.captions.formats.base import (
    PLAIN,
    Format,
    Look,
    clock,
    direction_mark,
    lines_of,
    one_line,
    provenance,
)
from aligner.captions.formats.voices import label_of, voices_of_cues
from aligner.captions.formats.vtt_check import breaches
from aligner.captions.formats.word_spans import Line, LinePart, by_word
from aligner.errors import InvalidCaptions
from aligner.types import CaptionResult, Captions, Cue

STYLES = (
    "::cue(.respelled) { color: #bfe3ff; }",
    "::cue(.spoken) { font-style: italic; }",
    "::cue(.interpolated) { color: #ffe3a3; }",
)
"""How ``--styled`` shows the origin of words; verified words have no style."""


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:
    """Returns a WebVTT file; empty if there are no captions.

    Raises InvalidCaptions if it would violate the grammar.
    """
    if not outcome.captions:
        return ""
    captions = cues(outcome.captions, look)
    text = whole(captions, [_note(outcome)], STYLES if look.styled else ())
    return valid(text, outcome)


def whole(captions: Sequence[Any], notes: Sequence[str], styles: Sequence[str] = ()) -> str:
    """Returns the text of a WebVTT file with captions of webvtt-py, comments and styles."""
    from webvtt import Style, WebVTT

    made = WebVTT(
        captions=list(captions),
        header_comments=list(notes),
        styles=[Style(list(styles))] if styles else [],
    )
    content: str = made.content
    return content.rstrip("\n") + ("\n" if captions else "\n\n")


def valid(text: str, outcome: CaptionResult) -> str:
    """Returns the text unchanged. Raises InvalidCaptions if it violates the grammar."""
    if wrong := breaches(text):
        raise InvalidCaptions(outcome.source, wrong)
    return text


def cues(captions: Captions, look: Look = PLAIN) -> list[Any]:
    """Returns cues as webvtt-py's captions, numbered from 1."""
    mark = partial(direction_mark, language=captions.language)
    if look.styled or look.karaoke:
        payloads = [
            [
                mark("".join(p.text for p in line)) + _marked_up(line, cue, look)
                for line in lines
                if line
            ]
            for cue, lines in zip(captions.cues, by_word(captions), strict=True)
        ]
    else:
        payloads = [[mark(line) + escaped(line) for line in lines_of(cue)] for cue in captions.cues]
    for payload, voice in zip(payloads, voices_of_cues(captions), strict=True):
        if voice and payload:  # it spans the whole text, so that no end tag is needed
            payload[0] = f"<v {escaped(label_of(voice))}>{payload[0]}"
    return [
        caption(cue, payload, str(number))
        for number, (cue, payload) in enumerate(zip(captions.cues, payloads, strict=True), start=1)
    ]


def caption(cue: Cue, payload: Sequence[str], identifier: str) -> Any:
    """Returns webvtt-py's caption of a cue whose text is escaped for WebVTT."""
    from webvtt import Caption

    return Caption(
        start=timestamp(cue.start_ms),
        end=timestamp(cue.end_ms),
        text=list(payload),
        identifier=identifier,
    )


def timestamp(ms: int) -> str:
    """Returns milliseconds as hh:mm:ss.ttt, with two or more digits of hours."""
    return clock(ms)


def escaped(line: str) -> str:
    """Returns a line as a cue's payload, with character references for ``&``, ``<`` and ``>``."""
    return one_line(line).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# ---------------------------------------------------------------- classes and times within a cue


def _marked_up(line: Line, cue: Cue, look: Look) -> str:
    """Returns a line as a cue's payload, with the classes and timestamps of its words."""
    if not look.styled:
        return "".join(_timed(part, cue, look) for part in line)
    out: list[str] = []
    for origin, run in groupby(line, key=lambda part: part.word and part.word.origin):
        parts = list(run)
        space = " " if parts[0].space_before else ""
        text = "".join(_timed(part, cue, look) for part in parts).removeprefix(space)
        out.append(f"{space}<c.{origin}>{text}</c>" if origin else f"{space}{text}")
    return "".join(out)


def _timed(part: LinePart, cue: Cue, look: Look) -> str:
    """Returns a word with its timestamp, if that is within the cue and after the one before."""
    text = escaped(part.text)
    space = " " if part.space_before else ""
    at = part.rises_at
    if not look.karaoke or at is None or not cue.start_ms < at < cue.end_ms:
        return space + text
    return f"{space}<{timestamp(at)}>{text}"


def _note(outcome: CaptionResult) -> str:
    """Returns the text of the comment (NOTE) about the origin of the captions."""
    lines = (
        f"{k} {what}" if k.endswith(" by") else f"{k}: {what}" for k, what in provenance(outcome)
    )
    # An arrow in a comment would begin a cue. In an address, "%3E" is the same as ">".
    return "\n".join(lines).replace("-->", "--%3E")


VTT = Format(name="vtt", suffix=".vtt", render=render, needs_cues=True, about="WebVTT captions")
