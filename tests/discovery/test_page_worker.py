"""Long pages are read in processes with limits, and say what short ones say."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import processes
import pytest

from aligner.discovery import page_worker
from aligner.discovery.page_worker import tasks
from aligner.discovery.page_worker.limits import PageLimits
from aligner.discovery.sources import FindOptions
from aligner.errors import MediaUnavailable, PageUnavailable
from aligner.types import FeedItem, MediaLink, Page

PROGRAM = "page_worker"
PAGES = sorted((Path(__file__).parents[1] / "data" / "pages").rglob("*.html"))
HERE = "https://news.example/a/1.html"
EVERYWHERE = FindOptions(relations=("article", "page", "other"))
limited = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    page_worker._processes.end()


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pages are read in a process too."""
    monkeypatch.setattr(page_worker, "LARGE_CHARS", 0)


def page(html: str) -> Page:
    return Page(HERE, HERE, html, 200)


def readings(one: Page) -> tuple[object, ...]:
    """All that can be read of a page."""
    article = page_worker.article_of(one)
    links, absence = page_worker.find_recordings("given", one, article, EVERYWHERE)
    return (
        article, links, type(absence), absence and vars(absence), page_worker.declared(one),
        page_worker.items(one), page_worker.characters_of(one),
        page_worker.referrer_of(one, article),
    )  # fmt: skip


def test_pages_say_the_same_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [page(path.read_text("utf-8", "replace")) for path in PAGES[::10]]
    some += [
        page("<title>Flood</title><p>Ça \ud800 — <video src=/a.mp4></video>"),
        replace(page(""), path=Path("a\udc80.html")),
        page("<rss><channel><item><title>a</title><pubDate>2025-01-01</pubDate></item></channel>"),
    ]
    here = [readings(one) for one in some]
    assert not processes.running(PROGRAM)
    monkeypatch.setattr(page_worker, "LARGE_CHARS", 0)
    assert [readings(one) for one in some] == here
    assert len(processes.running(PROGRAM)) == 1


@pytest.mark.usefixtures("apart")
def test_a_process_asks_the_network_by_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The feeds that a page names, and yt-dlp."""
    link = MediaLink("https://news.example/a.mp3", "audio", "feeds")
    feed = '<link rel=alternate type="application/rss+xml" href=/feed><title>Flood</title>'
    asked = []

    def read_feed(url: str) -> tuple[FeedItem, ...]:
        asked.append(url)
        return (FeedItem("Flood", HERE, (link,)),)

    def ytdlp(url: str, _: Page, __: FindOptions) -> tuple[MediaLink, ...]:
        asked.append(url)
        raise MediaUnavailable(url, "drm", "it is encrypted")

    monkeypatch.setattr("aligner.discovery.sources.ytdlp.ask", ytdlp)
    how = FindOptions(ask_network=True, read_feed=read_feed)
    article = page_worker.article_of(page(feed))
    (found,), absence = page_worker.find_recordings("given", page(feed), article, how)
    assert (found.url, absence) == (link.url, None)
    empty = page("<title>Flood</title><iframe src=https://youtu.be/x>")
    with pytest.raises(MediaUnavailable, match="it is encrypted") as raised:
        page_worker.find_recordings("given", empty, article, how)
    assert raised.value.state == "drm"
    assert asked == ["https://news.example/feed", HERE]
    assert len(processes.running(PROGRAM)) == 1


def why_unreadable(read: Callable[[], object]) -> str:
    with pytest.raises(PageUnavailable) as caught:
        read()
    assert (caught.value.url, caught.value.state) == (HERE, "not_media")
    return caught.value.why


@limited
def test_computing_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_worker, "LIMITS", PageLimits(cpu_s=0))
    endless = page("<p>a" * 1_000_000)
    assert "takes more than 0 s" in why_unreadable(lambda: page_worker.article_of(endless))
    assert not processes.running(PROGRAM)


@limited
def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_worker, "LIMITS", PageLimits(memory_bytes=120 << 20))
    large = page("<p>a<b>" * 1_000_000)
    assert "more than 120 MB" in why_unreadable(lambda: page_worker.characters_of(large))
    assert not processes.running(PROGRAM)


@pytest.mark.usefixtures("apart")
def test_time_is_limited_without_that_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    page_worker.article_of(page(""))  # starts the process
    monkeypatch.setattr(page_worker, "LIMITS", PageLimits(wall_s=5))
    feed = page('<link rel=alternate type="application/rss+xml" href=/feed>')

    def slow(_: str) -> tuple[FeedItem, ...]:
        time.sleep(6)
        return ()

    article = page_worker.article_of(feed)
    how = FindOptions(read_feed=slow)
    assert page_worker.find_recordings("given", feed, article, how)[0] == ()
    monkeypatch.setattr(page_worker, "LIMITS", PageLimits(wall_s=0.0))
    assert "more than" in why_unreadable(lambda: page_worker.article_of(page("<p>a" * 99_999)))


@pytest.mark.usefixtures("apart")
def test_what_nobody_foresaw_is_raised_here_too() -> None:
    request = tasks.PageRequest("no such task", page(""))
    with pytest.raises(RuntimeError, match="no such task"):
        page_worker._read(replace(request, page=page("x")), int)
