"""Renders NAME.ttml, in the text profile of IMSC 1.1 (W3C TTML2).

Where voices are told apart, each cue refers to its speaker and has his colour.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from aligner.captions.formats.base import (
    PLAIN,
    Format,
    Look,
    clock,
    cues_of,
    lines_of,
    one_line,
    provenance,
)
from aligner.captions.formats.voices import label_of, voices_of_cues
from aligner.languages.tags import RIGHT_TO_LEFT, primary
from aligner.types import CaptionResult, Voice

COLOURS = {"yellow": "#ffff00", "cyan": "#00ffff", "green": "#00ff00"}
"""Of the second to fourth voice; the first one, and those after the fourth, are white.

BBC Subtitle Guidelines: white, yellow, cyan and green, in this order; a colour other than white
belongs to one speaker, and white may be shared by all others.
"""

PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml"
    xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    xmlns:tts="http://www.w3.org/ns/ttml#styling"
    xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
    xml:lang={language}
    ttp:contentProfiles="{profile}"
    ttp:timeBase="media"
    ttp:cellResolution="32 15">
  <head>
    <metadata>
      <ttm:title>{title}</ttm:title>
      <ttm:desc>{about}</ttm:desc>
{agents}    </metadata>
    <styling>
      <style xml:id="text" tts:color="#ffffff" tts:backgroundColor="#000000c0"/>
{colours}      <style xml:id="cue" tts:fontFamily="proportionalSansSerif" tts:fontSize="100%"
             tts:lineHeight="125%" tts:textAlign="center" tts:direction="{direction}"/>
    </styling>
    <layout>
      <region xml:id="bottom" tts:origin="10% 10%" tts:extent="80% 80%"
              tts:displayAlign="after" tts:overflow="visible"/>
    </layout>
  </head>
  <body>
    <div>
"""
FOOT = """    </div>
  </body>
</tt>
"""


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns a TTML file; empty if there are no captions. Raises InvalidCaptions."""
    cues = cues_of(outcome)
    if not outcome.captions:
        return ""
    language = one_line(outcome.captions.language)
    rtl = primary(language) in RIGHT_TO_LEFT
    title = outcome.article.title if outcome.article else None
    known = outcome.captions.voices
    styles = dict(zip(known[1:], COLOURS, strict=False))
    head = HEAD.format(
        language=quoteattr(xml(language)),
        profile=PROFILE,
        title=escape(xml(title or outcome.source)),
        about=escape(xml("; ".join(f"{k}: {what}" for k, what in provenance(outcome)))),
        agents="".join(_agent(at, voice) for at, voice in enumerate(known, 1)),
        colours="".join(map(_colour_style, styles.values())),
        direction="rtl" if rtl else "ltr",
    )
    paragraphs = []
    voices = voices_of_cues(outcome.captions)
    for number, (cue, voice) in enumerate(zip(cues, voices, strict=True), start=1):
        agent = f' ttm:agent="a{known.index(voice) + 1}"' if voice else ""
        style = f"text {styles[voice]}" if voice in styles else "text"
        text = "<br/>".join(escape(xml(line)) for line in lines_of(cue))
        paragraphs.append(
            f'      <p xml:id="c{number}" region="bottom" style="cue"'
            f' begin="{clock(cue.start_ms)}" end="{clock(cue.end_ms)}"{agent}>'
            f'<span style="{style}">{text}</span></p>\n'
        )
    return head + "".join(paragraphs) + FOOT


def _colour_style(name: str) -> str:
    return f'      <style xml:id="{name}" tts:color="{COLOURS[name]}"/>\n'


def _agent(number: int, voice: Voice) -> str:
    """Returns the metadata of a voice, to which its cues refer."""
    name = escape(xml(label_of(voice)))
    return (
        f'      <ttm:agent type="person" xml:id="a{number}">'
        f'<ttm:name type="full">{name}</ttm:name></ttm:agent>\n'
    )


def xml(text: str) -> str:
    """Returns a text on one line, without characters that XML 1.0 forbids."""
    return one_line(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


TTML = Format(
    name="ttml", suffix=".ttml", render=render, needs_cues=True, about="TTML, IMSC 1.1 text profile"
)
