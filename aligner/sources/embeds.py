"""Players of known hosts on the page -> MediaLinks to the pages that yt-dlp knows.

They stand in frames, in tags that a script later turns into a frame, in quotations of posts and
in the addresses of scripts. Which hosts there are says ``hosts.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from aligner.nouns import MediaLink, Quality
from aligner.sources.base import PAGE_TYPE, Document
from aligner.sources.hosts import Recording, first_recording, recording_at
from aligner.sources.recordings import link_of

FRAMES = ("iframe", "embed", "object", "frame", "oembed", "amp-iframe", "amp-video-iframe")
FRAME_ADDRESSES = (
    "src",
    "data-src",
    "data-lazy-src",
    "data-litespeed-src",
    "data-original-src",
    "data-cookieblock-src",
    "data-cmp-src",
    "data-url",
    "data",
    "url",
)
"""Where a frame's address stands; consent banners and lazy scripts move it."""
YOUTUBE_TAGS = (
    "//lite-youtube/@videoid | //youtube-video/@src | //*[@data-youtube-id]/@data-youtube-id"
    " | //*[contains(@class, 'youtube')]/@*[name() = 'data-id' or name() = 'data-video-id'"
    " or name() = 'data-videoid' or name() = 'data-embed']"
    " | //*[@data-plyr-provider='youtube']/@data-plyr-embed-id"
)
VIMEO_TAGS = "//lite-vimeo/@videoid | //*[@data-plyr-provider='vimeo']/@data-plyr-embed-id"
POSTS = (
    "//blockquote[contains(@class, 'tiktok-embed')]/@cite"
    " | //*[contains(@class, 'fb-video')]/@data-href | //*[contains(@class, 'wp-block-embed')]"
    "//div[contains(@class, 'wrapper')]/text() | //@data-oembed-url | //@data-embed-url"
    " | //@data-iframe-src | //*[@data-responsive-iframe]/@data-responsive-iframe"
)
PODIGEE = "//script[contains(@class, 'podigee-podcast-player')]/@data-configuration"
SETTINGS = "//@data-settings[contains(., '_url')]"
SETTING = re.compile(r"\"(?:youtube|vimeo|dailymotion|hosted)_url\"\s*:\s*\"([^\"]{8,500})\"")
BRIGHTCOVE = "//*[@data-account and @data-video-id]"
KALTURA_PARTNER = re.compile(
    r"(?:wid[\"']?\s*:\s*[\"']_|partner_?id[\"']?\s*:\s*[\"']?)(\d{3,})", re.IGNORECASE
)
KALTURA_ENTRY = re.compile(r"entry_?id[\"']?\s*:\s*[\"'](\d_[\da-z]{8})", re.IGNORECASE)
CERTAIN = 45


def find(document: Document) -> Iterator[MediaLink]:
    """One link a player."""
    yield from _frames(document)
    for query, page in (
        (YOUTUBE_TAGS, "https://www.youtube.com/watch?v={}"),
        (VIMEO_TAGS, "https://vimeo.com/{}"),
        (POSTS, "{}"),
        (PODIGEE, "{}"),
    ):
        for value in document.tree.xpath(query):
            link = _link(recording_at(page.format(value.strip())), value.getparent())
            if link:
                yield document.placed(link, value.getparent())
    yield from _page_builders(document)
    yield from _brightcove(document)
    yield from _scripts(document)


def _frames(document: Document) -> Iterator[MediaLink]:
    for frame in document.tree.iter(*FRAMES):
        addresses = [frame.get(name, "").strip() for name in FRAME_ADDRESSES]
        link = _link(first_recording(addresses), frame)
        if link:
            yield document.placed(link, frame)


def _link(found: Recording | None, element: HtmlElement) -> MediaLink | None:
    if found is None:
        return None
    quality = Quality(found.page, found.host, PAGE_TYPE)
    link = link_of("embeds", [quality], found.kind, f"a player of {found.host}", CERTAIN)
    return link and replace(link, title=element.get("title") or element.get("playlabel") or None)


def _page_builders(document: Document) -> Iterator[MediaLink]:
    """Boxes of page builders, like <div data-settings='{"youtube_url": "..."}'>."""
    for value in document.tree.xpath(SETTINGS):
        found = SETTING.search(value)
        address = found[1].replace("\\/", "/") if found else ""
        if link := _link(recording_at(address), value.getparent()):
            yield document.placed(link, value.getparent())


def _brightcove(document: Document) -> Iterator[MediaLink]:
    """Tags like <video-js data-account="1" data-player="x" data-video-id="2">."""
    for tag in document.tree.xpath(BRIGHTCOVE):
        account, video = tag.get("data-account", ""), tag.get("data-video-id", "")
        player = f"{tag.get('data-player') or 'default'}_{tag.get('data-embed') or 'default'}"
        if account.isdigit():
            address = f"players.brightcove.net/{account}/{player}/index.html?videoId={video}"
            if link := _link(recording_at(address), tag):
                yield document.placed(link, tag)


def _scripts(document: Document) -> Iterator[MediaLink]:
    """Players that a script's address names, or Kaltura's numbers in a script."""
    for script in document.tree.iter("script"):
        found = recording_at(script.get("src") or "")
        if link := _link(found or _kaltura(script.text or ""), script):
            yield document.placed(link, script)


def _kaltura(text: str) -> Recording | None:
    """The recording that the settings of Kaltura's player name by two numbers."""
    partner = KALTURA_PARTNER.search(text) if "kaltura" in text.lower() else None
    entry = KALTURA_ENTRY.search(text) if partner else None
    if not partner or not entry:
        return None
    page = f"https://cdnapisec.kaltura.com/index.php/kwidget/wid/_{partner[1]}/entry_id/{entry[1]}"
    return Recording("Kaltura", "video", page)
