"""Outcome -> NAME.vtt, through webvtt-py: the one file that imports it.

webvtt-py writes cues as they are given, markup characters, reversed times and all; so texts are
escaped before, and the whole file is held against the grammar after.
"""

from __future__ import annotations

from importlib.metadata import version

from aligner.errors import InvalidCaptions
from aligner.formats.base import Format, one_line
from aligner.formats.vtt_check import breaches
from aligner.nouns import Cue, Outcome


def render(outcome: Outcome) -> str:
    """Outcome -> a WebVTT file; empty if there are no captions.

    Raises InvalidCaptions if it would break the grammar.
    """
    if not outcome.captions:
        return ""
    text = _written(outcome.captions.cues, _provenance(outcome))
    if wrong := breaches(text):
        raise InvalidCaptions(outcome.source, wrong)
    return text


def _written(cues: tuple[Cue, ...], note: str) -> str:
    from webvtt import Caption, WebVTT

    captions = [
        Caption(
            start=timestamp(cue.start_ms),
            end=timestamp(cue.end_ms),
            text=[escaped(line) for line in cue.lines if one_line(line)],
            identifier=str(number),
        )
        for number, cue in enumerate(cues, start=1)
    ]
    content: str = WebVTT(captions=captions, header_comments=[note]).content
    return content.rstrip("\n") + "\n\n" if not captions else content.rstrip("\n") + "\n"


def timestamp(ms: int) -> str:
    """Milliseconds -> hh:mm:ss.ttt, hours as many digits as it takes."""
    seconds, thousandths = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{thousandths:03d}"


def escaped(line: str) -> str:
    """A line as the payload of a cue: ``&``, ``<`` and ``>`` as character references."""
    return one_line(line).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _provenance(outcome: Outcome) -> str:
    """The text of the NOTE that says where the captions come from."""
    said = [("Captions made by", f"aligner {version('aligner')}")]
    said.append(("Source:", outcome.url or outcome.source))
    if outcome.media:
        said.append(("Recording:", outcome.media.url))
    if outcome.engine:
        said.append(("Recogniser:", f"{outcome.engine.name}, model {outcome.engine.model}"))
    if outcome.captions:
        said.append(("Language:", outcome.captions.language))
    # An arrow in a comment would begin a cue; "%3E" is its tip in an address.
    return "\n".join(one_line(f"{key} {what}").replace("-->", "--%3E") for key, what in said)


VTT = Format(name="vtt", suffix=".vtt", render=render, needs_cues=True)
