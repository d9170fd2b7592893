"""Reads what a page says of its recording, whether or not it links one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aligner.discovery.durations import clock_ms
from aligner.discovery.html import classes, text_of
from aligner.discovery.sources import opengraph, structured
from aligner.discovery.sources.base import FindOptions, ParsedPage
from aligner.types import Page, PlayerMetadata

NO_MEDIA = re.compile(r"no media (?:source )?(?:is )?(?:currently )?available", re.IGNORECASE)
PLAYER_CLOCK = re.compile(r"0:00\s+(\d{1,2}:\d{2}(?::\d{2})?)\s+0:00")
"""A player's clock as text: position, length, position."""
MAY_DECLARE = re.compile(
    r"c-mmp|js-duration|media-pholder|0:00|no(?:\s|&nbsp;|&#160;|<[^<>]{0,200}>){1,20}+media"
    r"|[\"':]duration[\"']",
    re.IGNORECASE,
)
"""A cheap look before the page is read for what it declares."""
JSON_LD = re.compile(r"ld\+json([^<]*+)", re.IGNORECASE)
DURATION = classes("js-duration", "c-mmp__cpanel-progress-controls-duration")
TITLE = f"//*[{classes('c-mmp')}]//h3 | //*[{classes('c-mmp__title', 'media-pholder__title')}]"


def declared(page: Page) -> PlayerMetadata:
    """Returns the length and the title that a page gives its recording, if it does."""
    if page.content_type == "text/plain":
        return _declared_in_text(page.html)
    if not _may_declare(page.html):
        return PlayerMetadata()
    document = ParsedPage(page, None, FindOptions())
    text = text_of(document.tree)
    titles = (text_of(place) for place in document.tree.xpath(TITLE))
    return PlayerMetadata(
        duration_ms=next(filter(None, _lengths(document, text)), None),
        title=next(filter(None, titles), None),
        says_no_media=bool(NO_MEDIA.search(text)),
    )


def _may_declare(html: str) -> bool:
    """Whether a page may say something of its recording."""
    in_json = any("duration" in found[1].lower() for found in JSON_LD.finditer(html))
    return in_json or MAY_DECLARE.search(html) is not None


def _lengths(document: ParsedPage, text: str) -> Iterator[int | None]:
    """Yield the lengths of the page's own recording, the most certain first."""
    for place in document.tree.xpath(f"//*[{DURATION}]"):
        yield clock_ms(text_of(place))
    clock = PLAYER_CLOCK.search(text)
    yield clock_ms(clock[1]) if clock else None
    yield from structured.lengths(document)
    yield opengraph.length(document)


def _declared_in_text(text: str) -> PlayerMetadata:
    """Returns the same of a page's text; the player's title is the line above its first words."""
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
