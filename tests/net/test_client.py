"""Addresses and saved files -> pages, over real HTTP."""

import gzip
import itertools
import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from server import Reply, Server, megabytes, redirect

from aligner.errors import AddressRefused, BadSource, PageUnavailable
from aligner.net.client import Session, WebOptions, fetch, load
from aligner.net.guard import Network
from aligner.net.options import NetworkOptions
from aligner.net.rate_limit import retry_after_s

HERE = WebOptions(allow_private=True, timeout_s=10, net=NetworkOptions(retries=0))
PAGE = "<!doctype html><html><head><title>Æsop</title></head><body><p>“Größe” — день</p></body>"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


# ---------------------------------------------------------------- what is fetched


def test_a_page(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode())
    page = fetch(server.url("/a"), HERE)
    assert (page.html, page.status, page.content_type) == (PAGE, 200, "text/html")
    assert page.url == page.final_url == server.url("/a")


def test_redirects_are_followed_and_told(server: Server) -> None:
    server.routes |= {
        "/a": redirect("/b", 301),
        "/b": redirect("c?d=1"),
        "/c": Reply(PAGE.encode()),
    }
    page = fetch(server.url("/a"), HERE)
    assert (page.url, page.final_url) == (server.url("/a"), server.url("/c?d=1"))


def test_cookies_hold_across_redirects(server: Server) -> None:
    first = Reply(status=302, headers={"Location": "/b", "Set-Cookie": "seen=1; Path=/"})
    server.routes |= {"/a": first, "/b": Reply(PAGE.encode())}
    fetch(server.url("/a"), HERE)
    assert server.headers[1]["Cookie"] == "seen=1"


def test_compressed_pages_are_unpacked(server: Server) -> None:
    packed = gzip.compress(PAGE.encode())
    server.routes["/a"] = Reply(packed, headers={"Content-Encoding": "gzip"})
    assert fetch(server.url("/a"), HERE).html == PAGE


def test_plain_text(server: Server) -> None:
    server.routes["/a.txt"] = Reply(b"A title\n\nA sentence.", "text/plain")
    assert fetch(server.url("/a.txt"), HERE).content_type == "text/plain"


@pytest.mark.parametrize(
    ("path", "content_type", "told"),
    [
        ("/a", "audio/mpeg", "audio/mpeg"),
        ("/a", "video/mp4; codecs=avc1", "video/mp4"),
        ("/a", "application/vnd.apple.mpegurl", "application/vnd.apple.mpegurl"),
        ("/a", "application/dash+xml", "application/dash+xml"),
        ("/a.mp3", "application/octet-stream", "application/octet-stream"),
        ("/a.m4a?x=1", None, "application/octet-stream"),
    ],
)
def test_media_is_recognised_without_reading_it(
    server: Server, path: str, content_type: str | None, told: str
) -> None:
    endless = megabytes(200, b"\0" * 65536)
    server.routes["/" + path[1:].partition("?")[0]] = Reply(
        content_type=content_type, chunks=endless.chunks
    )
    page = fetch(server.url(path), HERE)
    assert (page.html, page.content_type) == ("", told)
    assert server.sent < 20_000_000


# ---------------------------------------------------------------- encodings

TEXT = "<p>Größe, café, naïve, Århus: zu viele Worte für eine Zeile über Öl.</p>" * 3
RUSSIAN = "<p>Съезжаются гости, говорят о погоде и о ценах на хлеб в Одессе.</p>" * 5
JAPANESE = "<p>橋の上で犬が川の中を見ると、もう一匹の犬が肉をくわえていました。</p>" * 5


@pytest.mark.parametrize(
    ("body", "header", "text"),
    [
        (TEXT.encode(), "text/html; charset=utf-8", TEXT),
        (TEXT.encode(), "text/html; charset=iso-8859-1", TEXT),
        (TEXT.encode(), "text/html; charset=nonsense", TEXT),
        (TEXT.encode(), "text/html", TEXT),
        (TEXT.encode("cp1252"), "text/html; charset=iso-8859-1", TEXT),
        (TEXT.encode("cp1252"), "text/html; charset=utf-8", TEXT),
        (b"\x93Yes\x94 he said", "text/html; charset=iso-8859-1", "“Yes” he said"),
        (b"<meta charset=cp1251>" + RUSSIAN.encode("cp1251"), "text/html", RUSSIAN),
        (b"<meta charset=utf-8>" + RUSSIAN.encode("cp1251"), "text/html", RUSSIAN),
        (RUSSIAN.encode("koi8-r"), "text/html; charset=koi8-r", RUSSIAN),
        (JAPANESE.encode("shift_jis"), "text/html; charset=Shift_JIS", JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "text/html; charset=iso-2022-jp", JAPANESE),
        (JAPANESE.encode("euc_jp"), "text/html; charset=euc-jp", JAPANESE),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=latin1", TEXT),
        ("\ufeff".encode("utf-16-le") + TEXT.encode("utf-16-le"), "text/html", TEXT),
        (b"<meta charset=utf-16>" + TEXT.encode(), "text/html", TEXT),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?>' + TEXT.encode("latin-1"),
            "text/html",
            TEXT,
        ),
    ],
)
def test_encodings(server: Server, body: bytes, header: str, text: str) -> None:
    server.routes["/a"] = Reply(body, header)
    assert fetch(server.url("/a"), HERE).html.endswith(text)


def test_a_damaged_byte_spoils_one_character(server: Server) -> None:
    body = TEXT.encode() + b"\xff" + RUSSIAN.encode()
    server.routes["/a"] = Reply(body, "text/html; charset=utf-8")
    assert fetch(server.url("/a"), HERE).html == TEXT + "\ufffd" + RUSSIAN


def test_bytes_of_no_encoding_do_not_crash(server: Server) -> None:
    server.routes["/a"] = Reply(b"<p>" + bytes(range(1, 256)) * 20, "text/html")
    assert "<p>" in fetch(server.url("/a"), HERE).html


# ---------------------------------------------------------------- what cannot be had


STATUSES = {
    404: "no such page",
    410: "removed",
    403: "refuses",
    401: "login",
    451: "legal",
    429: "too often",
    500: "failing",
    503: "failing",
    418: "status 418",
}


@pytest.mark.parametrize(("status", "why"), STATUSES.items())
def test_http_errors_have_sentences_and_states(server: Server, status: int, why: str) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), status=status)
    with pytest.raises(PageUnavailable, match=why) as caught:
        fetch(server.url("/a"), HERE)
    assert caught.value.http_status == status


def test_a_redirect_loop(server: Server) -> None:
    server.routes |= {"/a": redirect("/b"), "/b": redirect("/a")}
    with pytest.raises(PageUnavailable, match="redirects more than 10 times"):
        fetch(server.url("/a"), HERE)
    assert len(server.asked) == 11


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/a", "javascript:1"])
def test_redirects_to_other_schemes_are_refused(server: Server, to: str) -> None:
    server.routes["/a"] = redirect(to)
    with pytest.raises(PageUnavailable):
        fetch(server.url("/a"), HERE)


@pytest.mark.parametrize(
    ("content_type", "what"),
    [
        ("application/pdf", "a PDF file"),
        ("image/jpeg", "an image"),
        ("application/json", "JSON"),
        ("application/x-tar", "application/x-tar"),
        ("text/css", "text/css"),
    ],
)
def test_not_a_page(server: Server, content_type: str, what: str) -> None:
    server.routes["/a"] = Reply(b"....", content_type)
    with pytest.raises(PageUnavailable, match=what):
        fetch(server.url("/a"), HERE)


@pytest.mark.parametrize("content_type", ["text/xml", "text/html", "application/rss+xml", None])
def test_a_feed_is_known_by_its_content(server: Server, content_type: str | None) -> None:
    server.routes["/a"] = Reply(b"<?xml version='1.0'?><rss><title/></rss>", content_type)
    assert fetch(server.url("/a"), HERE).content_type == "application/xml"


def test_other_xml_is_not_a_page(server: Server) -> None:
    server.routes["/a"] = Reply(b"<?xml version='1.0'?><svg/>", "image/svg+xml")
    with pytest.raises(PageUnavailable, match="other XML"):
        fetch(server.url("/a"), HERE)


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_an_empty_page(server: Server, body: bytes) -> None:
    server.routes["/a"] = Reply(body)
    with pytest.raises(PageUnavailable, match="empty"):
        fetch(server.url("/a"), HERE)


def test_50_megabytes_are_refused_without_reading_them(server: Server) -> None:
    server.routes["/a"] = megabytes(50)
    with pytest.raises(PageUnavailable, match="larger than 2 MB"):
        fetch(server.url("/a"), WebOptions(allow_private=True, max_bytes=2_000_000))
    assert server.sent < 20_000_000


def test_an_endless_chunked_body(server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        while True:
            yield b"4000\r\n" + b"<p>word " * 2048 + b"\r\n"

    server.keeps = True
    server.routes["/a"] = Reply(headers={"Transfer-Encoding": "chunked"}, chunks=chunks)
    with pytest.raises(PageUnavailable, match="larger than 1 MB"):
        fetch(server.url("/a"), replace(HERE, max_bytes=1_000_000))
    with Session(HERE) as session:
        assert len(session.fetch_range(server.url("/a"), 0, 1000).data) == 1000


def test_a_declared_length_of_50_megabytes_is_refused(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), promised=50_000_000)
    with pytest.raises(PageUnavailable, match="larger than 20 MB"):
        fetch(server.url("/a"), HERE)


@pytest.mark.slow
def test_a_decompression_bomb_is_refused(server: Server) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    assert len(packed) < 100_000
    server.routes["/a"] = Reply(packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageUnavailable, match="larger than 20 MB"):
        fetch(server.url("/a"), HERE)


EMPTY_MEMBER = gzip.compress(b"")
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
"""A stored block of deflate without contents."""


@pytest.mark.parametrize("kind", ["gzip", "deflate"])
def test_what_follows_a_packed_page_is_not_read(server: Server, kind: str) -> None:
    packed = gzip.compress(PAGE.encode()) if kind == "gzip" else zlib.compress(PAGE.encode())
    rest = bytes(1 << 16)
    server.routes["/a"] = Reply(
        headers={"Content-Encoding": kind},
        chunks=lambda: itertools.chain([packed], itertools.repeat(rest)),
    )
    assert fetch(server.url("/a"), HERE).html == PAGE
    assert server.sent < 20_000_000


@pytest.mark.parametrize("member_bytes", [20, 5000, 1 << 17])
def test_all_members_of_a_gzip_body_are_unpacked(server: Server, member_bytes: int) -> None:
    text = f"<!doctype html><p>{'word ' * 60_000}</p>"
    parts = [text[n : n + member_bytes].encode() for n in range(0, len(text), member_bytes)]
    packed = b"".join(map(gzip.compress, parts[:9000]))
    whole = b"".join(parts[:9000]).decode()
    for step in (1, 7000):
        chunks = [packed[n : n + step] for n in range(0, min(len(packed), 40_000 * step), step)]
        server.routes["/a"] = Reply(
            headers={"Content-Encoding": "gzip"}, chunks=partial(iter, chunks)
        )
        assert whole.startswith(fetch(server.url("/a"), HERE).html)
        assert step == 1 or fetch(server.url("/a"), HERE).html == whole


@pytest.mark.parametrize(
    ("coding", "first", "endless", "why"),
    [
        ("gzip", b"", EMPTY_MEMBER * 3000, "gzip members"),
        ("gzip", EMPTY_MEMBER[:10], EMPTY_BLOCK * 13_000, "MB while packed"),
        ("deflate", b"", EMPTY_BLOCK * 13_000, "MB while packed"),
        ("gzip, " * 1000, b"", b"x", "packed 1000 times"),
        ("gzip, gzip", b"", gzip.compress(bytes(50_000_000)), "incorrect header"),
    ],
)
def test_a_packed_body_has_limits(
    server: Server, coding: str, first: bytes, endless: bytes, why: str
) -> None:
    server.routes["/a"] = Reply(
        headers={"Content-Encoding": coding},
        chunks=lambda: itertools.chain([first], itertools.repeat(endless)),
    )
    began = time.monotonic()
    with pytest.raises(PageUnavailable, match=why):
        fetch(server.url("/a"), HERE)
    assert time.monotonic() - began < 8
    assert server.sent < 60_000_000


def test_a_bomb_within_a_bomb_is_refused(server: Server) -> None:
    inner = EMPTY_MEMBER[:10] + EMPTY_BLOCK * 10_000_000
    packed = gzip.compress(inner, 1)
    assert len(packed) < 1_000_000
    server.routes["/a"] = Reply(packed, headers={"Content-Encoding": "gzip, gzip"})
    with pytest.raises(PageUnavailable, match="MB while packed"):
        fetch(server.url("/a"), HERE)


def test_damaged_compression_is_an_error(server: Server) -> None:
    server.routes["/a"] = Reply(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageUnavailable, match="unpacked"):
        fetch(server.url("/a"), HERE)


def test_a_body_that_breaks_off(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), promised=5000)
    with pytest.raises(PageUnavailable, match="breaks off"):
        fetch(server.url("/a"), HERE)


SLOW = {"late": Reply(PAGE.encode(), delay_s=30), "drip": Reply(PAGE.encode() * 9, drip_s=0.05)}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW)
def test_slow_pages_end_at_the_deadline(server: Server, reply: Reply) -> None:
    server.routes["/a"] = reply
    start = time.monotonic()
    with pytest.raises(PageUnavailable, match=r"within 0\.5 s"):
        fetch(server.url("/a"), WebOptions(allow_private=True, timeout_s=0.5))
    assert time.monotonic() - start < 20


@contextmanager
def closed() -> Iterator[str]:
    """An address where nobody listens, at a port that no other test is given meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/"


def test_a_refused_connection_is_an_error() -> None:
    with closed() as address, pytest.raises(PageUnavailable, match="refuses the connection"):
        fetch(address, HERE)


def test_no_such_host() -> None:
    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(PageUnavailable, match="no host has this name"):
        fetch("http://nowhere.example/", WebOptions(network=Network(resolve=unknown)))


def test_https_to_an_http_server_is_an_error(server: Server) -> None:
    with pytest.raises(PageUnavailable, match="TLS"):
        fetch(server.url("/").replace("http:", "https:"), HERE)


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "a.html", "http://"])
def test_not_an_address(url: str) -> None:
    with pytest.raises(BadSource, match="not an http"):
        fetch(url, HERE)


# ---------------------------------------------------------------- private addresses


def test_loopback_is_refused_unless_allowed(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode())
    with pytest.raises(AddressRefused, match="--allow-private") as caught:
        fetch(server.url("/a"), WebOptions())
    assert caught.value.address == "127.0.0.1"
    assert not server.asked


def pretend(public: dict[str, str]) -> Network:
    """A network where names have the given addresses, and 93.* leads to loopback all the same."""
    return Network(
        resolve=lambda host, _: (public.get(host, host),),
        route=lambda ip, port: ("127.0.0.1" if ip.startswith("93.") else ip, port),
    )


def test_a_public_name_is_requested(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode())
    options = WebOptions(network=pretend({"news.example": "93.184.216.34"}))
    assert fetch(server.url("/a", "news.example"), options).html == PAGE
    assert server.headers[0]["Host"].startswith("news.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "inside.example"])
def test_a_redirect_to_a_private_address_is_refused(server: Server, host: str) -> None:
    server.routes |= {"/a": redirect(server.url("/secret", host)), "/secret": Reply(PAGE.encode())}
    network = pretend({"news.example": "93.184.216.34", "inside.example": "127.0.0.1"})
    with pytest.raises(AddressRefused):
        fetch(server.url("/a", "news.example"), WebOptions(network=network))
    assert server.asked == ["/a"]


def test_a_name_that_changes_its_address_is_checked_again(server: Server) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])
    network = Network(lambda *_: (next(answers),), lambda _, port: ("127.0.0.1", port))
    server.routes |= {"/a": redirect("/b"), "/b": Reply(PAGE.encode())}
    with pytest.raises(AddressRefused):
        fetch(server.url("/a", "news.example"), WebOptions(network=network))
    assert server.asked == ["/a"]


# ---------------------------------------------------------------- saved files


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.html", "text/html"), ("a.HTM", "text/html"), ("a", "text/html"), ("a.txt", "text/plain")],
)
def test_a_saved_page(tmp_path: Path, name: str, content_type: str) -> None:
    path = tmp_path / name
    path.write_text(PAGE, encoding="utf-8")
    page = load(path, "https://news.example/a")
    assert (page.html, page.content_type) == (PAGE, content_type)
    assert page.url == page.final_url == "https://news.example/a"


def test_a_saved_page_of_unknown_address(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(TEXT.encode("cp1252"))
    page = load(path)
    assert (page.url, page.final_url, page.html) == (None, None, TEXT)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such file"):
        load(tmp_path / "a.html")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        load(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE)
    path.chmod(0)
    with pytest.raises(BadSource, match="cannot be read: Permission denied"):
        load(path)


def test_an_unreadable_file_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(BadSource, match="cannot be read: Permission denied"):
        load(tmp_path / "a.html")


@pytest.mark.parametrize("body", [b"", b"\n\n  "])
def test_an_empty_file(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(body)
    with pytest.raises(PageUnavailable, match="empty"):
        load(path)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(b"<p>" + b"a" * 3000)
    with pytest.raises(PageUnavailable, match="larger than"):
        load(path, None, WebOptions(max_bytes=1000))


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("a.mp3", b"ID3", "--media"),
        ("a.pdf", b"%PDF-1.7 ...", "neither"),
        ("a.html", b"\x7fELF\0\0\0\0", "neither"),
    ],
)
def test_files_that_are_no_pages(tmp_path: Path, name: str, body: bytes, why: str) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(BadSource, match=why):
        load(path)


# ---------------------------------------------------------------- pieces


LETTERS = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("start", "length", "data"),
    [(0, 10, LETTERS[:10]), (100, 5, LETTERS[100:105]), (len(LETTERS) - 3, 99, LETTERS[-3:])],
)
def test_a_byte_range_is_fetched(server: Server, start: int, length: int, data: bytes) -> None:
    server.routes["/a.mp3"] = Reply(LETTERS, "Audio/MPEG; x=1", ranges=True)
    with Session(HERE) as session:
        piece = session.fetch_range(server.url("/a.mp3"), start, length)
    assert (piece.data, piece.start, piece.total) == (data, start, len(LETTERS))
    assert (piece.status, piece.content_type, piece.in_parts) == (206, "audio/mpeg", True)


def test_a_server_without_byte_ranges_sends_the_beginning(server: Server) -> None:
    server.routes["/a.mp3"] = Reply(LETTERS, "audio/mpeg")
    with Session(HERE) as session:
        piece = session.fetch_range(server.url("/a.mp3"), 0, 10)
        later = session.fetch_range(server.url("/a.mp3"), 50, 10)
    assert (piece.data, piece.total, piece.in_parts) == (LETTERS[:10], len(LETTERS), False)
    assert later.data == b""


def test_an_http_error_is_a_result_of_a_range_request(server: Server) -> None:
    server.routes["/a.mp3"] = Reply(b"Not in your country", status=403)
    with Session(HERE) as session:
        piece = session.fetch_range(server.url("/a.mp3"), 1000, 10)
    assert (piece.status, piece.data) == (403, b"Not in your country")


def test_a_range_of_an_endless_body_ends(server: Server) -> None:
    server.routes["/a"] = megabytes(200)
    with Session(HERE) as session:
        assert len(session.fetch_range(server.url("/a"), 0, 1000).data) == 1000
    assert server.sent < 20_000_000


@pytest.mark.slow
def test_a_compressed_range_is_unpacked(server: Server) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    server.routes["/a"] = Reply(packed, headers={"Content-Encoding": "gzip"})
    with Session(HERE) as session:
        piece = session.fetch_range(server.url("/a"), 0, 1000)
    assert (piece.data, piece.total) == (b" " * 1000, None)


@pytest.mark.parametrize("encoding", ["aws-chunked", "none", "utf-8"])
def test_an_unknown_content_coding_of_a_range_is_ignored(server: Server, encoding: str) -> None:
    server.routes["/a"] = Reply(bytes(5000), headers={"Content-Encoding": encoding})
    with Session(HERE) as session:
        piece = session.fetch_range(server.url("/a"), 0, 1000)
    assert (piece.data, piece.total) == (bytes(1000), 5000)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(PAGE.encode())),
        ("x-gzip", gzip.compress(PAGE.encode())),
        ("deflate", zlib.compress(PAGE.encode())),
        ("deflate", zlib.compress(PAGE.encode())[2:-4]),
        ("identity", PAGE.encode()),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE.encode()))),
        ("gzip, aws-chunked", gzip.compress(PAGE.encode())),
        ("UTF-8", PAGE.encode()),
        ("aws-chunked", PAGE.encode()),
        ("none", PAGE.encode()),
        ("binary, ", PAGE.encode()),
        ("", PAGE.encode()),
    ],
)
def test_all_content_codings_are_unpacked(server: Server, encoding: str, packed: bytes) -> None:
    server.routes["/a"] = Reply(packed, headers={"Content-Encoding": encoding})
    assert fetch(server.url("/a"), HERE).html == PAGE


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_an_unrequested_content_coding_is_an_error(server: Server, coding: str) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), headers={"Content-Encoding": coding})
    with pytest.raises(PageUnavailable, match=f"packed as {coding}"):
        fetch(server.url("/a"), HERE)


def test_a_redirect_with_an_endless_body(server: Server) -> None:
    endless = megabytes(200)
    server.routes |= {
        "/a": Reply(status=302, headers={"Location": "/b"}, chunks=endless.chunks),
        "/b": Reply(PAGE.encode()),
    }
    assert fetch(server.url("/a"), HERE).html == PAGE
    assert server.sent < 20_000_000


def test_endless_headers(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), headers={f"X-{n}": "x" * 9000 for n in range(50)})
    with pytest.raises(PageUnavailable, match="not proper HTTP"):
        fetch(server.url("/a"), HERE)


# ---------------------------------------------------------------- limits for each host


def test_connections_are_kept(server: Server) -> None:
    server.keeps = True
    server.routes |= {"/a": Reply(PAGE.encode()), "/b": redirect("/a")}
    with Session(HERE) as session:
        for path in ("/a", "/b", "/a"):
            assert session.fetch(server.url(path)).html == PAGE
    assert len(server.asked) == 4
    assert server.connections == 1


def test_a_kept_connection_has_each_requests_own_deadline(server: Server) -> None:
    server.keeps = True
    server.routes |= {"/a": Reply(PAGE.encode()), "/slow": Reply(PAGE.encode(), delay_s=3)}
    with Session(replace(HERE, timeout_s=0.5)) as session:
        session.fetch(server.url("/a"))
        time.sleep(0.6)
        assert session.fetch(server.url("/a")).html == PAGE
        with pytest.raises(PageUnavailable, match=r"within 0\.5 s"):
            session.fetch(server.url("/slow"))


def test_cookies_are_not_carried_from_page_to_page(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), headers={"Set-Cookie": "seen=1; Path=/"})
    with Session(HERE) as session:
        session.fetch(server.url("/a"))
        session.fetch(server.url("/a"))
    assert "Cookie" not in server.headers[1]


def in_threads(count: int, work: Callable[[], object]) -> float:
    """Do the same in several threads at once; the seconds that all took."""
    began = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work) for _ in range(count)]:
            done.result()
    return time.monotonic() - began


def test_requests_to_one_host_at_once_are_limited(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), delay_s=0.1)
    with Session(replace(HERE, per_host=2)) as session:
        in_threads(8, lambda: session.fetch(server.url("/a")))
    assert server.most_at_once == 2


def test_waiting_for_other_requests_does_not_count_as_a_timeout(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), delay_s=0.3)
    with Session(replace(HERE, per_host=1, timeout_s=0.8)) as session:
        assert in_threads(5, lambda: session.fetch(server.url("/a"))) > 1.4


def test_requests_to_one_host_are_spaced(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode())
    with Session(replace(HERE, delay_s=0.2)) as session:
        assert in_threads(4, lambda: session.fetch(server.url("/a"))) > 0.55


class Moods(Server):
    """Gives its replies in turn, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__()
        self.replies = list(replies)

    def reply_to(self, path: str) -> Reply:  # noqa: ARG002  the same for every path
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_temporary_failures_are_retried(status: int) -> None:
    with Moods(Reply(status=status), Reply(PAGE.encode())) as server:
        assert fetch(server.url("/a"), replace(HERE, net=NetworkOptions(retries=2))).html == PAGE
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 410, 451, 500])
def test_permanent_failures_are_not_retried(status: int) -> None:
    with Moods(Reply(status=status)) as server, pytest.raises(PageUnavailable):
        fetch(server.url("/a"), replace(HERE, net=NetworkOptions(retries=2)))
    assert len(server.asked) == 1


def test_the_number_of_retries_is_limited() -> None:
    with Moods(Reply(status=503)) as server, pytest.raises(PageUnavailable, match="failing"):
        fetch(server.url("/a"), replace(HERE, net=NetworkOptions(retries=2)))
    assert len(server.asked) == 3


def test_an_incomplete_answer_is_retried() -> None:
    broken = Reply(PAGE.encode()[:20], promised=5_000)
    with Moods(broken, Reply(PAGE.encode())) as server:
        assert fetch(server.url("/a"), replace(HERE, net=NetworkOptions(retries=1))).html == PAGE


def test_a_failed_connection_is_retried() -> None:
    began = time.monotonic()
    with closed() as address, pytest.raises(PageUnavailable, match="refuses the connection"):
        fetch(address, replace(HERE, net=NetworkOptions(retries=1)))
    assert time.monotonic() - began > 0.2


def test_a_site_that_asks_to_wait_is_waited_for() -> None:
    busy = Reply(status=429, headers={"Retry-After": "1"})
    began = time.monotonic()
    with Moods(busy, Reply(PAGE.encode())) as server:
        assert fetch(server.url("/a"), replace(HERE, net=NetworkOptions(retries=1))).html == PAGE
    assert time.monotonic() - began >= 1


def test_a_long_retry_after_ends_the_request() -> None:
    busy = Reply(status=503, headers={"Retry-After": "3600"})
    with Moods(busy) as server, Session(replace(HERE, net=NetworkOptions(retries=2))) as session:
        for _ in range(2):
            with pytest.raises(PageUnavailable, match="left alone for") as caught:
                session.fetch(server.url("/a"))
            assert caught.value.http_status == 429
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("120", 120, 120),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 1e8, 1e10),
        ("Fri, 01 Jan 2010 00:00:00 GMT", 0, 0),
    ],
)
def test_retry_after(header: str, low: float, high: float) -> None:
    seconds = retry_after_s(header)
    assert seconds is not None
    assert low <= seconds <= high


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5.2"])
def test_an_invalid_retry_after_is_ignored(header: str | None) -> None:
    assert retry_after_s(header) is None


ROBOTS = b"User-agent: *\nDisallow: /private/\n\nUser-agent: aligner\nDisallow: /ours/\n"


@pytest.mark.parametrize(
    ("path", "robots", "allowed"),
    [
        ("/a", Reply(ROBOTS, "text/plain"), True),
        ("/ours/a", Reply(ROBOTS, "text/plain"), False),
        ("/private/a", Reply(ROBOTS, "text/plain"), True),  # the rules for us are others
        ("/private/a", Reply(ROBOTS[:35], "text/plain"), False),
        ("/ours/a", Reply(status=404), True),
        ("/a", Reply(status=500), False),
    ],
)
def test_robots_txt_is_honoured(server: Server, path: str, robots: Reply, allowed: bool) -> None:
    server.routes |= {"/robots.txt": robots, path: Reply(PAGE.encode())}
    with Session(replace(HERE, robots=True)) as session:
        for _ in range(2):
            if allowed:
                assert session.fetch(server.url(path)).html == PAGE
            else:
                with pytest.raises(PageUnavailable, match="--ignore-robots"):
                    session.fetch(server.url(path))
    assert server.asked.count("/robots.txt") == 1
    assert server.asked.count(path) == (2 if allowed else 0)
