"""The feeds that a page names as its alternates -> the recordings of the item that is this page.

Tried where the page itself has nothing: podcasts' sites often show a player that a script makes,
while the feed names the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from aligner.discovery.sources import feeds
from aligner.discovery.sources.base import Document
from aligner.types import MediaLink

MOST_FEEDS = 2
"""Sites name the feed of everything, then those of sections and of comments."""


def find(document: Document) -> Iterator[MediaLink]:
    """What the first feed that lists the page names for it."""
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
