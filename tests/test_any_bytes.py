"""Whatever bytes come from outside, what is read of them is a noun or an error with a sentence."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_seeds import HERE
from readers import READERS, Reader, is_well

from aligner.nouns import Piece
from aligner.web.cache import Cache
from aligner.web.robots import Robots

OBJECT = '{{"@type": "VideoObject", "contentUrl": "/v.mp4", "{}": "{}"}}'
ITEM = "<rss><channel><item>{}<enclosure url='/a.mp3' type='audio/mpeg'/></item></channel></rss>"
URL = "<urlset xmlns:v='http://www.google.com/schemas/sitemap-video/1.1'><url><loc>/a</loc>{}</url>"
VIDEO = "<v:video><v:content_loc>/a.mp4</v:content_loc><v:duration>{}</v:duration></v:video>"
SIDECAR = (
    '{{"schema": "aligner/1", "status": "captioned", "source": {}, "media": {}, "words": [], '
    '"cues": {}, "lang": "en"}}'
)
DEEP = "[" * 9000

FOUND: dict[str, tuple[str, str, bool]] = {
    "a page that lasts too long": ("json-ld", OBJECT.format("duration", f"PT{'9' * 400}S"), True),
    "a page's address that is none": ("page", "<link rel=canonical href='http://[bad'>", True),
    "a comment within a paragraph": (
        "page",
        "<article>" + "<p>He wound it <!-- -->up every day, and it went well.</p>" * 20,
        True,
    ),
    "a quality that is a list": (
        "page",
        "<div class=c-mmp><video src=/a.mp4 data-sources='"
        '[{"Src":"/b.mp4","DataInfo":[1],"Type":{"a":1}}]' + "'></video></div>",
        True,
    ),
    "a feed whose length is a superscript": ("feed", ITEM.format("<duration>²</duration>"), True),
    "a feed whose length is endless": (
        "feed",
        ITEM.format(f"<duration>{'9' * 5000}</duration>"),
        True,
    ),
    "a feed of a year that is endless": (
        "feed",
        ITEM.format("<pubDate>Mon, 03 Nov 99999999999999 10:00:00 +0000</pubDate>"),
        True,
    ),
    "a sitemap whose length is a superscript": ("sitemap", URL.format(VIDEO.format("²")), True),
    "a sitemap of a year that is endless": (
        "sitemap",
        URL.format("<lastmod>Mon, 03 Nov 99999999999 10:00</lastmod>"),
        True,
    ),
    "a delay that is a superscript": ("robots", "User-agent: *\nCrawl-delay: ²\n", True),
    "a rate that is endless": ("robots", f"User-agent: *\nRequest-rate: {'9' * 5000}/1\n", True),
    "a rule that is a broken address": ("robots", "User-agent: *\nDisallow: http://[a\n", True),
    "lists within lists in a list": ("list", '\x03{"a":' + DEEP, True),
    "half a character in a list": ("list", '\x03{"url": "\\ud800"}', True),
    "lists within lists in a sidecar": ("sidecar", DEEP, False),
    "an endless number in a sidecar": ("sidecar", SIDECAR.format("{}", "1e999", "[]"), False),
    "a sidecar whose source is a list": ("sidecar", SIDECAR.format("[]", "null", "[]"), False),
    "a sidecar whose cues are a number": ("sidecar", SIDECAR.format("{}", "null", "5"), False),
    "a sidecar whose medium has no address": (
        "sidecar",
        SIDECAR.format("{}", '{"kind": "video", "url": "http://[bad"}', "[]"),
        False,
    ),
    "a sidecar whose medium no file can be": (
        "sidecar",
        SIDECAR.format("{}", '{"kind": "video", "url": "/\\u0000.mp4"}', "[]"),
        True,
    ),
    "a sidecar of a source that no file can be": (
        "sidecar",
        SIDECAR.format('{"given": "\\u0000"}', "null", "[]"),
        True,
    ),
    "half a character in a sidecar": (
        "sidecar",
        SIDECAR.format('{"given": "\\ud800"}', "null", "[]"),
        False,
    ),
    "lists within lists in a correction": ("correction", DEEP, True),
    "an unfinished save of lists": ("unfinished-save", DEEP, False),
    "an unfinished save of nothing": ("unfinished-save", "[]", False),
    "an unfinished save of numbers": ("unfinished-save", '{".vtt": 1, ".json": 2}', False),
    "half a character in an unfinished save": (
        "unfinished-save",
        '{".vtt": "\\ud800", ".json": ""}',
        False,
    ),
    "lists within lists in a transcript": ("transcript", DEEP, False),
    "lists within lists in a model": ("weights-config", DEEP, False),
    "a layer that is endless": ("weights-config", '{"alignment_heads": [[Infinity, 1]]}', False),
    "a profile whose base is a list": ("profile", "base = []", False),
    "lists within lists in a profile": ("profile", "a = " + DEEP, False),
}
"""What fuzzing found, and whether it is read or refused."""

SLOW = {"ledger": 12, "page": 30, "sidecar": 30, "correction": 30, "sitemap": 40}
"""How many examples some readers are given; the others 60."""


def damaged(reader: Reader) -> st.SearchStrategy[bytes]:
    """Bytes as they should be with parts cut out and put in, or parts alone."""
    tokens = [token.encode("utf-8", "surrogatepass") for token in reader.tokens]
    part = st.sampled_from(tokens) | st.binary(max_size=4)
    parts = st.lists(part, max_size=12).map(b"".join)
    change = st.tuples(st.floats(0, 1), st.integers(0, 60), parts)
    return parts | st.builds(
        _changed, st.sampled_from(reader.seeds()), st.lists(change, min_size=1, max_size=4)
    )


def _changed(whole: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, new in changes:
        at = int(place * len(whole))
        whole = whole[:at] + new + whole[at + length :]
    return whole


@pytest.mark.parametrize("name", READERS)
def test_what_is_as_it_should_be_is_read(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    for k, seed in enumerate(reader.seeds()):
        folder = tmp_path / str(k)
        folder.mkdir()
        assert is_well(reader, seed, folder), seed[:200]


@pytest.mark.parametrize(("name", "text", "well"), FOUND.values(), ids=FOUND)
def test_what_was_found(name: str, text: str, well: bool, tmp_path: Path) -> None:
    assert is_well(READERS[name], text.encode(), tmp_path) == well


@pytest.mark.parametrize("said", [DEEP, '{"page": {"url": "%s", "html": 5}, "conditions": {}}'])
def test_a_kept_page_that_is_none_is_as_if_it_were_not_there(said: str, tmp_path: Path) -> None:
    data = gzip.compress(said.replace("%s", HERE).encode())
    assert is_well(READERS["kept-page"], data, tmp_path)
    assert Cache(tmp_path).get(HERE) is None


def test_odd_rules_do_not_hide_the_others() -> None:
    said = "User-agent: *\nCrawl-delay: ²\nDisallow: http://[a\nDisallow: /b\n"

    def ask(url: str, _start: int, _length: int) -> Piece:
        return Piece(url, 200, "text/plain", said.encode())

    robots = Robots(ask)
    assert not robots.allow("https://news.example/b")
    assert robots.allow("https://news.example/a")


@pytest.mark.parametrize("name", READERS)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    reader = READERS[name]

    @settings(
        max_examples=SLOW.get(name, 60), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(damaged(reader))
    def holds(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            is_well(reader, data, Path(folder))

    holds()
