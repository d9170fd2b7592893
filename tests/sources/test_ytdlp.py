"""The way of last resort: what the real yt-dlp finds at a page's address."""

import re
import time
from collections.abc import Iterator

import pytest
from server import Reply, Server

from aligner.errors import MediaUnavailable
from aligner.manners import Manners
from aligner.nouns import Page
from aligner.sources import FindOptions, find, ytdlp
from aligner.sources.base import Document
from aligner.ytdl import YtdlOptions, describe

NETWORK = FindOptions(allow_private=True, ask_network=True, timeout_s=5)
JW_PLAYER = b"""<html><head><title>A page</title></head><body><div id="p"></div><script>
jwplayer("p").setup({"sources": [{"file": "/v/talk.mp4", "label": "360p"}], "title": "A talk"});
</script></body></html>"""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/a": Reply(JW_PLAYER), "/b": Reply(b"<html><p>Text only.</p></html>")}) as made:
        yield made


def page(server: Server, path: str) -> Page:
    """A page as it was read before a consent banner was answered, without its scripts."""
    url = server.url(path)
    html = re.sub(r"<script.*?</script>", "", server.routes[path].body.decode(), flags=re.DOTALL)
    return Page(url, url, html, 200)


def test_what_only_yt_dlp_finds(server: Server) -> None:
    (found,) = find(page(server, "/a"), None, NETWORK)
    assert (found.url, found.found_by) == (server.url("/v/talk.mp4"), "ytdlp")


def test_nothing_there(server: Server) -> None:
    assert find(page(server, "/b"), None, NETWORK) == ()
    assert server.asked


def test_the_network_is_asked_only_with_leave(server: Server) -> None:
    assert find(page(server, "/a"), None, FindOptions(allow_private=True)) == ()
    assert not server.asked


def test_yt_dlp_is_asked_only_where_the_page_names_nothing(server: Server) -> None:
    server.routes["/c"] = Reply(b"<audio src=/a.mp3></audio>")
    assert find(page(server, "/c"), None, NETWORK)[0].found_by == "html5"
    assert not server.asked


def test_private_addresses_are_not_asked(server: Server) -> None:
    assert find(page(server, "/a"), None, FindOptions(ask_network=True)) == ()
    assert not server.asked


def test_what_yt_dlp_knows_of_a_site_is_passed_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def protected(url: str, _: YtdlOptions) -> None:
        raise MediaUnavailable(url, "drm", "yt-dlp says: This video is DRM protected")

    monkeypatch.setattr("aligner.ytdl.describe", protected)
    with pytest.raises(MediaUnavailable, match="DRM"):
        list(ytdlp.find(Document(page(server, "/a"), None, NETWORK)))


class Busy(Server):
    """Asks the first caller to come again after a second."""

    def reply_to(self, path: str) -> Reply:
        if len(self.asked) == 1:
            return Reply(status=503, headers={"Retry-After": "1"})
        return super().reply_to(path)


def test_yt_dlp_keeps_the_runs_manners() -> None:
    manners = Manners(per_host=1, delay_s=0.2, longest_wait_s=5)
    began = time.monotonic()
    with Busy({"/page": Reply(JW_PLAYER)}) as server:
        options = YtdlOptions(allow_private=True, manners=manners)
        assert describe(server.url("/page"), options)
        assert time.monotonic() - began > 1
        assert server.most_at_once == 1


def test_a_site_that_asks_to_wait_long_is_left_alone() -> None:
    manners = Manners(per_host=1, delay_s=0, longest_wait_s=5)
    manners.hold("127.0.0.1:9", 600)
    with pytest.raises(MediaUnavailable, match="asks to wait"):
        describe("http://127.0.0.1:9/x", YtdlOptions(allow_private=True, manners=manners))


def test_describe_a_page_with_two(server: Server) -> None:
    server.routes["/two"] = Reply(b"<html><audio src=/a.mp3></audio><video src=/b.mp4></video>")
    links = describe(server.url("/two"), YtdlOptions(allow_private=True))
    assert [link.url.rpartition("/")[2] for link in links] == ["a.mp3", "b.mp4"]
    assert [link.kind for link in links] == ["audio", "video"]
