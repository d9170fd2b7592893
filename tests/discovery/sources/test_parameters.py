"""Addresses of recordings in a frame's parameters and in attributes -> recordings."""

import json
from html import escape
from urllib.parse import quote

import pytest
from test_find import HERE, page
from test_players import found, places

from aligner.discovery import article
from aligner.discovery.sources import FindOptions, embeds, find, player_config

CDN = "https://cdn.example/a/ferry.mp3"
CODED = quote(CDN, safe="")
WITH_QUERY = quote(f"{CDN}?x=1&t=2", safe="")
HELD_BACK = escape(f'<iframe src="/p?file={CODED}">')
NESTED = quote(f"https://p.example/?file={CODED}", safe="")
TEXT = "<p>The ferry across the lake sails again from Saturday, after a spring ashore.</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<iframe src='/player.html?file={CODED}'></iframe>", [CDN]),
        (f"<iframe src='/p?title=A%20talk&amp;audio={CODED}&amp;x=1'></iframe>", [CDN]),
        (f"<iframe src='/p?file={WITH_QUERY}'></iframe>", [f"{CDN}?x=1&t=2"]),
        (f"<iframe src='/p?file={quote(CODED)}'></iframe>", [CDN]),
        (f"<iframe src='/p?file={CDN}'></iframe>", [CDN]),
        (f"<iframe src='/p#src={CDN}'></iframe>", [CDN]),
        (f"<iframe src='/p#/play?src={CODED}'></iframe>", [CDN]),
        (f"<iframe src='/p?{CODED}'></iframe>", [CDN]),
        (f"<iframe src='/p?{CDN}'></iframe>", [CDN]),
        ("<iframe src='/p/x.html?src=/a/b.mp3'></iframe>", ["/a/b.mp3"]),
        ("<iframe src='/p/x.html?src=b.mp3'></iframe>", ["/p/b.mp3"]),
        ("<iframe src='https://p.example/x?src=/b.mp3'></iframe>", ["https://p.example/b.mp3"]),
        (f"<iframe data-src='/p?file={CODED}'></iframe>", [CDN]),
        (f"<amp-iframe src='/p?file={CODED}'></amp-iframe>", [CDN]),
        (f"<embed src='/p.swf?file={CODED}'>", [CDN]),
        (f"<embed src='/p.swf' flashvars='file={CODED}&amp;autostart=false'>", [CDN]),
        (f"<object data='/p.swf'><param name=FlashVars value='mp3={CODED}'></object>", [CDN]),
        (f"<object><param name=movie value='/p.swf?file={CODED}'></object>", [CDN]),
        (f"<div data-consent='{HELD_BACK}'></div>", [CDN]),
        ("<iframe src='/p?file=aHR0cHM6Ly9jZG4uZXhhbXBsZS9hL2ZlcnJ5Lm1wMw=='></iframe>", [CDN]),
        (f"<iframe src='/p?url={NESTED}'></iframe>", [CDN]),
        ("<iframe src='/p?audio=https%3A%2F%2Fcdn.example%2F5481%2Fget'></iframe>",
         ["https://cdn.example/5481/get"]),
        ("<iframe src=/a/ferry.mp3></iframe>", ["/a/ferry.mp3"]),
        ("<iframe src='/p?url=https%3A%2F%2Fcdn.example%2Fstory'></iframe>", []),
        (f"<iframe src='/p?preview={CODED}'></iframe>", []),
        ("<iframe src='/p?poster=/i.jpg&file='></iframe><iframe src='/p?id=5'></iframe>", []),
        (f"<a href='https://share.example/post?u={CODED}'>Share</a>", []),
    ],
)  # fmt: skip
def test_frames(text: str, expected: list[str]) -> None:
    assert places(found(embeds.find, text)) == expected


def test_what_a_frame_says() -> None:
    text = (
        "<iframe title=Player src='/p?video=%2Fb.mp4&amp;mp3=%2Fb.mp3&amp;title=A+talk'></iframe>"
    )
    (link,) = found(embeds.find, text)
    assert (link.url, link.kind, link.title) == ("https://news.example/b.mp3", "audio", "A talk")
    assert len(link.qualities) == 2


AUDIO = "/audios/5481-ferry/download"
CODED_AUDIO = quote(f"https://m.example{AUDIO}", safe="")
IN_JSON = escape(json.dumps({"audioUrl": f"https://m.example{AUDIO}"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<div data-controller=player data-audio-url-value={AUDIO}></div>", [AUDIO]),
        (f"<div data-controller=audio-player data-audio-player-url-value={AUDIO}></div>", [AUDIO]),
        (f"<div data-radio-player-audio-value={AUDIO}></div>", [AUDIO]),
        (f"<button class=audio-play data-url={AUDIO}></button>", [AUDIO]),
        (f"<div data-controller=audio data-src={AUDIO}></div>", [AUDIO]),
        (f"<div data-player-url-value={AUDIO}><audio src=''></audio></div>", [AUDIO]),
        (f"<audio src='' data-url={AUDIO}></audio>", [AUDIO]),
        (f"<audio-player :src=\"'{AUDIO}'\"></audio-player>", [AUDIO]),
        (f"<audio-player src={AUDIO}></audio-player>", [AUDIO]),
        (f"<x-box :audio-url=\"'{AUDIO}'\"></x-box>", [AUDIO]),
        (f"<div v-bind:audio='\"{AUDIO}\"'></div>", [AUDIO]),
        ("<div data-podcast-url='https:\\/\\/m.example\\/p\\/5481'></div>", ["https://m.example/p/5481"]),
        (f"<div data-audio-src='{CODED_AUDIO}'></div>",
         [f"https://m.example{AUDIO}"]),
        ("<div data-video-url='/play.php?id=5'></div>", ["/play.php?id=5"]),
        (f"<div data-player='{IN_JSON}'></div>",
         [f"https://m.example{AUDIO}"]),
        (f"<div :options='{{audioUrl: \"{AUDIO}\"}}'></div>", [AUDIO]),
        ("<div x-data='{ src: \"/a/talk.mp3\" }' data-x=1></div>", []),
        ("<div :src=\"'/a/talk.mp3'\"></div>", ["/a/talk.mp3"]),
        ("<button onclick=\"play('/a/talk.mp3')\">Listen</button>", ["/a/talk.mp3"]),
        (f"<div data-url={AUDIO}></div>", []),
        ("<div class=video-card data-url=/videos/a-storm></div>", []),
        ("<div data-video-poster-url=/i/5481></div><div data-audio-title=a/b></div>", []),
        ("<div data-video-url=/i/5481.jpg></div><div data-audio-url=/a/5481.html></div>", []),
        ("<div data-video-share-url=/v/5481></div><div data-audio-url=/audios/></div>", []),
        ("<div data-video-url=https://player.example/embed/5481></div>", []),
        ("<img class=video data-src=/files/5><iframe class=audio data-src=/play/5></iframe>", []),
        (f"<div data-audio-url={HERE}></div><div data-audio-url=https://news.example/></div>", []),
        (f"<div data-src={AUDIO}>{'<b></b>' * 80}<audio></audio></div>", []),
    ],
)  # fmt: skip
def test_addresses_without_a_suffix(text: str, expected: list[str]) -> None:
    assert places(found(player_config.find, text)) == expected


@pytest.mark.parametrize("src", ["", " ", "#", "about:blank", "#t=1"])
def test_an_empty_player_beside_them_is_none(src: str) -> None:
    player = f"<div data-audio-url-value={AUDIO}><audio src='{src}'></audio></div>"
    text = f"<base href=/x/><article><h1>Ferry</h1>{player}{TEXT}</article>"
    read = page(text)
    everything = FindOptions(relations=("article", "page", "other"))
    links = find(read, article.extract(read), everything)
    assert places(list(links)) == [AUDIO]


def test_a_page_of_a_video_stands_after_its_file() -> None:
    text = "<div data-video-url=/videos/ferry data-video-file-url=/videos/ferry/download></div>"
    assert places(list(find(page(text)))) == ["/videos/ferry/download", "/videos/ferry"]
