"""Pages -> recordings, best first, each once."""

import json
import os
from pathlib import Path

import pytest

from aligner.discovery.sources import SOURCES, FindOptions, declared, find
from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.sources.renditions import merge
from aligner.types import Article, MediaLink, Page

PAGES = Path(__file__).parents[2] / "data" / "pages"
HERE = "https://news.example/a/1.html"


def page(text: str, url: str | None = HERE, content_type: str = "text/html") -> Page:
    return Page(url, url, text, 200, content_type)


def saved(name: str, url: str | None = HERE) -> Page:
    kind = "text/plain" if name.endswith(".txt") else "text/html"
    return page((PAGES / name).read_text(encoding="utf-8"), url, kind)


# ---------------------------------------------------------------- whole pages


def test_a_pangea_page() -> None:
    (found,) = find(saved("pangea.html"))
    assert (found.url, found.kind, found.found_by, found.relation) == (
        "https://news.example/audio/ferry.mp3", "audio", "pangea", "article",
    )  # fmt: skip
    assert (found.quality, found.title) == ("64 kbps", "The ferry, in sound")
    assert found.declared_duration_ms == 161_000
    assert [q.label for q in found.qualities] == ["64 kbps", "128 kbps"]


def test_all_of_a_pangea_page_without_its_live_channel() -> None:
    everything = FindOptions(relations=("article", "page", "other"))
    found = find(saved("pangea.html"), None, everything)
    assert [(link.relation, link.url.rpartition("/")[2]) for link in found] == [
        ("article", "ferry.mp3"),
        ("page", "channel.mp3"),
        ("other", "other_240p.mp4"),
    ]


def test_a_newspaper_page() -> None:
    (found,) = find(saved("newspaper.html"))
    assert (found.url, found.found_by) == ("https://news.example/a/sound/clock.mp3", "structured")
    assert (found.declared_duration_ms, found.title) == (65_500, "Council Buys a Clock")


@pytest.mark.parametrize("text", ["<p>No media source currently available</p>", "", "<p>Text"])
def test_nothing(text: str) -> None:
    assert find(page(text)) == ()


def test_the_sentence_decides_nothing() -> None:
    text = "<audio src='/a.mp3'></audio><p>No media source currently available</p>"
    assert [link.url for link in find(page(text))] == ["https://news.example/a.mp3"]


def test_a_recording_found_in_many_ways_is_one() -> None:
    text = """<meta property="og:audio" content="http://news.example/t/talk_hq.mp3">
      <audio src="/t/talk.mp3"></audio><a href="/t/talk.mp3?download=1">Download (1:05)</a>
      <a href="https://news.example/t/talk_original.mp3">Original</a>"""
    (found,) = find(page(text))
    assert (found.url, found.found_by) == ("https://news.example/t/talk.mp3", "html5")
    assert found.declared_duration_ms == 65_000
    assert len(found.qualities) == 3


def test_two_recordings_are_two() -> None:
    text = "<audio src='/a-part1.mp3'></audio><audio src='/a-part2.mp3'></audio>"
    assert len(find(page(text))) == 2


def test_qualities_in_the_query_are_kept_apart() -> None:
    text = "<audio src='/get?id=1'></audio><audio src='/get?id=2'></audio>"
    assert len(find(page(text))) == 2


@pytest.mark.parametrize(
    ("around", "relation"),
    [
        ("<article>{}</article>", "article"),
        ("<div>{}</div>", "article"),
        ("<article><header>{}</header></article>", "article"),
        ("<article><div class='related-stories'>{}</div></article>", "other"),
        ("<ul class='teaser-list'><li>{}</ul>", "other"),
        ("<header>{}</header>", "page"),
        ("<nav>{}</nav>", "page"),
        ("<aside>{}</aside>", "page"),
        ("<footer>{}</footer>", "page"),
        ("<div id='sidebar'>{}</div>", "page"),
    ],
)
@pytest.mark.parametrize("tag", ["<audio src='/a.mp3'></audio>", "<a href='/a.mp3'>x</a>"])
def test_whose_it_is(around: str, tag: str, relation: str) -> None:
    text = around.format(tag)
    everything = FindOptions(relations=("article", "page", "other"))
    assert [link.relation for link in find(page(text), None, everything)] == [relation]
    assert len(find(page(text))) == (relation == "article")


def test_the_articles_own_stands_first() -> None:
    text = "<footer><audio src='/b.mp3'></audio></footer><article><a href='/a.mp3'>x</a></article>"
    everything = FindOptions(relations=("article", "page", "other"))
    assert find(page(text), None, everything)[0].url.endswith("/a.mp3")


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("address", "head", "url", "full"),
    [
        ("b.mp3", "", HERE, "https://news.example/a/b.mp3"),
        ("/b.mp3#t=10", "", HERE, "https://news.example/b.mp3"),
        ("//cdn.example/b.mp3", "", HERE, "https://cdn.example/b.mp3"),
        (" b c.mp3\n", "", HERE, "https://news.example/a/b%20c.mp3"),
        ("b.mp3", "<base href='https://cdn.example/x/'>", HERE, "https://cdn.example/x/b.mp3"),
        ("b.mp3", "<base href='/y/'>", HERE, "https://news.example/y/b.mp3"),
        ("https://cdn.example/b.mp3", "", None, "https://cdn.example/b.mp3"),
        ("b.mp3", "", None, None),
        ("javascript:play('b.mp3')", "", HERE, None),
        ("data:audio/mp3;base64,AAAA", "", HERE, None),
        ("file:///etc/b.mp3", "", HERE, None),
        ("blob:https://news.example/1", "", HERE, None),
        ("http://[::1/b.mp3", "", HERE, None),
        ("/static/blank.mp3", "", HERE, None),
        ("/static/silence-1s.mp3", "", HERE, None),
        ("", "", HERE, None),
        ("/b.mp3?x=1&amp;t=2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        ("/b.mp3?x=1&amp;amp;t=2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        ("/b.mp3?x=1&amp;amp;amp;t=2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        ("/b.mp3?x=1&amp;#38;t=2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        ("/b.mp3?x=1&amp;#x26;t=2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        ("/b.mp3?x=1&copy=2", "", HERE, "https://news.example/b.mp3?x=1&copy=2"),
        ("&#47;c&amp;sol;b.mp3", "", HERE, "https://news.example/c/b.mp3"),
        (r"https:\/\/cdn.example\/b.mp3", "", HERE, "https://cdn.example/b.mp3"),
        (r"https:\u002F\u002Fcdn.example\u002fb.mp3", "", HERE, "https://cdn.example/b.mp3"),
        (r"/b.mp3?x=1\u0026t=2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        (r"/b.mp3?x=1\\u0026t\x3d2", "", HERE, "https://news.example/b.mp3?x=1&t=2"),
        ("https%3A%2F%2Fcdn.example%2Fb.mp3%3Fx%3D1", "", HERE, "https://cdn.example/b.mp3?x=1"),
        ("https://cdn.example/audio/", "", HERE, None),
        ("https://cdn.example/audio/5481/", "", HERE, "https://cdn.example/audio/5481/"),
        ("https://cdn.example/clip_", "", HERE, None),
        ("https://cdn.example/a/.mp3", "", HERE, None),
        ("https://cdn.example/a/{id}.mp3", "", HERE, None),
        ("https://cdn.example/a/undefined.mp3", "", HERE, None),
        ("https://cdn.example/play?id=", "", HERE, None),
        ("https://cdn.example/play?id=5&key=", "", HERE, None),
        ("https://cdn.example/play?id=5", "", HERE, "https://cdn.example/play?id=5"),
        (
            "https://cdn.example/ferry_(1).mp3?id=",
            "",
            HERE,
            "https://cdn.example/ferry_(1).mp3?id=",
        ),
    ],
)
def test_addresses_in_full(address: str, head: str, url: str | None, full: str | None) -> None:
    found = find(page(f'<head>{head}</head><audio src="{address}"></audio>', url))
    assert [link.url for link in found] == ([full] if full else [])


def test_a_saved_page_resolves_against_its_articles_address() -> None:
    article = Article(HERE, None, None, ())
    (found,) = find(page("<audio src=b.mp3></audio>", None), article)
    assert found.url == "https://news.example/a/b.mp3"


# ---------------------------------------------------------------- what the page says of it


@pytest.mark.parametrize(
    ("name", "duration_ms", "title"),
    [
        ("pangea.html", 161_000, "The ferry, in sound"),
        ("copied.txt", 161_000, "Ferry Service Returns to the Lake"),
    ],
)
def test_declared(name: str, duration_ms: int, title: str) -> None:
    said = declared(saved(name))
    assert (said.duration_ms, said.title, said.says_no_media) == (duration_ms, title, True)


def test_nothing_declared() -> None:
    said = declared(page("<p>A duration: 3:17.</p>", None))
    assert (said.duration_ms, said.title, said.says_no_media) == (None, None, False)
    said = declared(page("At 10:15 we met. No media came.", None, "text/plain"))
    assert (said.duration_ms, said.title, said.says_no_media) == (None, None, False)


def test_merging_keeps_the_first_finder() -> None:
    first = MediaLink("https://a.example/x_720p.mp4", "video", "one")
    second = MediaLink("https://a.example/x_240p.mp4", "video", "two", declared_duration_ms=5)
    (merged,) = merge([first, second])
    assert (merged.found_by, merged.declared_duration_ms) == ("one", 5)


ODD = [
    "",
    "<",
    "<audio",
    "<video><source>",
    "<a>",
    "<iframe>",
    "<meta content=a.mp3>",
    "<div class=c-mmp><audio data-sources='[1, {\"Src\": 2}, null]'>",
    "<div class=c-mmp><audio data-sources='{'>",
    '<script type="application/ld+json">{"@type": ["AudioObject", 1]}</script>',
    '<script type="application/ld+json">' + "[" * 5000 + "</script>",
]


@pytest.mark.parametrize("way", SOURCES)
@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_pages_do_not_crash(way: str, text: str) -> None:
    list(SOURCES[way](ParsedPage(page(text), None, FindOptions())))


# ---------------------------------------------------------------- a corpus, where there is one

CORPUS = os.environ.get("ALIGNER_CORPUS")


@pytest.mark.skipif(not CORPUS, reason="ALIGNER_CORPUS names no folder of test cases")
def test_every_case_of_the_corpus() -> None:
    cases = sorted(Path(CORPUS or "").glob("cases/*/truth.json"))
    assert cases
    for case in cases:
        truth = json.loads(case.read_text(encoding="utf-8"))
        html = (case.parent / "page.html").read_text(encoding="utf-8")
        urls = [link.url.rpartition("/")[2] for link in find(page(html))]
        assert urls == [truth["media"]], case.parent.name
