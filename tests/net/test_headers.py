"""Headers of the user, and which host gets which."""

import pytest
from server import Reply, Server, redirect

from aligner.errors import BadSource
from aligner.net.client import Session, WebOptions
from aligner.net.headers import for_address, parse
from aligner.net.options import NetworkOptions

PAGE = Reply(b"<p>Words.")


@pytest.mark.parametrize(
    ("text", "sources", "goes", "stays"),
    [
        ("X: 1", ["https://a.example/b"], ["https://a.example/"],
         ["http://a.example/", "https://a.example:8443/", "https://www.a.example/", "https://b/"]),
        ("X: 1", ["http://a.example/b"], ["http://a.example/", "https://a.example/c"],
         ["http://a.example:81/"]),
        ("X: 1", ["list.txt", "http://a.example:81/", "https://b.example/"],
         ["http://a.example:81/", "https://b.example/"], ["http://b.example/"]),
        ("X@m.example: 1", [], ["https://m.example/"], ["http://m.example/", "https://a.m.example"]),
        ("X@.m.example: 1", [], ["https://a.m.example/", "https://b.a.m.example/"],
         ["https://m.example/", "https://am.example/"]),
        ("X@m.example:81:1", [], ["https://m.example:81/"], ["https://m.example/"]),
        ("X@http://127.0.0.1:81: 1", [], ["http://127.0.0.1:81/"], ["http://127.0.0.1/"]),
        ("X@https://[::1]: 1", [], ["https://[::1]/"], ["http://[::1]/"]),
        ("X@bücher.example: 1", [], ["https://xn--bcher-kva.example/"], []),
        ("X: 1", ["https://m.example:443/"], ["https://m.example/"], []),
        ("X@m.example: 1", ["https://a.example/"], ["https://m.example/"], ["https://a.example/"]),
    ],
)  # fmt: skip
def test_headers_go_to_their_hosts_only(
    text: str, sources: list[str], goes: list[str], stays: list[str]
) -> None:
    headers = parse(text, sources)
    assert all(for_address(headers, url) == {"X": "1"} for url in goes)
    assert not any(for_address(headers, url) for url in [*stays, "ftp://a.example/", "http://[x/"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s3cret", "Name: value"),
        ("a b: s3cret", "Name: value"),
        (": s3cret", "Name: value"),
        ("X: s3cret\r\nY: 2", "Name: value|printable"),
        ("X: s3cr\u00e9t", "printable"),
        ("Host: s3cret", "cannot be given"),
        ("Proxy-Authorization: s3cret", "cannot be given"),
        ("Cookie: s3cret", "--cookies"),
        ("X@: s3cret", "Name: value"),
        ("X@..: s3cret", "names no host"),
        ("X@a.example:99999: s3cret", "no host"),
    ],
)
def test_other_texts_are_no_headers(text: str, why: str) -> None:
    with pytest.raises(BadSource, match=why) as caught:
        parse(text, ["https://a.example/"])
    assert "s3cret" not in str(caught.value)


def test_a_header_for_a_saved_page_must_name_its_host() -> None:
    with pytest.raises(BadSource, match="X@HOST"):
        parse("X: 1", ["saved.html"])


def test_a_redirect_to_another_host_gets_no_header() -> None:
    with Server({"/b": PAGE}) as other, Server({"/b": PAGE}) as server:
        server.routes["/a"] = redirect(other.url("/b"))
        server.routes["/c"] = redirect(server.url("/b"))
        net = NetworkOptions(headers=parse("X-Key: s3cret", [server.url("/")]))
        with Session(WebOptions(allow_private=True, net=net)) as session:
            session.fetch(server.url("/a"))
            session.fetch(server.url("/c"))
            session.fetch_range(server.url("/b"), 0, 9)
    assert [headers.get("X-Key") for headers in server.headers] == ["s3cret"] * 4
    assert "X-Key" not in other.headers[0]


def test_secrets_are_not_shown() -> None:
    net = NetworkOptions(
        proxy="http://anna:s3cret@127.0.0.1:1", headers=parse("X: s3cret", ["https://a.example/"])
    )
    assert "s3cret" not in repr(net)


def test_pages_for_the_users_eyes_are_not_kept(tmp_path: object) -> None:
    net = NetworkOptions(headers=parse("X: 1", ["https://a.example/"]))
    from pathlib import Path

    assert Session(WebOptions(cache=Path(str(tmp_path)), net=net))._cache is None
    assert Session(WebOptions(cache=Path(str(tmp_path))))._cache is not None
