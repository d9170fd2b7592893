"""Feeds and sitemaps as sources of `aligner check` and `aligner caption`, over real HTTP."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from server import Reply, Server
from test_check import PROSE, RECORDING, Checker, check, findings_of, page, video

from aligner import cli
from aligner.cli import shared_options
from aligner.errors import FeedGiven, PageUnavailable
from aligner.net import client
from aligner.pipeline import check as checking
from aligner.pipeline import steps
from aligner.pipeline.options import Options
from aligner.pipeline.source import read_page
from aligner.types import DateRange, FeedItem, MediaLink

__all__ = ["check"]

PRIVATE = Options(allow_private=True)


def feed(server: Server, *items: str) -> Reply:
    text = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
        + "".join(f"<item>{item}</item>" for item in items).replace("BASE", server.url(""))
        + "</channel></rss>"
    )
    return Reply(text.encode(), "application/rss+xml")


def sitemap(*paths: str, server: Server, more: str = "") -> Reply:
    urls = "".join(f"<url><loc>{server.url(path)}</loc>{more}</url>" for path in paths)
    return Reply(f"<urlset>{urls}</urlset>".encode(), "text/xml")


ENCLOSED = "<enclosure url='BASE/a.mp4' type='video/mp4'/>"


@pytest.fixture
def site() -> Iterator[Server]:
    with Server({"/a.mp4": Reply(RECORDING, "video/mp4", ranges=True)}) as server:
        server.routes |= {
            "/plays": page(video("/a.mp4")),
            "/none": page(),
            "/feed": feed(
                server,
                "<title>One</title><link>BASE/plays</link>"
                "<pubDate>Mon, 03 Nov 2025 09:30:00 GMT</pubDate>",
                f"<title>Two</title><link>BASE/none</link>{ENCLOSED}",
                "<title>Three</title><link>BASE/none?3</link>",
                f"<title>Four</title><link>BASE/lost</link>{ENCLOSED}",
                f"<title>Five</title>{ENCLOSED}",
            ),
            "/map": sitemap("/plays", "/none", server=server),
        }
        yield server


# ---------------------------------------------------------------- feeds


@pytest.mark.slow
def test_each_entry_of_a_feed_is_an_article(check: Checker, site: Server) -> None:
    code, out, err = check("--json", site.url("/feed"))
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["source"]: (row["state"], row["title"]) for row in rows} == {
        site.url("/plays"): ("playable", "A bridge"),
        site.url("/none"): ("playable", "A bridge"),
        site.url("/none?3"): ("none", "A bridge"),
        site.url("/lost"): ("playable", "Four"),
        site.url("/a.mp4"): ("playable", "Five"),
    }
    assert {row["listed_in"] for row in rows} == {site.url("/feed")}
    assert (code, "5 sources: 4 playable, 1 none" in err) == (0, True)


@pytest.mark.slow
def test_a_feed_among_other_sources(check: Checker, site: Server) -> None:
    found = check.states(site.url("/none?x"), site.url("/feed"))
    assert len(found) == 6
    assert found[site.url("/none?x")] == "none"


def test_a_saved_feed(check: Checker, site: Server, tmp_path: Path) -> None:
    saved = tmp_path / "feed.xml"
    saved.write_bytes(site.routes["/feed"].body)
    rows = check.rows(saved)
    assert len(rows) == 5
    assert {row["listed_in"] for row in rows} == {str(saved)}


def test_entries_of_a_time(check: Checker, site: Server) -> None:
    assert set(check.states("--since", "2025-11-03", site.url("/feed"))) == {site.url("/plays")}
    code, _, err = check("--until", "2025-11-02", site.url("/feed"))
    assert (code, "none of that time" in err) == (2, True)


@pytest.mark.slow
def test_robots_are_heeded_for_the_entries(check: Checker, site: Server) -> None:
    site.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /plays", "text/plain")
    assert check.states(site.url("/feed"))[site.url("/plays")] == "refused"
    again = check.states("--ignore-robots", site.url("/feed"))
    assert again[site.url("/plays")] == "playable"


@pytest.mark.parametrize("body", [b"<rss><channel/></rss>", b"<feed xmlns='x'></feed>"])
def test_an_empty_feed(check: Checker, site: Server, body: bytes) -> None:
    site.routes["/empty"] = Reply(body, "text/xml")
    code, _, err = check(site.url("/empty"))
    assert (code, "a feed without articles" in err) == (2, True)
    states = check.states(site.url("/empty"), site.url("/plays"))
    assert states == {site.url("/empty"): "not_media", site.url("/plays"): "playable"}


def test_a_feed_that_lists_itself_ends(check: Checker, site: Server) -> None:
    site.routes["/loop"] = feed(site, "<title>Again</title><link>BASE/loop</link>")
    assert check.states(site.url("/loop")) == {site.url("/loop"): "not_media"}


def test_a_page_that_is_a_feed_by_its_content(check: Checker, site: Server) -> None:
    site.routes["/html"] = Reply(site.routes["/feed"].body, "text/html")
    assert len(check.rows(site.url("/html"))) == 5


def test_those_who_ask_for_one_article_are_told() -> None:
    with Server() as server:
        server.routes["/feed"] = feed(server, "<title>One</title><link>BASE/one</link>")
        with pytest.raises(FeedGiven, match="a feed of 1 articles") as caught:
            checking.check(server.url("/feed"), PRIVATE)
        with pytest.raises(FeedGiven):
            steps.caption(server.url("/feed"), PRIVATE)
    (item,) = caught.value.items
    assert (item.title, item.listed_in) == ("One", server.url("/feed"))


def test_captions_of_a_feed(site: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    real = steps.caption

    def caption(source: object, *rest: object) -> object:
        asked.append(source)
        return real(source, *rest)  # type: ignore[arg-type]

    site.routes["/quiet"] = feed(
        site, "<title>A</title><link>BASE/none?1</link>", "<title>B</title><link>BASE/none?2</link>"
    )
    monkeypatch.setattr(steps, "caption", caption)
    monkeypatch.setattr(
        "sys.argv",
        ["aligner", "caption", "--allow-private", "-q", "-o", str(tmp_path), site.url("/quiet")],
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 7
    assert [item.title for item in asked if isinstance(item, FeedItem)] == ["A", "B"]
    reasons = {json.loads(p.read_text())["status"] for p in tmp_path.glob("*.json")}
    assert reasons == {"no_media"}
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_the_text_of_a_feed_stands_in_for_a_lost_page(site: Server) -> None:
    recording = MediaLink(site.url("/a.mp4"), "video", "feeds")
    item = FeedItem("A bridge", site.url("/lost"), (recording,), PROSE)
    fetch = partial(client.fetch, options=client.WebOptions(allow_private=True))
    assert "The council of the village" in read_page(item, PRIVATE, fetch).html
    with pytest.raises(PageUnavailable):
        read_page(replace(item, media=()), PRIVATE, fetch)


# ---------------------------------------------------------------- a page's own feed

ALTERNATE = '<link rel="alternate" type="application/rss+xml" href="{}">'


def test_the_feed_of_a_page_that_has_nothing(site: Server) -> None:
    head = ALTERNATE.format("/comments/feed") + ALTERNATE.format("/feed")
    site.routes["/none"] = Reply(page().body.replace(b"<article>", head.encode() + b"<article>"))
    found = checking.check(site.url("/none"), PRIVATE)
    assert (found.state, found.media and found.media.found_by) == ("playable", "feeds")
    assert "/comments/feed" not in site.asked
    site.asked.clear()
    site.routes["/plays"] = Reply(site.routes["/plays"].body.replace(b"<article>", head.encode()))
    assert checking.check(site.url("/plays"), PRIVATE).state == "playable"
    assert "/feed" not in site.asked  # it has its own


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(b"<html>no feed", "text/html")])
def test_a_feed_that_is_none(site: Server, reply: Reply) -> None:
    site.routes["/feed"] = reply
    head = ALTERNATE.format("/feed").encode()
    site.routes["/none"] = Reply(page().body.replace(b"<article>", head + b"<article>"))
    assert checking.check(site.url("/none"), PRIVATE).state == "none"


def test_one_feed_is_read_once_for_many_pages(site: Server) -> None:
    head = ALTERNATE.format("/feed").encode()
    site.routes["/none"] = Reply(page().body.replace(b"<article>", head + b"<article>"))
    check_options = checking.CheckOptions(embeds=False, jobs=1)
    sources = [site.url(f"/none?{n}") for n in range(4)]
    assert len(list(findings_of(sources, PRIVATE, check_options))) == 4
    assert site.asked.count("/feed") == 1


# ---------------------------------------------------------------- sitemaps

DATED = "<lastmod>{}</lastmod>"


def test_a_sitemap(check: Checker, site: Server) -> None:
    expected = {site.url("/plays"): "playable", site.url("/none"): "none"}
    assert check.states("--sitemap", site.url("/map")) == expected
    packed = gzip.compress(site.routes["/map"].body)
    site.routes["/map.xml.gz"] = Reply(packed, "application/x-gzip")
    assert check.states("--sitemap", site.url("/map.xml.gz")) == expected
    code, _, err = check(site.url("/map"))
    assert (code, "--sitemap" in err) == (2, True)


def test_an_index_of_sitemaps_and_a_window(check: Checker, site: Server) -> None:
    new, old = DATED.format("2025-11-03T10:00:00Z"), DATED.format("2025-10-01")
    site.routes |= {
        "/new": sitemap("/plays", server=site, more=new),
        "/mixed": sitemap("/none", server=site, more=old),
        "/robots.txt": Reply(f"Sitemap: {site.url('/index')}".encode(), "text/plain"),
        "/index": Reply(
            "<sitemapindex>"
            f"<sitemap><loc>{site.url('/new')}</loc></sitemap>"
            f"<sitemap><loc>{site.url('/mixed')}</loc></sitemap>"
            f"<sitemap><loc>{site.url('/old')}</loc>{old}</sitemap>"
            f"<sitemap><loc>{site.url('/index')}</loc></sitemap></sitemapindex>".encode(),
            "text/xml",
        ),
    }
    for start in ("/index", "/robots.txt"):
        found = check.states("--sitemap", site.url(start), "--since", "2025-11-01")
        assert found == {site.url("/plays"): "playable"}
    assert "/old" not in site.asked
    found = check.states("--sitemap", site.url("/index"), "--until", "2025-11-03")
    assert found[site.url("/old")] == "gone"  # a lost sitemap is told among the articles
    assert len(found) == 3


def test_a_saved_sitemap(check: Checker, site: Server, tmp_path: Path) -> None:
    saved = tmp_path / "map.xml.gz"
    saved.write_bytes(gzip.compress(site.routes["/map"].body))
    assert len(check.rows("--sitemap", saved)) == 2


@pytest.mark.parametrize(
    ("reply", "sentence", "code"),
    [
        (Reply(status=404), "404", 1),
        (Reply(b"<html>nothing"), "not a sitemap", 2),
        (Reply(gzip.compress(bytes(60_000_000)), "application/gzip"), "unpack", 1),
        (Reply(b"\x1f\x8bdamaged", "application/gzip"), "unpack", 1),
    ],
    ids=["gone", "a page", "a bomb", "damaged"],
)
def test_bad_sitemaps(check: Checker, site: Server, reply: Reply, sentence: str, code: int) -> None:
    site.routes["/bad"] = reply
    ended, _, err = check("--sitemap", site.url("/bad"))
    assert (ended, sentence in err) == (code, True)


def test_articles_are_taken_only_as_they_are_needed(site: Server) -> None:
    site.routes["/long"] = sitemap(*(f"/none?{n}" for n in range(500)), server=site)
    check_options = checking.CheckOptions(embeds=False, jobs=2, sitemaps=(site.url("/long"),))
    found = findings_of((), PRIVATE, check_options)
    assert next(found).state == "none"
    assert len(site.asked) < 20


def test_dates_that_are_none(check: Checker, site: Server) -> None:
    code, _, err = check("--since", "yesterday", site.url("/feed"))
    assert (code, "yesterday: give it like" in err) == (2, True)


def test_the_last_day_of_a_window_belongs_to_it() -> None:
    window = DateRange(until=datetime(2025, 11, 3, 23, 59, 59, 999_999, tzinfo=UTC))
    moment = shared_options.moment(None, type("O", (), {"name": "until"})(), "2025-11-03")  # type: ignore[arg-type]
    assert moment == window.until
