"""Finds the players of Pangea, the content management system of VOA and RFE/RL.

Every player holds the sentence "No media source currently available", with or without media:
only addresses decide. They stand in the tag's ``src`` (often empty), in ``data-sources`` (JSON
with the other qualities), in ``data-fallbacksrc``, in the link "Direct link" and in the list of
downloads. A player can also be a frame that shows another page of the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aligner._util import strict_json
from aligner.discovery.durations import clock_ms
from aligner.discovery.html import classes, text_of
from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.html5 import tracks_of
from aligner.discovery.sources.page_regions import is_live
from aligner.discovery.sources.renditions import link_of
from aligner.net.guard import names_media
from aligner.types import MediaKind, MediaLink, Rendition

AROUND = classes("wsw__embed", "media-pholder", "c-mmp")
"""The element around a player, its links and its downloads."""
DURATION = classes("js-duration", "c-mmp__cpanel-progress-controls-duration")
CERTAIN = 60
LINKS = classes("c-mmp__fallback-link", "handler", "media-download__link")


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each player that has an address, then for players in frames."""
    outermost = f"//*[{AROUND}][not(ancestor::*[{AROUND}])]"
    for player in document.tree.xpath(outermost):
        kind: MediaKind = "video" if player.xpath(".//video") else "audio"
        qualities = _renditions(document, player)
        if link := link_of("pangea", qualities, kind, "a Pangea player", CERTAIN):
            duration = next(iter(player.xpath(f".//*[{DURATION}]")), None)
            length = None if duration is None else clock_ms(text_of(duration))
            tracks = tuple(tracks_of(document, player))
            said = replace(link, title=_title(player), declared_duration_ms=length, tracks=tracks)
            yield document.in_region(said, player)
    yield from _frames(document)


def _renditions(document: ParsedPage, player: HtmlElement) -> Iterator[Rendition]:
    for tag in player.iter("audio", "video"):
        label, mime = tag.get("data-info"), tag.get("data-type") or tag.get("type")
        for source in (tag.get("src"), *(s.get("src") for s in tag.iter("source"))):
            if url := document.absolute(source):
                yield Rendition(url, label, mime)
        yield from _listed(document, tag.get("data-sources", ""))
        if url := document.absolute(tag.get("data-fallbacksrc")):
            yield Rendition(url, None, None)
    for anchor in player.iter("a"):
        url = document.absolute(anchor.get("href"))
        if url and not is_live(anchor) and (names_media(url) or _is_download(anchor)):
            label = anchor.get("title") or None
            yield Rendition(url, label or text_of(anchor) or None, None)


def _is_download(anchor: HtmlElement) -> bool:
    return bool(anchor.xpath(f"self::*[{LINKS}]")) and "download=1" in anchor.get("href", "")


def _listed(document: ParsedPage, text: str) -> Iterator[Rendition]:
    """Yield the renditions of ``data-sources``: [{"Src": ..., "Type": ..., "DataInfo": ...}]."""
    try:
        entries = strict_json.read(text) if text.strip() else []
    except ValueError:
        return
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and (url := document.absolute(str(entry.get("Src") or ""))):
            label, mime = (entry.get(name) for name in ("DataInfo", "Type"))
            yield Rendition(url, str(label) if label else None, str(mime) if mime else None)


def _title(player: HtmlElement) -> str | None:
    named = player.xpath(".//h1 | .//h2 | .//h3 | .//h4")
    return next((text for heading in named if (text := text_of(heading))), None)


def _frames(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield frames like /embed/player/0/5214238.html?type=audio, whose page has the player."""
    for frame in document.tree.iter("iframe"):
        url = document.absolute(frame.get("src") or frame.get("data-src"))
        if url and "/embed/player/" in urlsplit(url).path:
            kind: MediaKind = "audio" if "type=audio" in urlsplit(url).query else "video"
            qualities = (Rendition(url, None, "text/html"),)
            why = "a Pangea player in a frame"
            link = MediaLink(url, kind, "pangea", qualities=qualities, why=why, score=CERTAIN)
            yield document.in_region(replace(link, title=frame.get("title") or None), frame)
