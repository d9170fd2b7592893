"""Pages over HTTP/2 where it is offered, parts of media over HTTP/1.1."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from web2 import Server2, certificate

from aligner.errors import PageUnavailable
from aligner.net.client import Session, WebOptions

PAGE = b"<!doctype html><title>A page</title><p>" + b"word " * 40_000
HERE = WebOptions(allow_private=True, timeout_s=10)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def trust(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))


@pytest.mark.slow
def test_pages_come_over_http2(pem: Path) -> None:
    with Server2(pem, PAGE, ("h2", "http/1.1")).serving() as server, Session(HERE) as session:
        for number in range(3):
            assert session.fetch(f"{server.url}/{number}").html.encode() == PAGE
    assert (server.paths, server.connections) == (["/0", "/1", "/2"], 1)


def test_http_1_where_the_extra_is_not_installed(
    pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aligner.net.transport._speaks_http2", lambda: False)
    with Server2(pem, PAGE, ("h2", "http/1.1")).serving() as server, Session(HERE) as session:
        assert session.fetch(f"{server.url}/a").html.encode() == PAGE
    assert server.paths == ["/a over HTTP/1.1"]


def test_several_threads_at_once(pem: Path) -> None:
    with (
        Server2(pem, PAGE).serving() as server,
        Session(HERE) as session,
        ThreadPoolExecutor(4) as pool,
    ):
        pages = list(pool.map(session.fetch, (f"{server.url}/{n}" for n in range(24))))
    assert all(page.html.encode() == PAGE for page in pages)
    assert len(server.paths) == 24
    assert server.connections <= 4


def test_parts_and_servers_without_it(pem: Path) -> None:
    with (
        Server2(pem, PAGE, ("h2", "http/1.1")).serving() as server,
        Server2(pem, PAGE, ("http/1.1",)).serving() as older,
        Session(HERE) as session,
    ):
        assert session.fetch_range(f"{server.url}/part", 0, 100).data == PAGE[:100]
        assert session.fetch(f"{older.url}/page").html.encode() == PAGE
    assert server.paths == ["/part over HTTP/1.1"]
    assert older.paths == ["/page over HTTP/1.1"]


@pytest.mark.slow
def test_an_unread_answer_closes_its_connection(pem: Path) -> None:
    long = PAGE * 20
    few = WebOptions(allow_private=True, timeout_s=10, max_bytes=300_000)
    with Server2(pem, long).serving() as server, Session(few) as session:
        for number in range(8):  # together more than may be sent unacknowledged
            with pytest.raises(PageUnavailable, match="larger than"):
                session.fetch(f"{server.url}/{number}")
    assert server.connections == 8
