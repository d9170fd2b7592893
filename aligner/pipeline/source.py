"""Sources: their names, and the pages that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from os.path import isdir, isfile
from pathlib import Path
from urllib.parse import urljoin

from aligner._util.surrogates import SURROGATE
from aligner.discovery import page_worker, sources
from aligner.discovery.html import refresh_target
from aligner.errors import BadSource, FeedGiven, PageUnavailable, SitemapGiven
from aligner.pipeline import text_source
from aligner.pipeline.options import Options
from aligner.types import Document, FeedItem, Page, Source

Fetch = Callable[[str], Page]

MAX_REDIRECT_PAGES = 3
"""How many pages in a row that only redirect (``<meta http-equiv=refresh>``) are followed."""
REDIRECT_PAGE_CHARS = 2_000
"""The longest text of a page that only redirects; a page with more is meant to be read."""


def is_address(source: str) -> bool:
    """Whether a source is an http(s) address rather than a file."""
    return source.lower().startswith(("http://", "https://"))


def expect_source(source: str) -> None:
    """Check that a source is an address or a file that exists. Raises BadSource."""
    if is_address(source) and SURROGATE.search(source):
        raise BadSource(source, "an address with bytes that are not UTF-8")
    if isdir(source):  # noqa: PTH112  Path's own raises for what cannot be a name
        raise BadSource(source, "a folder; give a page, a text or an address")
    if not is_address(source) and not isfile(source):  # noqa: PTH113
        raise BadSource(source, "no such file, and not an http(s) address")


def name_of(source: Source) -> str:
    """Returns the name of a source in results: the address or path given, or its page."""
    return source if isinstance(source, str) else source.name


def read_page(source: Source, options: Options, fetch: Fetch) -> Page:
    """Read the page of an address, a saved page, a text or a feed's item.

    Raises FeedGiven for a feed, SitemapGiven for a sitemap, BadSource, PageUnavailable.
    """
    name = name_of(source)
    if isinstance(source, FeedItem):
        page = _item_page(source, fetch)
    elif isinstance(source, Document):
        page = source.page
    elif is_address(source):
        page = _follow_redirect_pages(source, fetch)
    else:
        page = text_source.load(Path(source), options.url)
    if sources.feeds.is_feed(page):
        items = page_worker.items(page)
        raise FeedGiven(name, tuple(replace(i, listed_in=i.listed_in or name) for i in items))
    if sources.sitemaps.is_sitemap(page):
        raise SitemapGiven(name)
    return page


def _follow_redirect_pages(url: str, fetch: Fetch) -> Page:
    """Fetch an address, and follow pages that only redirect, as browsers do.

    Raises BadSource, PageUnavailable.
    """
    page = fetch(url)
    for _ in range(MAX_REDIRECT_PAGES):
        target = refresh_target(page.html)
        if target is None or page_worker.characters_of(page) > REDIRECT_PAGE_CHARS:
            break
        address = urljoin(page.final_url or url, target)
        if not is_address(address) or address.partition("#")[0] == page.final_url:
            break
        page = replace(fetch(address), url=url)
    return page


def _item_page(item: FeedItem, fetch: Fetch) -> Page:
    """Returns the page of a feed's item, or the feed's own text if the item has a recording."""
    try:
        if item.url:
            return _follow_redirect_pages(item.url, fetch)
        return sources.feeds.as_page(item)
    except PageUnavailable as error:
        if not item.media:
            raise
        return replace(sources.feeds.as_page(item), status=error.http_status or 0)


def http_status(source: Source, page: Page) -> int | None:
    """Returns the HTTP status with which a source's page came; None if nothing was requested."""
    if isinstance(source, str):
        requested = is_address(source)
    else:
        requested = isinstance(source, FeedItem) and source.url is not None
    return (page.status or None) if requested else None


def find_options(source: Source, options: Options, fetch: Fetch) -> sources.FindOptions:
    """Returns how to look for a source's recordings.

    The network is used only for sources that come from the network themselves.
    """
    offline = sources.FindOptions(options.allow_private, net=options.net)
    if isinstance(source, FeedItem):
        return replace(offline, ask_network=bool(source.url), named=source.media)
    if isinstance(source, Document) or not is_address(source):
        return offline
    return replace(offline, ask_network=True, read_feed=page_worker.feed_reader(fetch))
