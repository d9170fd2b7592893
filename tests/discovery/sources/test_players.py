"""Embeds, AMP, players' settings -> recordings."""

import json
from base64 import b64encode
from collections.abc import Callable
from html import escape

import pytest

from aligner.discovery.sources import amp, embeds, html5, player_config
from aligner.discovery.sources.base import Find, FindOptions, ParsedPage
from aligner.types import Article, MediaLink, Page, Track

HERE = "https://news.example/a/1234567.html"
YOUTUBE = "https://www.youtube.com/watch?v=abcdefghijk"


def found(way: Find, text: str, title: str | None = None) -> list[MediaLink]:
    article = Article(HERE, title, None, ()) if title else None
    return list(way(ParsedPage(Page(HERE, HERE, text, 200), article, FindOptions())))


def places(links: list[MediaLink]) -> list[str]:
    return [link.url.removeprefix("https://news.example") for link in links]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<iframe src='//www.youtube.com/embed/abcdefghijk'></iframe>", [YOUTUBE]),
        ("<iframe src=about:blank data-src='//youtu.be/abcdefghijk'></iframe>", [YOUTUBE]),
        ("<embed src='https://www.youtube.com/v/abcdefghijk'>", [YOUTUBE]),
        ("<object data='https://www.youtube.com/v/abcdefghijk'></object>", [YOUTUBE]),
        ("<noscript><iframe src='//youtu.be/abcdefghijk'></iframe></noscript>", [YOUTUBE]),
        ("<lite-youtube videoid=abcdefghijk></lite-youtube>", [YOUTUBE]),
        ("<div class=youtube-player data-id=abcdefghijk></div>", [YOUTUBE]),
        ("<div data-youtube-id=abcdefghijk></div>", [YOUTUBE]),
        (
            """<div data-settings='{"youtube_url":"https:\\/\\/youtu.be\\/abcdefghijk"}'></div>""",
            [YOUTUBE],
        ),
        ('<div data-settings=\'{"link_url":"https://youtu.be/abcdefghijk"}\'></div>', []),
        ("<div data-plyr-provider=youtube data-plyr-embed-id=abcdefghijk></div>", [YOUTUBE]),
        ("<figure><oembed url='https://youtu.be/abcdefghijk'></oembed></figure>", [YOUTUBE]),
        (
            "<figure class=wp-block-embed><div class=wp-block-embed__wrapper>\n"
            "https://youtu.be/abcdefghijk\n</div></figure>",
            [YOUTUBE],
        ),
        (
            "<blockquote class=tiktok-embed cite=https://www.tiktok.com/@a/video/7000000000000000>",
            ["https://www.tiktok.com/embed/7000000000000000"],
        ),
        (
            "<div class=fb-video data-href='https://www.facebook.com/a/videos/123/'></div>",
            ["https://www.facebook.com/watch/?v=123"],
        ),
        (
            "<video-js data-account=12 data-player=AbC data-video-id=34></video-js>",
            ["https://players.brightcove.net/12/AbC_default/index.html?videoId=34"],
        ),
        ("<video data-account=x data-video-id=34></video>", []),
        (
            "<script src='//cdn.jwplayer.com/players/AbCd1234-EfGh5678.js'></script>",
            ["https://cdn.jwplayer.com/v2/media/AbCd1234"],
        ),
        (
            "<script>kaltura; kWidget.embed({'wid': '_123456', 'entry_id': '1_abcdefgh'})</script>",
            ["https://cdnapisec.kaltura.com/index.php/kwidget/wid/_123456/entry_id/1_abcdefgh"],
        ),
        (
            "<script class=podigee-podcast-player data-configuration="
            "'https://a-show.podigee.io/6-six/embed?context=external'></script>",
            ["https://a-show.podigee.io/6-six"],
        ),
        ("<a href='https://www.youtube.com/watch?v=abcdefghijk'>on YouTube</a>", []),
        ("<script>var t = 'https://w.soundcloud.com/player/?url={0}'</script>", []),
        ("<iframe src='https://ads.example/frame'></iframe><iframe></iframe>", []),
        ("<div class=youtube-player data-id=x></div>", []),
    ],
)
def test_embeds(text: str, expected: list[str]) -> None:
    links = found(embeds.find, text)
    assert places(links) == expected
    assert {q.mime for link in links for q in link.qualities} <= {"text/html"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<amp-video src=/a.mp4></amp-video>", ["/a.mp4"]),
        ("<amp-video><source src=/a.m3u8><source src=/a.mp4></amp-video>", ["/a.mp4"]),
        ("<amp-audio src=/a.mp3></amp-audio>", ["/a.mp3"]),
        ("<amp-video autoplay loop src=/a.mp4></amp-video>", []),
        ("<amp-youtube data-videoid=abcdefghijk></amp-youtube>", [YOUTUBE]),
        ("<amp-youtube data-live-channelid=x></amp-youtube>", []),
        (
            "<amp-brightcove data-account=12 data-video-id=34></amp-brightcove>",
            ["https://players.brightcove.net/12/default_default/index.html?videoId=34"],
        ),
        (
            "<amp-jwplayer data-media-id=AbCd1234 data-player-id=x></amp-jwplayer>",
            ["https://cdn.jwplayer.com/v2/media/AbCd1234"],
        ),
        (
            "<amp-soundcloud data-trackid=123></amp-soundcloud>",
            ["https://api.soundcloud.com/tracks/123"],
        ),
        ("<amp-facebook data-href='https://www.facebook.com/a/posts/1'></amp-facebook>", []),
    ],
)
def test_amp(text: str, expected: list[str]) -> None:
    assert places(found(amp.find, text)) == expected


def test_a_frame_of_amp() -> None:
    text = "<amp-iframe src='https://www.youtube.com/embed/abcdefghijk'></amp-iframe>"
    assert places(found(embeds.find, text)) == [YOUTUBE]
    (ad,) = found(embeds.find, f"<amp-ad>{text}</amp-ad>")
    assert ad.relation == "other"


def script(value: object) -> str:
    return f"<script>var state = {json.dumps(value)};</script>"


def data(value: object, name: str = "data-config") -> str:
    return f'<div {name}="{escape(json.dumps(value))}"></div>'


TALK = {"file": "https://cdn.example/talk.mp3", "title": "A talk", "duration": "00:19:28"}
STATE = [
    {"id": f"76543{i}", "title": f"Story number {i}", "audio": f"https://c.example/{i}.mp3"}
    | {"text": "x" * 600}
    for i in range(6)
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (script(TALK), ["https://cdn.example/talk.mp3"]),
        (script(json.dumps(TALK)), ["https://cdn.example/talk.mp3"]),
        (script(json.dumps(json.dumps(TALK))), ["https://cdn.example/talk.mp3"]),
        (script(TALK).replace("/", "\\/", 4), ["https://cdn.example/talk.mp3"]),
        (script({"a": "https:\\u002F\\u002Fcdn.example\\u002Fb.mp4"}), ["https://cdn.example/b.mp4"]),
        (
            "<script>jwplayer('p').setup({file: '/v/a.m3u8?x=1&y=2', image: '/i.jpg'})</script>",
            ["/v/a.m3u8?x=1&y=2"],
        ),
        (
            script({"sources": [{"src": "/v/a_720p.mp4"}, {"src": "/v/a_240p.mp4"}]}),
            ["/v/a_240p.mp4"],
        ),
        (
            "<script>jwplayer('p').setup({playlist: 'https://cdn.jwplayer.com/v2/media/AbCd1234'})"
            "</script>",
            ["https://cdn.jwplayer.com/v2/media/AbCd1234"],
        ),
        ("<script>new YT.Player('p', {height: 1, videoId: 'abcdefghijk'})</script>", [YOUTUBE]),
        (script({"previewUrl": "https://cdn.example/p.mp4"}), []),
        (script({"thumbnail_video": "https://cdn.example/p.mp4"}), []),
        (script({"radioStream": "https://cdn.example/p.mp3"}), []),
        (script({"address": "https://cdn.example/p.mp4"}), ["https://cdn.example/p.mp4"]),
        (script({"file": "https://cdn.example/b.mp3", "preroll": "/ads/x.mp4"}), ["https://cdn.example/b.mp3"]),
        (script({"js": "https://cdn.example/a.mp4.js"}), []),
        ('<script type="application/ld+json">{"x": "https://cdn.example/a.mp3"}</script>', []),
        (data(TALK), ["https://cdn.example/talk.mp3"]),
        (data({"src": ["/v/a_2250.mp4", "/v/a_650.mp4"]}), ["/v/a_2250.mp4"]),
        (
            data({"audioUrl": b64encode(b"https://cdn.example/b.mp3?x=1").decode()}, "data-audio"),
            ["https://cdn.example/b.mp3?x=1"],
        ),
        ("<button data-sound-href=talk.mp3>Listen</button>", ["/a/talk.mp3"]),
        ("<video data-preview-url=/v/p.mp4></video>", []),
        ("<div data-text='see talk.mp3 and more'></div>", []),
    ],
)  # fmt: skip
def test_settings(text: str, expected: list[str]) -> None:
    assert places(found(player_config.find, text)) == expected


HALVES = [
    r'{"player":{"mp4":"https://cdn.example', r'/2026/ferry.mp4?a=1\u0026b=2","duration":"0:18"}}',
]  # fmt: skip
FERRY = ["https://cdn.example/2026/ferry.mp4?a=1&b=2"]
WHOLE = "".join(HALVES)


def pushes(name: str, *pieces: str) -> str:
    calls = (f"{name}([1,{json.dumps(piece)}])" for piece in pieces)
    return "".join(f"<script>{call}</script><p>Text</p>" for call in calls)


@pytest.mark.parametrize("at", range(20, len(WHOLE) - 30, 3))
def test_an_address_that_is_cut_between_two_scripts(at: int) -> None:
    text = pushes("self.__next_f.push", WHOLE[:at], WHOLE[at:])
    assert places(found(player_config.find, text)) == FERRY


@pytest.mark.parametrize(
    "text",
    [
        pushes("(self.__next_f = self.__next_f || []).push", *HALVES),
        pushes("self.__next_f.push", "1:[]\n", *HALVES, "2:[]\n"),
        "<script>"
        + "".join(f"__f.push([1, {json.dumps(half)}]);" for half in HALVES)
        + "</script>",
        "".join(f"<script>window.s.enqueue({json.dumps(half)})</script>" for half in HALVES),
        "".join(f"<script>__f.push([1, '{half}'])</script>" for half in HALVES),
        f"<script>play('{FERRY[0][:20]}' + '{FERRY[0][20:]}')</script>",
    ],
    ids=range(6),
)
def test_what_scripts_hand_over_in_pieces(text: str) -> None:
    assert places(found(player_config.find, text)) == FERRY


def test_two_queues_are_two_texts() -> None:
    text = pushes("a.push", HALVES[0]) + pushes("b.push", HALVES[1])
    assert FERRY[0] not in places(found(player_config.find, text))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"cdn": "https://m.example", "file": "/v/a.mp3"}, ["https://m.example/v/a.mp3"]),
        ({"cdn": "m.example", "file": "/v/a.mp3"}, ["https://m.example/v/a.mp3"]),
        ({"servers": ["//m.example", "//n.example"], "f": "/a.mp3"}, ["https://m.example/a.mp3"]),
        ({"file": "talk.mp3", "src": "/v/a.mp3"}, ["/v/a.mp3"]),
        ({"mediaHost": "m.example", "file": "/v/a.mp3"}, ["https://m.example/v/a.mp3"]),
        ({"host": "10.0.0.7:8080", "file": "/v/a.mp3"}, ["https://10.0.0.7:8080/v/a.mp3"]),
        ({"baseUrl": "//m.example/x/", "src": "v/a.mp3"}, ["https://m.example/x/v/a.mp3"]),
        ({"base": "http://m.example/x", "src": "/v/a.mp3"}, ["http://m.example/x/v/a.mp3"]),
        ({"server": {"cdn": "https://m.example"}, "a": {"b": "/a.mp3"}}, ["https://m.example/a.mp3"]),
        ({"cdn": {"host": "m.example"}, "list": [{"file": "/a.mp3"}]}, ["https://m.example/a.mp3"]),
        ({"file": "/v/a.mp3"}, ["/v/a.mp3"]),
        ({"file": "a.mp3"}, []),
        ({"poster": "https://i.example/", "file": "/v/a.mp3"}, ["/v/a.mp3"]),
        ({"imageBase": "https://i.example/", "file": "/v/a.mp3"}, ["/v/a.mp3"]),
        ({"stats": {"domain": "s.example"}, "file": "/v/a.mp3"}, ["/v/a.mp3"]),
        (
            {"siteHost": "https://news.example", "cdnHost": "https://m.example", "f": "/a.mp3"},
            ["https://m.example/a.mp3"],
        ),
        ({"path": "/v/a.mp3", "url": "https://m.example/x/v/a.mp3"}, ["https://m.example/x/v/a.mp3"]),
        ({"path": "v/a.mp3", "url": "https://m.example/v/a.mp3?t=1"}, ["https://m.example/v/a.mp3?t=1"]),
        ({"version": "1.2.example", "file": "/v/a.mp3"}, ["/v/a.mp3"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [script, data], ids=["script", "attribute"])
def test_relative_addresses_in_settings(
    write: Callable[[object], str], settings: object, expected: list[str]
) -> None:
    assert places(found(player_config.find, write(settings))) == expected


def test_an_absolute_address_counts_more_than_a_relative_one() -> None:
    text = script({"file": "/v/5481.mp3", "download": "https://m.example/ferry.mp3"})
    relative, absolute = found(player_config.find, text)
    assert (relative.url, absolute.url) == (
        "https://news.example/v/5481.mp3",
        "https://m.example/ferry.mp3",
    )
    assert absolute.score > relative.score


def test_captions_beside_a_relative_address() -> None:
    text = script({"cdn": "https://m.example", "file": "/a.mp4", "vtt": "/a.vtt"})
    (link,) = found(player_config.find, text)
    assert [track.url for track in link.tracks] == ["https://m.example/a.vtt"]


def test_what_settings_say() -> None:
    (link,) = found(player_config.find, script(TALK))
    assert (link.title, link.declared_duration_ms) == ("A talk", 1_168_000)


def test_a_placeholder_in_settings_is_the_sites() -> None:
    named = ("/blank.mp3", "/ferry-silence-5s.mp3", "/silence-5s.mp3")
    links = [found(player_config.find, script({"file": name}))[0] for name in named]
    assert [link.relation for link in links] == ["page", "article", "page"]


def test_captions_in_settings() -> None:
    text = script(
        {
            "file": "/v/a.mp4",
            "tracks": [
                {"file": "/v/a-en.vtt", "kind": "captions", "language": "en"},
                {"x": "x" * 300},
                {"file": "/v/thumbs.vtt", "kind": "thumbnails"},
            ],
        }
    )
    (link,) = found(player_config.find, text)
    assert link.tracks == (Track("https://news.example/v/a-en.vtt", "en"),)


def test_of_a_sites_whole_state_only_the_articles() -> None:
    own = found(player_config.find, script(STATE), "Story number 3")
    assert [link.relation for link in own].count("article") == 1
    assert next(link.url for link in own if link.relation == "article").endswith("/3.mp3")


def test_of_a_sites_whole_state_nothing_without_a_sign() -> None:
    assert {link.relation for link in found(player_config.find, script(STATE))} == {"other"}


def test_tracks_of_a_tag() -> None:
    text = """<video src=/a.mp4><track src=/a.en.vtt srclang=en kind=captions label=English>
      <track src=a.fr.vtt srclang=fr><track src=/t.vtt kind=metadata><track kind=captions>"""
    (link,) = found(html5.find, text)
    assert link.tracks == (
        Track("https://news.example/a.en.vtt", "en", "captions", "English"),
        Track("https://news.example/a/a.fr.vtt", "fr", "subtitles"),
    )
