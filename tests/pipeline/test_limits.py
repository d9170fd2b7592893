"""What one article may take: candidates, requests and time, the same in `check` and `caption`."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from server import Reply, Server

from aligner import defaults
from aligner.net.client import WebOptions
from aligner.net.options import NetworkOptions
from aligner.pipeline import check, resources, steps
from aligner.pipeline.options import Options
from aligner.pipeline.state import initial_state
from aligner.types import CaptionResult, CheckResult

OPTIONS = Options(allow_private=True, engine="recorded", net=NetworkOptions(retries=0))
TEXT = "<p>The council closed the bridge on Monday, and opened it again on Friday.</p>" * 5


def page(media: str) -> Reply:
    html = f"<!doctype html><title>A story</title><article>{TEXT}{media}</article>"
    return Reply(html.encode())


def videos(count: int, name: str) -> str:
    return "".join(f"<video src=/{name}{number}.mp4></video>" for number in range(count))


def captioned(server: Server, timeout_s: float = defaults.TIMEOUT_S) -> CaptionResult:
    shared = replace(resources.for_one_article(OPTIONS), timeout_s=timeout_s)
    return steps.caption_with(shared, initial_state(server.url("/a")), OPTIONS)


def checked(server: Server, timeout_s: float = defaults.TIMEOUT_S) -> CheckResult:
    web = WebOptions(allow_private=True, timeout_s=timeout_s, net=OPTIONS.net)
    return check.checked(server.url("/a"), OPTIONS, check.CheckOptions(web=web))


Do = Callable[..., CaptionResult | CheckResult]


@pytest.mark.slow
@pytest.mark.parametrize("do", [captioned, checked])
def test_300_dead_links(do: Do) -> None:
    with Server({"/a": page(videos(300, "dead"))}) as server:
        found = do(server)
    assert found.http_status == 404
    tried = {path for path in server.asked if path.startswith("/dead")}
    assert tried == {f"/dead{number}.mp4" for number in range(4)}
    assert len(server.asked) <= 10


class Stalls(Server):
    """Takes long to answer requests for recordings, or sends them byte by byte."""

    def __init__(self, recordings: Reply) -> None:
        super().__init__()
        self.recordings = recordings

    def reply_to(self, path: str) -> Reply:
        return page(videos(5, "v")) if path == "/a" else self.recordings


SLOW = {
    "silent": Reply(delay_s=60),
    "drip": Reply(bytes(9999), "video/mp4", drip_s=0.3),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("do", [captioned, checked])
def test_servers_that_stall(kind: str, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aligner.net.budget.WINDOW_S", 2)
    began = time.monotonic()
    with Stalls(SLOW[kind]) as server:
        found = do(server, 2)
    assert found.state == "unreachable"
    assert time.monotonic() - began < 12


@pytest.mark.slow
@pytest.mark.parametrize("seconds", ["5", "59"])
def test_a_site_that_asks_for_a_pause(seconds: str) -> None:
    busy = Reply(b"busy", status=429, headers={"Retry-After": seconds})
    web = WebOptions(allow_private=True, timeout_s=3, net=NetworkOptions(retries=2))
    began = time.monotonic()
    with Server({"/a": busy}) as server:
        options = replace(OPTIONS, net=web.net)
        found = check.checked(server.url("/a"), options, check.CheckOptions(web=web))
    assert found.http_status == 429
    assert time.monotonic() - began < 4


@pytest.mark.slow
def test_recordings_on_a_site_that_asks_for_a_pause() -> None:
    began = time.monotonic()
    with Stalls(Reply(status=429, headers={"Retry-After": "50"})) as server:
        found = checked(server, timeout_s=3)
    assert found.http_status == 429
    assert time.monotonic() - began < 8


@pytest.mark.slow
def test_a_page_is_not_requested_by_ytdlp_again(tmp_path: Path) -> None:
    """Neither to find its recording nor to download it."""
    player = "<script>flowplayer('p', {clip: {url: 'talk.mp3'}});</script>"
    routes = {"/a": page(player), "/talk.mp3": Reply(b"ID3" + bytes(9999), "audio/mpeg")}
    options = replace(OPTIONS, workplace=tmp_path)
    with Server(routes) as server:
        steps.caption_with(
            resources.for_one_article(options), initial_state(server.url("/a")), options
        )
    assert server.asked.count("/a") == 1
