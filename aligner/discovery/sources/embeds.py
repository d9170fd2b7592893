"""Finds embedded players of known hosts, and files that a frame names in its address.

They stand in frames, in tags that a script later turns into a frame, in quotations of posts and
in the addresses of scripts. Which hosts there are says ``providers.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from aligner.discovery.sources import frame_parameters
from aligner.discovery.sources.base import PAGE_TYPE, ParsedPage
from aligner.discovery.sources.providers import (
    HostedRecording,
    first_recording,
    is_read_whole,
    recording_at,
)
from aligner.discovery.sources.renditions import link_of
from aligner.types import MediaLink, Rendition

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
"""Attributes with a frame's address; consent banners and lazy loading move it."""
YOUTUBE_TAGS = (
    "//lite-youtube/@videoid | //youtube-video/@src | //*[@data-youtube-id]/@data-youtube-id"
    " | //*[contains(@class, 'youtube')]/@*[name() = 'data-id' or name() = 'data-video-id'"
    " or name() = 'data-videoid' or name() = 'data-embed']"
    " | //*[@data-plyr-provider='youtube']/@data-plyr-embed-id"
)
VIMEO_TAGS = "//lite-vimeo/@videoid | //*[@data-plyr-provider='vimeo']/@data-plyr-embed-id"
POSTS = (
    "//blockquote[contains(@class, 'tiktok-embed')]/@cite"
    " | //@data-instgrm-permalink | //*[contains(@class, 'fb-video')]/@data-href"
    " | //*[contains(@class, 'wp-block-embed')]"
    "//div[contains(@class, 'wrapper')]/text() | //@data-oembed-url | //@data-embed-url"
    " | //@data-iframe-src | //*[@data-responsive-iframe]/@data-responsive-iframe"
)
PODIGEE = "//script[contains(@class, 'podigee-podcast-player')]/@data-configuration"
SETTINGS = "//@data-settings[contains(., '_url')]"
SETTING = re.compile(r"\"(?:youtube|vimeo|dailymotion|hosted)_url\"\s*:\s*\"([^\"]{8,500})\"")
BRIGHTCOVE = "//*[@data-account and @data-video-id]"
JW_TAGS = (
    "//*[(contains(name(), 'jw') or contains(translate(@class, 'JW', 'jw'), 'jw'))"
    " and (@data-media-id or @data-video-id or @data-jw-media-id or @data-mediaid)]"
)
JW_NAMES = ("data-media-id", "data-jw-media-id", "data-mediaid", "data-video-id")
JW_BOX = re.compile(r"(?:botr|jwplayer)_([\da-zA-Z]{8})_")
"""The id of the element that JW Player's script fills."""
JW_NUMBER = re.compile(r"[\da-zA-Z]{8}")
YOUTUBE_SETTINGS = (
    "//*[contains(translate(concat(name(), ' ', @name, ' ', @class), 'YT', 'yt'), 'youtube')]"
    "/@*[contains(., '{')]"
)
YOUTUBE_NUMBER = re.compile(
    r"\"(?:asset_?id|video_?id|youtube_?id|yt_?id)\"\s*:\s*\"([\w-]{11})\"", re.IGNORECASE
)
DAILYMOTION = "//script[contains(@src, '.dailymotion.com/player')]/@data-video"
HELD_BACK = (
    "//*/@*[contains(., '<iframe')]"
    " | //script[contains(@type, 'text/') and not(contains(@type, 'javascript'))]"
    "[contains(., '<iframe')]/text()"
)
"""Frames kept as text until the reader consents."""
FRAME_SOURCE = re.compile(r"<iframe\b[^>]{0,2000}?\ssrc=[\"']([^\"']{8,2000})[\"']", re.IGNORECASE)
PLAYER_BOX = re.compile(
    r"(?:^|[-_ ])(?:media-?player|(?:video|audio)-?(?:block|player))(?=$|[-_ ])"
)
KALTURA_PARTNER = re.compile(
    r"(?:wid[\"']?\s*:\s*[\"']_|partner_?id[\"']?\s*:\s*[\"']?)(\d{3,})", re.IGNORECASE
)
KALTURA_ENTRY = re.compile(r"entry_?id[\"']?\s*:\s*[\"'](\d_[\da-z]{8})", re.IGNORECASE)
CERTAIN = 45


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield a link for each player: to the page that yt-dlp reads, or to the file."""
    yield from _frames(document)
    for query, page in (
        (YOUTUBE_TAGS, "https://www.youtube.com/watch?v={}"),
        (VIMEO_TAGS, "https://vimeo.com/{}"),
        (DAILYMOTION, "https://www.dailymotion.com/video/{}"),
        (POSTS, "{}"),
        (PODIGEE, "{}"),
    ):
        for value in document.tree.xpath(query):
            link = _link(recording_at(page.format(value.strip())), value.getparent())
            if link:
                yield document.in_region(link, value.getparent())
    yield from _held_back(document)
    yield from _by_settings(document)
    yield from _page_builders(document)
    yield from _brightcove(document)
    yield from _jw(document)
    yield from _scripts(document)
    yield from _page_itself(document)


def _frames(document: ParsedPage) -> Iterator[MediaLink]:
    for frame in document.tree.iter(*FRAMES):
        addresses = [frame.get(name, "").strip() for name in FRAME_ADDRESSES]
        known = _link(first_recording(addresses), frame)
        if link := known or frame_parameters.link(document, frame, addresses):
            yield document.in_region(link, frame)


def _link(found: HostedRecording | None, element: HtmlElement) -> MediaLink | None:
    if found is None:
        return None
    rendition = Rendition(found.page, found.host, PAGE_TYPE)
    link = link_of("embeds", [rendition], found.kind, f"a player of {found.host}", CERTAIN)
    return link and replace(link, title=element.get("title") or element.get("playlabel") or None)


def _page_builders(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield players of page builders, like <div data-settings='{"youtube_url": "..."}'>."""
    for value in document.tree.xpath(SETTINGS):
        found = SETTING.search(value)
        address = found[1].replace("\\/", "/") if found else ""
        if link := _link(recording_at(address), value.getparent()):
            yield document.in_region(link, value.getparent())


def _brightcove(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield elements like <video-js data-account="1" data-player="x" data-video-id="2">."""
    for tag in document.tree.xpath(BRIGHTCOVE):
        account, video = tag.get("data-account", ""), tag.get("data-video-id", "")
        player = f"{tag.get('data-player') or 'default'}_{tag.get('data-embed') or 'default'}"
        if account.isdigit():
            address = f"players.brightcove.net/{account}/{player}/index.html?videoId={video}"
            if link := _link(recording_at(address), tag):
                yield document.in_region(link, tag)


def _held_back(document: ParsedPage) -> Iterator[MediaLink]:
    for text in document.tree.xpath(HELD_BACK):
        element = text.getparent()
        if found := FRAME_SOURCE.search(text):
            known = _link(recording_at(found[1]), element)
            if link := known or frame_parameters.link(document, element, [found[1]]):
                yield document.in_region(link, element)


def _by_settings(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield elements named after YouTube with a video id among their settings."""
    for value in document.tree.xpath(YOUTUBE_SETTINGS):
        found = YOUTUBE_NUMBER.search(value)
        address = f"https://www.youtube.com/watch?v={found[1]}" if found else ""
        if link := _link(recording_at(address), value.getparent()):
            yield document.in_region(link, value.getparent())


def _jw(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield elements with a media id of JW Player in an attribute or in their own id."""
    for tag in document.tree.xpath(JW_TAGS):
        numbers = (tag.get(name, "") for name in JW_NAMES)
        number = next(filter(JW_NUMBER.fullmatch, numbers), None)
        if link := _link(
            number and recording_at(f"https://cdn.jwplayer.com/v2/media/{number}"), tag
        ):
            title = link.title or tag.get("data-video-title") or tag.get("data-title")
            yield document.in_region(replace(link, title=title), tag)
    for tag in document.tree.xpath(
        "//*[starts-with(@id, 'botr_') or starts-with(@id, 'jwplayer_')]"
    ):
        found = JW_BOX.match(tag.get("id"))
        if link := _link(
            recording_at(f"https://cdn.jwplayer.com/v2/media/{found[1]}") if found else None, tag
        ):
            yield document.in_region(link, tag)


def _page_itself(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield the page's own address if yt-dlp supports the site and a script makes the player."""
    if not is_read_whole(document.address):
        return
    for tag in document.tree.iter("div", "figure", "section"):
        names = (
            f"{tag.get('class', '')} {tag.get('data-testid', '')} {tag.get('data-component', '')}"
        )
        if PLAYER_BOX.search(names):
            rendition = Rendition(document.address, None, PAGE_TYPE)
            why = "a player that a script makes, on a page that yt-dlp reads"
            if link := link_of("embeds", [rendition], "video", why, CERTAIN):
                yield document.in_region(link, tag)


def _scripts(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield players that a script's address names, and Kaltura's ids in scripts."""
    for script in document.tree.iter("script"):
        found = recording_at(script.get("src") or "")
        if link := _link(found or _kaltura(script.text or ""), script):
            yield document.in_region(link, script)


def _kaltura(text: str) -> HostedRecording | None:
    """Returns the recording that Kaltura's settings name by a partner id and an entry id."""
    partner = KALTURA_PARTNER.search(text) if "kaltura" in text.lower() else None
    entry = KALTURA_ENTRY.search(text) if partner else None
    if not partner or not entry:
        return None
    page = f"https://cdnapisec.kaltura.com/index.php/kwidget/wid/_{partner[1]}/entry_id/{entry[1]}"
    return HostedRecording("Kaltura", "video", page)
