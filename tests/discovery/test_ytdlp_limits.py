"""yt-dlp's requests have limits beneath its sockets, whatever a site answers."""

import gzip
import itertools
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from server import Reply, Server

from aligner.discovery import ytdlp
from aligner.discovery.ytdlp import DESCRIBING, YtdlOptions, describe, fetch
from aligner.errors import MediaUnavailable
from aligner.net.options import NetworkOptions
from aligner.types import Page

HERE = YtdlOptions(allow_private=True, timeout_s=5, net=NetworkOptions(retries=1))
HLS = "application/vnd.apple.mpegurl"
RECORDING = Reply(b"ID3" + bytes(99_997), "audio/mpeg")


def leading_to(address: str) -> Reply:
    """A page that leads on to another address."""
    return Reply(f'<html><meta http-equiv="refresh" content="0; url={address}"></html>'.encode())


def bomb() -> Iterator[bytes]:
    """Yields gzip that unpacks to a thousand times its size, without end."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield pack.compress(b"#EXTM3U\n") + pack.flush(zlib.Z_FULL_FLUSH)
    million = pack.compress(b"#" * 1_000_000) + pack.flush(zlib.Z_FULL_FLUSH)
    yield from itertools.repeat(million)


def endless(part: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: itertools.repeat(part)


GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Reply(content_type=HLS, headers=GZIP, chunks=bomb), "more than 8 MB"),
        (Reply(content_type=HLS, chunks=endless(b"#EXTM3U\n" * 999)), "more than 8 MB"),
        (
            Reply(status=302, headers={"Location": "/c"}, chunks=endless(b"a" * 9999)),
            "more than 8 MB",
        ),
        (Reply(status=404, chunks=endless(b"a" * 9999)), "gone|not found|404"),
    ],
    ids=["bomb", "endless", "redirect", "error"],
)
def test_an_answer_has_limits(answer: Reply, why: str) -> None:
    with Server({"/a": leading_to("/b"), "/b": answer}) as server:
        with pytest.raises(MediaUnavailable) as caught:
            describe(server.url("/a"), HERE)
        assert server.sent < 40_000_000
    assert re.search(why, str(caught.value))


def test_a_page_that_drips_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ytdlp, "DESCRIBING", replace(DESCRIBING, seconds=2))
    drip = Reply(b"#EXTM3U\n" * 100, HLS, drip_s=0.5)
    with Server({"/a": leading_to("/b"), "/b": drip}) as server:
        began = time.monotonic()
        with pytest.raises(MediaUnavailable, match="more than 2 s") as caught:
            describe(server.url("/a"), HERE)
        assert time.monotonic() - began < 4
    assert caught.value.state == "unreachable"


class Endless(Server):
    """Each page leads to another one."""

    def reply_to(self, path: str) -> Reply:  # noqa: ARG002  the same for every path
        return leading_to(f"/page{len(self.asked)}")


def test_pages_that_lead_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ytdlp, "DESCRIBING", replace(DESCRIBING, requests=7))
    with Endless() as server:
        with pytest.raises(MediaUnavailable, match="more than 7 requests"):
            describe(server.url("/page"), HERE)
        assert len(server.asked) == 7


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, deflate", "none"])
def test_packed_answers_are_unpacked(tmp_path: Path, coding: str) -> None:
    page = leading_to("/a.mp3").body
    for name in coding.split(", "):
        if name == "gzip":
            page = gzip.compress(page)
        elif name == "deflate":
            page = zlib.compress(page)
    routes = {"/a": Reply(page, headers={"Content-Encoding": coding}), "/a.mp3": RECORDING}
    with Server(routes) as server:
        (found,) = describe(server.url("/a"), HERE)
        assert found.url == server.url("/a.mp3")
        assert fetch(server.url("/a"), tmp_path, HERE).path.read_bytes() == RECORDING.body
        asked = {headers.get("Accept-Encoding") for headers in server.headers}
    assert asked <= {"gzip, deflate", "identity"}


def test_a_download_may_exceed_the_limits_of_the_search(tmp_path: Path) -> None:
    large = Reply(b"ID3" + bytes(40_000_000), "audio/mpeg")
    with Server({"/a.mp3": large}) as server:
        assert fetch(server.url("/a.mp3"), tmp_path, HERE).path.stat().st_size == len(large.body)


def test_a_download_has_a_limit_of_unpacked_bytes(tmp_path: Path) -> None:
    packed = Reply(content_type="audio/mpeg", headers=GZIP, chunks=bomb)
    options = replace(HERE, max_bytes=10_000_000)
    with Server({"/a.mp3": packed}) as server, pytest.raises(MediaUnavailable, match="MB"):
        fetch(server.url("/a.mp3"), tmp_path, options)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 60_000_000


@pytest.mark.parametrize("asked", ["/a", "/b", "/b#t=5"])
def test_a_page_at_hand_is_not_requested(asked: str) -> None:
    with Server({"/talk.mp3": RECORDING}) as server:
        page = Page(server.url("/a"), server.url("/b"), "<audio src=/talk.mp3></audio>", 200)
        (found,) = describe(server.url(asked), replace(HERE, page=page))
        assert found.url == server.url("/talk.mp3")
        assert set(server.asked) <= {"/talk.mp3"}
