"""Reads pages: their article, recordings, and feed's items; long ones in processes with limits.

A page can be made to take endless time or all memory of a parser. A long page is therefore read by
a process of its own (``program.py``), which can be ended; what it lacks from the network it asks
of this one. Such a page becomes an error that names it. Short pages are read right here, because
starting a process takes longer.

tasks.py     what is read, and how it travels between processes
program.py   the program that reads pages
limits.py    which pages are long, and how much time and memory reading one may take
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from aligner._util.helper_process import HelperProcesses
from aligner.discovery import sources
from aligner.discovery.page_worker.limits import DEFAULTS, LARGE_CHARS
from aligner.discovery.page_worker.tasks import (
    TASKS,
    NetworkQuestion,
    PageFailure,
    PageRequest,
    decode,
    encode,
)
from aligner.discovery.sources import FindOptions
from aligner.discovery.sources.base import ReadFeed
from aligner.errors import AlignerError, BadSource, PageUnavailable
from aligner.types import Article, FeedItem, MediaLink, Page, PlayerMetadata, Referrer

__all__ = [
    "article_of",
    "characters_of",
    "declared",
    "feed_reader",
    "find_recordings",
    "items",
    "referrer_of",
]  # fmt: skip

T = TypeVar("T")
LONGEST_ANSWER = 100_000_000
CANNOT_START = (
    "the program that reads long pages cannot start; perhaps memory or computing time of processes "
    "is limited here (ulimit -v, ulimit -t)"
)
MOST_REMEMBERED = 8
OFFLINE = FindOptions()
LIMITS = DEFAULTS

_processes = HelperProcesses(
    f"{__name__}.program", longest_answer=LONGEST_ANSWER, cannot_start=CANNOT_START
)


def article_of(page: Page) -> Article:
    """Returns the article of a page, as ``article.extract``. Raises PageUnavailable."""
    return _read(PageRequest("article", page), Article)


def declared(page: Page) -> PlayerMetadata:
    """Returns what a page says of its recording, as ``sources.declared``.

    Raises PageUnavailable.
    """
    return _read(PageRequest("declared", page), PlayerMetadata)


def characters_of(page: Page) -> int:
    """Returns the length of a page's text. Raises PageUnavailable."""
    return _read(PageRequest("characters", page), int)


def items(page: Page) -> tuple[FeedItem, ...]:
    """Returns the items of a feed, as ``sources.feeds.items``. Raises PageUnavailable."""
    return _read(PageRequest("items", page), tuple[FeedItem, ...])


def feed_reader(fetch: Callable[[str], Page]) -> ReadFeed:
    """Returns a function that reads feeds with ``fetch``, and caches the last few."""

    @lru_cache(maxsize=MOST_REMEMBERED)
    def read(url: str) -> tuple[FeedItem, ...]:
        try:
            return items(fetch(url))
        except (PageUnavailable, BadSource):
            return ()

    return read


def referrer_of(page: Page, article: Article) -> Referrer | None:
    """Returns a page as the referrer of its recordings. Raises PageUnavailable."""
    kind: Any = TASKS["referrer"][1]
    found: Referrer | None = _read(PageRequest("referrer", page, article=article), kind)
    return found


def find_recordings(
    source: str, page: Page, article: Article, how: FindOptions
) -> tuple[tuple[MediaLink, ...], AlignerError | None]:
    """Find all recordings that a page links, best first.

    Returns them, and the error that says why none of them is the article's own, if none is;
    ``source`` is what it calls the page. Raises MediaUnavailable where yt-dlp says that the page's
    recording cannot be had, PageUnavailable.
    """
    request = PageRequest(
        "recordings", page, source, article, how.allow_private, how.ask_network, how.relations,
        how.named, reads_feeds=how.read_feed is not None,
    )  # fmt: skip
    kind: Any = TASKS["recordings"][1]
    found = _read(request, kind, how)
    return found.links, found.absence and found.absence.error


def _read(request: PageRequest, kind: type[T], how: FindOptions = OFFLINE) -> T:
    """Do a task here, or in a process of its own. Raises as ``find_recordings``."""
    if len(request.page.html) < LARGE_CHARS:
        result: T = TASKS[request.task][0](request, how)
        return result

    def give(data: bytes) -> bytes:
        return encode(_asked(decode(data, NetworkQuestion), request.page, how))

    name = request.page.final_url or request.page.url or str(request.page.path or "the page")
    request = replace(request, limits=LIMITS)
    answer = _processes.ask(name, encode(request), LIMITS.wall_s, give, counts_giving=False)
    try:
        if answer and answer[:1] == b"=":
            return decode(answer[1:], kind)
        failure = decode(answer[1:], PageFailure) if answer else None
    except (ValueError, RecursionError):
        failure = None
    raise _error(name, request.page, failure)


def _asked(question: NetworkQuestion, page: Page, how: FindOptions) -> Any:
    """Returns what the network has for a process. Raises MediaUnavailable."""
    if question.of == "ytdlp":
        return sources.ytdlp.ask(question.url, page, how)
    return how.read_feed(question.url) if how.read_feed else ()


def _error(name: str, page: Page, failure: PageFailure | None) -> Exception:
    if failure and failure.error == "unforeseen":
        return RuntimeError(failure.why)
    why = f"reading it takes more than {LIMITS.cpu_s} s of computing, or crashes the reader"
    if failure:
        why = f"reading it takes more than {LIMITS.memory_bytes >> 20} MB of memory"
    status = None if page.path else page.status or None
    return PageUnavailable(name, why, status, "not_media")
