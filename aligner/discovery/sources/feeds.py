"""Reads RSS and Atom feeds: each item is an article with its recordings.

A feed can be the source itself: each item is an article. Or a page names its feed in a
<link rel=alternate>; then ``item_of`` picks the item that is the page's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from aligner.discovery.durations import duration_ms
from aligner.discovery.sources.base import FindOptions, ParsedPage, moment_of
from aligner.discovery.sources.renditions import is_media_type, kind_of, link_of, merge
from aligner.net.list_root import list_root, list_xml
from aligner.types import FeedItem, MediaLink, Page, Rendition, Track

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/xml", "text/xml")
MEDIA = "{http://search.yahoo.com/mrss/}"
PODCAST = (
    "{https://podcastindex.org/namespace/1.0}",
    "{https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md}",
)
ALTERNATE_ENCLOSURES = tuple(f"{space}alternateEnclosure" for space in PODCAST)
UNTOLD_TYPES = (
    "",
    "audio",
    "video",
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/x-download",
)
"""Types that do not tell the content; an enclosure of such a type counts as a recording."""
OTHER_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|pdf|epub|docx?|zip|torrent|html?|txt|json|xml|vtt|srt)$",
    re.IGNORECASE,
)
CERTAIN = 45
MOST_ITEMS = 10_000
ATOM_TEXTS = ("content", "encoded", "description", "summary")
"""Elements with an item's text, the fullest first: Atom, content:encoded, RSS."""
DATES = ("pubdate", "published", "date", "updated")
"""Elements with an item's date, the most reliable first: RSS, Atom, Dublin Core, Atom."""


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield the recordings of a page that is a feed, in the feed's order."""
    if is_feed(document.page):
        for item in items(document.page):
            yield from item.media


def is_feed(page: Page) -> bool:
    """Returns whether a page is an RSS or Atom feed, by its outermost tag."""
    return list_root(page.html) in ("rss", "feed", "rdf")


def as_page(item: FeedItem) -> Page:
    """Returns a page made of a feed's item, for articles whose own page is unavailable."""
    title = escape(item.title or "")
    text = f"<title>{title}</title><article><h1>{title}</h1>{item.text}</article>"
    return Page(item.url, item.url, text if item.title or item.text else "", 200)


def addresses(document: ParsedPage) -> tuple[str, ...]:
    """Returns the feeds that a page names as its alternates, in the page's order."""
    links = document.tree.xpath("//link[@href and @type]")
    found = (
        document.absolute(link.get("href"))
        for link in links
        if "alternate" in link.get("rel", "").lower().split()
        and link.get("type", "").lower().partition(";")[0].strip() in FEED_TYPES[:2]
    )
    return tuple(dict.fromkeys(url for url in found if url))


def items(page: Page) -> tuple[FeedItem, ...]:
    """Returns all items of a feed, with and without recordings; () if the page is no feed."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root: etree._Element | None  # None where nothing could be recovered
    try:
        root = etree.fromstring(list_xml(page.html).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return ()
    document = ParsedPage(replace(page, html=""), None, FindOptions())
    return tuple(_item(document, entry) for entry in islice(_entries(root), MOST_ITEMS))


def _entries(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the items of a feed; what is within an item is its own, whatever its name."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if _name(child) in ("item", "entry"):
            yield child
        else:
            yield from _entries(child)


def item_of(found: tuple[FeedItem, ...], url: str | None, title: str | None) -> FeedItem | None:
    """Returns the item of an article, by its page's address, else by an equal title; or None."""
    if url:
        for item in found:
            if item.url and _bare(item.url) == _bare(url):
                return item
    wanted = " ".join((title or "").casefold().split())
    return next(
        (i for i in found if wanted and " ".join((i.title or "").casefold().split()) == wanted),
        None,
    )


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/")


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _item(document: ParsedPage, entry: etree._Element) -> FeedItem:
    title = _said(entry, "title")
    length = duration_ms(_said(entry, "duration"))
    tracks = tuple(_tracks(document, entry))
    links = (
        replace(link, title=title, declared_duration_ms=length, tracks=tracks)
        for renditions in _renditions(document, entry)
        if (link := link_of("feeds", renditions, None, "the feed names it", CERTAIN))
    )
    text = next(filter(None, (_said(entry, name) for name in ATOM_TEXTS)), "")
    moments = (moment_of(_said(entry, name)) for name in DATES)
    where = document.page.final_url or document.page.url
    return FeedItem(
        title, _page(document, entry), merge(links), text, next(filter(None, moments), None), where
    )


def _page(document: ParsedPage, entry: etree._Element) -> str | None:
    """Returns the address of the item's page: its link, else its guid if that is an address."""
    for child in entry:
        is_page = _name(child) == "link" and (child.get("rel") or "alternate") == "alternate"
        if is_page and (url := document.absolute(child.get("href") or child.text)):
            return url
    guid = _said(entry, "guid")
    return document.absolute(guid) if (guid or "").startswith("http") else None


def _said(entry: etree._Element, name: str) -> str | None:
    for child in entry:
        text = " ".join("".join(child.itertext()).split()) if _name(child) == name else ""
        if text:
            return text
    return None


def _renditions(document: ParsedPage, entry: etree._Element) -> Iterator[list[Rendition]]:
    """Yield each recording of an item as its renditions.

    A ``media:group`` is one recording, and so is a ``podcast:alternateEnclosure`` with its sources.
    """
    grouped: list[Rendition] = []
    for element in entry.iter():
        if not isinstance(element.tag, str):
            continue
        is_enclosure = _name(element) == "enclosure" or (
            _name(element) == "link" and element.get("rel") == "enclosure"
        )
        if not is_enclosure and element.tag != f"{MEDIA}content":
            continue
        rendition = _rendition(document, element)
        if rendition is None:
            continue
        parent = element.getparent()
        if parent is not None and parent.tag == f"{MEDIA}group":
            grouped.append(rendition)
        else:
            yield [rendition]
    if grouped:
        yield grouped
    for element in entry.iter(*ALTERNATE_ENCLOSURES):
        yield list(_sources(document, element))


def _rendition(document: ParsedPage, element: etree._Element) -> Rendition | None:
    """Returns the rendition of an enclosure; None if it is something else, such as a picture."""
    address = element.get("url") or element.get("href")
    mime = element.get("type") or (f"{element.get('medium')}/x" if element.get("medium") else None)
    label = f"{element.get('bitrate')} kbps" if element.get("bitrate") else None
    return _recording(document, address, label, mime)


def _sources(document: ParsedPage, element: etree._Element) -> Iterator[Rendition]:
    """Yield the sources of a ``podcast:alternateEnclosure``: one file at several addresses."""
    rate = element.get("bitrate") or ""
    label = f"{float(rate) / 1000:.0f} kbps" if re.fullmatch(r"\d{1,9}(?:\.\d+)?", rate) else None
    for source in element.iter(*(f"{space}source" for space in PODCAST)):
        mime = source.get("contentType") or element.get("type")
        if found := _recording(document, source.get("uri") or source.get("url"), label, mime):
            yield found


def _recording(
    document: ParsedPage, address: str | None, label: str | None, mime: str | None
) -> Rendition | None:
    """Returns a rendition; None if its type or suffix is not that of media."""
    rendition = document.rendition(address, label, mime)
    if rendition is None or (mime or "").lower().startswith("image/"):
        return None
    says_nothing = (mime or "").lower().partition(";")[0].strip() in UNTOLD_TYPES
    untold = says_nothing and not OTHER_FILE.search(urlsplit(rendition.url).path)
    return rendition if untold or is_media_type(mime) or kind_of(rendition.url) else None


def _tracks(document: ParsedPage, entry: etree._Element) -> Iterator[Track]:
    """Yield transcripts (podcast:transcript) and captions (media:subTitle)."""
    for element in entry.iter(*(f"{space}transcript" for space in PODCAST), f"{MEDIA}subTitle"):
        if url := document.absolute(element.get("url") or element.get("href")):
            mime, language = element.get("type"), element.get("language") or element.get("lang")
            captions = element.get("rel") == "captions" or _name(element) == "subtitle"
            yield Track(url, language, "captions" if captions else "transcript", None, mime)
