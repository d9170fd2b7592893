"""Finds media in Open Graph and Twitter Card metadata (og:video, twitter:player:stream)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aligner.discovery.durations import duration_ms
from aligner.discovery.sources.address_words import is_site_file
from aligner.discovery.sources.base import PAGE_TYPE, ParsedPage
from aligner.discovery.sources.renditions import is_media_type, link_of
from aligner.net.guard import names_media
from aligner.types import MediaKind, MediaLink, Rendition

NAMES: tuple[tuple[str, MediaKind], ...] = (
    ("og:audio:secure_url", "audio"),
    ("og:audio:url", "audio"),
    ("og:audio", "audio"),
    ("twitter:player:stream", "video"),
    ("og:video:secure_url", "video"),
    ("og:video:url", "video"),
    ("og:video", "video"),
    ("twitter:player", "video"),
)
TYPES = {"twitter:player:stream": "twitter:player:stream:content_type"}
"""Names of properties with the media type; for "og:video:url" it is "og:video:type"."""
CERTAIN = 40


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each property that names a file or a recording at a known host."""
    said = _said(document)
    length_ms = _length(said)
    for name, kind in NAMES:
        mime = next(iter(said.get(_type_of(name), ())), None)
        for address in said.get(name, ()):
            rendition = document.rendition(address, None, mime)
            if not rendition or not _is_recording(rendition):
                continue  # a page to show in a frame, or a Flash player
            why = f"the page declares it ({name})"
            if link := link_of("opengraph", [rendition], kind, why, CERTAIN):
                link = replace(link, declared_duration_ms=length_ms)
                yield replace(link, relation="page") if is_site_file(link.url) else link


LENGTHS = (
    "og:audio:duration", "og:video:duration", "music:duration", "video:duration",
    "itunes:duration", "twitter:player:duration",
)  # fmt: skip


def length(document: ParsedPage) -> int | None:
    """Returns the length that the page's <meta> tags give its recording."""
    return _length(_said(document))


def _length(said: dict[str, list[str]]) -> int | None:
    return next(
        filter(None, (duration_ms(text) for name in LENGTHS for text in said.get(name, ()))), None
    )


def _said(document: ParsedPage) -> dict[str, list[str]]:
    """Returns the contents of <meta> elements by their name in lower case."""
    said: dict[str, list[str]] = {}
    for tag in document.tree.iter("meta"):
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower()
        if name.startswith(("og:", "twitter:", "music:", "video:", "itunes:")):
            said.setdefault(name, []).append(tag.get("content") or tag.get("value") or "")
    return said


def _type_of(name: str) -> str:
    bare = name.removesuffix(":url").removesuffix(":secure_url")
    return TYPES.get(name, f"{bare}:type")


def _is_recording(rendition: Rendition) -> bool:
    at_host = rendition.mime == PAGE_TYPE and rendition.label is not None
    return at_host or names_media(rendition.url) or is_media_type(rendition.mime)
