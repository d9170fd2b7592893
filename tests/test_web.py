"""Addresses and saved files -> pages, over real HTTP."""

import gzip
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import Reply, Server, megabytes, redirect

from aligner.addresses import Network
from aligner.errors import AddressRefused, BadSource, PageUnavailable
from aligner.web import WebOptions, fetch, load

HERE = WebOptions(allow_private=True, timeout_s=10)
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


def test_packed_pages(server: Server) -> None:
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
def test_media_is_told_and_not_read(
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
def test_statuses(server: Server, status: int, why: str) -> None:
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
def test_redirects_out_of_the_web(server: Server, to: str) -> None:
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


def test_a_feed_is_not_a_page(server: Server) -> None:
    server.routes["/a"] = Reply(b"<?xml version='1.0'?><rss><channel/></rss>", "text/xml")
    with pytest.raises(PageUnavailable, match="feed"):
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


def test_a_promise_of_50_megabytes_is_enough(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), promised=50_000_000)
    with pytest.raises(PageUnavailable, match="larger than 20 MB"):
        fetch(server.url("/a"), HERE)


def test_a_small_packet_that_unpacks_to_50_megabytes(server: Server) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    assert len(packed) < 100_000
    server.routes["/a"] = Reply(packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageUnavailable, match="larger than 20 MB"):
        fetch(server.url("/a"), HERE)


def test_damaged_packing(server: Server) -> None:
    server.routes["/a"] = Reply(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageUnavailable, match="unpacked"):
        fetch(server.url("/a"), HERE)


def test_a_body_that_breaks_off(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode(), promised=5000)
    with pytest.raises(PageUnavailable, match="breaks off"):
        fetch(server.url("/a"), HERE)


SLOW = {"late": Reply(PAGE.encode(), delay_s=3), "drip": Reply(PAGE.encode() * 9, drip_s=0.05)}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW)
def test_slow_pages_end_at_the_deadline(server: Server, reply: Reply) -> None:
    server.routes["/a"] = reply
    start = time.monotonic()
    with pytest.raises(PageUnavailable, match=r"within 0\.5 s"):
        fetch(server.url("/a"), WebOptions(allow_private=True, timeout_s=0.5))
    assert time.monotonic() - start < 2


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_nobody_listens() -> None:
    with pytest.raises(PageUnavailable, match="refuses the connection"):
        fetch(f"http://127.0.0.1:{free_port()}/", HERE)


def test_no_such_host() -> None:
    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(PageUnavailable, match="no host has this name"):
        fetch("http://nowhere.example/", WebOptions(network=Network(resolve=unknown)))


def test_tls_where_none_is_spoken(server: Server) -> None:
    with pytest.raises(PageUnavailable, match="TLS"):
        fetch(server.url("/").replace("http:", "https:"), HERE)


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "a.html", "http://"])
def test_not_an_address(url: str) -> None:
    with pytest.raises(BadSource, match="not an http"):
        fetch(url, HERE)


# ---------------------------------------------------------------- private addresses


def test_loopback_is_refused_without_leave(server: Server) -> None:
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


def test_a_public_name_is_asked(server: Server) -> None:
    server.routes["/a"] = Reply(PAGE.encode())
    options = WebOptions(network=pretend({"news.example": "93.184.216.34"}))
    assert fetch(server.url("/a", "news.example"), options).html == PAGE
    assert server.headers[0]["Host"].startswith("news.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "inside.example"])
def test_a_redirect_inside_is_refused(server: Server, host: str) -> None:
    server.routes |= {"/a": redirect(server.url("/secret", host)), "/secret": Reply(PAGE.encode())}
    network = pretend({"news.example": "93.184.216.34", "inside.example": "127.0.0.1"})
    with pytest.raises(AddressRefused):
        fetch(server.url("/a", "news.example"), WebOptions(network=network))
    assert server.asked == ["/a"]


def test_a_name_that_changes_its_address_is_judged_again(server: Server) -> None:
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
