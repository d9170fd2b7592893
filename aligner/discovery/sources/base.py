"""A page with its tree, addresses and regions, which all ways of finding media share.

How to add a way:
1. Write ``sources/NAME.py`` with a function ``find(document: ParsedPage) -> Iterator[MediaLink]``.
   Yield one link for each recording, built with ``link_of`` from ``document.rendition``, which
   rejects addresses that must not be requested. Pass a link that an element holds through
   ``document.in_region``, which adds the relation of its region. Titles, lengths and words of
   addresses are evaluated afterwards, for all ways alike, in ``ranking.py``.
2. Add a line to ``SOURCES`` in ``sources/__init__.py``, by reliability.
3. Add a page to ``tests/data/pages`` and a row to ``tests/discovery/sources/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import quote, unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from aligner.discovery.html import parse, unescape_ascii
from aligner.discovery.sources.address_words import is_stem
from aligner.discovery.sources.length_beside import length_beside
from aligner.discovery.sources.page_regions import RegionClassifier
from aligner.discovery.sources.providers import recording_at
from aligner.net.guard import INTERNET, Network, is_http_url
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.rate_limit import HostThrottle
from aligner.net.referrer import policy_of
from aligner.types import Article, FeedItem, MediaLink, Page, Referrer, Relation, Rendition

MAX_ADDRESS = 4_000
RELATIVE = re.compile(r"\s*(?!//|#|\?)(?![a-z][\w+.-]*:)\S", re.IGNORECASE)
"""An address without scheme and host."""
ENCODED = re.compile(r"https?%3A%2F%2F", re.IGNORECASE)
"""The beginning of an address that is percent-encoded as a whole, like a parameter."""
PAGE_TYPE = "text/html"
"""The type of a rendition whose address is a page that yt-dlp reads."""


ReadFeed = Callable[[str], tuple[FeedItem, ...]]
"""Reads the items of the feed at an address; () if it is unavailable. Never raises."""
AskYtdlp = Callable[[str], tuple[MediaLink, ...]]
"""Asks yt-dlp about the page at an address. Raises MediaUnavailable if it tells why the page's
recording is unusable."""


@dataclass(frozen=True, slots=True)
class FindOptions:
    """Options of finding media."""

    allow_private: bool = False
    ask_network: bool = False
    """Whether yt-dlp may be asked about the page's address."""
    relations: tuple[Relation, ...] = ("article",)
    """Relations of recordings to return; others are in headers, sidebars and teasers."""
    timeout_s: float = 20.0
    network: Network = INTERNET
    throttle: HostThrottle | None = None
    """Rate limits that yt-dlp's requests obey."""
    net: NetworkOptions = NET
    """Headers, proxy and retries of yt-dlp's requests."""
    named: tuple[MediaLink, ...] = ()
    """Recordings that a feed names for this article."""
    read_feed: ReadFeed | None = None
    """Reads the feeds that a page without recordings names; None if they are not to be read."""
    ask_ytdlp: AskYtdlp | None = None
    """Asks yt-dlp in another process; None if this one asks it."""


class ParsedPage:
    """A page with its tree and what its addresses resolve against."""

    def __init__(self, page: Page, article: Article | None, options: FindOptions) -> None:
        self.page, self.article, self.options = page, article, options
        self.relative: list[str] = []
        """Relative addresses of recordings that could not be completed."""

    @cached_property
    def tree(self) -> HtmlElement:
        """The page's tree; empty for plain text and media."""
        text = self.page.html if self.page.content_type == "text/html" else ""
        return parse(text)

    @cached_property
    def address(self) -> str:
        """The page's own address; "" if unknown."""
        return (
            self.page.final_url
            or self.page.url
            or (self.article.url if self.article else None)
            or ""
        )

    @cached_property
    def base(self) -> str:
        """The base of relative addresses; "" if unknown."""
        base = next((b.get("href", "") for b in self.tree.iter("base") if b.get("href")), "")
        try:
            full = urljoin(self.address, base.strip())
        except ValueError:
            return self.address
        return full if is_http_url(full) else self.address

    @cached_property
    def referrer(self) -> Referrer | None:
        """The page as the referrer of its recordings; None where they are no page's."""
        is_recording = not self.page.html and self.page.content_type != "text/html"
        if is_recording or not is_http_url(self.address):
            return None
        metas = self.tree.xpath("//meta[translate(@name,'REF','ref')='referrer']/@content")
        return Referrer(self.address, policy_of(self.page.referrer_policy, map(str, metas)))

    @cached_property
    def regions(self) -> RegionClassifier:
        return RegionClassifier(self.tree, self.article)

    def absolute(self, address: str | None) -> str | None:
        """Returns a complete address; None if it is not http(s) or cannot be completed."""
        if not address or len(address) > MAX_ADDRESS or not (bare := clean_address(address)):
            return None
        if bare.startswith("#"):
            return None
        if file := self._beside(bare):
            return file
        if bare.startswith("//") and not self.base:
            bare = "https:" + bare
        try:
            full = _escaped(urljoin(self.base, bare).partition("#")[0])
        except ValueError:
            return None
        return full if is_http_url(full) else None

    def _beside(self, bare: str) -> str | None:
        """Returns the path of the file beside a saved page that a relative address names.

        None for a file outside of the page's folder, and where the page's address is given.
        """
        path = self.page.path
        if path is None or self.page.url or self._declares_base or ":" in bare.split("/")[0]:
            return None
        named = bare.partition("#")[0].partition("?")[0]
        if not named or named.startswith(("/", "\\")):
            return None
        for name in dict.fromkeys((named, unquote(named))):
            try:
                file = (path.parent / name).resolve()
                if file.is_relative_to(path.parent.resolve()) and file.is_file():
                    return str(path.parent / name)
            except (OSError, ValueError):  # no file can have that name
                continue
        return None

    @cached_property
    def _declares_base(self) -> bool:
        return any(base.get("href") for base in self.tree.iter("base"))

    def rendition(
        self, address: str | None, label: str | None = None, mime: str | None = None
    ) -> Rendition | None:
        """Returns the rendition at an address; at known hosts it is the page that yt-dlp reads.

        None if the address cannot be completed, lacks its id, or is the page's own.
        """
        url = self.absolute(address)
        if url is None and address and not self.base and _is_relative(address):
            self.relative.append(clean_address(address))
        if url is None or is_stem(url) or (url == self.address and self.page.html):
            return None
        if known := recording_at(url):
            return Rendition(known.page, known.host, PAGE_TYPE)
        return Rendition(url, label or None, mime or None)

    def in_region(self, link: MediaLink, element: HtmlElement) -> MediaLink:
        """Returns a link with the relation and points of the region in which its element stands."""
        region = self.regions.of(element)
        return replace(
            link,
            declared_duration_ms=link.declared_duration_ms or length_beside(element),
            relation=region.relation,
            score=link.score + region.score,
            why=f"{link.why} {region.where}".strip(),
        )


def _is_relative(address: str) -> bool:
    """Whether an address of a recording is one without scheme and host."""
    return bool(RELATIVE.match(clean_address(address)))


def clean_address(address: str) -> str:
    """Unescape an address, and drop the blanks that browsers drop: around it and line breaks."""
    bare = re.sub(r"[\t\n\r]", "", unescape_ascii(address)).strip()
    return unquote(bare) if ENCODED.match(bare) else bare


def _escaped(url: str) -> str:
    """Percent-encode spaces and non-ASCII characters of path and query, as browsers do."""
    parts = urlsplit(url)
    if url.isascii() and " " not in url:
        return url
    path, query = (quote(part, safe="/%:@!$&'()*+,;=~?[]-._") for part in (parts.path, parts.query))
    return parts._replace(path=path, query=query).geturl()


# ---------------------------------------------------------------- small readings


def moment_of(text: str | None) -> datetime | None:
    """Parse a date of a feed (RFC 822) or a sitemap (ISO 8601); None if it is neither."""
    bare = (text or "").strip()
    if re.fullmatch(r"\d{4}(?:-\d\d)?", bare):
        bare += "-01-01"[len(bare) - 4 :]
    for reading in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = reading(bare)
        except (ValueError, OverflowError):  # the latter of a year with too many digits
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


Find = Callable[[ParsedPage], Iterator[MediaLink]]
"""The type of ``find`` in each module of this package."""
