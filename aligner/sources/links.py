"""Links to media files -> MediaLinks; and an address that is media itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aligner.addresses import names_media
from aligner.nouns import MediaLink, Quality
from aligner.pagetree import text_of
from aligner.sources.base import Document, clock_ms, is_live, link_of, relation_of


def find(document: Document) -> Iterator[MediaLink]:
    """One link a media file that the page links to, by the file's suffix."""
    yield from _itself(document)
    for anchor in document.tree.iter("a"):
        url = document.absolute(anchor.get("href"))
        if not url or not names_media(url) or is_live(anchor):
            continue
        label = anchor.get("title") or text_of(anchor) or None
        quality = Quality(url, label, anchor.get("type"))
        if link := link_of("links", [quality], why="a link to the file on the page"):
            yield replace(
                link, relation=relation_of(anchor), declared_duration_ms=clock_ms(label or "")
            )


def _itself(document: Document) -> Iterator[MediaLink]:
    """The page's own address, where a recording stood in place of a page."""
    page = document.page
    if page.content_type.startswith("text/") or page.html:
        return
    if url := document.absolute(page.final_url or page.url):
        quality = Quality(url, None, page.content_type)
        if link := link_of("links", [quality], why="the address is a recording itself"):
            yield link
