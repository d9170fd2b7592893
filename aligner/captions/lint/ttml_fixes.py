"""Write a TTML file's text again with changed out-times."""

from __future__ import annotations

from collections.abc import Sequence

from aligner.captions.formats.base import clock
from aligner.captions.lint.base import ParsedCue
from aligner.captions.lint.ttml import DECLARATION, parse, timed


def written(text: str, cues: Sequence[ParsedCue], name: str) -> str:
    """Set the out-times of the cues that have times of their own. Raises BadSource."""
    from lxml import etree

    root = parse(text, name)
    for place, cue in zip(timed(root), cues, strict=True):
        element = place.element
        if place.end_ms == cue.end_ms or not (element.get("end") or element.get("dur")):
            continue
        element.set("end", clock(cue.end_ms - place.from_ms))
        element.attrib.pop("dur", None)
    body: str = etree.tostring(root.getroottree(), encoding="unicode")
    declared = DECLARATION.search(text) is not None
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' if declared else "") + body.rstrip() + "\n"
