"""Finds the recordings of a page, best first. ``base.py`` says how to add a way of finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice

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
from aligner.discovery.sources.base import Find, FindOptions, ParsedPage
from aligner.discovery.sources.player_metadata import declared
from aligner.discovery.sources.ranking import rank
from aligner.discovery.sources.renditions import in_order, merge, same_recording
from aligner.errors import AlignerError
from aligner.types import Article, MediaLink, Page

__all__ = [
    "SOURCES",
    "FindOptions",
    "ParsedPage",
    "absent",
    "declared",
    "feeds",
    "find",
    "sitemaps",
    "survey",
    "ytdlp",
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
"""Ways of finding, those first that identify the article's own recording most surely."""

ALTERNATES: dict[str, Find] = {"feeds": alternates.find}
"""Ways that are used if the page itself has no recording."""

LAST_RESORT: dict[str, Find] = {"ytdlp": ytdlp.find}
"""Ways that are used if all others find nothing."""

MOST = 5_000
"""Links of one page that each way gives at most."""

DEFAULTS = FindOptions()


def find(
    page: Page, article: Article | None = None, options: FindOptions = DEFAULTS
) -> tuple[MediaLink, ...]:
    """Returns the recordings of the page, each once, best first; () if there are none.

    Raises MediaUnavailable if only yt-dlp knows the page's recording and says that it cannot be
    had.
    """
    found = survey(ParsedPage(page, article, options))
    return tuple(link for link in found if link.relation in options.relations)


def survey(document: ParsedPage) -> tuple[MediaLink, ...]:
    """Returns all recordings of a page, also of other stories, each once and best first.

    Further ways are asked only while none is the article's. Raises MediaUnavailable as ``find``.
    """
    links: list[MediaLink] = []
    loops = html5.decorations(document)
    for ways in (SOURCES, ALTERNATES, LAST_RESORT):
        known = {same_recording(link.url) for link in links}
        found = _found(document, ways, loops)
        links += (new for new in found if same_recording(new.url) not in known)
        if any(link.relation == "article" for link in links):
            break
    merged = (replace(link, referrer=document.referrer) for link in merge(links))
    return tuple(in_order(merged))


LOOP_MS = 30_000
FOUND_BESIDE = ("players", "links", "opengraph", "ytdlp")
"""Ways that find the file of a silent loop too, and do not see that it is one."""


def _is_loop(link: MediaLink, loops: frozenset[str]) -> bool:
    """Returns whether a link of the article is only the file of one of the page's silent loops."""
    is_short = (link.declared_duration_ms or 0) < LOOP_MS
    is_beside = link.relation == "article" and link.found_by in FOUND_BESIDE
    return is_beside and is_short and same_recording(link.url) in loops


def absent(document: ParsedPage, name: str, links: Sequence[MediaLink]) -> AlignerError:
    """Returns the error that says why a page has no recording of its article; see ``absence``."""
    return absence(document, name, links, declared(document.page))


def _found(document: ParsedPage, ways: dict[str, Find], loops: frozenset[str]) -> list[MediaLink]:
    """Returns what the ways find, in their order, with relation and points, without ``loops``."""
    links = (link for way in ways.values() for link in islice(way(document), MOST))
    ranked = rank(document, chain(document.options.named if ways is SOURCES else (), links))
    return [link for link in ranked if not _is_loop(link, loops)]
