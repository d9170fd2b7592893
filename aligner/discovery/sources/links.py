"""Finds links to media files, and a page's address that is media itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from aligner.discovery.durations import clock_ms
from aligner.discovery.html import text_of
from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.page_regions import is_live
from aligner.discovery.sources.renditions import is_media_type, link_of
from aligner.net.guard import MEDIA_SUFFIXES, names_media
from aligner.types import MediaLink, Rendition

CERTAIN = 35
SUFFIX = re.compile(
    "|".join(re.escape(suffix) for suffix in sorted(MEDIA_SUFFIXES)) + "|%2e", re.IGNORECASE
)
"""A quick test before a link's address is parsed; pages have hundreds of links."""
HEAD_RELATIONS = ("enclosure", "audio_src", "video_src")
"""Values of ``rel`` of a <link> to media."""


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield each link to a media file, recognised by its suffix or declared type."""
    yield from _itself(document)
    yield from _in_head(document)
    for tag in document.tree.iter("a", "embed", "object"):
        address = tag.get("href") or tag.get("src") or tag.get("data") or ""
        if not SUFFIX.search(address) and not is_media_type(tag.get("type")):
            continue
        label = tag.get("title") or text_of(tag)[:200] or None
        rendition = document.rendition(address, label, tag.get("type"))
        if not rendition or not _is_media(rendition) or is_live(tag):
            continue
        if link := link_of("links", [rendition], None, "a link to the file", CERTAIN):
            length = clock_ms(label or "")
            yield document.in_region(replace(link, declared_duration_ms=length), tag)


def _is_media(rendition: Rendition) -> bool:
    """Whether a link leads to a file, not to a page at a known host."""
    return names_media(rendition.url) or is_media_type(rendition.mime)


def _itself(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield the page's own address if it was a recording rather than a page."""
    page = document.page
    if page.content_type.startswith("text/") or page.html:
        return
    rendition = document.rendition(page.final_url or page.url, None, page.content_type)
    if link := link_of("links", [rendition], why="the address is a recording itself", score=100):
        yield link


def _in_head(document: ParsedPage) -> Iterator[MediaLink]:
    for tag in document.tree.iter("link"):
        if not set(tag.get("rel", "").lower().split()) & set(HEAD_RELATIONS):
            continue
        rendition = document.rendition(tag.get("href"), tag.get("title"), tag.get("type"))
        if rendition and (_is_media(rendition) or _is_page(rendition)):
            why = "the page's head links it"
            if link := link_of("links", [rendition], None, why, CERTAIN):
                yield link


def _is_page(rendition: Rendition) -> bool:
    return rendition.mime == "text/html"
