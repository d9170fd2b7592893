"""Pages that are broken, huge or hostile: no crash, no wait, and what can be had is had."""

import json
import time

import pytest
from test_find import HERE, page

from aligner.discovery.html import parse, read_json
from aligner.discovery.sources import find
from aligner.types import MediaLink

AUDIO = "<audio src=/a.mp3></audio>"
LD = '<script type="application/ld+json">{}</script>'
NODES = [{"@type": "VideoObject", "name": "x" * 100, "contentUrl": f"/v{i}.mp4"} for i in range(9)]
SECONDS = 10
"""Of this thread's time; a page of 5,000 links takes 0.4 to 0.6 on one core of 2023, and minutes if
the work grows with their square."""


def found(text: str) -> tuple[MediaLink, ...]:
    read, began = page(text), time.thread_time()
    links = find(read)
    assert time.thread_time() - began < SECONDS
    return links


@pytest.mark.slow
@pytest.mark.parametrize(
    "item",
    [
        "<audio src=/a{}-x.mp3></audio><p>A paragraph of text, as long as paragraphs are.</p>",
        "<a href=/a{}.mp3><span class=x>x</span></a>",
        "<iframe src=https://www.youtube.com/embed/{:011d}></iframe>",
        "<meta property=og:video content=/v{}.mp4>",
        "<div itemscope itemtype=https://schema.org/AudioObject>"
        "<meta itemprop=contentUrl content=/a{}.mp3></div>",
    ],
)
def test_5000_links(item: str) -> None:
    text = "<article>" + "".join(item.format(i) for i in range(5_000))
    assert len(found(text)) == 5_000


@pytest.mark.parametrize("tag", ["div class=x", "span", "ul><li", "section", "table><tr><td", "a"])
def test_10000_nested_tags(tag: str) -> None:
    links = found(f"<{tag}>" * 10_000 + AUDIO)
    assert [link.url for link in links] == ["https://news.example/a.mp3"]


@pytest.mark.slow
def test_deep_nesting_with_media_at_every_level() -> None:
    assert len(found("".join(f"<div class=x><audio src=/{i}.mp3></audio>" for i in range(2_000))))


def test_text_outside_absurd_nesting_is_kept() -> None:
    tree = parse("<div>" * 10_000 + "<p>first</p>" + "</div>" * 10_000 + "<p>last</p>")
    assert [p.text for p in tree.iter("p")] == ["first", "last"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "number"),
    [
        (LD.format(json.dumps([{"x": "y" * 20_000_000}, NODES[0]])), 1),
        (LD.format(json.dumps(NODES[0])[:-1] + ', "x": "' + 'y" z' * 5_000_000), 1),
        (LD.format('{"a":' * 10_000 + "1" + "}" * 10_000) + AUDIO, 1),
        (LD.format("[" * 10_000) + AUDIO, 1),
        (LD.format(json.dumps(NODES)) + AUDIO, 10),
        ("<script>x='.mp3 " + "/" * 5_000_000 + "'</script>" + AUDIO, 1),
        ("<script>x='.mp3 " + "https://a.example/" * 200_000 + "'</script>" + AUDIO, 1),
        ("<script>.mp3" + "\\" * 3_000_000 + "</script>" + AUDIO, 1),
        ("<script>kaltura .mp3" + '"wid":"_12345"' * 200_000 + "</script>" + AUDIO, 1),
        ("<script>.mp3 " + "YT.Player(" * 300_000 + "</script>" + AUDIO, 1),
        ('<div data-x="{.mp3' + "\\" * 2_000_000 + '">' + AUDIO, 1),
        ("<iframe src='https://" + "youtube.com/embed/?" * 100_000 + "'></iframe>" + AUDIO, 1),
        ("<div" * 500_000 + AUDIO, 0),
        ("<script>s = {" + "".join(f"'/a{i}.mp3',{'a' * 500}" for i in range(400)) + AUDIO, 0),
        ("<script>s = [" + "{cdn: '//m.example', f: '/a.mp3'}," * 50_000 + "</script>" + AUDIO, 2),
        ('<script>a.push("' * 300_000 + "</script>" + AUDIO, 1),
        ("<script>'.mp3" + "' + '" * 1_000_000 + "</script>" + AUDIO, 1),
        ("<script>.mp3 " + "&" + "amp;" * 1_000_000 + "</script>" + AUDIO, 1),
        (f"<div data-audio='{{/{'audio' * 400_000}'></div>" + AUDIO, 1),
        (f"<iframe src='/p?{'a=/b?' * 300_000}'></iframe>" + AUDIO, 1),
    ],
    ids=range(20),
)
def test_huge(text: str, number: int) -> None:
    assert len(found(text)) == number


WHOLE = (
    "<html><head>"
    + LD.format(json.dumps({"@type": "AudioObject", "contentUrl": "/b.mp3"}))
    + "</head>"
    f"<body><article><h1>Title</h1><p>Text.</p>{AUDIO}<p>More text.</p></article></body></html>"
)  # fmt: skip


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_cut_anywhere(length: int) -> None:
    urls = {link.url for link in found(WHOLE[:length])}
    assert urls <= {"https://news.example/a.mp3", "https://news.example/b.mp3"}


def test_cut_after_the_media() -> None:
    assert len(found(WHOLE[: WHOLE.index("More")])) == 2


@pytest.mark.parametrize(
    ("head", "address", "full"),
    [
        ("<base href='javascript:x'>", "/a.mp3", "https://news.example/a.mp3"),
        ("<base href='data:text/html,x'>", "a.mp3", "https://news.example/a/a.mp3"),
        ("<base href='file:///etc/'>", "a.mp3", "https://news.example/a/a.mp3"),
        ("<base target=x><base href='//cdn.example/x/'>", "a.mp3", "https://cdn.example/x/a.mp3"),
        ("<base href='/one/'><base href='/two/'>", "a.mp3", "https://news.example/one/a.mp3"),
        ("<base href='http://[bad'>", "/a.mp3", "https://news.example/a.mp3"),
        ("", "../b/./a.mp3", "https://news.example/b/a.mp3"),
        ("", "//cdn.example/a.mp3", "https://cdn.example/a.mp3"),
        ("", "?id=1", "https://news.example/a/1.html?id=1"),
        ("", "/ä é.mp3?q=ü", "https://news.example/%C3%A4%20%C3%A9.mp3?q=%C3%BC"),
        ("", "/a%20b.mp3", "https://news.example/a%20b.mp3"),
        ("", "/a\n\t b.mp3 ", "https://news.example/a%20b.mp3"),
        ("", "https://news.example:99999/a.mp3", None),
        ("", "JavaScript:alert('a.mp3')", None),
        ("", " data:audio/mp3;base64,AAAA", None),
        ("", "mailto:a.mp3", None),
        ("", "ftp://news.example/a.mp3", None),
        ("", "https:///a.mp3", "https://news.example/a.mp3"),  # as browsers read it
    ],
)  # fmt: skip
def test_addresses(head: str, address: str, full: str | None) -> None:
    links = found(f'<head>{head}</head><audio src="{address}"></audio>')
    assert [link.url for link in links] == ([full] if full else [])


def test_without_an_address_of_its_own() -> None:
    links = find(page("<audio src='//cdn.example/a.mp3'></audio><audio src='b.mp3'></audio>", None))
    assert [link.url for link in links] == ["https://cdn.example/a.mp3"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('<!-- {"a": 1}; -->', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": "said "hi", then", "b": 1}', {"a": 'said "hi", then', "b": 1}),
        ('{"a": "it\\\'s"}', {"a": "it's"}),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ("{&quot;a&quot;: 1}", {"a": 1}),
        ('{"a": {"b": [1, {"c": "x", "d": "cut of', {"a": {"b": [1, {"c": "x", "d": None}]}}),
        ('{"a": 1, "b', {"a": 1}),
        ("{'a': 1}", None),
        ("var x = 1", None),
        ("", None),
    ],
)  # fmt: skip
def test_mending(text: str, value: object) -> None:
    assert read_json(text) == value


def test_the_page_itself_is_no_recording_of_its_own() -> None:
    assert find(page(f"<video src='{HERE}#x'></video>")) == ()
