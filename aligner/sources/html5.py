"""The page's <video> and <audio> tags -> MediaLinks, one a tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from aligner.nouns import MediaKind, MediaLink, Quality
from aligner.sources.base import Document, is_live, link_of, relation_of

ADDRESSES = ("src", "data-src", "data-lazy-src", "data-video-src", "data-audio-src")
"""Attributes with the address; scripts that load lazily move it to one that begins with data-."""


def find(document: Document) -> Iterator[MediaLink]:
    """One link a tag that has an address; its <source> tags are its qualities."""
    for tag in document.tree.iter("video", "audio"):
        if _is_decoration(tag) or is_live(tag):
            continue
        kind: MediaKind = "video" if tag.tag == "video" else "audio"
        link = link_of("html5", _qualities(document, tag), kind, f"a <{kind}> tag on the page")
        if link:
            yield replace(link, relation=relation_of(tag), title=tag.get("title") or None)


def _qualities(document: Document, tag: HtmlElement) -> Iterator[Quality]:
    for element in (tag, *tag.iter("source")):
        for attribute in ADDRESSES:
            if url := document.absolute(element.get(attribute)):
                label = element.get("label") or element.get("res") or element.get("data-info")
                yield Quality(url, label, element.get("type") or element.get("data-type"))


def _is_decoration(tag: HtmlElement) -> bool:
    """A loop without sound behind a headline."""
    return tag.tag == "video" and "muted" in tag.attrib and "loop" in tag.attrib
