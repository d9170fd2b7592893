"""Asks yt-dlp about a page's address, as the last resort.

yt-dlp gets the page that was already fetched. It is asked only if it supports the site, or if the
page has something that may be a recording or a player.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aligner.discovery import ytdlp
from aligner.discovery.sources.base import FindOptions, ParsedPage
from aligner.errors import MediaUnavailable
from aligner.net.guard import is_http_url
from aligner.types import MediaLink, MediaState, Page

TELLING: tuple[MediaState, ...] = ("drm", "geo_blocked", "login", "live", "expired", "gone")
"""States that tell why the page's recording cannot be used; others mean that there is none."""
MAY_HOLD = re.compile(
    r"<(?:video|audio|source|iframe|frame|embed|object|amp-\w+)\b"
    r"|\.(?:m3u8|mpd|mp4|m4v|webm|mov|ogv|flv|mp3|m4a|aac|ogg|oga|opus|wav|flac|f4m|ism)\b"
    r"|(?:og|twitter):(?:video|audio|player)"
    r"|(?:Video|Audio|Media)Object|(?:content|embed)Url|embed_?code"
    r"|data-[\w-]{0,60}(?:video|audio|media|player|youtube|vimeo|embed)"
    r"|(?:video|audio|media|clip|player)[_-]?(?:id|src|url|key|config|options|data)\b"
    r"|jw-?player|video-?js|flow-?player|brightcove|kaltura|ooyala|theplatform|wistia|jwplatform"
    r"|youtu\.?be|vimeo|dailymotion|soundcloud|spotify|podcast",
    re.IGNORECASE,
)
"""What yt-dlp could use on a page of a site that it does not support: elements, files, metadata,
attributes and scripts of players, and embedded hosts."""


def find(document: ParsedPage) -> Iterator[MediaLink]:
    """Yield what yt-dlp finds. Raises MediaUnavailable if it tells why a recording is unusable."""
    url = document.page.final_url or document.page.url
    options = document.options
    if not options.ask_network or not url:
        return
    html = document.page.html
    if html and not MAY_HOLD.search(html) and not ytdlp.knows(url):
        return
    found = options.ask_ytdlp(url) if options.ask_ytdlp else ask(url, document.page, options)
    yield from (link for link in found if is_http_url(link.url))  # never a file of this machine


def ask(url: str, page: Page, options: FindOptions) -> tuple[MediaLink, ...]:
    """Returns what yt-dlp finds at the address of a page, which it gets if it has any text.

    Raises MediaUnavailable as ``find``.
    """
    how = ytdlp.YtdlOptions(
        allow_private=options.allow_private,
        network=options.network,
        timeout_s=options.timeout_s,
        throttle=options.throttle,
        net=options.net,
        page=page if page.html else None,
    )
    try:
        return tuple(ytdlp.describe(url, how))
    except MediaUnavailable as error:
        if error.state in TELLING:
            raise
        return ()
