"""Tags, links and declarations of any page -> recordings: html5, links, structured."""

import json

import pytest

from aligner.discovery.sources import find, html5, opengraph, structured
from aligner.discovery.sources import links as plain_links
from aligner.discovery.sources.base import Find, FindOptions, ParsedPage
from aligner.types import MediaLink, Page

HERE = "https://news.example/a/1.html"


def found(
    way: Find, text: str, content_type: str = "text/html", url: str = HERE
) -> list[MediaLink]:
    return list(way(ParsedPage(Page(HERE, url, text, 200, content_type), None, FindOptions())))


def places(links: list[MediaLink]) -> list[tuple[str, str]]:
    return [(link.url.removeprefix("https://news.example"), link.kind) for link in links]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<video src=/a.mp4></video>", [("/a.mp4", "video")]),
        ("<audio controls><source src=/a.m4a type='audio/mp4'></audio>", [("/a.m4a", "audio")]),
        ("<audio data-src=/a.mp3></audio>", [("/a.mp3", "audio")]),
        ("<video><source data-src=/a.webm></video>", [("/a.webm", "video")]),
        ("<video src=/talk.mp3></video>", [("/talk.mp3", "audio")]),
        ("<audio src=/stream?id=5></audio>", [("/stream?id=5", "audio")]),
        (
            "<video><source src=/a.mp4 label=1080p><source src=/b.mp4 label=360p></video>",
            [("/b.mp4", "video")],
        ),
        ("<video><source src=/a.m3u8><source src=/a-720p.mp4></video>", [("/a-720p.mp4", "video")]),
        (
            "<audio src=/a.mp3></audio><video src=/b.mp4></video>",
            [("/a.mp3", "audio"), ("/b.mp4", "video")],
        ),
        ("<video muted loop autoplay src=/sky.mp4></video>", []),
        ("<video id=videoTag></video><audio src=''></audio>", []),
        ("<video data-preview-url=/a.mp4></video>", []),
        ("<video poster=/a.jpg src=blob:x></video>", []),
    ],
)  # fmt: skip
def test_html5(text: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(places(found(html5.find, text))) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected", "duration_ms"),
    [
        ("<a href=/a.mp3>Download the audio (0:53)</a>", [("/a.mp3", "audio")], 53_000),
        ("<a href='/a.MP4?download=1'>Video</a>", [("/a.MP4?download=1", "video")], None),
        ("<a href=/a.html>a.mp3</a>", [], None),
        ("<a href=/a.pdf>Text</a><a>none</a>", [], None),
        ("<li><a href=/live/a.mp3><span class='badge badge--live'>LIVE</span></a>", [], None),
        ("<link rel=enclosure href=/a.mp3>", [("/a.mp3", "audio")], None),
        ("<link rel='video_src nofollow' href=/a.mp4>", [("/a.mp4", "video")], None),
        ("<link rel=AUDIO_SRC type=audio/mpeg href=/listen/5>", [("/listen/5", "audio")], None),
        ("<link rel=image_src href=/a.mp3><link rel=enclosure href=/a.jpg>", [], None),
        ("<link rel=enclosure><link rel=enclosure href='javascript:1'>", [], None),
        ("<a href=mailto:a.mp3>Write</a>", [], None),
    ],
)
def test_links(text: str, expected: list[tuple[str, str]], duration_ms: int | None) -> None:
    links = found(plain_links.find, text)
    assert places(links) == expected
    assert [link.declared_duration_ms for link in links] == [duration_ms] * len(expected)


@pytest.mark.parametrize(
    ("content_type", "url", "kind"),
    [
        ("audio/mpeg", HERE, "audio"),
        ("video/mp4", HERE, "video"),
        ("application/octet-stream", "https://news.example/a.mp4", "video"),
        ("application/vnd.apple.mpegurl", "https://news.example/a.m3u8", "audio"),
    ],
)
def test_an_address_that_is_a_recording(content_type: str, url: str, kind: str) -> None:
    (link,) = found(plain_links.find, "", content_type, url)
    assert (link.url, link.kind) == (url, kind)


def ld(*nodes: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(n)}</script>' for n in nodes)


TYPE = "<meta property='og:video:type' content='{}'>"
AUDIO = {"@type": "AudioObject", "contentUrl": "/a.mp3"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ld(AUDIO), [("/a.mp3", "audio")]),
        (ld({"@graph": [{"@type": "WebPage"}, AUDIO]}), [("/a.mp3", "audio")]),
        (ld({"@type": "NewsArticle", "audio": AUDIO}), [("/a.mp3", "audio")]),
        (ld([{"@type": ["VideoObject", "X"], "contentUrl": "/v"}]), [("/v", "video")]),
        (
            ld({"@type": "VideoObject", "contentUrl": ["/v_720p.mp4", "/v_240p.mp4"]}),
            [("/v_240p.mp4", "video")],
        ),
        (
            ld({"@type": "VideoObject", "embedUrl": "https://player.example/1"}),
            [("https://player.example/1", "video")],
        ),
        (
            ld({"@type": "VideoObject", "embedUrl": "https://x.example/1", "contentUrl": "/v.mp4"}),
            [("/v.mp4", "video")],
        ),
        (ld({"@type": "VideoObject", "embedUrl": "https://player.example/"}), []),
        (
            ld({"@type": "VideoObject", "contentUrl": "https://youtu.be/abcdefghijk?t=9"}),
            [("https://www.youtube.com/watch?v=abcdefghijk", "video")],
        ),
        (ld({"@type": "PodcastEpisode", "associatedMedia": AUDIO}), [("/a.mp3", "audio")]),
        (ld({"@type": "https://schema.org/AudioObject", "url": "/a.mp3"}), [("/a.mp3", "audio")]),
        (ld({"@type": "AudioObject", "url": "/a.html"}), []),
        (ld(AUDIO | {"contentUrl": "/a.mp3?w=1&amp;t=2"}), [("/a.mp3?w=1&t=2", "audio")]),
        (ld(AUDIO | {"contentUrl": "/a.mp3?w=1&#38;t=2"}), [("/a.mp3?w=1&t=2", "audio")]),
        (ld(AUDIO | {"contentUrl": r"/a.mp3?w=1\u0026t=2"}), [("/a.mp3?w=1&t=2", "audio")]),
        (
            ld({"@type": "VideoObject", "embedUrl": "https://x.example/p?videoId=", "url": "/"}),
            [],
        ),
        (ld(AUDIO)[:-10], [("/a.mp3", "audio")]),
        (ld(AUDIO)[:-12], []),
        (ld(AUDIO).replace("}", ",}"), [("/a.mp3", "audio")]),
        (
            ld({"headline": 'The "end"', **AUDIO}).replace('\\"', '"'),
            [("/a.mp3", "audio")],
        ),
        (
            "<div vocab='https://schema.org/' typeof='AudioObject'>"
            "<span property=name>A talk</span><a property=contentUrl href=/a.mp3>x</a></div>",
            [("/a.mp3", "audio")],
        ),
        (
            "<div typeof='schema:VideoObject'><meta property='schema:embedUrl'"
            " content='https://player.vimeo.com/video/123456789'></div>",
            [("https://vimeo.com/123456789", "video")],
        ),
        (
            "<div itemscope itemtype='https://schema.org/VideoObject'><div itemprop=audio itemscope"
            " itemtype='https://schema.org/AudioObject'><meta itemprop=contentUrl content=/a.mp3>"
            "</div></div>",
            [("/a.mp3", "audio")],
        ),
        (ld({"@type": "ImageObject", "contentUrl": "/a.jpg"}), []),
        (ld({"@type": "AudioObject", "contentUrl": "javascript:1"}), []),
        ('<script type="application/ld+json">{"@type": "AudioObject", </script>', []),
        ('<script type="application/ld+json">"AudioObject"</script>', []),
        (ld(AUDIO).replace("{", '{"a": "line\nbreak", ').replace("}", "};"), [("/a.mp3", "audio")]),
        (
            "<div itemscope itemtype='https://schema.org/AudioObject'>"
            "<meta itemprop=contentUrl content=/a.mp3></div>",
            [("/a.mp3", "audio")],
        ),
        (
            "<div itemtype='http://schema.org/VideoObject'>"
            "<link itemprop=contentURL href=/a.mp4></div>",
            [("/a.mp4", "video")],
        ),
    ],
)  # fmt: skip
def test_structured(text: str, expected: list[tuple[str, str]]) -> None:
    assert places(found(structured.find, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<meta property='og:audio' content='/a.opus'>", [("/a.opus", "audio")]),
        ("<meta content='/a.mp3' property='og:audio:secure_url' />", [("/a.mp3", "audio")]),
        ("<meta content='/a.mp4' property='og:video' />", [("/a.mp4", "video")]),
        (
            f"<meta content='/get/1' property='og:video'>{TYPE.format('video/mp4')}",
            [("/get/1", "video")],
        ),
        (f"<meta content='/embed/1' property='og:video'>{TYPE.format('text/html')}", []),
        ("<meta content='/player.swf' property='og:video'>", []),
        ("<meta content='/a.mp3' name='twitter:player:stream' />", [("/a.mp3", "audio")]),
        ("<meta name='twitter:player:stream' content='/a.mp4'>", [("/a.mp4", "video")]),
        ("<meta name='twitter:player' content='/player?id=1'>", []),
        ("<meta content='/a.mp4' value='x' name='OG:Video'>", [("/a.mp4", "video")]),
        (
            "<meta name='twitter:player:stream:content_type' content='audio/mpeg; x'>"
            "<meta content='/get?id=1' name='twitter:player:stream'>",
            [("/get?id=1", "audio")],
        ),
        (
            "<meta property='og:video:url' content='https://www.youtube.com/embed/abcdefghijk'>",
            [("https://www.youtube.com/watch?v=abcdefghijk", "video")],
        ),
        (
            "<meta name='twitter:player' content='https://player.vimeo.com/video/123456789'>",
            [("https://vimeo.com/123456789", "video")],
        ),
    ],
)  # fmt: skip
def test_opengraph(text: str, expected: list[tuple[str, str]]) -> None:
    assert places(found(opengraph.find, text)) == expected


def test_json_ld_before_a_preview() -> None:
    text = "<meta property='og:video' content='/preview.mp4'>" + ld(
        {"@type": "VideoObject", "contentUrl": "/v.m3u8", "name": "Full", "duration": "PT6M33S"}
    )
    first = find(Page(HERE, HERE, text, 200))[0]
    assert (first.title, first.declared_duration_ms) == ("Full", 393_000)
