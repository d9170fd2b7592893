"""The server: who may ask, what is never served, and saving, whole or not at all."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from killing import killed_at_every_step

from aligner.captions import store
from aligner.captions.formats import Look
from aligner.captions.formats.vtt_check import breaches
from aligner.captions.profiles import PROFILES
from aligner.review import edits
from aligner.review.results import results
from aligner.review.served_folder import ServerConfig
from aligner.review.server import Server
from aligner.review.waveform import Waveform
from aligner.types import Json, Span, SpeechSegments

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAME = "russia-and-assad"
Open = Callable[..., "Page"]


class Answer:
    def __init__(self, got: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = got.status, got.headers, got.read()

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found


def ask(
    server: Server,
    path: str,
    headers: dict[str, str] | None = None,
    method: str = "GET",
    body: bytes | None = None,
) -> Answer:
    port = server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, headers or {})
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def inside(server: Server, path: str) -> str:
    return f"/{server.token}/{path}"


def posted(server: Server, body: Any, headers: dict[str, str] | None = None) -> Answer:
    usual = {"Origin": server.origin, "Content-Type": "application/json"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = inside(server, f"save/{NAME}")
    return ask(server, path, usual | (headers or {}), "POST", data)


def record(folder: Path) -> tuple[Json, str]:
    text = (folder / f"{NAME}.json").read_text("utf-8")
    found: Json = json.loads(text)
    return found, store.version_of(text)


def correction(folder: Path, words: str = "Edited.") -> Json:
    """What a page posts: the first cue has other words."""
    was, version = record(folder)
    cues, words_ = was["cues"], was["words"]
    cues[0] |= {"lines": [words], "origin": "edited"}
    kept = [w for w in words_ if w["start_ms"] >= cues[1]["start_ms"]]
    new = words_[0] | {"text": words, "origin": "edited", "end_ms": cues[0]["end_ms"]}
    return {"version": version, "cues": cues, "words": [new, *kept]}


# ---------------------------------------------------------------- who may ask


def test_a_page_is_served_with_its_policy(served: Server) -> None:
    listed = ask(served, inside(served, ""))
    assert listed.status == 200
    answer = ask(served, inside(served, f"page/{NAME}"))
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert b"Content-Security-Policy" in answer.body


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 403),
        ("/wrong/", {}, 403),
        ("/wrong/page/russia-and-assad", {}, 403),
        ("TOKEN/", {"Host": "evil.example"}, 421),
        ("TOKEN/", {"Host": "localhost"}, 421),
        ("TOKEN/page/none", {}, 404),
        ("TOKEN/page/..%2F..%2Fetc%2Fpasswd", {}, 404),
        ("TOKEN/media/..%2Foutside", {}, 404),
        ("TOKEN/media/../outside", {}, 404),
        ("TOKEN/export/json/..%2Foutside", {}, 404),
        ("TOKEN/export/vtt/outside", {}, 404),
        ("TOKEN/export/exe/russia-and-assad", {}, 404),
        ("TOKEN/russia-and-assad.json", {}, 404),
        ("TOKEN/page/%00", {}, 404),
    ],
)
def test_what_is_not_for_us_is_refused(
    served: Server, folder: Path, path: str, headers: dict[str, str], status: int
) -> None:
    outside = folder.parent / "outside.json"
    shutil.copy(folder / f"{NAME}.json", outside)
    (folder / "outside.json").symlink_to(outside)
    answer = ask(served, path.replace("TOKEN", f"/{served.token}"), headers)
    assert answer.status == status
    assert b"root:" not in answer.body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_only_our_own_page_may_save(
    served: Server, folder: Path, headers: dict[str, str], status: int
) -> None:
    before = (folder / f"{NAME}.json").read_bytes()
    assert posted(served, correction(folder), headers).status == status
    assert (folder / f"{NAME}.json").read_bytes() == before


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        (None, 200, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=500-", 206, slice(500, None)),
        ("bytes=-10", 206, slice(-10, None)),
        ("bytes=0-999999999", 206, slice(None)),
        ("bytes=999999999-", 416, None),
        ("bytes=5-1", 416, None),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_ranges_of_the_recording(
    served: Server, folder: Path, asked: str | None, status: int, span: slice | None
) -> None:
    answer = ask(served, inside(served, f"media/{NAME}"), {"Range": asked} if asked else {})
    assert answer.status == status
    if span:
        assert answer.body == (folder / f"{NAME}.mp4").read_bytes()[span]
        assert answer.headers["Content-Type"] == "video/mp4"


# ---------------------------------------------------------------- saving


def test_a_correction_is_saved_and_the_first_version_kept(served: Server, folder: Path) -> None:
    first = {s: (folder / f"{NAME}{s}").read_bytes() for s in (".json", ".vtt")}
    answer = posted(served, correction(folder))
    assert answer.status == 200
    now, version = record(folder)
    assert answer.json["version"] == version
    assert now["cues"][0]["origin"] == now["words"][0]["origin"] == "edited"
    vtt = (folder / f"{NAME}.vtt").read_text("utf-8")
    assert "\nEdited.\n" in vtt
    assert not breaches(vtt)
    assert posted(served, correction(folder, "Again.")).status == 200
    for suffix, content in first.items():
        assert (folder / f"{NAME}.first{suffix}").read_bytes() == content
    assert [r.name for r in results(folder)] == [NAME]
    assert not list(folder.glob(".*"))


def test_the_rest_of_the_sidecar_stays(served: Server, folder: Path) -> None:
    text = (folder / f"{NAME}.json").read_text("utf-8")
    before = json.loads(text) | {"later": {"version": ["what", 2]}}
    (folder / f"{NAME}.json").write_text(json.dumps(before), "utf-8")
    assert posted(served, correction(folder)).status == 200
    after, _ = record(folder)
    changed = {"words", "cues", "corrections"}
    assert after["corrections"] == 1
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }


def test_of_two_tabs_the_later_is_told(served: Server, folder: Path) -> None:
    one, two = correction(folder, "One."), correction(folder, "Two.")
    assert posted(served, one).status == 200
    refused = posted(served, two)
    assert refused.status == 409
    assert "\nOne.\n" in (folder / f"{NAME}.vtt").read_text("utf-8")
    two["version"] = refused.json["version"]
    assert posted(served, two).status == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["cues"][0].update(end_ms=0),
        lambda c: c["cues"][0].update(start_ms="0"),
        lambda c: c["cues"][0].update(start_ms=-1),
        lambda c: c["cues"][0].update(lines="text"),
        lambda c: c["cues"][0].update(lines=[1]),
        lambda c: c["cues"][0].update(origin="mine"),
        lambda c: c["cues"].reverse(),
        lambda c: c["words"][0].update(score=float("1e400")),
        lambda c: c["words"][0].update(text=None),
        lambda c: c.update(words=None),
        lambda c: c.update(cues={}),
    ],
)
def test_what_is_not_of_the_schema_is_not_saved(
    served: Server, folder: Path, change: Callable[[Json], object]
) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    body = correction(folder)
    change(body)
    assert posted(served, body).status == 400
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"1" * 100])
def test_what_is_no_correction_is_refused(served: Server, body: bytes) -> None:
    assert posted(served, body).status in (400, 409)


def test_a_text_that_webvtt_cannot_hold_is_escaped(served: Server, folder: Path) -> None:
    assert posted(served, correction(folder, "a --> b & <i>")).status == 200
    vtt = (folder / f"{NAME}.vtt").read_text("utf-8")
    assert "a --&gt; b &amp; &lt;i&gt;" in vtt


def test_exports_in_all_formats(served: Server) -> None:
    from aligner.captions.formats import FORMATS

    for kind in FORMATS:
        answer = ask(served, inside(served, f"export/{kind}/{NAME}"))
        assert answer.status == 200
        assert answer.body or kind == "rttm"  # nobody told the voices apart
        assert answer.headers["Content-Disposition"] == "attachment"
        if kind == "hls":
            with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
                assert len(archive.namelist()) > 2


EVERYTHING = ("vtt", "srt", "txt", "ttml", "html", "words", "hls", "report")


def everything(folder: Path, look: Look) -> dict[str, str]:
    """A result with many formats -> its files, by their paths within the folder."""
    store.completed(folder, NAME, EVERYTHING, look)
    return texts(folder)


def texts(folder: Path) -> dict[str, str]:
    paths = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".mp4")
    return {
        p.relative_to(folder).as_posix(): p.read_text("utf-8")
        for p in paths
        if ".first." not in p.name and not p.name.startswith(".")
    }


@pytest.mark.slow
def test_a_save_rewrites_every_format_that_is_there(served: Server, folder: Path) -> None:
    """With the look that it was written with."""
    before = everything(folder, Look(styled=True, karaoke=True, mpegts=126_000))
    assert "X-TIMESTAMP-MAP=MPEGTS:126000" in before[f"{NAME}.hls/fileSequence0.webvtt"]
    assert posted(served, correction(folder, "Penhallow speaks.")).status == 200
    after = texts(folder)
    assert after.keys() == before.keys()
    for path, text in after.items():
        if not path.endswith((".m3u8", ".player.html", ".report.md")) and "fileSeq" not in path:
            assert "Penhallow" in text, path
            assert "Penhallow" not in before[path]
    assert "Penhallow" in after[f"{NAME}.hls/fileSequence0.webvtt"]
    assert "MPEGTS:126000" in after[f"{NAME}.hls/fileSequence0.webvtt"]
    assert "::cue(.spoken)" in after[f"{NAME}.vtt"]
    assert "<c.edited>" in after[f"{NAME}.vtt"]
    for kind in ("srt", "txt", "ttml", "words.tsv", "report.md"):
        assert (folder / f"{NAME}.first.{kind}").read_text("utf-8") == before[f"{NAME}.{kind}"]


def test_a_file_that_was_changed_by_hand_is_kept_at_a_save(served: Server, folder: Path) -> None:
    assert posted(served, correction(folder, "One.")).status == 200
    store.completed(folder, NAME, ("srt",))
    (folder / f"{NAME}.srt").write_text("by hand", "utf-8")
    assert posted(served, correction(folder, "Two.")).status == 200
    assert "Two." in (folder / f"{NAME}.srt").read_text("utf-8")
    assert (folder / f"{NAME}.before.srt").read_text("utf-8") == "by hand"


def test_a_save_of_nothing_new_is_no_correction(served: Server, folder: Path) -> None:
    before = texts(folder)
    was, version = record(folder)
    same = {"version": version, "words": was["words"], "cues": was["cues"]}
    answer = posted(served, same)
    assert (answer.status, answer.json["version"]) == (200, version)
    assert texts(folder) == before


def test_what_is_taken_away_counts_as_a_correction(served: Server, folder: Path) -> None:
    """Nothing that is left says that a person was there."""
    was, version = record(folder)
    gone = was["cues"].pop()
    words = [w for w in was["words"] if w["start_ms"] < gone["start_ms"]]
    assert posted(served, {"version": version, "words": words, "cues": was["cues"]}).status == 200
    there = store.read_result(folder, NAME)
    assert there
    assert there.edited


SAVE = f"""
import json
from aligner.review import edits
body = json.loads(given)
def work(folder):
    edits.save(folder, "{NAME}", body)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_kill_at_any_step_leaves_all_files_old_or_all_new(folder: Path) -> None:
    """A process is killed at its n-th step (open, fsync, rename, removal), for every n."""
    (folder / f"{NAME}.mp4").unlink()
    shutil.rmtree(folder / f"{NAME}.hls", ignore_errors=True)
    store.completed(folder, NAME, ("vtt", "srt", "txt"), Look(styled=True))
    old = texts(folder)
    body = json.dumps(correction(folder))
    *copies, finished = killed_at_every_step(folder, SAVE, body)
    new, seen = texts(finished), []
    assert "Edited." in new[f"{NAME}.srt"]
    for killed in copies:
        assert (killed / f"{NAME}.json").is_file()  # at every moment
        there = store.read_result(killed, NAME)
        assert there
        assert texts(killed) == (new if there.edited else old), killed.name
        seen.append(there.edited)
        for suffix in (".json", ".vtt", ".srt", ".txt"):
            first = killed / f"{NAME}.first{suffix}"
            assert not first.exists() or first.read_text("utf-8") == old[f"{NAME}{suffix}"]
        edits.save(killed, NAME, json.loads(body) | {"version": store.version_of(there.text)})
        assert texts(killed)[f"{NAME}.vtt"] == new[f"{NAME}.vtt"]
        litter = [p.name for p in killed.rglob(".*")]
        assert not litter or not there.edited
    assert seen == sorted(seen)
    assert {True, False} <= set(seen)


# ---------------------------------------------------------------- in the browser


def edit(page: Page, words: str) -> None:
    page.locator(".cue", has_text="on September 15,").first.locator(".w").first.click()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(words)
    page.keyboard.press("Escape")


@pytest.mark.browser
def test_saving_from_the_page(served: Server, folder: Path, visit: Open) -> None:
    page = visit(served.address)
    page.locator("tbody a").click()
    page.wait_for_selector("html[data-ready=yes] #cue-list .cue")
    edit(page, " 2015")
    page.keyboard.press("Control+s")
    page.locator("#state", has_text=re.compile("^saved$")).wait_for()
    assert "on September 15, 2015" in (folder / f"{NAME}.vtt").read_text("utf-8")
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    assert page.locator(".cue", has_text="15, 2015").count() == 1
    assert page.locator("#restored").is_hidden()
    page.locator("#exports summary").click()
    with page.expect_download() as got:
        page.locator("#exports-list a", has_text="TXT").click()
    assert "September 15, 2015" in Path(got.value.path()).read_text("utf-8")


@pytest.mark.browser
def test_a_save_keeps_what_was_not_touched(served: Server, folder: Path, visit: Open) -> None:
    before, _ = record(folder)
    page = visit(f"{served.address}page/{NAME}")
    edit(page, " 2015")
    page.keyboard.press("Control+z")
    edit(page, "")
    page.locator("#save").click()
    page.locator("#said", has_text="Saved.").wait_for()
    after, _ = record(folder)
    assert after == before


@pytest.mark.browser
def test_two_tabs_on_one_file(served: Server, folder: Path, visit: Open) -> None:
    one = visit(f"{served.address}page/{NAME}")
    two = visit(f"{served.address}page/{NAME}", expected=("409",))
    edit(one, " one")
    one.locator("#save").click()
    one.locator("#said", has_text="Saved.").wait_for()
    edit(two, " two")
    two.locator("#save").click()
    two.locator("dialog#conflict").wait_for()
    assert "15, one" in (folder / f"{NAME}.vtt").read_text("utf-8")
    two.locator("dialog#conflict button", has_text="Save mine").click()
    two.locator("#said", has_text="Saved.").wait_for()
    assert "15, two" in (folder / f"{NAME}.vtt").read_text("utf-8")


@pytest.mark.browser
def test_a_server_that_is_gone_loses_nothing(folder: Path, visit: Open) -> None:
    command = [sys.executable, "-m", "aligner", "review", "--serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        page = visit(f"{address}page/{NAME}", expected=("ERR_",))
        process.kill()
    edit(page, " 2015")
    page.locator("#save").click()
    page.locator("#said", has_text="does not answer").wait_for()
    assert "not saved yet, kept in this browser" in page.locator("#state").inner_text()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        page.goto(f"{address}page/{NAME}")
        page.locator("#restored").wait_for()
        page.locator("#save").click()
        page.locator("#said", has_text="Saved.").wait_for()
        process.kill()
    assert "15, 2015" in (folder / f"{NAME}.vtt").read_text("utf-8")


@pytest.mark.browser
def test_what_is_corrected_after_a_save_comes_back_too(
    served: Server, folder: Path, visit: Open
) -> None:
    page = visit(f"{served.address}page/{NAME}")
    page.locator(".w", has_text="Foreign").first.click()
    page.keyboard.press("s")
    page.keyboard.press("c")  # an empty cue, which is not saved
    page.keyboard.press("Escape")
    page.locator("#save").click()
    page.locator("#said", has_text="Saved.").wait_for()
    edit(page, " 2015")
    page.locator(".w", has_text="Foreign").first.click()
    page.keyboard.press("]")
    texts = page.locator(".cue .words").all_text_contents()
    page.reload()
    page.locator("#restored").wait_for()
    assert page.locator(".cue .words").all_text_contents() == texts
    page.locator("#save").click()
    page.locator("#said", has_text="Saved.").wait_for()
    assert len(record(folder)[0]["cues"]) == 31


@pytest.mark.browser
def test_the_list_of_results_is_sorted_and_filtered(
    served: Server, folder: Path, visit: Open
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    evil = "<img src=x onerror=window.pwned=1>"
    for name, title, status in (("a", "Wheat", "no_media"), ("b", evil, "error")):
        made, _ = record(folder)
        made["source"] |= {"title": title}
        made |= {"status": status, "cues": [], "words": [], "divergence": [], "lang": None}
        (folder / f"{name}.json").write_text(json.dumps(made), "utf-8")
    page = visit(served.address, bypass_csp=True)
    assert axe.run(page).response["violations"] == []
    assert page.locator("tbody a").all_inner_texts()[0] == "Russia and Assad"
    page.locator("thead button", has_text="Article").first.click()
    assert page.locator("tbody a").all_inner_texts() == [evil, "Russia and Assad", "Wheat"]
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.locator("#find").fill("whe")
    assert page.locator("tbody a").all_inner_texts() == ["Wheat"]
    page.locator("#find").fill("")
    page.locator("#status").select_option("captioned")
    assert page.locator("#summary").inner_text() == "1 of 3 results"
    assert page.evaluate("window.pwned") is None
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
def test_the_sound_comes_after_the_page(folder: Path, visit: Open) -> None:
    """And with it what only the sound tells: speech without a caption."""
    made, _ = record(folder)
    del made["cues"][14]
    (folder / f"{NAME}.json").write_text(json.dumps(made), "utf-8")
    started, go_on = threading.Event(), threading.Event()

    def hear(_: Path) -> Waveform:
        started.set()
        go_on.wait(20)
        return Waveform(10, bytes(range(256)) * 40, SpeechSegments((Span(700, 105_000),)))

    with Server(ServerConfig(folder, PROFILES["netflix"], hear)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        page = visit(f"{server.address}page/{NAME}")
        assert started.wait(10)
        page.locator("#wave-empty", has_text="Listening").wait_for()
        go_on.set()
        page.locator("[data-group=uncaptioned] .issue").wait_for()
        assert page.locator("#wave-empty").is_hidden()
        server.shutdown()
        thread.join()
