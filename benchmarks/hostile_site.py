"""The attacks of ``hostile.py``: what a server that means harm answers to each request."""

from __future__ import annotations

import gzip
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from itertools import repeat

MB = 1_000_000
ARTICLE = b"<title>A bridge</title><article><h1>A bridge</h1>" + 3 * (
    b"<p>The council of the village met again this year and agreed that the bridge has to be "
    b"repaired before the winter, whatever it may cost and whoever pays for it.</p>"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sends: ``body`` piece by piece."""

    body: Iterator[bytes] | bytes = b""
    kind: str = "text/html"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attack:
    """A page's path, what is answered to each path, and the commands that are attacked."""

    answer: Callable[[str], Answer]
    commands: tuple[str, ...] = ("check", "caption")
    page: str = "/story.html"


class Handler(BaseHTTPRequestHandler):
    """Answers what the attack says; it does not heed Range, as many servers do not."""

    attack: Attack
    asked = 0
    """Requests; of the subclass for one attack."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.path == "/robots.txt":
            self.send_error(404)
            return
        type(self).asked += 1
        answer = self.attack.answer(self.path)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        for name, value in answer.headers:
            self.send_header(name, value)
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        try:
            for piece in [answer.body] if isinstance(answer.body, bytes) else answer.body:
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True  # the client has had enough

    def log_message(self, *_: object) -> None:
        """Be silent."""


# ---------------------------------------------------------------- pages


def only_page(html: bytes) -> Attack:
    """An attack that is a page alone."""
    return Attack(lambda _: Answer(html))


def packed(body: Iterator[bytes]) -> Answer:
    return Answer(body, headers=(("Content-Encoding", "gzip"),))


def _bomb() -> Iterator[bytes]:
    yield gzip.compress(bytes(1000 * MB), 9)


def _after_the_end() -> Iterator[bytes]:
    yield gzip.compress(ARTICLE)
    yield from repeat(bytes(MB))


def _members() -> Iterator[bytes]:
    yield from repeat(gzip.compress(b"") * 1000)


def _dripping() -> Iterator[bytes]:
    for _ in repeat(None):
        yield b"a"
        time.sleep(5)


# ---------------------------------------------------------------- recordings


def linking(html: bytes, other: Callable[[str], Answer]) -> Attack:
    """An attack that is what a page links."""
    return Attack(lambda path: Answer(ARTICLE + html) if path == "/story.html" else other(path))


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, *numbers: int, more: bytes = b"") -> bytes:
    return box(kind, bytes(4) + struct.pack(f">{len(numbers)}I", *numbers) + more)


def large_index(samples: int = 20 * MB, tracks: int = 8) -> bytes:
    """An MP4 file of a few kilobytes whose index declares many samples, all in one row."""
    sound = bytes(6) + struct.pack(">HIIHHHHI", 1, 0, 0, 1, 16, 0, 0, 16_000 << 16)
    table = (
        full(b"stsd", 1, more=box(b"mp4a", sound))
        + full(b"stts", 1, samples, 1024)
        + full(b"stsc", 1, 1, samples, 1)
        + full(b"stsz", 4, samples)
        + full(b"stco", 1, 40)
    )
    handler = full(b"hdlr", 0, more=b"soun" + bytes(13))
    media = full(b"mdhd", 0, 0, 16_000, 0xFFFFFFFF, 0x55C40000) + handler
    media += box(b"minf", full(b"smhd", 0) + box(b"stbl", table))
    head = full(b"mvhd", 0, 0, 1000, 0xFFFFFFFF, more=bytes(80))
    whole = b"".join(
        box(b"trak", full(b"tkhd", 0, 0, n, 0, 0xFFFFFFFF, more=bytes(60)) + box(b"mdia", media))
        for n in range(1, tracks + 1)
    )
    return box(b"ftyp", b"isom" + bytes(4) + b"isom") + box(b"moov", head + whole)


def slow_sound() -> bytes:
    """A WAV file of one sample a second."""
    form = struct.pack("<HHIIHH", 1, 1, 1, 2, 2, 16)
    return b"RIFF\xff\xff\xff\x7fWAVEfmt " + struct.pack("<I", 16) + form + b"data\xff\xff\xff\x7f"


def playlists(path: str) -> Answer:
    """Playlists that list a dozen more."""
    lines = "".join(
        f"#EXT-X-STREAM-INF:BANDWIDTH={n + 1}\n{path.strip('/').partition('.')[0]}{n}.m3u8\n"
        for n in range(12)
    )
    return Answer(f"#EXTM3U\n{lines}".encode(), "application/vnd.apple.mpegurl")


def pausing(_: str) -> Answer:
    return Answer(status=429, headers=(("Retry-After", "59"),))


def stalling(_: str) -> Answer:
    return Answer(_dripping(), "video/mp4")


VIDEO = b"<video src=/a.mp4></video>"
MANY = b"".join(b"<video src=/film-%d.mp4></video>" % n for n in range(300))
SLOW = b"<p>a<b>" * (8 * MB // 7)

ATTACKS: dict[str, Attack] = {
    "bomb": Attack(lambda _: packed(_bomb())),
    "after-the-end": Attack(lambda _: packed(_after_the_end())),
    "endless-members": Attack(lambda _: packed(_members())),
    "endless-page": Attack(lambda _: Answer(repeat(bytes(MB)))),
    "dripping-page": Attack(lambda _: Answer(_dripping())),
    "half-tags": only_page(ARTICLE + b"no<" * (4 * MB // 3)),
    "attributes": only_page(b"<p " + b"".join(b"a%d " % n for n in range(140_000)) + b">x</p>"),
    "superscripts": only_page(b"<p>" + b"a<sup>1</sup>" * (4 * MB // 13)),
    "figures": only_page(b"<figure>" + b"<figcaption></figcaption><video src=a.mp4>" * 90_000),
    "paragraphs": only_page(SLOW),
    "ytdlp-patterns": only_page(ARTICLE + b"<video " * 14_000),
    "dead-links": linking(MANY, lambda _: Answer(status=404)),
    "stalling-links": linking(MANY[:160], stalling),
    "retry-after": linking(VIDEO, pausing),
    "playlists": linking(b"<video src=/a.m3u8></video>", playlists),
    "large-index": linking(VIDEO, lambda _: Answer(large_index(), "video/mp4")),
    "slow-sound": linking(VIDEO, lambda _: Answer(slow_sound(), "audio/wav")),
}
"""What is attacked, by name. To add an attack: a line here."""
