"""Pages -> articles: every paragraph that the publisher wrote, and nothing else."""

import json
import os
import time
from pathlib import Path

import pytest

from aligner.discovery.article import extract
from aligner.types import Page, Paragraph

PAGES = Path(__file__).parents[1] / "data" / "pages"


def page(text: str, content_type: str = "text/html", url: str | None = None) -> Page:
    return Page(url, url, text, 200, content_type)


def saved(name: str) -> Page:
    kind = "text/plain" if name.endswith(".txt") else "text/html"
    return page((PAGES / name).read_text(encoding="utf-8"), kind)


def parts(given: Page) -> list[tuple[str, str]]:
    return [(p.role, p.text) for p in extract(given).paragraphs]


# ---------------------------------------------------------------- whole pages

FERRY = [
    ("title", "Ferry Service Returns to the Lake"),
    ("summary", "After nine years, boats cross the lake again."),
    ("caption", "A ferry waits at the northern pier."),
    (
        "body",
        "NORTH PIER — The first ferry in nine years left the northern pier on Tuesday with 212 "
        "people on board, among them a bride who had missed the bus.",
    ),
    (
        "body",
        "“I’d have swum,” she said. The boat takes fortyfive minutes, and the road around the "
        "lake takes four hours.",
    ),
    ("heading", "A road under water"),
    (
        "body",
        "The service stopped in 2016, when the lake rose and the southern landing disappeared. "
        "Engineers have since built a new one, two meters higher.",
    ),
    (
        "body",
        "It will run twice a day until October, the ministry of transport said, and then the ice "
        "will decide.",
    ),
]
CLOCK = [
    ("title", "Council Buys a Clock"),
    ("summary", "The town hall had none that worked."),
    ("caption", "The new clock, before it was hung. (Photo: S. Example)"),
    (
        "body",
        "The council voted by eight to three on Monday to buy a clock for the town hall, where the "
        "old one has stood at ten past four since the spring of 1998.",
    ),
    (
        "body",
        "Copyright disputes held the purchase up for a year: the maker said that no one may "
        "photograph the dial. Share prices of the maker fell.",
    ),
    (
        "body",
        "The mayor, who voted against it, said that nobody in the town had ever been late for want "
        "of a clock, and that the money would have paid for two benches.",
    ),
]
COPIED = [
    ("title", "Ferry Service Returns to the Lake"),
    (
        "caption",
        "FILE - In this Tuesday, May 6, 2025 file photo a ferry waits at the northern pier.",
    ),
    ("summary", "After nine years, boats cross the lake again."),
    (
        "body",
        "The first ferry in nine years left the northern pier on Tuesday with 212 people on board, "
        "among them a bride who had missed the bus.",
    ),
    ("body", "“I’d have swum,” she said."),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("pangea.html", FERRY), ("newspaper.html", CLOCK), ("copied.txt", COPIED)],
)
def test_a_whole_page(name: str, expected: list[tuple[str, str]]) -> None:
    assert parts(saved(name)) == expected


@pytest.mark.parametrize(
    ("name", "url", "title", "language"),
    [
        ("pangea.html", "https://news.example/a/ferry/7700001.html", FERRY[0][1], "en"),
        ("newspaper.html", None, "Council Buys a Clock", "en-GB"),
        ("copied.txt", None, FERRY[0][1], None),
    ],
)
def test_what_a_page_says_of_itself(
    name: str, url: str | None, title: str, language: str | None
) -> None:
    article = extract(saved(name))
    assert (article.url, article.title, article.language) == (url, title, language)


# ---------------------------------------------------------------- title, language, address

LONG = "The lake has risen by two meters since the spring, and nobody in the village knows why. "
BODY = f"<p>{LONG * 2}</p><p>{LONG * 2}Then it stopped.</p><p>It may begin again, they say.</p>"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>A Lake Rises | The Gazette</title>", "", "A Lake Rises"),
        ("<title>A Lake Rises – Gazette</title>", "", "A Lake Rises – Gazette"),
        (
            "<title>A Lake - Gazette</title><meta property=og:site_name content=Gazette>",
            "",
            "A Lake",
        ),
        ("<title>Gazette: news</title>", "<h1>A Lake Rises</h1>", "Gazette: news"),
        ("<title>A Lake Rises: news</title>", "<h1>A Lake Rises</h1>", "A Lake Rises"),
        ("<meta content='A Lake Rises' property='og:title'>", "<h1>Gazette</h1>", "A Lake Rises"),
        ("<title>Boats &amp; Banks\n of a  Lake</title>", "", "Boats & Banks of a Lake"),
        ("", "<h1>A Lake Rises</h1>", "A Lake Rises"),
        ("", "", None),
    ],
)
def test_titles(head: str, body: str, title: str | None) -> None:
    assert extract(page(f"<html><head>{head}</head><body>{body}{BODY}")).title == title


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("<html lang='EN'>", "en"),
        ("<html lang='pt-BR'>", "pt-BR"),
        ("<html lang='sr_Latn'>", "sr-Latn"),
        ("<html lang=''><meta property='og:locale' content='uk_UA'>", "uk-UA"),
        ('<script type="application/ld+json">{"inLanguage": "fa"}</script>', "fa"),
        ("<meta http-equiv='Content-Language' content='ru'>", "ru"),
        ("<html lang='eng'>", "en"),
        ("<html lang='ger-AT'>", "de-AT"),
        ("<html lang='fil'>", "fil"),
        ("<html lang='und'><meta name='language' content='English'>", "en"),
        ("<meta http-equiv='Content-Language' content='de, en'>", "de"),
        (
            '<script type="application/ld+json">{"inLanguage": {"@type": "Language", "name":'
            ' "Deutsch", "alternateName": "ger"}}</script>',
            "de",
        ),
        ("<html lang='{{ lang }}'>", None),
        ("<p>", None),
    ],
)
def test_languages(text: str, language: str | None) -> None:
    assert extract(page(text + BODY)).language == language


@pytest.mark.parametrize(
    ("head", "given", "url"),
    [
        ("<link rel=canonical href='https://a.example/1'>", None, "https://a.example/1"),
        ("<meta property=og:url content='https://a.example/2'>", None, "https://a.example/2"),
        (
            "<link rel=canonical href='https://a.example/1'>",
            "https://b.example/",
            "https://b.example/",
        ),
        ("<link rel=canonical href='/a/1.html'>", None, None),
        ("<link rel=canonical href='javascript:1'>", None, None),
    ],
)
def test_addresses(head: str, given: str | None, url: str | None) -> None:
    assert extract(page(f"<head>{head}</head>{BODY}", url=given)).url == url


# ---------------------------------------------------------------- summary, captions, boilerplate


def test_a_summary_that_begins_the_body_stands_once() -> None:
    text = f"<h1>A Lake Rises</h1><div class=intro><p>{LONG}</p></div><article>{BODY}</article>"
    assert [role for role, _ in parts(page(text))] == ["title", "body", "body", "body"]


def test_a_declared_summary_that_nobody_sees_is_not_the_article() -> None:
    text = f"<meta name=description content='Water is rising.'><article>{BODY}</article>"
    assert {role for role, _ in parts(page(text))} == {"body"}


def test_a_caption_within_a_link_is_another_story() -> None:
    other = "<a href='/x'><figure><img><figcaption>Other news of the day</figcaption></figure></a>"
    assert "caption" not in dict(parts(page(f"<article>{BODY}{other}</article>")))


@pytest.mark.parametrize(
    "line",
    [
        "No media source currently available",
        "Direct link",
        "64 kbps | MP3",
        "240p | 5.2MB",
        "Pop-out player",
        "The code has been copied to your clipboard.",
        "0:00 0:03:17 0:00",
        "XS SM MD LG",
        "Breaking News",
        "Tags: Lake, Water",
        "Read more: Why the Lake Rose",
        "Sign up for our morning briefing and never miss a story.",
        "© 2025 The Gazette. All rights reserved.",
        "_______________",
        "* * *",
    ],
)
def test_boilerplate_is_left_out(line: str) -> None:
    with_it = page(f"<article>{BODY.replace('</p><p>', f'</p><p>{line}</p><p>', 1)}</article>")
    assert parts(with_it) == parts(page(f"<article>{BODY}</article>"))
    assert line not in str(parts(page(f"A title\n\n{line}\n\n{LONG}", "text/plain")))


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law in the region is older than the lake.",
        "Share prices fell by 3 percent.",
        "Sign up for the vote began on Monday.",
        "Subscribe they did, in their thousands.",
        "Listen to the audio of a whale, he said, and you hear a clock.",
        "Related crimes are rare in the village.",
        "42.",
    ],
)
def test_sentences_that_look_like_boilerplate_stay(line: str) -> None:
    assert ("body", line) in parts(page(f"A title\n\n{line}\n\n{LONG}", "text/plain"))


def test_invisible_characters_go_and_joiners_stay() -> None:
    printed = "Zero\u200bwidth, soft\u00adhyphen,\u00a0no\u2011break. می\u200cروم."
    text = f"<article><p>{printed} {LONG * 2}</p>{BODY}"
    assert parts(page(text))[0][1].startswith("Zerowidth, softhyphen, no\u2011break. می\u200cروم.")


def test_line_breaks_after_a_sentence_part_paragraphs() -> None:
    text = f"<article><p>{LONG}{LONG}<br><br>{LONG}It is<br>cold.</p>{BODY}</article>"
    bodies = [text for _, text in parts(page(text))]
    assert bodies[0] == (LONG + LONG).strip()
    assert bodies[1] == LONG + "It is cold."


# ---------------------------------------------------------------- pages without an article


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (
            "<html><head><title>Listen</title></head><body><audio src=a.mp3></audio></body>",
            "text/html",
        ),
        ("", "text/html"),
        ("<", "text/html"),
        ("<!-- -->", "text/html"),
        ("", "audio/mpeg"),
        ("Direct link\n\nXS\nSM", "text/plain"),
    ],
)
def test_no_article_is_no_error(text: str, content_type: str) -> None:
    assert extract(page(text, content_type)).paragraphs == ()


@pytest.mark.parametrize(
    "text",
    ["<p>" * 3000 + "deep", "<html><body>" + "<div>" * 500 + BODY, BODY + "\0", "<p>\ud800" + BODY],
    ids=["open tags", "nested", "NUL", "a lone surrogate"],
)
def test_strange_pages_do_not_crash(text: str) -> None:
    extract(page(text))


# ---------------------------------------------------------------- plain text


def test_text_broken_to_a_width_is_joined() -> None:
    text = (
        "A Lake Rises\n\n"
        "The lake has risen by two meters since the spring, and nobody\n"
        "in the village knows why. Boats that lay on the sand now lie\n"
        "on the lawn of the school, and the children row to the door of\n"
        "their classroom.\n\n"
        "The mayor has written to the ministry three times. The ministry\n"
        "has answered once, to say that it had lost the first of the\n"
        "letters.\n"
    )
    roles_and_lengths = [(role, len(text) > 100) for role, text in parts(page(text, "text/plain"))]
    assert roles_and_lengths == [("title", False), ("body", True), ("body", True)]


def test_text_without_a_title() -> None:
    text = f"{LONG}\n\nA second sentence stands here."
    assert parts(page(text, "text/plain"))[0][0] == "body"
    assert extract(page(text, "text/plain")).title is None


def test_a_heading_in_text() -> None:
    text = f"A Lake Rises\n\n{LONG}\n\nThe village\n\n{LONG}Again.\n"
    assert [role for role, _ in parts(page(text, "text/plain"))] == [
        "title",
        "body",
        "heading",
        "body",
    ]


# ---------------------------------------------------------------- a corpus, where there is one

CORPUS = os.environ.get("ALIGNER_CORPUS")
needs_corpus = pytest.mark.skipif(not CORPUS, reason="ALIGNER_CORPUS names no folder of test cases")


@needs_corpus
def test_every_case_of_the_corpus() -> None:
    cases = sorted(Path(CORPUS or "").glob("cases/*/truth.json"))
    assert cases
    for case in cases:
        truth = json.loads(case.read_text(encoding="utf-8"))
        html = (case.parent / "page.html").read_text(encoding="utf-8")
        article = extract(page(html, url="https://news.example/a/1.html"))
        body = [p.text for p in article.paragraphs if p.role == "body"]
        assert body == [" ".join(text.split()) for text in truth["article"]], case.parent.name
        assert article.title == truth["headline"]
        assert Paragraph(truth["headline"], "title") == article.paragraphs[0]


@needs_corpus
def test_first_and_last_sentences_of_the_corpus() -> None:
    folder = Path(CORPUS or "") / "pages"
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for name, truth in truths.items():
        html = (folder / name).read_bytes().decode("utf-8", "replace")
        text = _letters(" ".join(p.text for p in extract(page(html)).paragraphs))
        for sentence in (truth["first_sentence"], truth["last_sentence"]):
            assert _letters(sentence or "") in text, name


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


DEEP = {
    "links in boxes": "<div><a href=/x>" * 1000 + "word " + "</a></div>" * 1000,
    "links with text": "<div><a href=/x>text here</a>" * 1000,
    "lists": "<ul><li>one" * 1000,
    "sections": "<section><p>some text of a paragraph</p>" * 1900,
    "quotes": "<blockquote><p>said " * 1900,
    "tables": "<table><tr><td>cell" * 650,
    "emphasis": "<p>" + "<b><i>word " * 900,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_2000_nested_tags_take_no_time(text: str) -> None:
    began = time.thread_time()
    extract(Page(None, None, f"<html><body>{text}", 200))
    assert time.thread_time() - began < 15
