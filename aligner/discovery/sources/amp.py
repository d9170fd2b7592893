"""Finds the players of AMP pages: amp-video, amp-audio, and an element for each host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.html5 import tracks_of
from aligner.discovery.sources.renditions import link_of
from aligner.types import MediaKind, MediaLink, Rendition

HOSTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "amp-youtube": ("https://www.youtube.com/watch?v={}", ("data-videoid",)),
    "amp-vimeo": ("https://vimeo.com/{}", ("data-videoid",)),
    "amp-dailymotion": ("https://www.dailymotion.com/video/{}", ("data-videoid",)),
    "amp-brightcove": (
        "https://players.brightcove.net/{}/default_default/index.html?videoId={}",
        ("data-account", "data-video-id"),
    ),
    "amp-jwplayer": ("https://cdn.jwplayer.com/players/{}", ("data-media-id",)),
    "amp-kaltura-player": (
        "https://cdnapisec.kaltura.com/index.php/kwidget/wid/_{}/entry_id/{}",
        ("data-partner", "data-entryid"),
    ),
    "amp-soundcloud": ("https://api.soundcloud.com/tracks/{}", ("data-trackid",)),
    "amp-facebook": ("{}", ("data-href",)),
    "amp-tiktok": ("https://www.tiktok.com/embed/{}", ("data-src",)),
    "amp-wistia-player": ("https://fast.wistia.net/embed/iframe/{}", ("data-media-hashed-id",)),
    "amp-megaphone": ("https://player.megaphone.fm/{}", ("data-episode",)),
}
"""For each element: a template of the address, and the attributes that fill it."""
CERTAIN = 48


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each player; amp-iframe is left to ``embeds``."""
    for tag in document.tree.iter("amp-video", "amp-audio"):
        name = str(tag.tag)
        kind: MediaKind = "video" if name == "amp-video" else "audio"
        if {"autoplay", "loop"} <= set(tag.attrib) and "controls" not in tag.attrib:
            continue  # an animation
        link = link_of("amp", _renditions(document, tag), kind, f"an <{name}> tag", CERTAIN)
        if link:
            title = tag.get("title") or tag.get("alt") or None
            said = replace(link, title=title, tracks=tuple(tracks_of(document, tag)))
            yield document.in_region(said, tag)
    for tag in document.tree.iter(*HOSTED):
        if link := _hosted(document, tag):
            yield document.in_region(link, tag)


def _renditions(document: ParsedPage, tag: HtmlElement) -> Iterator[Rendition | None]:
    for element in (tag, *tag.iter("source")):
        yield document.rendition(element.get("src"), element.get("label"), element.get("type"))


def _hosted(document: ParsedPage, tag: HtmlElement) -> MediaLink | None:
    name = str(tag.tag)
    page, names = HOSTED[name]
    values = [tag.get(attribute, "").strip() for attribute in names]
    if not all(values):
        return None
    rendition = document.rendition(page.format(*values))
    if rendition is None or rendition.label is None:
        return None  # not a recording: a post, or an address still to be filled in
    kind: MediaKind = "audio" if name in ("amp-soundcloud", "amp-megaphone") else "video"
    return link_of("amp", [rendition], kind, f"an <{name}> tag", CERTAIN)
