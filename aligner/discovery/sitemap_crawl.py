"""Lists the articles of a sitemap, and of the sitemaps that it indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aligner.discovery.sources import sitemaps
from aligner.errors import AlignerError, BadSource, PageUnavailable
from aligner.types import DateRange, FeedItem, Page

Read = Callable[[str], Page]
"""Reads a sitemap by address or path. Raises BadSource, PageUnavailable."""

MAX_SITEMAPS = 2_000
MAX_DEPTH = 3
"""Levels of sitemap indexes; the protocol allows no index of indexes, but sites have them."""


@dataclass(frozen=True, slots=True)
class UnreadableSitemap:
    """A sitemap of an index that cannot be read."""

    source: str
    error: AlignerError


def articles(source: str, read: Read, window: DateRange) -> Iterator[FeedItem | UnreadableSitemap]:
    """Yield each article of the window once, and read sitemaps only as they are needed.

    Sitemaps that last changed before the window are not read. Raises BadSource, PageUnavailable
    if ``source`` itself cannot be used.
    """
    page = read(source)
    listed = list(sitemaps.entries(page))
    if not listed and not sitemaps.is_sitemap(page):
        raise BadSource(source, "not a sitemap: no address is listed in it")
    seen = {source}
    for entry in _flattened(listed, read, window, {source}, 1):
        if isinstance(entry, UnreadableSitemap):
            yield entry
        elif window.has(entry.published) and entry.name not in seen:
            seen.add(entry.name)
            yield entry


def _flattened(
    listed: list[FeedItem | sitemaps.Sitemap],
    read: Read,
    window: DateRange,
    known: set[str],
    depth: int,
) -> Iterator[FeedItem | UnreadableSitemap]:
    """Yield the entries of a sitemap; a sitemap among them is replaced by its own entries.

    ``known`` are the sitemaps that are read; those found are added.
    """
    for entry in listed:
        if isinstance(entry, FeedItem):
            yield entry
        elif _is_wanted(entry, window) and entry.url not in known and len(known) <= MAX_SITEMAPS:
            known.add(entry.url)
            try:
                inner = list(sitemaps.entries(read(entry.url)))
            except (BadSource, PageUnavailable) as error:
                yield UnreadableSitemap(entry.url, error)
                continue
            if depth < MAX_DEPTH:
                yield from _flattened(inner, read, window, known, depth + 1)


def _is_wanted(entry: sitemaps.Sitemap, window: DateRange) -> bool:
    return entry.changed is None or window.since is None or entry.changed >= window.since
