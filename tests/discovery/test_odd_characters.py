"""Characters that XML or UTF-8 cannot have, in whatever way and wherever a page has them."""

import json

import pytest

from aligner.discovery import article, sources
from aligner.discovery.html import parse, read_json
from aligner.discovery.sources import FindOptions
from aligner.net.charset import decode
from aligner.types import Page

HERE = "https://news.example/a/1.html"
EVERYWHERE = FindOptions(relations=("article", "page", "other"))
PROSE = "<p>The council of the village met once more and agreed to repair the bridge.</p>" * 3

CHARACTERS = [0, 3, 0xB, 0xC, 0x1B, 0x7F, 0x85, 0xD800, 0xDC00, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFF]
ODD = [
    *(chr(code) for code in CHARACTERS),
    *(f"&#{code};" for code in (*CHARACTERS, 0x110000, "9" * 5000, "")),
    *(f"&#x{code:x}" for code in CHARACTERS),
    *("&#X000000000B;", "&amp;#3;", "&amp;amp;#xFFFF;", "&#38;#3;", "&amp;&#35;3;", "&#x;"),
]
PLACES = [
    "{}<script>1</script>",
    "<p>One {} two<script></script>{}three<!--{}-->four<del>{}</del>{}</p>",
    "<p title='{}' {}=1>x<sup class='fn{}'>1</sup>{}</p><{}b>x</{}b>",
    "<title>{}</title><h1>a{}</h1><meta property='og:title' content='{}'>",
    "<video src='/a{}.mp4' title='{}'></video>{}<style>{}</style>{}<aside>{}</aside>{}",
    "<figure>{}<figcaption>a{}<b></b>{}</figcaption></figure>{}<p>{}</p>",
    "<base href='/{}'><link rel=canonical href='http://x.example/{}'><iframe src='/{}'></iframe>",
    "<script>jwplayer(1).setup({file:'/a{}.mp3',title:'{}'})</script>",
    "<script>self.__next_f.push([1,\"{'file':'/a{}.mp3'}\"])</script>",
    '<script type="application/ld+json">'
    '{"@type":"NewsArticle","headline":"a{}","inLanguage":"{}"}</script>',
    '<script type="application/ld+json">'
    '{"@type":"VideoObject","name":"{}","contentUrl":"/a{}.mp4"}</script>',
]


def read(html: str) -> list[str]:
    """Every text that is found in a page: its words, titles and addresses."""
    page = Page(HERE, HERE, html, 200)
    found = article.extract(page)
    texts = [found.title, found.language, *(p.text for p in found.paragraphs)]
    for link in sources.find(page, found, EVERYWHERE):
        texts += [link.url, *(q.label for q in link.qualities)]
    texts.append(sources.declared(page).title)
    return [text for text in texts if text]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_read_can_be_written(place: str) -> None:
    escaped = ["\\ud800", "\\udc00x", "\\u0003", "\\uffff"] if "<script" in place else []
    parts = "".join(place.replace("{}", odd) for odd in (*ODD, *escaped))
    texts = read(f"<html><body>{PROSE}{parts}</body></html>")
    assert any("agreed to repair" in text for text in texts)
    for text in texts:
        text.encode()


def test_ordinary_references_stay() -> None:
    text = "a&#65;&#x42;&#xe9;&amp;&#128512;&#10;&#9;&#8217;&#;&#xZ"
    assert parse(f"<p>{text}</p>").text_content() == "aABé&\U0001f600\n\t\u2019&#;&#xZ"


@pytest.mark.parametrize("text", ['["\\ud800"]', '["\\ud800",]', '[{"\\udfff": "\\ud800"}]'])
def test_half_characters_of_json(text: str) -> None:
    assert "\ufffd" in json.dumps(read_json(text), ensure_ascii=False)


def test_whole_characters_of_json() -> None:
    assert read_json('["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_half_characters_of_a_text() -> None:
    text = "A bridge\n\nThe council met \ud800 once more and agreed to repair the bridge.\n"
    for paragraph in article.extract(Page(None, None, text, 200, "text/plain")).paragraphs:
        paragraph.text.encode()


def test_nothing_is_lost_beside_them() -> None:
    (text,) = (p for p in read(decode(b"&#3;<script>1</script><p>One&#xFFFF;two", None)))
    assert text == "One two"
