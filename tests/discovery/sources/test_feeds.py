"""RSS and Atom -> items with their recordings."""

import pytest
from test_find import PAGES

from aligner.discovery.sources import FindOptions, feeds, find
from aligner.discovery.sources.base import Document
from aligner.net.list_root import list_root
from aligner.types import Page, Track

FEED = "https://news.example/podcast/feed.xml"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel><title>Shows</title><link>https://news.example/</link>{}</channel></rss>"""


def page(text: str, content_type: str = "application/rss+xml") -> Page:
    return Page(FEED, FEED, text, 200, content_type)


def test_a_podcasts_feed() -> None:
    first, second, third = feeds.items(
        page((PAGES / "2025-11-03_podcast.xml").read_text(encoding="utf-8"))
    )
    assert (first.title, first.url) == (
        "The Ferry Is Back",
        "https://news.example/a/ferry/101.html",
    )
    (link,) = first.media
    assert (link.url, link.kind, link.found_by) == (
        "https://news.example/audio/ferry_hq.mp3", "audio", "feeds",
    )  # fmt: skip
    assert (link.declared_duration_ms, link.title) == (161_000, "The Ferry Is Back")
    assert link.tracks == (
        Track("https://news.example/t/ferry.vtt", "en", "captions", None, "text/vtt"),
        Track("https://news.example/t/ferry.html", None, "transcript", None, "text/html"),
    )
    assert second.media == ()  # its enclosure is a picture
    assert second.url == "https://news.example/a/clock/102.html"
    assert [link.url for link in third.media] == ["https://news.example/v/lake_240p.mp4"]
    assert len(third.media[0].qualities) == 2


def test_an_atom_feed() -> None:
    text = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A talk</title>
      <link rel="alternate" href="/a/1.html"/><link rel="enclosure" type="audio/mpeg" href="/1"/>
      </entry><entry><title>None</title></entry></feed>"""
    talk, none = feeds.items(page(text))
    assert (talk.url, talk.media[0].url) == (
        "https://news.example/a/1.html",
        "https://news.example/1",
    )
    assert (none.url, none.media) == (None, ())


def test_a_feed_as_the_source() -> None:
    text = RSS.format(
        "<item><title>One</title><enclosure url='/1.mp3' type='audio/mpeg'/></item>"
        "<item><title>Two</title><enclosure url='/2.mp3' type='audio/mpeg'/></item>"
    )
    assert [link.title for link in find(page(text))] == ["One", "Two"]


ITEMS = feeds.items(
    page(
        RSS.format(
            "<item><title>One</title><link>https://news.example/a/1.html?x=1</link></item>"
            "<item><title> Two  words</title><guid>https://www.news.example/a/2/</guid></item>"
        )
    )
)


@pytest.mark.parametrize(
    ("url", "title", "expected"),
    [
        ("https://www.news.example/a/1.html", None, "One"),
        ("http://news.example/a/2", "One", "Two words"),
        (None, "two words", "Two words"),
        ("https://news.example/a/3.html", "Three", None),
        (None, None, None),
    ],
)
def test_the_item_of_an_article(url: str | None, title: str | None, expected: str | None) -> None:
    item = feeds.item_of(ITEMS, url, title)
    assert (item.title if item else None) == expected


def test_feeds_that_a_page_names() -> None:
    text = """<link rel="alternate" type="application/rss+xml" href="/feed.xml">
      <link href="/atom" type="application/atom+xml; charset=utf-8" rel="ALTERNATE home">
      <link rel="alternate" type="text/html" hreflang=fr href="/fr"><link rel=alternate href=/x>"""
    html = Page("https://news.example/a", "https://news.example/a", text, 200)
    assert feeds.addresses(Document(html, None, FindOptions())) == (
        "https://news.example/feed.xml",
        "https://news.example/atom",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<rss",
        "<rss><channel><item><title>x",
        "no feed",
        "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss><item><title>&a;</title></item>",
        "<!DOCTYPE r [<!ENTITY a 'xxx'><!ENTITY b '&a;&a;&a;'>]><rss><item>&b;</item></rss>",
        "<rss><item><enclosure url='javascript:1' type='audio/mpeg'/></item></rss>",
        "<rss>" + "<item>" * 10_000,
    ],
)
def test_bad_feeds(text: str) -> None:
    for item in feeds.items(page(text)):
        assert item.media == ()
        assert "root" not in (item.title or "")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("<rss>", "rss"),
        ("\ufeff<?xml version='1.0'?>\n<!-- a --><!-- b --> <feed xmlns='x'>", "feed"),
        ("<?xml-stylesheet href='x'?><!DOCTYPE rdf:RDF [<!ENTITY a 'b'>]><rdf:RDF>", "rdf"),
        ("<html><rss>", None),
        ("<!-- <rss> --><html>", None),
        ("<rssx>", None),
        ("<!-- -->" * 2_000 + "<html>", None),
        ("<!-- " * 2_000, None),
    ],
    ids=range(8),
)
def test_what_kind_of_list_it_is(text: str, root: str | None) -> None:
    assert list_root(text) == root
