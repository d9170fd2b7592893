"""Finds <video> and <audio> elements with their <track>s."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from lxml.html import HtmlElement

from aligner.discovery.html import text_of
from aligner.discovery.sources.address_words import is_in_design, is_site_file
from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.page_regions import is_live
from aligner.discovery.sources.renditions import link_of, same_recording
from aligner.types import MediaKind, MediaLink, Rendition, Track

ADDRESSES = (
    "src",
    "data-src",
    "data-lazy-src",
    "data-litespeed-src",
    "data-original",
    "data-video-src",
    "data-audio-src",
    "data-url",
    "data-fallbacksrc",
)
"""Attributes with the address; lazy loading moves it to one that begins with data-."""
TRACK_KINDS = ("captions", "subtitles", "descriptions")
READER = re.compile(
    r"listen|read|narrat|tts|speech|voice|escuch|nota|ecout|vorles|hoer|polly", re.IGNORECASE
)
"""Names of players that read the article aloud."""
CERTAIN = 50
MOST_CAPTIONS = 3
"""Captions of a figure that are looked at; a figure has one."""


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each element that has an address; its <source>s are renditions."""
    for tag in document.tree.iter("video", "audio"):
        if is_live(tag):
            continue
        kind: MediaKind = "video" if tag.tag == "video" else "audio"
        points = CERTAIN + _by_itself(tag)
        link = link_of("html5", _renditions(document, tag), kind, f"a <{kind}> tag", points)
        if link:
            tracks = tuple(tracks_of(document, tag))
            named = document.in_region(replace(link, title=_title(tag), tracks=tracks), tag)
            if is_decoration(tag):
                if named.relation == "other":
                    yield replace(named, why=f"{named.why}; a silent background video")
                continue
            yield replace(named, relation="page") if _is_sites(link.url, tag) else named


def _is_sites(url: str, tag: HtmlElement) -> bool:
    """Whether an element has a file of the site, by its name, and readers cannot play it."""
    return is_site_file(url) and ("controls" not in tag.attrib or is_in_design(url))


def _renditions(document: ParsedPage, tag: HtmlElement) -> Iterator[Rendition]:
    for element in (tag, *tag.iter("source")):
        label = element.get("label") or element.get("res") or element.get("data-info")
        mime = element.get("type") or element.get("data-type")
        for attribute in ADDRESSES:
            if rendition := document.rendition(element.get(attribute), label, mime):
                yield rendition


def tracks_of(document: ParsedPage, tag: HtmlElement) -> Iterator[Track]:
    """Yield the captions, subtitles and descriptions of a player."""
    for track in tag.iter("track"):
        kind = (track.get("kind") or "subtitles").strip().lower()
        url = document.absolute(track.get("src") or track.get("data-src"))
        if url and kind in TRACK_KINDS:
            yield Track(url, track.get("srclang") or None, kind, track.get("label") or None)


def _title(tag: HtmlElement) -> str | None:
    """Returns the element's title, or the caption of its figure."""
    if title := tag.get("title") or tag.get("data-title") or tag.get("aria-label"):
        return str(title)
    figure = next(tag.iterancestors("figure"), None)
    captions = islice(figure.iter("figcaption"), MOST_CAPTIONS) if figure is not None else ()
    return next((text for caption in captions if (text := text_of(caption))), None)


def _by_itself(tag: HtmlElement) -> int:
    """Returns points for an element's attributes: muted autoplay, or the name of a reader."""
    if tag.tag == "video" and "muted" in tag.attrib and "autoplay" in tag.attrib:
        return -25
    names = f"{tag.get('class', '')} {tag.get('id', '')}"
    return 8 if tag.tag == "audio" and READER.search(names) else 0


def is_decoration(tag: HtmlElement) -> bool:
    """Whether a <video> is a loop without sound: a background, or in place of a photograph.

    One that plays by itself and has no controls is silent too, as browsers play no other so.
    """
    given = tag.attrib
    if tag.tag != "video" or not _is_set(tag, "loop"):
        return False
    plays_itself = _is_set(tag, "autoplay") and "controls" not in given
    return _is_set(tag, "muted") or plays_itself


def _is_set(tag: HtmlElement, name: str) -> bool:
    """Whether a boolean attribute is there, or its data- form, which scripts set later."""
    return name in tag.attrib or tag.get(f"data-{name}", "false").lower() not in ("false", "0")


def decorations(document: ParsedPage) -> frozenset[str]:
    """Returns the keys (``same_recording``) of files that the page shows as silent loops alone."""
    keys: dict[bool, set[str]] = {True: set(), False: set()}
    for tag in document.tree.iter("video", "audio"):
        keys[is_decoration(tag)] |= {
            same_recording(rendition.url) for rendition in _renditions(document, tag)
        }
    return frozenset(keys[True] - keys[False])
