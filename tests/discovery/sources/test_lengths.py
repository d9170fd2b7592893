"""The length of a recording, wherever a page declares it."""

import pytest

from aligner.discovery.sources import declared, find
from aligner.types import Page

LENGTH = 197_000
TEXT = "<p>" + "The ferry crossed the bay twice on Tuesday before the harbour froze. " * 3 + "</p>"
LD = '<script type="application/ld+json">{}</script>'
AUDIO = '"@type": "AudioObject"'


def page(body: str) -> Page:
    url = "https://news.example/ferry"
    return Page(url, url, f"<article><h1>Ferry</h1>{body}{TEXT}</article>", 200)


DECLARED = {
    "JSON-LD": LD.format(f'{{{AUDIO}, "duration": "P0Y0M0DT0H3M17S"}}'),
    "a number in JSON-LD": LD.format(f'{{{AUDIO}, "duration": 197}}'),
    "within the article's JSON-LD": LD.format(
        f'{{"@type": "NewsArticle", "audio": {{{AUDIO},'
        ' "duration": {"@type": "Duration", "name": "T3M17S"}}}'
    ),
    "microdata": (
        '<div itemscope itemtype="https://schema.org/AudioObject">'
        '<meta itemprop="duration" content="00:03:17"></div>'
    ),
    "RDFa": (
        '<div vocab="https://schema.org/" typeof="VideoObject">'
        '<span property="duration">3 min 17 s</span></div>'
    ),
    "og:video": '<meta property="og:video:duration" content="197">',
    "og:audio": '<meta property="og:audio:duration" content="PT3M17S">',
    "itunes": '<meta name="itunes:duration" content="3:17">',
}
BESIDE = {
    "its attribute": '<audio src="/a.mp3" data-duration="197"></audio>',
    "milliseconds": '<audio src="/a.mp3" data-duration-ms="197000"></audio>',
    "its box's attribute": '<div data-audio-duration="3:17"><audio src="/a.mp3"></audio></div>',
    "a caption": (
        '<figure><audio src="/a.mp3"></audio><figcaption>Listen (3:17)</figcaption></figure>'
    ),
    "a class": '<div><audio src="/a.mp3"></audio><b class="player__duration">00:03:17</b></div>',
    "a time element": (
        '<div><span><audio src="/a.mp3"></audio></span><time datetime="PT3M17S">3 min</time></div>'
    ),
    "units": '<div><audio src="/a.mp3"></audio><span>Length: 3 min 17 sec</span></div>',
    "the link's text": '<a href="/a.mp3">Download (3:17)</a>',
    "settings": '<script>x({"file": "https://a.example/a.mp3", "duration": 197});</script>',
    "settings in ISO 8601": (
        '<script>x({"duration": "PT3M17S", "file": "https://a.example/a.mp3"});</script>'
    ),
    "og": (
        '<meta property="og:audio" content="/a.mp3">'
        '<meta property="og:audio:duration" content="197">'
    ),
}
NOT_ITS_OWN = {
    "another player": (
        '<div><audio src="/a.mp3"></audio><audio src="/b.mp3"></audio><span>3:17</span></div>'
    ),
    "a time of day": '<div><audio src="/a.mp3"></audio><span>Published at 10:15</span></div>',
    "reading time": '<div><audio src="/a.mp3"></audio><span>3 min read</span></div>',
    "a moment": '<div><audio src="/a.mp3"></audio><time datetime="10:15">10:15 am</time></div>',
    "an epoch": '<script>x({"file": "https://a.example/a.mp3", "duration": 19700000});</script>',
}


@pytest.mark.parametrize("body", DECLARED.values(), ids=DECLARED)
def test_a_page_declares_a_length(body: str) -> None:
    assert declared(page(body)).duration_ms == LENGTH


@pytest.mark.parametrize("body", BESIDE.values(), ids=BESIDE)
def test_a_length_beside_the_player(body: str) -> None:
    (link,) = find(page(body))
    assert link.declared_duration_ms == LENGTH


@pytest.mark.parametrize("body", NOT_ITS_OWN.values(), ids=NOT_ITS_OWN)
def test_what_is_no_length_of_it(body: str) -> None:
    assert {link.declared_duration_ms for link in find(page(body))} == {None}


def test_lengths_of_others_and_of_live_channels() -> None:
    others = f'{{"@type": "ItemList", "itemListElement": [{{{AUDIO}, "duration": "PT3M"}}]}}'
    live = f'{{{AUDIO}, "isLiveBroadcast": true, "duration": "PT3M"}}'
    assert declared(page(LD.format(others) + LD.format(live))).duration_ms is None
