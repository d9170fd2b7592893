"""A sitemap's address or file -> the articles that it lists, those of its sitemaps included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aligner.discovery.sources import sitemaps
from aligner.errors import AlignerError, BadSource, PageUnavailable
from aligner.types import DateRange, FeedItem, Page

Read = Callable[[str], Page]
"""Who reads lists. Raises BadSource, PageUnavailable."""

MOST_SITEMAPS = 2_000
DEEPEST = 3
"""An index of indexes is not foreseen, and exists."""


@dataclass(frozen=True, slots=True)
class UnreadableSitemap:
    """A sitemap of an index that cannot be read."""

    source: str
    error: AlignerError


def articles(source: str, read: Read, window: DateRange) -> Iterator[FeedItem | UnreadableSitemap]:
    """Each article of the window once, read only as far as they are asked for.

    Sitemaps that last changed before the window are not read. Raises BadSource, PageUnavailable
    if ``source`` itself cannot be used.
    """
    page = read(source)
    listed = list(sitemaps.entries(page))
    if not listed and not sitemaps.is_sitemap(page):
        raise BadSource(source, "not a sitemap: no address is listed in it")
    seen = {source}
    for entry in _opened(listed, read, window, seen, 1):
        if isinstance(entry, UnreadableSitemap):
            yield entry
        elif window.has(entry.published) and entry.name not in seen:
            seen.add(entry.name)
            yield entry


def _opened(
    listed: list[FeedItem | sitemaps.Sitemap],
    read: Read,
    window: DateRange,
    seen: set[str],
    depth: int,
) -> Iterator[FeedItem | UnreadableSitemap]:
    """The entries of a sitemap, with those of the sitemaps among them in their place."""
    for number, entry in enumerate(listed):
        if isinstance(entry, FeedItem):
            yield entry
        elif _is_wanted(entry, window) and entry.url not in seen and number < MOST_SITEMAPS:
            seen.add(entry.url)
            try:
                inner = list(sitemaps.entries(read(entry.url)))
            except (BadSource, PageUnavailable) as error:
                yield UnreadableSitemap(entry.url, error)
                continue
            if depth < DEEPEST:
                yield from _opened(inner, read, window, seen, depth + 1)


def _is_wanted(entry: sitemaps.Sitemap, window: DateRange) -> bool:
    return entry.changed is None or window.since is None or entry.changed >= window.since
