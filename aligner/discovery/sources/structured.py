"""Finds media that the page declares with schema.org: JSON-LD, microdata, RDFa."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aligner.discovery.durations import duration_ms
from aligner.discovery.html import JSON_LD_DEPTH, json_ld_values
from aligner.discovery.sources.base import PAGE_TYPE, ParsedPage
from aligner.discovery.sources.providers import is_read_whole
from aligner.discovery.sources.renditions import link_of
from aligner.net.guard import names_media
from aligner.types import MediaKind, MediaLink, Rendition, Track

KINDS: dict[str, MediaKind] = {
    "AudioObject": "audio",
    "VideoObject": "video",
    "PodcastEpisode": "audio",
    "RadioEpisode": "audio",
    "Clip": "video",
    "VideoClip": "video",
    "MusicVideoObject": "video",
}
OF_OTHERS = frozenset(("itemListElement", "hasPart", "relatedLink", "isRelatedTo", "citation"))
"""Properties whose values are not the page's own content."""
OF_ARTICLE = frozenset(("video", "audio", "associatedMedia", "mainEntity", "encoding"))
CERTAIN, BY_ARTICLE = 50, 15
PLAYERS_PAGE = -15
"""Points for a recording of which only the player's page is known."""


@dataclass(frozen=True, slots=True)
class DeclaredObject:
    """A declared object, and the names of the properties that lead to it."""

    values: dict[str, Any]
    way: tuple[str, ...]
    title: str | None = None
    """The title of the enclosing object, if it has none itself."""


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield media of JSON-LD, then of microdata and RDFa."""
    nameless = []
    for value in json_ld_values(document.tree):
        for node in _nodes(value, (), None):
            if link := _from_node(document, node):
                yield link
            elif _kind(node.values.get("@type")) and not OF_OTHERS & set(node.way):
                nameless.append(node)
    if nameless:
        yield from _page_itself(document, nameless[0])
    yield from _from_tags(document, MICRODATA)
    yield from _from_tags(document, RDFA)


def nameless_titles(document: ParsedPage) -> Iterator[str]:
    """Yield the titles of recordings that the page declares as its own without an address."""
    for value in json_ld_values(document.tree):
        for node in _nodes(value, (), None):
            own = _kind(node.values.get("@type")) and not OF_OTHERS & set(node.way)
            if own and not _from_node(document, node):
                yield _text(node.values.get("name")) or node.title or ""


def lengths(document: ParsedPage) -> Iterator[int | None]:
    """Yield the lengths of recordings that the page declares as its own."""
    for value in json_ld_values(document.tree):
        for node in _nodes(value, (), None):
            own = _kind(node.values.get("@type")) and not OF_OTHERS & set(node.way)
            if own and not _is_live(node.values):
                yield duration_ms(node.values.get("duration"))
    for dialect in (MICRODATA, RDFA):
        for item, values in _properties(document.tree, dialect).items():
            types = [_bare(name) for name in item.get(dialect.type, "").split()]
            if _kind(types) and document.regions.of(item).relation == "article":
                yield duration_ms(values.get("duration"))


def _nodes(value: Any, way: tuple[str, ...], title: str | None) -> Iterator[DeclaredObject]:
    """Yield every object in a value, outer before inner ones."""
    if len(way) > JSON_LD_DEPTH:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _nodes(inner, (*way, ""), title)
    elif isinstance(value, dict):
        yield DeclaredObject(value, way, title)
        own = _text(value.get("name")) or _text(value.get("headline")) or title
        for name, inner in value.items():
            if isinstance(inner, (dict, list)):
                yield from _nodes(inner, (*way, name), own)


def _page_itself(document: ParsedPage, node: DeclaredObject) -> Iterator[MediaLink]:
    """Yield the page's own address if its recording has none and yt-dlp reads the page."""
    url = document.absolute(document.address)
    if url and is_read_whole(url):
        kind = _kind(node.values.get("@type"))
        why = "the page declares it without its address, and yt-dlp reads such pages"
        if link := link_of("structured", [Rendition(url, None, PAGE_TYPE)], kind, why, 10):
            yield _described(document, link, node)


def _from_node(document: ParsedPage, node: DeclaredObject) -> MediaLink | None:
    values = node.values
    kind = _kind(values.get("@type"))
    if kind is None:
        return None
    why = "the page declares it (JSON-LD)"
    points = CERTAIN + (BY_ARTICLE if OF_ARTICLE & set(node.way) else 0)
    files = list(_files(document, values))
    pages = list(_players(document, values)) if not files else []
    points += 0 if files else PLAYERS_PAGE
    link = link_of("structured", files or pages, kind, why, points)
    if link is None:
        return None
    if OF_OTHERS & set(node.way):
        link = replace(link, relation="other", why=f"{why} among others")
    if _is_live(values):
        link = replace(link, relation="page", why=f"{why} as a live channel")
    return _described(document, link, node)


def _described(document: ParsedPage, link: MediaLink, node: DeclaredObject) -> MediaLink:
    """Returns a link with the title, duration and captions of its declaration."""
    values = node.values
    return replace(
        link,
        declared_duration_ms=duration_ms(values.get("duration")),
        title=_text(values.get("name")) or _text(values.get("headline")) or node.title,
        tracks=tuple(_tracks(document, values.get("caption"))),
    )


def _kind(types: Any) -> MediaKind | None:
    names = types if isinstance(types, list) else [types]
    bare = (name.rstrip("/").rpartition("/")[2] for name in names if isinstance(name, str))
    return next((KINDS[name] for name in bare if name in KINDS), None)


def _files(document: ParsedPage, values: dict[str, Any]) -> Iterator[Rendition]:
    label, mime = _text(values.get("bitrate")), _text(values.get("encodingFormat"))
    for name in ("contentUrl", "contentURL"):
        for address in _texts(values.get(name)):
            if rendition := document.rendition(address, label, mime):
                yield rendition
    for address in _texts(values.get("url")):
        rendition = document.rendition(address, label, mime)
        if rendition and names_media(rendition.url):
            yield rendition


def _players(document: ParsedPage, values: dict[str, Any]) -> Iterator[Rendition]:
    """Yield the player's page (``embedUrl``), which yt-dlp reads."""
    for name in ("embedUrl", "embedURL"):
        for address in _texts(values.get(name)):
            rendition = document.rendition(address)
            if rendition and _is_inner(rendition.url):
                yield replace(rendition, mime=None if names_media(rendition.url) else PAGE_TYPE)


def _is_inner(url: str) -> bool:
    """Whether an address has more than a host."""
    parts = urlsplit(url)
    return len(parts.path.strip("/")) + len(parts.query) > 0


def _is_live(values: dict[str, Any]) -> bool:
    published = values.get("publication")
    events = published if isinstance(published, list) else [published]
    live = any(isinstance(e, dict) and _is_true(e.get("isLiveBroadcast")) for e in events)
    ended = any(isinstance(e, dict) and e.get("endDate") for e in events)
    return (live and not ended) or _is_true(values.get("isLiveBroadcast"))


def _is_true(value: Any) -> bool:
    return value is True or str(value).rpartition("/")[2].lower() == "true"


def _tracks(document: ParsedPage, captions: Any) -> Iterator[Track]:
    for one in captions if isinstance(captions, list) else [captions]:
        if isinstance(one, dict):
            url = document.absolute(_text(one.get("contentUrl")) or _text(one.get("url")))
            if url:
                yield Track(url, _text(one.get("inLanguage")), "captions", _text(one.get("name")))


# ---------------------------------------------------------------- within the page's tags


@dataclass(frozen=True, slots=True)
class Dialect:
    """The attributes with which a syntax names types and properties."""

    name: str
    type: str
    property: str


MICRODATA = Dialect("microdata", "itemtype", "itemprop")
RDFA = Dialect("RDFa", "typeof", "property")


def _from_tags(document: ParsedPage, dialect: Dialect) -> Iterator[MediaLink]:
    of_items = _properties(document.tree, dialect)
    for item in document.tree.xpath(f"//*[@{dialect.type}]"):
        types = [_bare(name) for name in item.get(dialect.type, "").split()]
        if not (kind := _kind(types)):
            continue
        values = of_items.get(item, {})
        files = list(_files(document, values))
        why = f"the page declares it ({dialect.name})"
        found = files or list(_players(document, values))
        if link := link_of("structured", found, kind, why, CERTAIN - 5):
            length = duration_ms(values.get("duration"))
            said = replace(link, declared_duration_ms=length, title=_text(values.get("name")))
            yield document.in_region(said, item)


def _properties(tree: HtmlElement, dialect: Dialect) -> dict[HtmlElement, dict[str, Any]]:
    """Returns the first value of each property of each item."""
    of_items: dict[HtmlElement, dict[str, Any]] = {}
    for place in tree.xpath(f"//*[@{dialect.property}]"):
        owner = next((a for a in place.iterancestors() if dialect.type in a.attrib), None)
        if owner is not None:
            for name in place.get(dialect.property, "").split():
                of_items.setdefault(owner, {}).setdefault(_bare(name), _value(place))
    return of_items


def _bare(name: str) -> str:
    """Returns the name of a type or property without its vocabulary: schema:name, http://schema.org/name."""
    return name.rstrip("/").rpartition("/")[2].rpartition(":")[2]


def _value(element: HtmlElement) -> str:
    for attribute in ("content", "href", "src", "resource", "datetime"):
        if value := element.get(attribute):
            return str(value)
    return str(element.text_content())[:1_000]


def _text(value: Any) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
