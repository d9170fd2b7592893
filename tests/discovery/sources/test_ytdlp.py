"""The way of last resort: what the real yt-dlp finds at a page's address."""

import time
from collections.abc import Iterator

import pytest
from server import Reply, Server

from aligner.discovery.sources import FindOptions, find, ytdlp
from aligner.discovery.sources.base import ParsedPage
from aligner.discovery.ytdlp import YtdlOptions, describe, knows
from aligner.errors import MediaUnavailable
from aligner.net.rate_limit import HostThrottle
from aligner.types import MediaLink, Page

NETWORK = FindOptions(allow_private=True, ask_network=True, timeout_s=5)
JW_PLAYER = b"""<html><head><title>A page</title></head><body><div id="p"></div><script>
jwplayer("p").setup({"sources": [{"file": "/v/talk.mp4", "label": "360p"}], "title": "A talk"});
</script></body></html>"""


FLOW_PLAYER = b"""<html><body><p>Words.</p><script>
flowplayer("p", {clip: {url: "talk.mp4"}}); jwplayer("p").setup({file: "v/talk.mp4"});
</script></body></html>"""
"""What only yt-dlp understands: a file's name in a script, without a host or a folder."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/a": Reply(FLOW_PLAYER), "/b": Reply(b"<html><p>Text only.</p></html>")}) as made:
        yield made


def page(server: Server, path: str) -> Page:
    """A page as it was fetched."""
    url = server.url(path)
    return Page(url, url, server.routes[path].body.decode(), 200)


@pytest.mark.slow
def test_what_only_yt_dlp_finds(server: Server) -> None:
    (found,) = find(page(server, "/a"), None, NETWORK)
    assert (found.url, found.found_by) == (server.url("/v/talk.mp4"), "ytdlp")


@pytest.mark.slow
def test_the_page_is_not_asked_for_again(server: Server) -> None:
    assert find(page(server, "/a"), None, NETWORK)
    assert not server.asked


@pytest.mark.parametrize("mark", ["<iframe src=/x></iframe>", "<b data-video-id=7></b>"])
def test_yt_dlp_looks_where_something_may_be(
    server: Server, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    asked = []

    def describe(url: str, _: YtdlOptions) -> tuple[MediaLink, ...]:
        asked.append(url)
        return ()

    monkeypatch.setattr("aligner.discovery.ytdlp.describe", describe)
    server.routes["/c"] = Reply(f"<html><p>Text.{mark}".encode())
    assert find(page(server, "/c"), None, NETWORK) == ()
    assert asked == [server.url("/c")]


def test_nothing_there(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aligner.discovery.ytdlp.describe", None)  # it would fail
    assert find(page(server, "/b"), None, NETWORK) == ()
    assert not server.asked


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", True),
        ("https://vimeo.com/56015672", True),
        ("https://news.example/story.html", False),
    ],
)
def test_which_sites_yt_dlp_knows(url: str, known: bool) -> None:
    assert knows(url) is known


def test_the_network_is_asked_only_with_leave(server: Server) -> None:
    assert find(page(server, "/a"), None, FindOptions(allow_private=True)) == ()
    assert not server.asked


def test_yt_dlp_is_asked_only_where_the_page_names_nothing(server: Server) -> None:
    server.routes["/c"] = Reply(b"<audio src=/a.mp3></audio>")
    assert find(page(server, "/c"), None, NETWORK)[0].found_by == "html5"
    assert not server.asked


def test_private_addresses_are_not_asked(server: Server) -> None:
    server.routes["/x.swf"] = Reply(b"")
    server.routes["/a"] = Reply(f"<iframe src={server.url('/x.swf')}></iframe>".encode())
    assert find(page(server, "/a"), None, FindOptions(ask_network=True)) == ()
    assert not server.asked


def test_what_yt_dlp_knows_of_a_site_is_passed_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def protected(url: str, _: YtdlOptions) -> None:
        raise MediaUnavailable(url, "drm", "yt-dlp says: This video is DRM protected")

    monkeypatch.setattr("aligner.discovery.ytdlp.describe", protected)
    with pytest.raises(MediaUnavailable, match="DRM"):
        list(ytdlp.find(ParsedPage(page(server, "/a"), None, NETWORK)))


class Busy(Server):
    """Asks the first caller to come again after a second."""

    def reply_to(self, path: str) -> Reply:
        if len(self.asked) == 1:
            return Reply(status=503, headers={"Retry-After": "1"})
        return super().reply_to(path)


def test_yt_dlp_keeps_the_runs_manners() -> None:
    throttle = HostThrottle(per_host=1, delay_s=0.2, longest_wait_s=5)
    began = time.monotonic()
    with Busy({"/page": Reply(JW_PLAYER)}) as server:
        options = YtdlOptions(allow_private=True, throttle=throttle)
        assert describe(server.url("/page"), options)
        assert time.monotonic() - began > 1
        assert server.most_at_once == 1


def test_a_site_that_asks_to_wait_long_is_left_alone() -> None:
    throttle = HostThrottle(per_host=1, delay_s=0, longest_wait_s=5)
    throttle.hold("127.0.0.1:9", 600)
    with pytest.raises(MediaUnavailable, match="asks to wait"):
        describe("http://127.0.0.1:9/x", YtdlOptions(allow_private=True, throttle=throttle))


def test_describe_a_page_with_two(server: Server) -> None:
    server.routes["/two"] = Reply(b"<html><audio src=/a.mp3></audio><video src=/b.mp4></video>")
    links = describe(server.url("/two"), YtdlOptions(allow_private=True))
    assert [link.url.rpartition("/")[2] for link in links] == ["a.mp3", "b.mp4"]
    assert [link.kind for link in links] == ["audio", "video"]
