"""What the readers of ``readers.py`` are tried with: bytes as they should be, and their parts."""

from __future__ import annotations

import gzip
import json
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

from aligner import jobs
from aligner.discovery import sources
from aligner.jobs import BatchOptions, checkpoint
from aligner.jobs.rows import JobResult
from aligner.pipeline.options import Options
from aligner.types import Page

ROOT = Path(__file__).parents[1]
DATA, SAMPLE = ROOT / "tests" / "data", ROOT / "samples" / "russia-and-assad"
HERE = "https://news.example/a/1.html"

Seeds = Callable[[], tuple[bytes, ...]]


def files(*patterns: str) -> Seeds:
    def read() -> tuple[bytes, ...]:
        return tuple(path.read_bytes() for p in patterns for path in sorted(ROOT.glob(p)))

    return read


def texts(*given: str) -> Seeds:
    return lambda: tuple(text.encode() for text in given)


def small_model() -> tuple[bytes, ...]:
    """A model.bin with one weight, cut short of being a whole model."""

    def string(text: str) -> bytes:
        raw = text.encode() + b"\0"
        return struct.pack("<H", len(raw)) + raw

    def variable(name: str, shape: tuple[int, ...]) -> bytes:
        size = 4
        for length in shape:
            size *= length
        head = struct.pack(f"<B{len(shape)}IBI", len(shape), *shape, 0, size)
        return string(name) + head + bytes(size)

    names: dict[str, tuple[int, ...]] = {
        "decoder/embeddings/weight": (3, 2), "encoder/conv1/weight": (2, 2, 3),
        "encoder/position_encodings/encodings": (2, 2), "encoder/num_heads": (),
        "decoder/position_encodings/encodings": (2, 2), "decoder/num_heads": (),
        "encoder/layer_0/self_attention/linear_0/weight": (3, 2),
    }  # fmt: skip
    body = b"".join(variable(name, shape) for name, shape in names.items())
    head = struct.pack("<I", 6) + string("WhisperSpec") + struct.pack("<II", 3, len(names))
    return (head + body + struct.pack("<I", 0),)


def small_ledger() -> tuple[bytes, ...]:
    """The ledger of a batch of two articles, one of them done."""
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        with jobs.Batch(Options(), BatchOptions(folder)) as batch:
            batch.enter([HERE, "https://news.example/b"])
            batch.ledger.enter_results([(HERE, JobResult("no_media", "none", "{}", "json"))])
        return ((folder / ".aligner" / "ledger.sqlite").read_bytes(),)


JSON_TOKENS = (
    *("{", "}", "[", "]", '"', ":", ",", "null", "true", "0", "-1", "1e999", "NaN", "Infinity"),
    *("9" * 400, '"\\ud800"', '"\\u0000"', "[" * 3000, '{"a":' * 3000),
)
XML_TOKENS = (
    *("<?xml version='1.0' encoding='x'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "<!-- -->"),
    *("<![CDATA[", "]]>", "<a ", "</a>", "/>", "='", "\0", "\ufffe", "²", "9" * 5000, "\ud800"),
)
DATES = (
    *("2025-11-03", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "20251103T99"),
    *("Mon, 03 Nov 2025 10:00:00 +0000", "Mon, 99 Nov 99999999999 10:00 +9999", "²²²²"),
)
ADDRESSES = (
    *("http://[bad", "//x", "https://\ud800.example/a.mp3", "https://a.example:99999/", "a.mp3?²"),
    *("https://news.example/a.mp3", "data:x", "https://www.youtube.com/embed/aaaaaaaaaaa"),
)
VTT_TOKENS = (
    *("WEBVTT\n", "\n", "\r\n", "\r", "00:01.000 --> 00:02.000", "NOTE", "STYLE", "REGION", "1\n"),
    *("00:00:03,000 --> 00:00:02,000 x", "<i>", "</b>", "<v >", "&", "-->", "\0", "<00:01.500>"),
    *(
        "&#99999999999;",
        "&#xD800;",
        "\ufeff",
        "水",
        "👩‍💻",
        " align:start line:-1",
        "\u2028",
        "\x0b",
    ),
    *("99999999999999:00:00.000 --> ", "<c.a.b>", "&nbsp;", "\x1c", "\x85", "(music)"),
)


def kept_page() -> tuple[bytes, ...]:
    """A page of the cache on the disk."""
    made: dict[str, object] = {
        "page": {"url": HERE, "final_url": HERE, "html": "<p>x", "status": 200}
    }
    made |= {"conditions": {"If-None-Match": "x"}}
    return (gzip.compress(json.dumps(made).encode()),)


def _podcast() -> Page:
    text = (DATA / "pages" / "2025-11-03_podcast.xml").read_text("utf-8")
    return Page(HERE, HERE, text, 200, "application/xml")


def states() -> tuple[bytes, ...]:
    """What the ledger keeps of an item: an address, an entry of a feed, how far it is."""
    return (
        checkpoint.source_bytes(HERE),
        *map(checkpoint.source_bytes, sources.feeds.items(_podcast())[:1]),
        b'{"step":"find","known":{},"links":[],"media":null,"files":[],"sound":null,'
        b'"speech":null,"transcript":null,"ended":false}',
    )


def beginnings() -> tuple[bytes, ...]:
    """How recordings of several kinds begin: MP4, MP3, WAV, Opus, WebM."""
    return (
        (SAMPLE / "russia-and-assad.mp4").read_bytes()[:20_000],
        b"ID3\x04\0\0\0\0\0\x0aTIT2\0\0\0\x01\0\0\0" + b"\xff\xfb\x90\0" + bytes(413),
        b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80>\0\0\0}\0\0\x02\0\x10\0data\0\0\0\0",
        b"OggS\0\x02" + bytes(22) + b"\x01\x13OpusHead\x01\x01\0\0\x80>\0\0\0\0\0",
        b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
    )
