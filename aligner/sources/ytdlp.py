"""A page's address -> what yt-dlp finds there by itself. Asked last: it asks the network again."""

from __future__ import annotations

from collections.abc import Iterator

from aligner import ytdl
from aligner.errors import MediaUnavailable
from aligner.nouns import MediaLink, MediaState
from aligner.sources.base import Document

TELLING: tuple[MediaState, ...] = ("drm", "geo_blocked", "login", "live", "expired", "gone")
"""States that say of the page's recording what becomes of it; the others say that there is none."""


def find(document: Document) -> Iterator[MediaLink]:
    """Raises MediaUnavailable where yt-dlp knows the site and says why there is nothing to have."""
    url = document.page.final_url or document.page.url
    options = document.options
    if not options.ask_network or not url:
        return
    how = ytdl.YtdlOptions(
        allow_private=options.allow_private,
        network=options.network,
        timeout_s=options.timeout_s,
        manners=options.manners,
    )
    try:
        yield from ytdl.describe(url, how)
    except MediaUnavailable as error:
        if error.state in TELLING:
            raise
