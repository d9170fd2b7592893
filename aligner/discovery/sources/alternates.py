"""Finds a page's recordings in the feeds that it names as its alternates.

Used if the page itself has none: sites of podcasts often have a player that a script makes, while
the feed names the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from aligner.discovery.sources import feeds
from aligner.discovery.sources.base import ParsedPage
from aligner.types import MediaLink

MOST_FEEDS = 2
"""Feeds that are read. Sites name the main feed first, then those of sections and comments."""


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield the recordings of the page's item in the first feed that lists it."""
    read = document.options.read_feed
    if read is None or feeds.is_feed(document.page):
        return
    title = document.article.title if document.article else None
    named = sorted(feeds.addresses(document), key=lambda url: "comments" in urlsplit(url).path)
    for _, url in zip(range(MOST_FEEDS), named, strict=False):
        item = feeds.item_of(read(url), document.address, title)
        if item and item.media:
            yield from item.media
            return
