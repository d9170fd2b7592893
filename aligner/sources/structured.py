"""What the page declares for machines -> MediaLinks: JSON-LD, microdata, og: and twitter: tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml.html import HtmlElement

from aligner.addresses import names_media
from aligner.nouns import MediaKind, MediaLink, Quality
from aligner.pagetree import json_ld, meta
from aligner.sources.base import Document, iso_duration_ms, link_of, relation_of

KINDS: dict[str, MediaKind] = {
    "AudioObject": "audio",
    "VideoObject": "video",
    "PodcastEpisode": "audio",
}
META: tuple[tuple[str, MediaKind], ...] = (
    ("og:audio:secure_url", "audio"),
    ("og:audio:url", "audio"),
    ("og:audio", "audio"),
    ("og:video:secure_url", "video"),
    ("og:video:url", "video"),
    ("og:video", "video"),
    ("twitter:player:stream", "video"),
)


def find(document: Document) -> Iterator[MediaLink]:
    """JSON-LD first: it names the recording of the article, og:video often only a preview."""
    for node in json_ld(document.tree):
        yield from _from_node(document, node)
    yield from _from_microdata(document)
    yield from _from_meta(document)


def _from_node(document: Document, node: dict[str, Any]) -> Iterator[MediaLink]:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    kind = next((KINDS[name] for name in names if isinstance(name, str) and name in KINDS), None)
    if kind is None:
        return
    mime, bitrate = node.get("encodingFormat"), node.get("bitrate")
    qualities = (
        Quality(url, _text(bitrate), _text(mime))
        for address in _texts(node.get("contentUrl"))
        if (url := document.absolute(address))
    )
    if link := link_of("structured", qualities, kind, "the page declares it (JSON-LD)"):
        duration = iso_duration_ms(_text(node.get("duration")) or "")
        title = _text(node.get("name")) or _text(node.get("headline"))
        yield replace(link, declared_duration_ms=duration, title=title)


def _from_microdata(document: Document) -> Iterator[MediaLink]:
    for item in document.tree.xpath("//*[@itemtype]"):
        kind = KINDS.get(item.get("itemtype", "").rstrip("/").rpartition("/")[2])
        if not kind:
            continue
        qualities = (
            Quality(url)
            for place in item.xpath(".//*[@itemprop='contentUrl' or @itemprop='contentURL']")
            if (url := document.absolute(_itemvalue(place)))
        )
        if link := link_of("structured", qualities, kind, "the page declares it (microdata)"):
            lengths = (_itemvalue(d) for d in item.xpath(".//*[@itemprop='duration']"))
            duration = iso_duration_ms(next(lengths, ""))
            yield replace(link, declared_duration_ms=duration, relation=relation_of(item))


def _itemvalue(element: HtmlElement) -> str:
    for attribute in ("content", "href", "src"):
        if value := element.get(attribute):
            return str(value)
    return str(element.text_content())


def _from_meta(document: Document) -> Iterator[MediaLink]:
    for name, kind in META:
        for tag in document.tree.xpath("//meta[@property=$name or @name=$name]", name=name):
            url = document.absolute(tag.get("content"))
            mime = meta(
                document.tree, f"{name.removesuffix(':url').removesuffix(':secure_url')}:type"
            )
            if not url or not (names_media(url) or _is_media_type(mime)):
                continue  # a page to show in a frame, or a Flash player
            why = f"the page declares it ({name})"
            if link := link_of("structured", [Quality(url, None, mime)], kind, why):
                yield link


def _is_media_type(mime: str | None) -> bool:
    return bool(mime) and (mime or "").startswith(("audio/", "video/", "application/vnd.apple"))


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
