"""Renders NAME.player.html: a snippet of HTML that plays the recording with its captions.

Recordings without pictures are played by ``<video>`` too, because ``<audio>`` shows no captions.
"""

from __future__ import annotations

from html import escape
from pathlib import PurePath
from urllib.parse import quote

from aligner.captions.formats.base import PLAIN, Format, Look, one_line
from aligner.languages.tags import own_name
from aligner.types import CaptionResult


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:
    """Returns the HTML; empty if there are no captions."""
    if not outcome.captions or not outcome.media:
        return ""
    language = one_line(outcome.captions.language)
    title = outcome.article.title if outcome.article else None
    label = f' aria-label="{_attribute(title)}"' if title else ""
    return (
        f'<video controls preload="metadata" src="{_attribute(_address(outcome.media.url))}"'
        f"{label}>\n"
        f'  <track kind="captions" src="{_attribute(quote(look.name))}.vtt"'
        f' srclang="{_attribute(language)}" label="{_attribute(own_name(language))}" default>\n'
        "</video>\n"
    )


def _address(media: str) -> str:
    """Returns an address unchanged; for a file on this disk its name, relative to the snippet."""
    if media.lower().startswith(("http://", "https://")):
        return media
    return quote(PurePath(media).name)


def _attribute(text: str) -> str:
    return escape(one_line(text), quote=True)


HTML = Format(
    name="html", suffix=".player.html", render=render, needs_cues=True, refers_to=("vtt",),
    about="a <video> with its <track>, ready to paste",
)  # fmt: skip
