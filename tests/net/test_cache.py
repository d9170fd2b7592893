"""Pages that are kept, and asked for only if they changed."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from server import Reply, Server, redirect

from aligner.net.cache import Cache
from aligner.net.client import Session, WebOptions, fetch
from aligner.types import Page

BODY = "<!doctype html><title>A page</title><p>Größe".encode()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def keeping(tmp_path: Path) -> WebOptions:
    return WebOptions(allow_private=True, timeout_s=10, cache=tmp_path / "pages")


class Fresh(Server):
    """Says that a page is as it was to whoever names the right mark."""

    def reply_to(self, path: str) -> Reply:
        reply = self.routes.get(path) or Reply(status=404)
        asked = self.headers[-1]
        marks = {reply.headers.get("ETag"), reply.headers.get("Last-Modified")} - {None}
        if marks & {asked.get("If-None-Match"), asked.get("If-Modified-Since")}:
            return replace(reply, status=304, body=b"")
        return reply


@pytest.mark.parametrize(
    "mark", [("ETag", '"one"'), ("Last-Modified", "Mon, 03 Nov 2025 09:30:00 GMT")]
)
def test_unchanged_pages_are_not_sent_again(keeping: WebOptions, mark: tuple[str, str]) -> None:
    with Fresh({"/a": Reply(BODY, headers=dict([mark]))}) as server:
        first = fetch(server.url("/a"), keeping)
        assert fetch(server.url("/a"), keeping) == first
        assert server.sent == len(BODY)
        server.routes["/a"] = Reply(b"<title>New</title>", headers={mark[0]: "changed"})
        assert "New" in fetch(server.url("/a"), keeping).html
    assert first.html.encode() == BODY


@pytest.mark.parametrize(
    "headers",
    [{}, {"ETag": "a", "Cache-Control": "no-store"}, {"ETag": "a", "Cache-Control": "Private"}],
)
def test_uncacheable_answers_are_not_stored(
    server: Server, keeping: WebOptions, headers: dict[str, str]
) -> None:
    server.routes["/a"] = Reply(BODY, headers=headers)
    fetch(server.url("/a"), keeping)
    assert keeping.cache is not None
    assert not list(keeping.cache.glob("*"))


def test_a_redirect_that_leads_elsewhere_now(keeping: WebOptions) -> None:
    routes = {"/a": redirect("/b"), "/b": Reply(BODY, headers={"ETag": "x"})}
    with Fresh(routes) as server:
        assert fetch(server.url("/a"), keeping).final_url == server.url("/b")
        server.routes |= {
            "/a": redirect("/c"),
            "/c": Reply(b"<title>Another</title>", headers={"ETag": "x"}),
        }
        page = fetch(server.url("/a"), keeping)
    assert (page.final_url, page.html) == (server.url("/c"), "<title>Another</title>")


def test_without_a_cache_nothing_is_stored(server: Server) -> None:
    assert Session(WebOptions())._cache is None


@pytest.mark.parametrize("damage", [b"", b"no gzip", b"\x1f\x8b\x08\x00", None])
def test_damaged_cache_files_are_ignored(
    server: Server, keeping: WebOptions, damage: bytes | None
) -> None:
    server.routes["/a"] = Reply(BODY, headers={"ETag": "a"})
    first = fetch(server.url("/a"), keeping)
    assert keeping.cache is not None
    (file,) = keeping.cache.iterdir()
    file.write_bytes(file.read_bytes()[:-10] if damage is None else damage)
    assert fetch(server.url("/a"), keeping) == first


def test_a_folder_that_cannot_be_written_is_no_error(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    options = WebOptions(allow_private=True, cache=tmp_path / "file" / "pages")
    server.routes["/a"] = Reply(BODY, headers={"ETag": "a"})
    assert fetch(server.url("/a"), options).html.encode() == BODY


def test_the_folder_is_bounded(tmp_path: Path) -> None:
    cache = Cache(tmp_path, max_bytes=50_000)
    for number in range(60):
        html = os.urandom(1000).hex()  # packs to half of it
        cache.put(Page(f"https://n.example/{number}", None, html, 200), {"ETag": "a"})
        if cache.get("https://n.example/0"):  # used often, it stays
            os.utime(cache._path("https://n.example/0"), (4e9, 4e9))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 50_000
    assert cache.get("https://n.example/0")
    assert cache.get("https://n.example/59")
    assert cache.get("https://n.example/1") is None
    assert Cache(tmp_path, 50_000)._bytes == sum(p.stat().st_size for p in tmp_path.iterdir())
