"""Whose a recording is, and which stands first."""

import pytest
from test_find import HERE, PAGES, page

from aligner.discovery import article
from aligner.discovery.sources import FindOptions, find
from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.ranking import LinkRanker, words
from aligner.types import Article, MediaLink, Paragraph

EVERYTHING = FindOptions(relations=("article", "page", "other"))
TEXT = "<p>The ferry across the lake sails again from Saturday, after a spring ashore.</p>"
URL = "https://news.example/2025/11/ferry-sails-again-4711008"
YOUTUBE = "https://www.youtube.com/watch?v="
OF_OTHERS = [("other", "players", f"https://cdn.example/audio/47110{i}.mp3") for i in range(21, 27)]
Row = tuple[str, str, str]


def candidates(text: str, url: str = URL) -> list[MediaLink]:
    read = page(text, url)
    return list(find(read, article.extract(read), EVERYTHING))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "2025-11-03_embed.html",
            [
                ("article", "embeds", f"{YOUTUBE}FerryOnLake"),
                ("page", "embeds", f"{YOUTUBE}ChannelVid1"),
                ("other", "embeds", f"{YOUTUBE}OtherVideo1"),
            ],
        ),
        (
            "2025-11-03_players.html",
            [("article", "players", "https://cdn.example/v/ferry/f_360p.mp4"), *OF_OTHERS],
        ),
        (
            "2025-11-03_amp.html",
            [
                ("article", "amp", "https://cdn.example/read/ferry-sails-again.mp3"),
                ("article", "amp", f"{YOUTUBE}FerryOnLake"),
                ("other", "amp", "https://ads.example/spot/film.mp4"),
            ],
        ),
        (
            "2025-11-03_rdfa.html",
            [
                ("article", "structured", "https://news.example/2025/sound/ferry%20read.mp3"),
                ("article", "opengraph", "https://cdn.example/social/teaser-clip.mp4"),
            ],
        ),
        (
            "2025-11-03_broken.html",
            [
                ("article", "structured", "https://cdn.example/v/ferry.mp4?e=1&s=2"),
                ("page", "structured", "https://cdn.example/v/channel.m3u8"),
                ("other", "structured", "https://cdn.example/v/other.mp4"),
            ],
        ),
        (
            "2025-11-03_captions.html",
            [
                ("article", "html5", "https://cdn.example/tts/el-ferry-vuelve.mp3"),
                ("article", "html5", "https://news.example/v/clip-del-puerto.mp4"),
                ("page", "html5", "https://cdn.example/podcast/weekly.mp3"),
                ("other", "html5", "https://news.example/captcha/sound.mp3"),
            ],
        ),
    ],
)  # fmt: skip
def test_whole_pages(name: str, expected: list[Row]) -> None:
    found = candidates((PAGES / name).read_text(encoding="utf-8"))
    assert [(link.relation, link.found_by, link.url) for link in found] == expected
    assert all(link.why for link in found)


def test_captions_that_are_there() -> None:
    (link, *_) = candidates((PAGES / "2025-11-03_captions.html").read_text(encoding="utf-8"))
    assert [(t.url, t.language, t.kind) for t in link.tracks] == [
        ("https://cdn.example/tts/el-ferry-vuelve.vtt", "es", "captions")
    ]


@pytest.mark.parametrize(
    ("before", "within", "after", "relation"),
    [
        ("<div class='has-sidebar related'>", "{}", "", "article"),
        ("<div class=sidebar>{}</div><div>", "", "", "page"),
        ("<div>", "<div class=related-video>{}</div>", "", "other"),
        ("<div>", "<figure>{}</figure>", "", "article"),
        ("<div>", "<amp-ad>{}</amp-ad>", "", "other"),
        ("<div>", "", "</div><article><h3><a href=/x>X</a></h3>{}</article>", "other"),
        ("<div>", "", "</div><div class='news card'><h3><a href=/x>X</a></h3>{}</div>", "other"),
        ("<div>", "", "</div><div class=comments><article>{}</article></div>", "other"),
        ("<div>", "", "</div><ins>{}</ins>", "other"),
        ("<header><h1>Ferry</h1>{}</header><div>", "", "", "article"),
        ("<div class=global-player>{}</div><div>", "", "", "page"),
        ("<div>", "<div class=wp-playlist>{}</div>", "", "article"),
        ("<div>", "<div class='elementor-widget elementor-widget-video'>{}</div>", "", "article"),
        ("<div>", "<div class='cookie-consent'>{}</div>", "", "article"),
        ("<div class='rail widget'>{}</div><div>", "", "", "page"),
        ("<div>", "", "</div><div id=secondary><div class=box>{}</div></div>", "page"),
        ("<div>", "", "</div><div role=complementary>{}</div>", "page"),
        ("<div>", "<article class=media>{}</article>", "", "article"),
    ],
)
def test_places(before: str, within: str, after: str, relation: str) -> None:
    media = "<audio src=/a.mp3></audio>"
    text = (before + TEXT + within + TEXT + after).format(*[media] * 1)
    assert [link.relation for link in candidates(f"<body>{text}")] == [relation]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (TEXT + "<audio src=/b.mp3></audio>" + TEXT, TEXT + "</div><p><audio src=/b.mp3></audio>"),
        ("<audio src=/b.mp3 title='The ferry sails again'></audio>", "<audio src=/b.mp3></audio>"),
        ("<audio src=/b.mp3></audio>", "<audio src=/b.mp3 title='Bread prices rose'></audio>"),
        ("<audio src=/x/4711008.mp3></audio>", "<audio src=/x/4711009.mp3></audio>"),
        ("<audio src=/ferry-sails.mp3></audio>", "<audio src=/b.mp3></audio>"),
        ("<audio src=/tts/b.mp3></audio>", "<audio src=/b.mp3></audio>"),
        ("<audio class=listen src=/b.mp3></audio>", "<audio src=/b.mp3></audio>"),
        ("<video src=/b.mp4></video>", "<video src=/b.mp4 muted autoplay></video>"),
        ("<video src=/b.mp4></video>", "<video src=/b-preview.mp4></video>"),
        ("<video src=/b.mp4></video>", "<a href=/b.mp4>x</a>"),
    ],
)  # fmt: skip
def test_the_surer_one(better: str, worse: str) -> None:
    title = "<h1>Ferry sails again</h1>"
    (first,), (second,) = (candidates(f"<div>{title}{TEXT}{one}") for one in (better, worse))
    assert first.score > second.score


@pytest.mark.parametrize(
    ("address", "relation"),
    [
        ("https://cdn.example/live/stream.m3u8", "page"),
        ("https://live.cdn.example/x.mp3", "page"),
        ("https://cdn.example/icecast/one.mp3", "page"),
        ("https://cdn.example/hls/live/news24/index.m3u8", "page"),
        ("https://stream.cdn.example/mount", "page"),
        ("https://cdn.example/live/2026/ferry-vote.mp3", "article"),
        ("https://live.cdn.example/2026/11/30/harbour-vote.mp3", "article"),
        ("https://cdn.example/a/where-people-live-today.mp3", "article"),
        ("https://cdn.example/deliver/x.mp3", "article"),
        ("https://cdn.example/2025/lives-of-others.mp3", "article"),
    ],
)
def test_live_addresses(address: str, relation: str) -> None:
    assert [link.relation for link in candidates(f"<audio src={address}></audio>")] == [relation]


@pytest.mark.parametrize(
    ("tag", "relation"),
    [
        ("<audio src=https://www.google.com/recaptcha/api2/payload/audio.mp3>", "other"),
        ("<audio src=https://securepubads.g.doubleclick.net/x.mp4>", "other"),
        ("<audio src=https://x.example/ui/notification.mp3>", "page"),
        ("<audio src=/static/blank.mp3>", "page"),
        ("<audio controls src=/static/blank.mp3>", "page"),
        ("<audio src=/sound/silence-1s.mp3>", "page"),
        ("<audio controls src=/sound/silence.mp3>", "article"),
        ("<audio controls src=/sound/beep.mp3>", "article"),
        ("<audio src=/static/ferry.mp3>", "article"),
        ("<audio src=https://news.example/doubleclick/ferry.mp3>", "article"),
        ("<meta property=og:video content=/static/brand-ident.mp4>", "page"),
        ("<meta property=og:audio content=/assets/ferry.mp3>", "article"),
        ("<meta property=og:audio content=/a/brand-new-ferry-logo.mp3>", "article"),
    ],
)
def test_files_of_the_site(tag: str, relation: str) -> None:
    assert [link.relation for link in candidates(tag)] == [relation]


@pytest.mark.parametrize(
    "name",
    [
        "the-silent-harbour-interview", "empty-nets", "blank-cheque-debate", "dummy_run",
        "a-moment-of-silence", "placeholder-mayor", "storm-alert", "red-alert", "why-captcha-fails",
        "notification-fatigue", "the-last-click", "where-we-live-now", "live-aid-at-forty",
        "radio-days", "latest-news-bulletin-cuts", "harbour-intro", "festival-preview",
        "the-teaser-that-failed", "brand-new-ferry", "jingle-bells", "trailer-park-fire",
        "../ads/ferry", "../sponsors/ferry", "../preroll/ferry", "../captcha/ferry",
        "../live/ferry", "../livestream/2026/ferry-vote", "../static/ferry", "../assets/a/ferry",
        "https://stream.cdn.example/episodes/5481-ferry",
    ],
)  # fmt: skip
def test_a_word_in_an_address_removes_nothing(name: str) -> None:
    """It is found alone, and before a recording that stands below the text."""
    address = name if name.startswith("https") else f"/media/{name}.mp3"
    text = f"<article><h1>Port</h1><audio controls src='{address}'></audio>{TEXT}{TEXT}</article>"
    (alone,) = candidates(text)
    assert alone.relation == "article"
    below = "<div class=box><audio controls src='/media/weather.mp3'></audio></div>"
    first, second = candidates(text + below)
    assert first.url == alone.url
    assert second.relation == "article"


def test_the_page_says_teaser_and_that_counts() -> None:
    text = f"<article>{TEXT}<div class=teaser><audio src=/media/ferry.mp3></audio></div></article>"
    assert [link.relation for link in candidates(text)] == ["other"]


@pytest.mark.parametrize(
    ("length_ms", "clause"),
    [(60_000, "its length fits the text"), (5_000, "it lasts only seconds"), (3_600_000, None)],
)
def test_lengths(length_ms: int, clause: str | None) -> None:
    text = Paragraph(" ".join(["word"] * 160))
    ranker = LinkRanker(ParsedPage(page(""), Article(HERE, None, None, (text,)), FindOptions()))
    link = MediaLink(f"{HERE}.mp3", "audio", "x", declared_duration_ms=length_ms, why="found")
    assert ranker.scored(link).why == (f"found; {clause}" if clause else "found")


def test_words_of_scripts_without_spaces() -> None:
    assert words("湖の船") == {"湖の", "の船"}
    assert words("The Old Ferry_boat 2025") == {"ferry", "boat"}


def test_one_recording_at_two_hosts_is_one() -> None:
    text = """<audio src="https://cdn.example/up/2025/11/Ferry-sails-18-AM.mp3?_=1"></audio>
      <a href="https://news.example/up/2025/11/Ferry-sails-18-AM.mp3">x</a>
      <a href="https://news.example/up/2025/10/Ferry-sails-18-AM.mp3">x</a>"""
    assert [len(link.qualities) for link in candidates(text)] == [2, 1]


def test_a_permission_makes_no_other_recording() -> None:
    text = "<video src='/v.mp4?token=a&id=1'></video><a href='/v.mp4?id=1&expires=5'>x</a>"
    (link,) = candidates(text)
    assert link.url.endswith("token=a&id=1")
