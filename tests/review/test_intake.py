"""A recording for an article without captions: who may give one, and what becomes of it."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import SAMPLE
from news_site import PAGE, options, recording
from server import Reply
from server import Server as Site
from test_playback import data_of, serving

import aligner
from aligner.cli.review_run import _services
from aligner.review import intake
from aligner.review.jobs import FOLDER_PREFIX
from aligner.review.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "story"
Open = Callable[..., "Page"]
BARE = re.sub(
    r"<video.*?</video>|<a [^>]*mp4.*?</a>", "", PAGE.decode("utf-8"), flags=re.DOTALL
).encode()
"""The sample's page without its player and links."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the result of an article that has no recording."""
    made = tmp_path / "results"
    known = aligner.caption(aligner.from_html(BARE, name="story.html"), options(tmp_path))
    assert known.status == "no_media"
    aligner.store.write_outcome(known, made, NAME, ("json",))
    return made


@pytest.fixture
def server(folder: Path, tmp_path: Path) -> Iterator[Server]:
    """Served with a recogniser that hears what is said in the sample's beginning."""
    with (
        aligner.Captioner(options(tmp_path)) as captioner,
        serving(folder, _services(captioner, 25_000_000)) as server,
    ):
        yield server


def send(
    server: Server, path: str, body: bytes, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    usual = {"Origin": server.origin, "Content-Type": "application/octet-stream"}
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.request("POST", f"/{server.token}/{path}", body, usual | (headers or {}))
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status, told


def send_json(server: Server, path: str, body: Any) -> tuple[int, Any]:
    return send(server, path, json.dumps(body).encode(), {"Content-Type": "application/json"})


def ended(server: Server) -> Any:
    """What became of the job, once it has ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        job = server.served.intake.jobs.of(NAME)
        if job and job.state in ("done", "failed"):
            return job.record
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".aligner")


def told(server: Server) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.request("GET", f"/{server.token}/page/{NAME}")
    page = connection.getresponse().read()
    connection.close()
    return data_of(page)


# ---------------------------------------------------------------- given, and captioned


@pytest.mark.slow
def test_an_uploaded_recording_is_captioned_and_kept(server: Server, folder: Path) -> None:
    before = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    page = told(server)
    assert not page["captioned"]
    assert page["reason"].startswith("the page links no video or audio")
    assert send(server, f"upload/{NAME}/mp4", recording()) == (200, {})
    assert ended(server)["state"] == "done"
    assert names(folder) == ["story.json", "story.mp4", "story.txt", "story.vtt"]
    assert (folder / "story.mp4").read_bytes() == recording()
    after = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    assert (after["status"], after["media"]["url"]) == ("captioned", "story.mp4")
    for part in ("source", "article"):
        assert after[part] == before[part]
    now = told(server)
    assert now["captioned"]
    assert now["served"]["media"] == [f"../media/{NAME}"]
    assert "upload" not in now["served"]


@pytest.mark.slow
def test_an_address_is_fetched_and_captioned(server: Server, folder: Path) -> None:
    with Site({"/film.mp4": Reply(recording(), "video/mp4")}) as site:
        url = site.url("/film.mp4")
        assert send_json(server, f"caption/{NAME}", {"address": f" {url} "}) == (200, {})
        assert ended(server)["state"] == "done"
    after = json.loads((folder / f"{NAME}.json").read_text("utf-8"))
    assert after["media"]["url"] == url
    assert (folder / "story.mp4").read_bytes() == recording()


@pytest.mark.slow
def test_what_is_fetched_for_captioning_and_is_large_is_not_kept(
    folder: Path, tmp_path: Path
) -> None:
    with (
        aligner.Captioner(options(tmp_path)) as captioner,
        serving(folder, _services(captioner, 1000)) as server,
        Site({"/film.mp4": Reply(recording(), "video/mp4", ranges=True)}) as site,
    ):
        send_json(server, f"caption/{NAME}", {"address": site.url("/film.mp4")})
        assert ended(server)["state"] == "done"
        assert names(folder) == ["story.json", "story.txt", "story.vtt"]
        assert told(server)["served"]["media"] == [site.url("/film.mp4"), f"../media/{NAME}"]
        assert send_json(server, f"fetch/{NAME}", {}) == (200, {})
        assert ended(server)["state"] == "done"
        assert (folder / "story.mp4").read_bytes() == recording()
        assert send_json(server, f"fetch/{NAME}", {})[0] == 409


# ---------------------------------------------------------------- what comes to nothing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("mp4", b"<!doctype html><p>no film", "web page"),
        ("mp3", b"", "empty"),
        ("mp4", b"\x01\x02" * 4000, "not a video or audio file"),
    ],
)
def test_a_failure_leaves_the_folder_as_it_was(
    server: Server, folder: Path, kind: str, body: bytes, says: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert send(server, f"upload/{NAME}/{kind}", body) == (200, {})
    job = ended(server)
    assert job["state"] == "failed"
    assert says in job["reason"]
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before
    assert not list(folder.glob(f"{FOLDER_PREFIX}*"))
    assert send(server, f"upload/{NAME}/mp4", recording()) == (200, {})  # and again
    assert ended(server)["state"] == "done"


def test_private_addresses_are_refused(folder: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    how = replace(options(tmp_path), allow_private=False)
    with (
        Site({"/film.mp4": Reply(recording(), "video/mp4")}) as site,
        aligner.Captioner(how) as captioner,
        serving(folder, _services(captioner, 25_000_000)) as server,
    ):
        send_json(server, f"caption/{NAME}", {"address": site.url("/film.mp4")})
        job = ended(server)
        assert (job["state"], site.asked) == ("failed", [])
    assert "not a public address" in job["reason"]
    assert names(folder) == ["story.json"]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("upload/story/mp4", b"film", {"Origin": "http://evil.example"}, 403),
        ("upload/story/mp4", b"film", {"Origin": "null"}, 403),
        ("upload/story/mp4", b"film", {"Host": "evil.example"}, 421),
        ("upload/story/mp4", b"film", {"Content-Type": "text/plain"}, 415),
        ("upload/story/mp4", b"film", {"Content-Type": "multipart/form-data"}, 415),
        ("upload/story/exe", b"film", {}, 415),
        ("upload/story/m3u8", b"film", {}, 415),
        ("upload/story/json", b"film", {}, 415),
        ("upload/none/mp4", b"film", {}, 404),
        ("upload/..%2Fstory/mp4", b"film", {}, 404),
        ("upload/story/..%2F..%2Fx.mp4", b"film", {}, 415),
        ("caption/story", b'{"address": "https://a.example/a.mp4"}', {}, 415),
        ("fetch/story", b"{}", {}, 415),
        ("cancel/story", b"{}", {}, 415),
    ],
)
def test_what_is_refused(
    server: Server, folder: Path, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    before = names(folder)
    assert send(server, path, body, headers)[0] == status
    assert names(folder) == before
    assert server.served.intake.jobs.of(NAME) is None


@pytest.mark.parametrize(
    "address", ["", "film.mp4", "file:///etc/passwd", "ftp://a.example/a.mp4", None, 5, ["a"]]
)
def test_what_is_no_address_is_refused(server: Server, address: Any) -> None:
    assert send_json(server, f"caption/{NAME}", {"address": address})[0] == 400


def test_sizes_are_limited(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_UPLOAD_BYTES", 10)
    assert send(server, f"upload/{NAME}/mp4", b"x" * 11)[0] == 413
    monkeypatch.setattr(intake, "MAX_UPLOAD_BYTES", 1 << 60)
    monkeypatch.setattr(intake, "MIN_FREE_BYTES", 1 << 59)
    assert send(server, f"upload/{NAME}/mp4", b"x" * 11)[0] == 507


@pytest.mark.slow
def test_an_upload_that_is_cut_short_leaves_nothing(server: Server, folder: Path) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.putrequest("POST", f"/{server.token}/upload/{NAME}/mp4")
    for name, value in (
        ("Origin", server.origin),
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", "1000000"),
    ):
        connection.putheader(name, value)
    connection.endheaders(b"x" * 1000)
    assert connection.sock
    connection.sock.close()
    until = time.monotonic() + 10
    while list(folder.glob(f"{FOLDER_PREFIX}*")) and time.monotonic() < until:
        time.sleep(0.02)
    assert names(folder) == ["story.json"]
    answer = send(server, f"upload/{NAME}/mp4", recording())
    while answer[0] == 409 and time.monotonic() < until:  # the first upload is still being ended
        time.sleep(0.02)
        answer = send(server, f"upload/{NAME}/mp4", recording())
    assert answer == (200, {})
    assert ended(server)["state"] == "done"


def test_a_file_of_that_name_is_not_written_over(server: Server, folder: Path) -> None:
    (folder / "story.mp4").write_bytes(b"mine")
    status, said = send(server, f"upload/{NAME}/mp4", recording())
    assert (status, "story.mp4" in said["reason"]) == (409, True)
    assert (folder / "story.mp4").read_bytes() == b"mine"


@pytest.mark.slow
def test_a_result_with_captions_is_never_captioned_again(server: Server, folder: Path) -> None:
    send(server, f"upload/{NAME}/mp4", recording())
    ended(server)
    before = (folder / f"{NAME}.json").read_bytes()
    assert send(server, f"upload/{NAME}/mp3", recording())[0] == 409
    url = "https://news.example/a.mp4"
    assert send_json(server, f"caption/{NAME}", {"address": url})[0] == 409
    assert (folder / f"{NAME}.json").read_bytes() == before


@pytest.mark.slow
def test_captions_that_another_run_made_meanwhile_stay(
    server: Server, folder: Path, tmp_path: Path
) -> None:
    """The result is made by another while the recording is being captioned."""
    caption = server.served.config.services.caption
    assert caption

    def slow(known: Any, media: Any, place: Any, progress: Any, cancel: Any) -> Any:
        made = caption(known, media, place, progress, cancel)
        film = tmp_path / "film.mp4"
        film.write_bytes(recording())
        how = options(tmp_path)
        with aligner.Captioner(how) as captioner:
            theirs = captioner.add_recording(known, film)
        aligner.store.write_outcome(theirs, folder, NAME, ("vtt",))
        return made

    object.__setattr__(server.served.config.services, "caption", slow)
    send(server, f"upload/{NAME}/mp4", recording())
    job = ended(server)
    assert (job["state"], "meanwhile" in job["reason"]) == ("failed", True)
    assert not (folder / "story.mp4").exists()


@pytest.mark.slow
def test_a_job_is_cancelled(server: Server, folder: Path) -> None:
    drip = Reply(recording(), "video/mp4", drip_s=0.01)
    with Site({"/film.mp4": drip}) as site:
        send_json(server, f"caption/{NAME}", {"address": site.url("/film.mp4")})
        assert send_json(server, f"caption/{NAME}", {"address": site.url("/film.mp4")})[0] == 409
        assert send_json(server, f"cancel/{NAME}", {}) == (200, {})
        job = ended(server)
    assert (job["state"], job["reason"]) == ("failed", "cancelled")
    assert names(folder) == ["story.json"]


@pytest.mark.slow
def test_the_server_ends_with_its_jobs(folder: Path, tmp_path: Path) -> None:
    drip = Reply(recording(), "video/mp4", drip_s=0.01)
    with (
        Site({"/film.mp4": drip}) as site,
        aligner.Captioner(options(tmp_path)) as captioner,
        serving(folder, _services(captioner, 25_000_000)) as server,
    ):
        send_json(server, f"caption/{NAME}", {"address": site.url("/film.mp4")})
        job = server.served.intake.jobs.of(NAME)
    assert job
    assert job.state in ("failed", "waiting")
    assert names(folder) == ["story.json"]


def test_what_a_killed_server_left_is_swept(folder: Path, tmp_path: Path) -> None:
    import os

    old, new = folder / f"{FOLDER_PREFIX}old", folder / f"{FOLDER_PREFIX}new"
    for place in (old, new):
        place.mkdir()
        (place / "recording.mp4").write_bytes(b"film")
    long_ago = time.time() - 48 * 3600
    os.utime(old, (long_ago, long_ago))
    with (
        aligner.Captioner(options(tmp_path)) as captioner,
        serving(folder, _services(captioner, 0)),
    ):
        assert (old.exists(), new.exists()) == (False, True)


# ---------------------------------------------------------------- in the browser


@pytest.mark.browser
def test_a_file_is_chosen_on_the_page(server: Server, tmp_path: Path, visit: Open) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(recording())
    page = visit(server.address)
    page.locator("tbody a").click()
    page.wait_for_selector("html[data-ready=yes] #intake")
    assert "links no video or audio" in page.locator("#intake-why").inner_text()
    assert page.locator("#captions").is_hidden()
    page.locator("#intake-file").set_input_files(SAMPLE / "index.html")
    page.locator("#intake-failed", has_text="not named as a recording").wait_for()
    page.locator("#intake-file").set_input_files(film)
    page.locator("#cue-list .cue").first.wait_for(timeout=60_000)
    assert page.locator("#intake").is_hidden()
    assert page.evaluate("() => document.querySelector('video').src").endswith(f"media/{NAME}")
    page.locator("#back").click()
    page.locator("tbody", has_text="captioned").wait_for()


@pytest.mark.browser
def test_a_file_is_dropped_on_the_page(server: Server, visit: Open) -> None:
    import base64

    page = visit(f"{server.address}page/{NAME}")
    page.evaluate(
        """(film) => {
          const bytes = Uint8Array.from(atob(film), (c) => c.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], "Film.MP4"));
          document.getElementById("intake").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",  # noqa: E501
        base64.b64encode(recording()).decode(),
    )
    page.locator("#cue-list .cue").first.wait_for(timeout=60_000)


@pytest.mark.browser
def test_an_address_is_given_on_the_page(server: Server, visit: Open) -> None:
    drip = Reply(recording()[:20_000], "video/mp4", drip_s=0.0005)
    routes = {"/film.mp4": Reply(recording(), "video/mp4"), "/slow.mp4": drip}
    with Site(routes) as site:
        page = visit(f"{server.address}page/{NAME}")
        page.locator("#intake-address").fill(site.url("/none.mp4"))
        page.keyboard.press("Enter")
        page.locator("#intake-failed", has_text="404").wait_for(timeout=30_000)
        page.locator("#intake-address").fill(site.url("/slow.mp4"))
        page.keyboard.press("Enter")
        page.locator("#intake-stage", has_text="Fetching the recording").wait_for()
        page.reload()
        page.locator("#intake-cancel").click()
        page.locator("#intake-failed", has_text="cancelled").wait_for(timeout=30_000)
        page.locator("#intake-address").fill(site.url("/film.mp4"))
        page.locator("#intake-form button").click()
        page.locator("#cue-list .cue").first.wait_for(timeout=60_000)
