"""Sitemaps, their indexes, lists of addresses and robots.txt -> articles."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_find import PAGES

from aligner.discovery.sources.base import moment_of
from aligner.discovery.sources.sitemaps import Sitemap, entries, is_sitemap
from aligner.types import DateRange, FeedItem, Page

HERE = "https://news.example/sitemap.xml"


def listed(text: str) -> list[FeedItem | Sitemap]:
    return list(entries(Page(HERE, HERE, text, 200, "application/xml")))


def test_a_news_sitemap() -> None:
    bridge, lake = listed((PAGES / "2025-11-03_sitemap.xml").read_text(encoding="utf-8"))
    assert isinstance(bridge, FeedItem)
    assert (bridge.title, bridge.url) == ("A Bridge & a Road", "https://news.example/a/bridge.html")
    assert bridge.published == datetime(2025, 11, 3, 9, 30, tzinfo=UTC)
    assert bridge.listed_in == HERE
    assert isinstance(lake, FeedItem)
    assert lake.published == datetime(2025, 11, 1, tzinfo=UTC)
    (video,) = lake.media
    assert (video.url, video.kind) == ("https://news.example/v/lake.mp4", "video")
    assert (video.declared_duration_ms, video.title) == (95_000, "The lake from above")


def test_an_index() -> None:
    text = """<?xml version="1.0"?><!-- made by hand -->
      <sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <sitemap><loc> /one.xml </loc><lastmod>2025-11-02</lastmod></sitemap>
      <sitemap><loc>https://news.example/two.xml.gz</loc></sitemap>
      <sitemap><loc>file:///etc/passwd</loc></sitemap><sitemap/></sitemapindex>"""
    assert listed(text) == [
        Sitemap("https://news.example/one.xml", datetime(2025, 11, 2, tzinfo=UTC)),
        Sitemap("https://news.example/two.xml.gz"),
    ]


def test_plain_lists() -> None:
    assert listed("https://news.example/a\nno address\n https://x\nhttps://news.example/b \n") == [
        FeedItem(None, "https://news.example/a", listed_in=HERE),
        FeedItem(None, "https://news.example/b", listed_in=HERE),
    ]
    robots = "User-agent: *\nDisallow: /x\nSitemap: https://news.example/s.xml\nsitemap:/t.xml"
    assert listed(robots) == [
        Sitemap("https://news.example/s.xml"),
        Sitemap("https://news.example/t.xml"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<urlset",
        "<urlset><url><loc>",
        "<urlset><url><loc>javascript:alert(1)</loc></url></urlset>",
        "<!DOCTYPE u [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>https://n.example/"
        "&a;</loc></url></urlset>",
        "<urlset>" + "<url>" * 20_000,
        "<html><title>No sitemap</title></html>",
    ],
    ids=range(7),
)
def test_bad_sitemaps(text: str) -> None:
    assert all(isinstance(e, FeedItem) and "root" not in (e.url or "") for e in listed(text))


def test_what_is_a_sitemap() -> None:
    page = Page(HERE, HERE, "<rss><urlset/></rss>", 200)
    assert not is_sitemap(page)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-11-03", datetime(2025, 11, 3, tzinfo=UTC)),
        ("2025-11", datetime(2025, 11, 1, tzinfo=UTC)),
        ("2025", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-11-03T10:30:00+01:00", datetime(2025, 11, 3, 9, 30, tzinfo=UTC)),
        (" 2025-11-03T09:30:00.5Z ", datetime(2025, 11, 3, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("Mon, 03 Nov 2025 09:30:00 GMT", datetime(2025, 11, 3, 9, 30, tzinfo=UTC)),
        ("yesterday", None),
        ("2025-13-45", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(text: str | None, moment: datetime | None) -> None:
    assert moment_of(text) == moment


def test_windows() -> None:
    early, middle, late = (datetime(2025, 11, day, tzinfo=UTC) for day in (1, 2, 3))
    assert DateRange().has(None)
    assert not DateRange(since=middle).has(None)
    assert [DateRange(middle, middle).has(m) for m in (early, middle, late)] == [False, True, False]
    assert [DateRange(until=middle).has(m) for m in (early, middle, late)] == [True, True, False]


def test_fixtures_are_dated() -> None:
    undated = {"copied.txt", "newspaper.html", "pangea.html"}
    names = {path.name for path in Path(PAGES).iterdir()} - undated
    assert all(name[:2] == "20" and name[10] == "_" for name in names)
