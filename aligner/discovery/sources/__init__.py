"""Page -> the recordings that it links, best first. ``base.py`` says how to add a way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

from aligner.discovery.html import classes, text_of
from aligner.discovery.sources import (
    alternates,
    amp,
    embeds,
    feeds,
    html5,
    links,
    opengraph,
    pangea,
    player_config,
    sitemaps,
    structured,
    ytdlp,
)
from aligner.discovery.sources.absence import absence
from aligner.discovery.sources.base import Document, Find, FindOptions, clock_ms
from aligner.discovery.sources.ranking import rank
from aligner.discovery.sources.renditions import in_order, merge, same_recording
from aligner.errors import AlignerError
from aligner.types import Article, MediaLink, Page, PlayerMetadata

__all__ = [
    "SOURCES", "Document", "FindOptions", "absent", "declared", "feeds", "find", "sitemaps",
    "survey",
]  # fmt: skip

SOURCES: dict[str, Find] = {
    "pangea": pangea.find,
    "html5": html5.find,
    "structured": structured.find,
    "amp": amp.find,
    "embeds": embeds.find,
    "opengraph": opengraph.find,
    "players": player_config.find,
    "links": links.find,
    "feeds": feeds.find,
}
"""The ways to look in a page, by how surely they name the article's own recording."""

ALTERNATES: dict[str, Find] = {"feeds": alternates.find}
"""The page's feed, read where the page itself has nothing."""

LAST_RESORT: dict[str, Find] = {"ytdlp": ytdlp.find}
"""Asked only where all others find nothing."""

NO_MEDIA = re.compile(r"no media (?:source )?(?:is )?(?:currently )?available", re.IGNORECASE)
PLAYER_CLOCK = re.compile(r"0:00\s+(\d{1,2}:\d{2}(?::\d{2})?)\s+0:00")
"""A player's clock as text: position, length, position."""
MAY_DECLARE = re.compile(
    r"c-mmp|js-duration|media-pholder|0:00|no(?:\s|&nbsp;|&#160;|<[^>]*>)+media", re.IGNORECASE
)
"""A cheap look before the page is read for what it declares."""
DURATION = classes("js-duration", "c-mmp__cpanel-progress-controls-duration")
TITLE = f"//*[{classes('c-mmp')}]//h3 | //*[{classes('c-mmp__title', 'media-pholder__title')}]"
MOST = 5_000
"""No way gives more links of one page."""

DEFAULTS = FindOptions()


def find(
    page: Page, article: Article | None = None, options: FindOptions = DEFAULTS
) -> tuple[MediaLink, ...]:
    """The recordings of the page, each once, best first; () if there are none.

    Raises MediaUnavailable if only yt-dlp knows the page's recording and says that it cannot be
    had.
    """
    found = survey(Document(page, article, options))
    return tuple(link for link in found if link.relation in options.relations)


def survey(document: Document) -> tuple[MediaLink, ...]:
    """All recordings of a page, whosever they are, each once and best first.

    Further ways are asked only while none is the article's. Raises MediaUnavailable as ``find``.
    """
    links: list[MediaLink] = []
    for ways in (SOURCES, ALTERNATES, LAST_RESORT):
        known = {same_recording(link.url) for link in links}
        links += (new for new in _found(document, ways) if same_recording(new.url) not in known)
        if any(link.relation == "article" for link in links):
            break
    found = (replace(link, referrer=document.referrer) for link in merge(links))
    return tuple(in_order(found))


def absent(document: Document, name: str, links: Sequence[MediaLink]) -> AlignerError:
    """Why a page has no recording of its article; see ``absence``."""
    return absence(document, name, links, declared(document.page))


def _found(document: Document, ways: dict[str, Find]) -> list[MediaLink]:
    """What all ways find, in the ways' order, each link judged."""
    links = (link for way in ways.values() for link in islice(way(document), MOST))
    return rank(document, chain(document.options.named if ways is SOURCES else (), links))


def declared(page: Page) -> PlayerMetadata:
    """What the page says of its recording, whether or not it links one."""
    if page.content_type == "text/plain":
        return _declared_in_text(page.html)
    if not MAY_DECLARE.search(page.html):
        return PlayerMetadata()
    tree = Document(page, None, DEFAULTS).tree
    text = text_of(tree)
    durations = (clock_ms(text_of(place)) for place in tree.xpath(f"//*[{DURATION}]"))
    clock = PLAYER_CLOCK.search(text)
    titles = (text_of(place) for place in tree.xpath(TITLE))
    return PlayerMetadata(
        duration_ms=next(filter(None, durations), clock_ms(clock[1]) if clock else None),
        title=next(filter(None, titles), None),
        says_no_media=bool(NO_MEDIA.search(text)),
    )


def _declared_in_text(text: str) -> PlayerMetadata:
    """The same of a page's text: the player's title stands just above its first words."""
    clock = PLAYER_CLOCK.search(text)
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    first = next((i for i, line in enumerate(lines) if _is_player_text(line)), 0)
    in_player = any(map(NO_MEDIA.search, lines)) or clock is not None
    return PlayerMetadata(
        duration_ms=clock_ms(clock[1]) if clock else None,
        title=lines[first - 1] if in_player and first else None,
        says_no_media=any(map(NO_MEDIA.search, lines)),
    )


def _is_player_text(line: str) -> bool:
    return line.lower() == "please wait" or bool(NO_MEDIA.search(line))
