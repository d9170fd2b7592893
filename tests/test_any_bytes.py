"""Whatever bytes come from outside, what is read of them is a noun or an error with a sentence."""

from __future__ import annotations

import gzip
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_seeds import HERE
from readers import READERS, Reader, is_well

from aligner.captions import store
from aligner.errors import BadSource
from aligner.net import client
from aligner.net.cache import Cache
from aligner.net.robots import Robots
from aligner.types import PartialContent

OBJECT = '{{"@type": "VideoObject", "contentUrl": "/v.mp4", "{}": "{}"}}'
ITEM = "<rss><channel><item>{}<enclosure url='/a.mp3' type='audio/mpeg'/></item></channel></rss>"
URL = "<urlset xmlns:v='http://www.google.com/schemas/sitemap-video/1.1'><url><loc>/a</loc>{}</url>"
VIDEO = "<v:video><v:content_loc>/a.mp4</v:content_loc><v:duration>{}</v:duration></v:video>"
SIDECAR = (
    '{{"schema": "aligner/1", "status": "captioned", "source": {}, "media": {}, "words": [], '
    '"cues": {}, "lang": "en"}}'
)
KEPT = '{"page": {"url": "%s", "final_url": null, "html": 5, "status": 200}, "conditions": {}}'
DEEP = "[" * 9000

FOUND: dict[str, tuple[str, str, bool]] = {
    "a page that lasts too long": ("json-ld", OBJECT.format("duration", f"PT{'9' * 400}S"), True),
    "a page's address that is none": ("page", "<link rel=canonical href='http://[bad'>", True),
    "a comment within a block of text": (
        "page",
        "<article><div>He wound it <!-- -->up every single day, and it went well.</div></article>",
        True,
    ),
    "a character that XML has not": ("page", "<p>One<i>two</i><script></script>\x0cthree", True),
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
    "a sitemap with a name that XML has not": (
        "sitemap",
        "<urlset xmlns='a\ufffeb'><url><loc>/a</loc></url></urlset>",
        True,
    ),
    "lists within lists in a list": ("list", '\x03{"a":' + DEEP, True),
    "an address that is none in a list": ("list", "\0https://ne[w", True),
    "a line that seems to be times": (
        "srt",
        "1\n00:00:01,000 --> 00:00:02,500\n0\n<i\n0000:00:01\n00> 40:000:03,000 --> 40:00:04,000\n",
        False,
    ),
    "half a character in a list": ("list", '\x03{"url": "\\ud800"}', True),
    "lists within lists in a sidecar": ("sidecar", DEEP, False),
    "an endless number in a sidecar": ("sidecar", SIDECAR.format("{}", "1e999", "[]"), False),
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
    "an unfinished save of a file that cannot be": (
        "unfinished-save",
        '{".vtt": "", "\\u0000": "{}"}',
        False,
    ),
    "an unfinished save elsewhere": ("unfinished-save", '{"/../../b.vtt": "", ".json": ""}', False),
    "a table whose heading is not UTF-8": ("list", "\1Autor\udcef\n,b\n", True),
    "a DASH manifest whose element has no proper name": (
        "dash",
        "><Representation><SegmentBase><a:b:c/></SegmentBase></Representation>",
        True,
    ),
    "a number in place of a path in a job's state": ("state", '{"sound":' + "1" * 24, True),
    "lists within lists in a transcript": ("transcript", DEEP, False),
    "lists within lists in a model": ("weights-config", DEEP, False),
    "a layer that is endless": ("weights-config", '{"alignment_heads": [[Infinity, 1]]}', False),
    "a profile whose base is a list": ("profile", "base = []", False),
    "lists within lists in a profile": ("profile", "a = " + DEEP, False),
    "lists within lists in settings": ("settings", "a = " + DEEP, False),
    "a number of 5,000 digits in settings": ("settings", "jobs = " + "9" * 5000, False),
}
"""What fuzzing found, and whether it is read or refused."""


@cache
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
    assert is_well(READERS[name], text.encode("utf-8", "surrogateescape"), tmp_path) == well


@pytest.mark.parametrize("said", [DEEP, KEPT])
def test_a_kept_page_that_is_none_is_as_if_it_were_not_there(said: str, tmp_path: Path) -> None:
    data = gzip.compress(said.replace("%s", HERE).encode())
    assert is_well(READERS["kept-page"], data, tmp_path)
    assert Cache(tmp_path).get(HERE) is None


def test_odd_rules_do_not_hide_the_others() -> None:
    said = "User-agent: *\nCrawl-delay: ²\nDisallow: http://[a\nDisallow: /b\n"

    def ask(url: str, _start: int, _length: int) -> PartialContent:
        return PartialContent(url, 200, "text/plain", said.encode())

    robots = Robots(ask)
    assert not robots.allow("https://news.example/b")
    assert robots.allow("https://news.example/a")


@pytest.mark.parametrize("name", ["a\0.html", "a/\0/index.html"])
def test_a_source_that_no_file_can_be(name: str) -> None:
    assert store.output_name(name, set())
    with pytest.raises(BadSource, match="no such file"):
        client.load(Path(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    damaged_bytes = data.draw(damaged(READERS[name]))
    with tempfile.TemporaryDirectory() as folder:
        is_well(READERS[name], damaged_bytes, Path(folder))
