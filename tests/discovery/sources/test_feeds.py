"""RSS and Atom -> items with their recordings."""

import pytest
from test_find import PAGES

from aligner.discovery.sources import FindOptions, feeds, find
from aligner.discovery.sources.base import ParsedPage
from aligner.net.charset import decode
from aligner.net.list_root import list_root
from aligner.types import Page, Track

FEED = "https://news.example/podcast/feed.xml"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel><title>Shows</title><link>https://news.example/</link>{}</channel></rss>"""


def page(text: str, content_type: str = "application/rss+xml") -> Page:
    return Page(FEED, FEED, text, 200, content_type)


def test_a_podcasts_feed() -> None:
    first, second, third = feeds.items(
        page((PAGES / "2025-11-03_podcast.xml").read_text(encoding="utf-8"))
    )
    assert (first.title, first.url) == (
        "The Ferry Is Back",
        "https://news.example/a/ferry/101.html",
    )
    (link,) = first.media
    assert (link.url, link.kind, link.found_by) == (
        "https://news.example/audio/ferry_hq.mp3", "audio", "feeds",
    )  # fmt: skip
    assert (link.declared_duration_ms, link.title) == (161_000, "The Ferry Is Back")
    assert link.tracks == (
        Track("https://news.example/t/ferry.vtt", "en", "captions", None, "text/vtt"),
        Track("https://news.example/t/ferry.html", None, "transcript", None, "text/html"),
    )
    assert second.media == ()  # its enclosure is a picture
    assert second.url == "https://news.example/a/clock/102.html"
    assert [link.url for link in third.media] == ["https://news.example/v/lake_240p.mp4"]
    assert len(third.media[0].qualities) == 2


ALTERNATE = "<podcast:alternateEnclosure type='{}' bitrate='24000'>{}</podcast:alternateEnclosure>"
SOURCE = "<podcast:source uri='{}'/>"
OPUS = ALTERNATE.format("audio/opus", SOURCE.format("/a.opus"))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (OPUS, ["/a.opus"]),
        (OPUS.replace("audio/opus", ""), ["/a.opus"]),
        ("<enclosure url='/b.mp3' type='audio/mpeg'/>" + OPUS, ["/b.mp3", "/a.opus"]),
        (OPUS + "<enclosure url='/b.mp3' type='audio/mpeg'/>", ["/b.mp3", "/a.opus"]),
        (
            ALTERNATE.format("audio/mp4", SOURCE.format("ipfs://x") + SOURCE.format("/a?id=1")),
            ["/a?id=1"],
        ),
        (
            ALTERNATE.format(
                "audio/mp4",
                "<podcast:source uri='/a.torrent' contentType='application/x-bittorrent'/>",
            ),
            [],
        ),
        (ALTERNATE.format("image/png", SOURCE.format("/a.png")), []),
        (ALTERNATE.format("audio/mp4", ""), []),
        ("<enclosure url='/a' type='application/octet-stream'/>", ["/a"]),
        ("<enclosure url='/a' type='Application/Octet-Stream; x=1'/>", ["/a"]),
        ("<enclosure url='/a' length='0' type=''/>", ["/a"]),
        ("<enclosure url='/a'/>", ["/a"]),
        ("<enclosure url='/a' type='audio'/>", ["/a"]),
        ("<enclosure url='/a.mp3' type='text/html'/>", ["/a.mp3"]),
        ("<enclosure url='/a.JPG' type='application/octet-stream'/>", []),
        ("<enclosure url='/a.pdf'/>", []),
        ("<enclosure url='/a' type='application/pdf'/>", []),
    ],
)
def test_enclosures(item: str, expected: list[str]) -> None:
    (read,) = feeds.items(page(RSS.format(f"<item><title>One</title>{item}</item>")))
    places = [link.url.removeprefix("https://news.example") for link in read.media]
    assert places == expected


def test_what_an_alternate_enclosure_says() -> None:
    two = SOURCE.format("/a.opus") + SOURCE.format("https://m.example/a.opus")
    item = f"<item><title>One</title>{ALTERNATE.format('audio/opus', two)}</item>"
    ((link,),) = (read.media for read in feeds.items(page(RSS.format(item))))
    assert (link.kind, link.quality, link.title) == ("audio", "24 kbps", "One")
    assert len(link.qualities) == 2


JUNK = [
    "<br />\n<b>Warning</b>:  Undefined array key in <b>/srv/feed.php</b> on line <b>3</b><br />\n",
    "Notice: undefined variable\n",
    "\n\n  \ufeff\n",
    "ï»¿",
    "<!-- cached --> x ",
]


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
@pytest.mark.parametrize("without", ["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
def test_junk_before_a_feed(junk: str, without: str) -> None:
    text = RSS.format("<item><title>Fähre</title><enclosure url='/1.mp3'/></item>")
    read = page(junk + text.removeprefix(without))
    assert feeds.is_feed(read)
    assert [(item.title, len(item.media)) for item in feeds.items(read)] == [("Fähre", 1)]


def test_letters_of_a_feed_after_junk() -> None:
    declared = "<?xml version='1.0' encoding='ISO-8859-1'?><rss version='2.0'>F\xe4hre</rss>"
    assert "Fähre" in decode(b"Warning!\n" + declared.encode("latin-1"), None)


def test_the_encoding_that_a_feed_declares_is_that_of_its_bytes() -> None:
    text = RSS.replace("UTF-8", "ISO-8859-1").format("<item><title>Fähre</title></item>")
    assert [item.title for item in feeds.items(page(text))] == ["Fähre"]


def test_an_atom_feed() -> None:
    text = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A talk</title>
      <link rel="alternate" href="/a/1.html"/><link rel="enclosure" type="audio/mpeg" href="/1"/>
      </entry><entry><title>None</title></entry></feed>"""
    talk, none = feeds.items(page(text))
    assert (talk.url, talk.media[0].url) == (
        "https://news.example/a/1.html",
        "https://news.example/1",
    )
    assert (none.url, none.media) == (None, ())


def test_a_feed_as_the_source() -> None:
    text = RSS.format(
        "<item><title>One</title><enclosure url='/1.mp3' type='audio/mpeg'/></item>"
        "<item><title>Two</title><enclosure url='/2.mp3' type='audio/mpeg'/></item>"
    )
    assert [link.title for link in find(page(text))] == ["One", "Two"]


ITEMS = feeds.items(
    page(
        RSS.format(
            "<item><title>One</title><link>https://news.example/a/1.html?x=1</link></item>"
            "<item><title> Two  words</title><guid>https://www.news.example/a/2/</guid></item>"
        )
    )
)


@pytest.mark.parametrize(
    ("url", "title", "expected"),
    [
        ("https://www.news.example/a/1.html", None, "One"),
        ("http://news.example/a/2", "One", "Two words"),
        (None, "two words", "Two words"),
        ("https://news.example/a/3.html", "Three", None),
        (None, None, None),
    ],
)
def test_the_item_of_an_article(url: str | None, title: str | None, expected: str | None) -> None:
    item = feeds.item_of(ITEMS, url, title)
    assert (item.title if item else None) == expected


def test_feeds_that_a_page_names() -> None:
    text = """<link rel="alternate" type="application/rss+xml" href="/feed.xml">
      <link href="/atom" type="application/atom+xml; charset=utf-8" rel="ALTERNATE home">
      <link rel="alternate" type="text/html" hreflang=fr href="/fr"><link rel=alternate href=/x>"""
    html = Page("https://news.example/a", "https://news.example/a", text, 200)
    assert feeds.addresses(ParsedPage(html, None, FindOptions())) == (
        "https://news.example/feed.xml",
        "https://news.example/atom",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<rss",
        "<rss><channel><item><title>x",
        "no feed",
        "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss><item><title>&a;</title></item>",
        "<!DOCTYPE r [<!ENTITY a 'xxx'><!ENTITY b '&a;&a;&a;'>]><rss><item>&b;</item></rss>",
        "<rss><item><enclosure url='javascript:1' type='audio/mpeg'/></item></rss>",
        "<rss>" + "<item>" * 10_000,
    ],
)
def test_bad_feeds(text: str) -> None:
    for item in feeds.items(page(text)):
        assert item.media == ()
        assert "root" not in (item.title or "")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("<rss>", "rss"),
        ("\ufeff<?xml version='1.0'?>\n<!-- a --><!-- b --> <feed xmlns='x'>", "feed"),
        ("<?xml-stylesheet href='x'?><!DOCTYPE rdf:RDF [<!ENTITY a 'b'>]><rdf:RDF>", "rdf"),
        ("<html><rss>", None),
        ("<!-- <rss> --><html>", None),
        ("<rssx>", None),
        ("<html><pre><?xml version='1.0'?><rss version='2.0'>", None),
        ("<!DOCTYPE html><p>x <?xml version='1.0'?><rss>", None),
        ("<?xml version='1.0'?><html xmlns='x'><feed xmlns='y'>", None),
        ("Warning <?xml version='1.0'?>\n<!-- a --><urlset>", "urlset"),
        ("Warning <p>of an <rss> feed", None),
        ("<!-- -->" * 2_000 + "<html>", None),
        ("<!-- " * 2_000, None),
    ],
    ids=range(13),
)
def test_what_kind_of_list_it_is(text: str, root: str | None) -> None:
    assert list_root(text) == root
