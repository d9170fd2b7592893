"""Players of the Pangea system -> recordings."""

import json
from html import escape

import pytest

from aligner.discovery.sources.base import FindOptions, ParsedPage
from aligner.discovery.sources.pangea import find
from aligner.types import MediaLink, Page

NO_MEDIA = "<p>No media source currently available</p>"


def links(inner: str) -> list[MediaLink]:
    text = (
        f"<div class='wsw'><div class='wsw__embed'><div class='c-mmp'>{NO_MEDIA}{inner}</div></div>"
    )
    where = "https://www.news.example/a/1.html"
    return list(find(ParsedPage(Page(where, where, text, 200), None, FindOptions())))


def listed(*entries: tuple[str, str, str]) -> str:
    """The value of ``data-sources``."""
    return escape(json.dumps([{"Src": s, "Type": t, "DataInfo": i} for s, t, i in entries]))


HQ = ("https://cdn.example/a_hq.mp3", "audio/mp3", "128 kbps")
VIDEO = [(f"https://cdn.example/v_{n}p.mp4", "video/mp4", f"{n}p") for n in (1080, 240, 720)]


@pytest.mark.parametrize(
    ("inner", "url", "kind", "quality"),
    [
        ("<audio src='a.mp3' data-info='64 kbps'></audio>", "/a/a.mp3", "audio", "64 kbps"),
        (
            f"<audio src='https://cdn.example/a.mp3' data-info='64 kbps' "
            f"data-sources='{listed(HQ)}'>",
            "https://cdn.example/a.mp3", "audio", "64 kbps",
        ),
        (f"<audio src='' data-sources='{listed(HQ)}'>", HQ[0], "audio", "128 kbps"),
        (f"<audio data-sources='{listed(HQ)}'>", HQ[0], "audio", "128 kbps"),
        (f"<video src='' data-sources='{listed(*VIDEO)}'>", VIDEO[1][0], "video", "240p"),
        (
            "<video src='https://cdn.example/v.m3u8' data-type='application/x-mpegURL' "
            "data-fallbacksrc='https://cdn.example/v.mp4'>",
            "https://cdn.example/v.mp4", "video", None,
        ),
        (
            "<video src='https://cdn.example/v.m3u8' data-type='application/x-mpegURL'>",
            "https://cdn.example/v.m3u8", "video", None,
        ),
        (
            "<a class='c-mmp__fallback-link' href='https://cdn.example/a.mp3'>"
            "<span>Direct link</span></a>",
            "https://cdn.example/a.mp3", "audio", "Direct link",
        ),
        (
            "<ul class='subitems'><li><a class='handler' href='a_hq.mp3?download=1' "
            "title='128 kbps | MP3'>x</a><li><a class='handler' href='a.mp3?download=1' "
            "title='64 kbps | MP3'>x</a></ul>",
            "/a/a.mp3?download=1", "audio", "64 kbps | MP3",
        ),
        (
            "<a class='handler' href='/get/v?cb=1&amp;download=1' title='240p | 5.2MB'>240p</a>",
            "/get/v?cb=1&download=1", "audio", "240p | 5.2MB",
        ),
        ("<video><source src='v.mp4' type='video/mp4'></video>", "/a/v.mp4", "video", None),
    ],
)  # fmt: skip
def test_where_addresses_stand(inner: str, url: str, kind: str, quality: str | None) -> None:
    (found,) = links(inner)
    expected = url if url.startswith("http") else f"https://www.news.example{url}"
    assert (found.url, found.kind, found.quality) == (expected, kind, quality)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<audio src=''></audio>",
        "<audio src='' data-sources='[]'></audio>",
        "<audio src='' data-sources='not json'></audio>",
        "<a class='c-mmp__fallback-link' href='javascript:void(0)'>Direct link</a>",
        "<a href='/Navigation/LiveAudio/a.mp3'>Listen live</a>",
        "<a href='/z/1.html?download=1'>Other page</a>",
        "<a class='handler' href='/a/2.html'>64 kbps</a>",
    ],
)
def test_a_player_without_media(inner: str) -> None:
    assert links(inner) == []


def test_length_and_title() -> None:
    (found,) = links(
        "<h3>A talk</h3><audio src=a.mp3></audio>"
        "<span class='c-mmp__cpanel-progress-controls-duration js-duration'>· 0:03:17</span>"
    )
    assert (found.title, found.declared_duration_ms) == ("A talk", 197_000)


def test_each_player_is_a_recording() -> None:
    player = "</div></div><div class='wsw__embed'><div class='c-mmp'><audio src={}.mp3></audio>"
    assert len(links("".join(map(player.format, "abc")))) == 3


@pytest.mark.parametrize(("kind", "query"), [("audio", "?type=audio"), ("video", "?type=video")])
def test_a_player_in_a_frame(kind: str, query: str) -> None:
    (found,) = links(f"<iframe src='/embed/player/0/5214238.html{query}'></iframe>")
    assert found.url == f"https://www.news.example/embed/player/0/5214238.html{query}"
    assert (found.kind, found.qualities[0].mime) == (kind, "text/html")
