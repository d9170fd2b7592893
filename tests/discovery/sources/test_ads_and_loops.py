"""Addresses with and without advertisements, and silent loops in place of photographs."""

import pytest

from aligner.discovery.article import extract
from aligner.discovery.sources import FindOptions, ParsedPage, absent, survey
from aligner.types import MediaLink, Page

TEXT = "".join(
    f"<p>The ferry crossed the bay for the {number} time before the harbour froze over.</p>"
    for number in ("first", "second", "third", "fourth")
)


def document(body: str, head: str = "", after: str = "") -> ParsedPage:
    html = f"<head>{head}</head><main><article><h1>Ferry</h1>{body}{TEXT}</article></main>{after}"
    page = Page("https://a.example/ferry", "https://a.example/ferry", html, 200)
    return ParsedPage(page, extract(page), FindOptions())


def own(given: ParsedPage) -> list[MediaLink]:
    return [link for link in survey(given) if link.relation == "article"]


TWO = {
    "keys of settings": (
        '<script>x({"adsUrl": "https://a.example/a1.mp3", "rawUrl": "https://a.example/b2.mp3"})'
        "</script>",
        "/b2.mp3",
    ),
    "names of files": (
        '<audio src="/ferry-stitched.mp3"></audio><audio src="/ferry-clean.mp3"></audio>',
        "/ferry-clean.mp3",
    ),
    "one marked name": (
        '<audio src="/ferry_ads.mp3"></audio><audio src="/ferry.mp3"></audio>',
        "/ferry.mp3",
    ),
    "folders": (
        '<audio src="/tracked/18.mp3"></audio><audio src="/raw/18.mp3"></audio>',
        "/raw/18.mp3",
    ),
    "labels of one player": (
        '<audio><source src="/x1.mp3" label="with ads">'
        '<source src="/x2.mp3" label="ad-free"></audio>',
        "/x2.mp3",
    ),
    "attributes": (
        '<div data-audio-tracked="/t1.mp3"></div><div data-audio-clean="/t2.mp3"></div>',
        "/t2.mp3",
    ),
}


@pytest.mark.parametrize(("body", "best"), TWO.values(), ids=TWO)
def test_the_address_without_advertisements_wins(body: str, best: str) -> None:
    assert own(document(body))[0].url == f"https://a.example{best}"


def test_a_word_alone_changes_nothing() -> None:
    alone = own(document('<audio src="/raw-milk.mp3"></audio>'))[0]
    other = own(document('<audio src="/new-milk.mp3"></audio>'))[0]
    assert (alone.score, alone.why) == (other.score, other.why)


LOOP = '<video {} src="/clip.mp4"></video>'
SILENT = {
    "muted": "muted loop",
    "by itself": "autoplay loop playsinline",
    "set later": 'data-loop="true" muted data-autoplay="1"',
    "with controls": "muted loop controls",
}


@pytest.mark.parametrize("given", SILENT.values(), ids=SILENT)
def test_silent_loops_are_told_and_not_taken(given: str) -> None:
    head = '<meta property="og:video" content="https://a.example/clip.mp4">'
    page = document(LOOP.format(given), head)
    links = survey(page)
    assert own(page) == []
    assert "silent loops (1)" in str(absent(page, "a", links))


@pytest.mark.parametrize(
    "given", ["", "loop controls", "autoplay muted", 'data-loop="false" muted']
)
def test_other_videos_are_taken(given: str) -> None:
    assert [link.url for link in own(document(LOOP.format(given)))] == [
        "https://a.example/clip.mp4"
    ]


def test_background_videos_of_other_stories_are_others() -> None:
    teaser = f'<div class="related"><a href="/b"><h3>B</h3></a>{LOOP.format("muted loop")}</div>'
    page = document(LOOP.format("muted loop").replace("clip", "mine"), after=teaser)
    links = survey(page)
    assert [(link.relation, link.url.rpartition("/")[2]) for link in links] == [
        ("other", "clip.mp4")
    ]
    said = str(absent(page, "a", links))
    assert "1 of other stories" in said
    assert "its own videos are silent loops (1)" in said


def test_attributes_with_background_videos_are_not_taken() -> None:
    assert own(document('<div data-background-video="/sea.mp4"></div>')) == []
