"""The Referer header: as browsers send it, in requests of ours and of yt-dlp."""

from contextlib import suppress
from pathlib import Path

import pytest
from server import Reply, Server, redirect

from aligner.discovery import download, sources
from aligner.errors import MediaUnavailable
from aligner.net.client import Session, WebOptions, fetch
from aligner.net.headers import parse
from aligner.net.options import NetworkOptions
from aligner.net.referrer import header_value, policy_of
from aligner.types import MediaLink, Page, Referrer

HERE = WebOptions(allow_private=True)
PAGE = "https://user:pass@news.example/a/story?id=7#top"
FULL, ORIGIN = "https://news.example/a/story?id=7", "https://news.example/"
SAME, CROSS, PLAIN = (
    "https://news.example/x.mp3",
    "https://cdn.example/x.mp3",
    "http://cdn.example/x.mp3",
)


@pytest.mark.parametrize(
    ("policy", "same", "cross", "plain"),
    [
        ("no-referrer", None, None, None),
        ("no-referrer-when-downgrade", FULL, FULL, None),
        ("origin", ORIGIN, ORIGIN, ORIGIN),
        ("origin-when-cross-origin", FULL, ORIGIN, ORIGIN),
        ("same-origin", FULL, None, None),
        ("strict-origin", ORIGIN, ORIGIN, None),
        ("strict-origin-when-cross-origin", FULL, ORIGIN, None),
        ("unsafe-url", FULL, FULL, FULL),
    ],
)
def test_policies(policy: str, same: str | None, cross: str | None, plain: str | None) -> None:
    referrer = Referrer(PAGE, policy)
    assert [header_value(referrer, url) for url in (SAME, CROSS, PLAIN)] == [same, cross, plain]


@pytest.mark.parametrize(
    ("page", "target", "value"),
    [
        ("https://a.example", "https://a.example:443/x", "https://a.example/"),
        ("https://a.example:8443/b", "https://a.example/x", "https://a.example:8443/"),
        ("http://a.example/b", "https://a.example/x", "http://a.example/"),
        (f"https://a.example/{'b' * 5000}", "https://a.example/x", "https://a.example/"),
        ("file:///tmp/page.html", "https://a.example/x", None),
        ("https://a.example/b", "https://[broken", None),
    ],
)
def test_origins(page: str, target: str, value: str | None) -> None:
    assert header_value(Referrer(page), target) == value


@pytest.mark.parametrize(
    ("header", "metas", "policy"),
    [
        (None, (), "strict-origin-when-cross-origin"),
        ("no-referrer, origin", (), "origin"),
        ("origin, some-future-policy", (), "origin"),
        ("origin", ("Never",), "no-referrer"),
        (None, ("always",), "unsafe-url"),
        (None, ("origin-when-crossorigin", "nonsense"), "origin-when-cross-origin"),
    ],
)
def test_what_a_page_says(header: str | None, metas: tuple[str, ...], policy: str) -> None:
    assert policy_of(header, metas) == policy


def test_a_page_hands_its_policy_to_its_links() -> None:
    html = '<meta name="Referrer" content="origin"><audio src="/a.mp3"></audio>'
    page = Page("https://a.example/b", "https://a.example/b", html, 200)
    (link,) = sources.find(page)
    assert link.referrer == Referrer("https://a.example/b", "origin")
    (itself,) = sources.find(Page(link.url, link.url, "", 200, "audio/mpeg"))
    assert itself.referrer is None
    (saved,) = sources.find(Page(None, None, '<audio src="https://a.example/a.mp3">', 200))
    assert saved.referrer is None


def test_the_header_of_a_page() -> None:
    with Server() as server:
        server.routes["/"] = Reply(b"<p>Text", headers={"Referrer-Policy": "same-origin"})
        assert fetch(server.url("/"), HERE).referrer_policy == "same-origin"


def test_requests_for_parts_and_their_redirects() -> None:
    with Server() as server, Session(HERE) as session:
        page = server.url("/story")
        server.routes["/a"] = redirect(server.url("/b", host="localhost"))
        server.routes["/b"] = Reply(b"12345", ranges=True)
        session.fetch_range(server.url("/a"), 0, 5, referrer=Referrer(page))
        session.fetch_range(server.url("/b"), 0, 5)
    assert [h.get("Referer") for h in server.headers] == [page, server.url("/"), None]


def test_the_users_own_referer_wins() -> None:
    with Server() as server:
        given = parse("Referer: https://own.example/", [server.url("/")])
        asking = WebOptions(allow_private=True, net=NetworkOptions(headers=given))
        with Session(asking) as session:
            session.fetch_range(server.url("/a"), 0, 5, referrer=Referrer(server.url("/page")))
    assert server.headers[0]["Referer"] == "https://own.example/"


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{}\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("name", ["/a.mp3", "/a.m3u8"])
def test_downloads_name_the_page_in_every_request(name: str, tmp_path: Path) -> None:
    with Server() as server:
        page = server.url("/story")
        server.routes["/a.mp3"] = Reply(b"ID3" + bytes(2000), "audio/mpeg", ranges=True)
        away = server.url("/piece.ts", host="localhost")
        server.routes["/a.m3u8"] = Reply(
            PLAYLIST.format(away).encode(), "application/vnd.apple.mpegurl"
        )
        server.routes["/piece.ts"] = Reply(b"G" + bytes(187), "video/mp2t")
        link = MediaLink(server.url(name), "audio", "html5", referrer=Referrer(page))
        options = download.DownloadOptions(allow_private=True)
        with suppress(MediaUnavailable):  # the bytes are no sound; only the requests matter here
            download.download(link, tmp_path, options)
        asked = dict(zip(server.asked, (h.get("Referer") for h in server.headers), strict=True))
    expected = {name: page}
    if name == "/a.m3u8":
        expected["/piece.ts"] = server.url("/")
    assert asked == expected
