"""Reads sitemaps: the articles that they list, and the sitemaps that an index lists.

Sitemaps as sitemaps.org has them, with the extensions for news (title, date) and for video
(the recording's address, title and length); a list with an address a line; and robots.txt,
whose "Sitemap:" lines are an index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from lxml import etree

from aligner.discovery.durations import duration_ms
from aligner.discovery.sources.base import PAGE_TYPE, FindOptions, ParsedPage, moment_of
from aligner.discovery.sources.renditions import kind_of, link_of, merge
from aligner.net.list_root import list_root, list_xml
from aligner.types import FeedItem, MediaLink, Page

VIDEO = "{http://www.google.com/schemas/sitemap-video/1.1}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
MOST_ENTRIES = 50_000
"""The most entries that a sitemap may have (sitemaps.org)."""
ROBOTS_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
CERTAIN = 45


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap that an index lists."""

    url: str
    changed: datetime | None = None


def is_sitemap(page: Page) -> bool:
    """Returns whether a page is a sitemap or an index of sitemaps, by its outermost tag."""
    return list_root(page.html) in ("urlset", "sitemapindex")


def entries(page: Page) -> Iterator[FeedItem | Sitemap]:
    """Yield the entries of a sitemap, in its order; none for other pages."""
    document = ParsedPage(replace(page, html=""), None, FindOptions())
    if not is_sitemap(page):
        yield from _of_text(document, page.html)
        return
    found = etree.iterparse(
        BytesIO(list_xml(page.html).encode("utf-8", "replace")),
        tag=("{*}url", "{*}sitemap"), recover=True, resolve_entities=False, no_network=True,
    )  # fmt: skip
    number = 0
    try:
        for _, element in found:
            entry = _entry(document, element)
            element.clear()
            number += 1
            if number > MOST_ENTRIES:
                return
            if entry:
                yield entry
    except etree.XMLSyntaxError:  # so broken that nothing more can be had of it
        return


def _of_text(document: ParsedPage, text: str) -> Iterator[FeedItem | Sitemap]:
    for address in ROBOTS_LINE.findall(text):
        if url := document.absolute(address):
            yield Sitemap(url)
    for line in text.splitlines()[:MOST_ENTRIES]:
        if re.match(r"https?://\S+\s*$", line) and (url := document.absolute(line)):
            yield FeedItem(None, url, listed_in=document.address or None)


def _entry(document: ParsedPage, element: etree._Element) -> FeedItem | Sitemap | None:
    url = document.absolute(_text(element, "{*}loc"))
    if url is None:
        return None
    changed = moment_of(_text(element, "{*}lastmod"))
    if str(element.tag).rpartition("}")[2] == "sitemap":
        return Sitemap(url, changed)
    published = moment_of(_text(element, f".//{NEWS}publication_date"))
    title = _text(element, f".//{NEWS}title")
    media = merge(_videos(document, element))
    return FeedItem(title, url, media, "", published or changed, document.address or None)


def _videos(document: ParsedPage, element: etree._Element) -> Iterator[MediaLink]:
    for video in element.iter(f"{VIDEO}video"):
        file = document.rendition(_text(video, f"{VIDEO}content_loc"))
        player = document.rendition(_text(video, f"{VIDEO}player_loc"))
        if player and player.mime != PAGE_TYPE and not kind_of(player.url):
            player = None  # a page of the site's own
        link = link_of(
            "feeds", [q for q in (file, player) if q], "video", "the sitemap names it", CERTAIN
        )
        if link:
            yield replace(
                link,
                title=_text(video, f"{VIDEO}title"),
                declared_duration_ms=duration_ms(_text(video, f"{VIDEO}duration")),
            )


def _text(element: etree._Element, path: str) -> str | None:
    found = element.find(path)
    return " ".join("".join(found.itertext()).split()) or None if found is not None else None
