"""Files of cookies, and which host gets which cookie."""

from pathlib import Path

import pytest
from server import Reply, Server, redirect

from aligner.errors import BadSource
from aligner.net.client import WebOptions, fetch
from aligner.net.cookies import Cookie, read
from aligner.net.options import NetworkOptions

HEAD = "# Netscape HTTP Cookie File\n# made by hand\n\n"


def line(
    domain: str = "127.0.0.1", below: str = "FALSE", path: str = "/", secure: str = "FALSE",
    expires: str = "0", name: str = "sid", value: str = "s3cret",
) -> str:  # fmt: skip
    return "\t".join((domain, below, path, secure, expires, name, value)) + "\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "cookies.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "cookie"),
    [
        (line(), Cookie("127.0.0.1", "sid", "s3cret")),
        (HEAD + line(".news.example", "TRUE"), Cookie(".news.example", "sid", "s3cret", "/", True)),
        (HEAD + "#HttpOnly_" + line(), Cookie("127.0.0.1", "sid", "s3cret")),
        ("\ufeff" + HEAD + line().replace("\n", "\r\n"), Cookie("127.0.0.1", "sid", "s3cret")),
        (line(secure="TRUE", expires="4102444800.5"),
         Cookie("127.0.0.1", "sid", "s3cret", "/", False, True, 4_102_444_800)),
        (line(name="", value="bare"), Cookie("127.0.0.1", "", "bare")),
        (line(value=""), Cookie("127.0.0.1", "sid", "")),
    ],
)  # fmt: skip
def test_a_cookie(tmp_path: Path, text: str, cookie: Cookie) -> None:
    assert read(written(tmp_path, text)) == (cookie,)


def test_a_file_without_cookies(tmp_path: Path) -> None:
    assert read(written(tmp_path, HEAD)) == ()


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ('[{"name": "sid", "value": "s3cret"}]', 1, "JSON"),
        (HEAD + line() + "sid=s3cret; Path=/\n", 5, "1 fields"),
        (HEAD + line().replace("\t", "  "), 4, "1 fields"),
        (line(below="yes"), 1, "TRUE or FALSE"),
        (line(expires="tomorrow"), 1, "no number"),
        (line(expires="nan"), 1, "no number"),
        (line(domain=""), 1, "no domain"),
        (line(name="", value=""), 1, "no domain, no name"),
        (line(value="s3cret\x1b[0m"), 1, "control characters"),
        (HEAD.encode() + b"\xff\xfes3cret", 4, "UTF-8"),
        (b"SQLite format 3\0s3cret", 1, "1 fields"),
    ],
)
def test_other_lines_are_no_cookies(
    tmp_path: Path, text: str | bytes, number: int, why: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadSource) as caught:
        read(path)
    said = str(caught.value)
    assert said.startswith(f"{path}, line {number}: not a cookie: ")
    assert why in said
    assert "s3cret" not in said


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSource, match="cookies"):
        read(tmp_path / name)


def sent(tmp_path: Path, text: str, path: str = "/a") -> str | None:
    """What a host on loopback is sent of a file of cookies."""
    net = NetworkOptions(cookies=read(written(tmp_path, text)))
    with Server({path: Reply(b"<p>Words.")}) as server:
        fetch(server.url(path), WebOptions(allow_private=True, net=net))
    return server.headers[0].get("Cookie")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line(), "sid=s3cret"),
        (line("127.0.0.2"), None),
        (line("1.127.0.0.1"), None),
        (line("news.example"), None),
        (line(path="/other"), None),
        (line(secure="TRUE"), None),
        (line(expires="1000"), None),
        (line(expires="4102444800"), "sid=s3cret"),
    ],
)
def test_cookies_go_to_their_hosts_only(tmp_path: Path, text: str, expected: str | None) -> None:
    assert sent(tmp_path, text) == expected


def test_a_redirect_to_another_host_gets_no_cookie(tmp_path: Path) -> None:
    net = NetworkOptions(cookies=read(written(tmp_path, line())))
    with Server({"/b": Reply(b"<p>Words.")}) as other, Server() as server:
        server.routes["/a"] = redirect(other.url("/b", "localhost"))
        fetch(server.url("/a"), WebOptions(allow_private=True, net=net))
    assert server.headers[0]["Cookie"] == "sid=s3cret"
    assert "Cookie" not in other.headers[0]
