"""Where a recording is played from: the folder, its own address, or through the server."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from server import Reply
from server import Server as Site

from aligner.captions.profiles import PROFILES
from aligner.net import client
from aligner.review.intake import Services
from aligner.review.page import policy
from aligner.review.playback import (
    PART_BYTES,
    NotPlayable,
    RemoteRecordings,
    direct_address,
    origin,
)
from aligner.review.results import keep, recording
from aligner.review.served_folder import ServerConfig
from aligner.review.server import Server
from aligner.types import MediaLink, PartialContent

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "russia-and-assad"
Open = Callable[..., "Page"]


@contextmanager
def serving(folder: Path, services: Services) -> Iterator[Server]:
    with Server(ServerConfig(folder, PROFILES["netflix"], lambda _: None, services)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(server: Server, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.request("GET", f"/{server.token}/{path}", headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


@pytest.fixture
def film(folder: Path) -> bytes:
    """The recording, which is not in the folder any more."""
    path = folder / f"{NAME}.mp4"
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture
def session() -> Iterator[client.Session]:
    with client.Session(client.WebOptions(allow_private=True)) as session:
        yield session


def named(folder: Path, url: str) -> None:
    """The result's recording is at an address."""
    path = folder / f"{NAME}.json"
    record = json.loads(path.read_text("utf-8"))
    record["media"]["url"] = url
    path.write_text(json.dumps(record), "utf-8")


def data_of(page: bytes) -> Any:
    text = page.decode("utf-8").split('id="data">')[1].split("</script>")[0]
    return json.loads(text)


# ---------------------------------------------------------------- parts of it, by the server


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-", slice(0, PART_BYTES)),
        ("bytes=0-99", slice(0, 100)),
        ("bytes=1000-1000", slice(1000, 1001)),
        ("bytes=2000-", slice(2000, 2000 + PART_BYTES)),
        ("bytes=-10", slice(-10, None)),
    ],
)
def test_the_server_passes_on_parts(
    folder: Path, film: bytes, session: client.Session, asked: str, span: slice
) -> None:
    reply = Reply(film, "video/mp4", ranges=True)
    with (
        Site({"/film": reply}) as site,
        serving(folder, Services(piece=session.fetch_range)) as server,
    ):
        named(folder, site.url("/film"))
        answer = ask(server, f"media/{NAME}", Range=asked)
        got = answer.body  # type: ignore[attr-defined]
    assert (answer.status, got) == (206, film[span])
    start = span.start if span.start >= 0 else len(film) + span.start
    assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(got) - 1}/{len(film)}"
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(b"<script>", "text/html", ranges=True), "not a recording"),
        (Reply(b"<svg>", "image/svg+xml", ranges=True), "not a recording"),
        (Reply(b"gone", status=404), "status 404"),
        (Reply(b"x" * (PART_BYTES + 1), "video/mp4"), "in parts"),
    ],
)
def test_what_cannot_be_passed_on(
    folder: Path, film: bytes, session: client.Session, reply: Reply, says: str
) -> None:
    with (
        Site({"/film": reply}) as site,
        serving(folder, Services(piece=session.fetch_range)) as server,
    ):
        named(folder, site.url("/film"))
        answer = ask(server, f"media/{NAME}", Range="bytes=0-")
    assert answer.status == 502
    body = answer.body  # type: ignore[attr-defined]
    assert says in json.loads(body)["reason"]
    assert answer.headers["Content-Type"] == "application/json"
    assert film


def test_a_small_recording_without_ranges_is_passed_on_whole(
    folder: Path, film: bytes, session: client.Session
) -> None:
    reply = Reply(film[:5000], "video/mp4")
    with (
        Site({"/film": reply}) as site,
        serving(folder, Services(piece=session.fetch_range)) as server,
    ):
        named(folder, site.url("/film"))
        answer = ask(server, f"media/{NAME}", Range="bytes=0-")
    assert (answer.status, answer.body) == (200, film[:5000])  # type: ignore[attr-defined]


def test_private_addresses_are_not_asked(folder: Path, film: bytes) -> None:
    """Neither by the server nor, on a page's word, by the browser."""
    with (
        Site({"/film.mp4": Reply(film, "video/mp4", ranges=True)}) as site,
        client.Session() as session,
        serving(folder, Services(piece=session.fetch_range)) as server,
    ):
        named(folder, site.url("/film.mp4"))
        answer = ask(server, f"media/{NAME}", Range="bytes=0-")
        assert answer.status == 502
        assert "not a public address" in answer.body.decode()  # type: ignore[attr-defined]
        page = ask(server, f"page/{NAME}").body  # type: ignore[attr-defined]
        assert data_of(page)["served"]["media"] == [f"../media/{NAME}"]
        assert b"media-src &#x27;self&#x27; file: blob:;" in page
        assert site.asked == []


def test_the_budget_of_a_recording() -> None:
    asked: list[tuple[int, int]] = []

    def piece(url: str, start: int, length: int) -> PartialContent:
        asked.append((start, length))
        return PartialContent(url, 206, "video/mp4", b"x" * length, start, 10**9, in_parts=True)

    fetching = RemoteRecordings(piece, max_bytes=3 * PART_BYTES)
    for start in range(3):
        fetching.part("https://a.example/a.mp4", f"bytes={start}-")
    with pytest.raises(NotPlayable, match="GB"):
        fetching.part("https://a.example/a.mp4", "bytes=3-")
    assert len(asked) == 3
    assert fetching.part("https://a.example/b.mp4", "bytes=0-").start == 0


# ---------------------------------------------------------------- which place


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://News.example:8443/a b.mp4", "https://news.example:8443"),
        ("http://[2001:db8::1]/a.mp4", "http://[2001:db8::1]"),
        ("https://news.example;script-src/a.mp4", None),
        ("https://ex ample/a.mp4", None),
        ("https://n\u00e4ws.example/a.mp4", None),
        ("https://'self'/a.mp4", None),
        ("https:///a.mp4", None),
    ],
)
def test_what_stands_in_the_policy(url: str, expected: str | None) -> None:
    """A recording's address comes from a page: nothing of it may become another directive."""
    assert origin(url) == expected
    made = policy("", "", origin(url))
    assert made.count(";") == policy("", "").count(";")
    assert ("media-src 'self' file: blob:;" in made) == (expected is None)


@pytest.mark.parametrize(
    ("url", "plays"),
    [
        ("https://1.1.1.1/a.mp4", True),
        ("https://1.1.1.1/a.MP3?token=1", True),
        ("https://1.1.1.1/watch?v=1", False),
        ("https://1.1.1.1/a.m3u8", False),
        ("https://127.0.0.1/a.mp4", False),
        ("https://10.1.2.3/a.mp4", False),
        ("a.mp4", False),
        ("file:///etc/a.mp4", False),
    ],
)
def test_which_addresses_a_browser_is_given(url: str, plays: bool) -> None:
    link = MediaLink(url, "video", "html5")
    assert (direct_address(link, allow_private=False) is not None) == plays


def test_a_kept_recording_is_taken_first(folder: Path, session: client.Session) -> None:
    named(folder, "https://1.1.1.1/film.mp4")
    with serving(folder, Services(piece=session.fetch_range)) as server:
        page = ask(server, f"page/{NAME}").body  # type: ignore[attr-defined]
    assert data_of(page)["served"]["media"] == [f"../media/{NAME}"]


def test_a_batchs_recordings_are_found(folder: Path, tmp_path_factory: Any) -> None:
    from aligner.captions.formats import sidecar_reader

    outcome, _ = sidecar_reader.read((folder / f"{NAME}.json").read_text("utf-8"))
    aside = folder / "media"
    aside.mkdir()
    (folder / f"{NAME}.mp4").rename(aside / f"{NAME}.mp4")
    assert recording(folder, NAME, outcome) == aside / f"{NAME}.mp4"
    outside = tmp_path_factory.mktemp("outside")
    (aside / f"{NAME}.mp4").rename(outside / f"{NAME}.mp4")
    aside.rmdir()
    aside.symlink_to(outside)
    assert recording(folder, NAME, outcome) is None


def test_a_recording_is_kept_and_never_over_another_file(tmp_path: Path) -> None:
    found, folder = tmp_path / "abc.mp4", tmp_path / "results"
    folder.mkdir()
    found.write_bytes(b"film")
    assert keep(found, folder, "story") == folder / "story.mp4"
    assert keep(found, folder, "story") == folder / "story.mp4"
    (folder / "story.mp4").write_bytes(b"mine")
    assert keep(found, folder, "story", move=True) is None
    assert (folder / "story.mp4").read_bytes() == b"mine"
    assert [path.name for path in folder.iterdir()] == ["story.mp4"]


# ---------------------------------------------------------------- in the browser

PLAYS_AT = """async (at) => {
  const video = document.querySelector('video');
  if (video.readyState < 1) await new Promise((done) => video.addEventListener('loadedmetadata', done, { once: true }));
  video.currentTime = at;
  await new Promise((done) => video.addEventListener('seeked', done, { once: true }));
  return [video.currentTime, video.videoWidth, video.error, video.currentSrc];
}"""  # noqa: E501


@pytest.mark.browser
@pytest.mark.parametrize("way", ["own address", "server"])
def test_it_plays_and_seeks(
    folder: Path, film: bytes, session: client.Session, visit: Open, way: str
) -> None:
    path = "/film.mp4" if way == "own address" else "/film"
    reply = Reply(film, "video/mp4", ranges=True)
    services = Services(piece=session.fetch_range, allow_private=True)
    with Site({path: reply}) as site, serving(folder, services) as server:
        named(folder, site.url(path))
        page = visit(f"{server.address}page/{NAME}", expected=("favicon",))
        at, width, error, source = page.evaluate(PLAYS_AT, 90)
        assert (round(at), width > 0, error) == (90, True, None)
        assert page.locator("#no-media").is_hidden()
        ours = source.startswith(server.address)
        assert ours == (way == "server")


@pytest.mark.browser
def test_where_its_own_address_fails_the_server_fetches_it(
    folder: Path, film: bytes, session: client.Session, visit: Open
) -> None:
    """The site gives it to those alone who do not come as a browser's player."""
    with Site({"/film.mp4": Reply(status=403)}) as site:
        services = Services(piece=session.fetch_range, allow_private=True)
        other = Reply(film, "video/mp4", ranges=True)

        def piece(url: str, start: int, length: int) -> PartialContent:
            with Site({"/film.mp4": other}) as elsewhere:
                return session.fetch_range(elsewhere.url("/film.mp4"), start, length)

        services = Services(piece=piece, allow_private=True)
        with serving(folder, services) as server:
            named(folder, site.url("/film.mp4"))
            page = visit(f"{server.address}page/{NAME}", expected=("403",))
            at, width, _, source = page.evaluate(PLAYS_AT, 60)
    assert (round(at), width > 0) == (60, True)
    assert source.startswith(server.address)


@pytest.mark.browser
def test_a_recording_that_nobody_has_is_said_to_be_so(
    folder: Path, film: bytes, session: client.Session, visit: Open
) -> None:
    with (
        Site({}) as site,
        serving(folder, Services(piece=session.fetch_range, allow_private=True)) as server,
    ):
        named(folder, site.url("/film.mp4"))
        page = visit(f"{server.address}page/{NAME}", expected=("404", "502"))
        page.locator("#no-media-why", has_text="status 404").wait_for()
        assert page.locator("#open-media").count() == 1
    assert film
