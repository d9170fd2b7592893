"""A batch over results that are there: nothing is heard twice, no correction is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest
from news_site import options, site
from server import Reply, Server

from aligner.captions import store
from aligner.errors import EARLIER_KEPT, KEPT
from aligner.jobs import Batch, BatchOptions, Done, dry_run
from aligner.pipeline import steps
from aligner.pipeline.options import Options
from aligner.pipeline.state import PipelineState, StepContext
from aligner.review import edits
from aligner.types import STATUSES

EVERYTHING = ("queued", *STATUSES)
"""What ``--force`` asks for."""


@pytest.fixture(scope="module")
def news() -> Iterator[Server]:
    with site(2) as server:
        yield server


@pytest.fixture(scope="module")
def how(tmp_path_factory: pytest.TempPathFactory) -> Options:
    return options(tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def deaf(how: Options) -> Options:
    """Whoever would hear anything with them fails."""
    return replace(how, model="no-such.json")


def batch(given: list[str], options: Options, to: BatchOptions) -> list[Done]:
    with Batch(options, to) as run:
        run.enter(given)
        done = list(run.results())
        run.write_reports()
    return sorted(done, key=lambda item: item.name)


def posted(text: str, words: str = "Penhallow speaks.") -> dict[str, Any]:
    """What a page posts: the first cue has other words."""
    record = json.loads(text)
    cues, said = record["cues"], record["words"]
    cues[0] |= {"lines": [words], "origin": "edited"}
    new = said[0] | {"text": words, "origin": "edited", "end_ms": cues[0]["end_ms"]}
    rest = [w for w in said if w["start_ms"] >= cues[1]["start_ms"]]
    return {"version": store.version_of(text), "cues": cues, "words": [new, *rest]}


def correct(folder: Path, name: str = "n0") -> None:
    edits.save(folder, name, posted((folder / f"{name}.json").read_text("utf-8")))


def contents(folder: Path) -> dict[str, bytes]:
    results = (p for p in folder.iterdir() if p.is_file() and p.name.startswith("n"))
    return {p.name: p.read_bytes() for p in results}


@pytest.mark.slow
def test_missing_formats_are_rendered_without_asking_or_hearing(
    news: Server, how: Options, deaf: Options, tmp_path: Path
) -> None:
    given = [news.url("/n0/"), news.url("/n1/")]
    to = BatchOptions(tmp_path / "one", formats=("vtt",))
    batch(given, how, to)
    before, asked = contents(tmp_path / "one"), len(news.asked)
    more = replace(to, formats=("vtt", "srt", "txt"))
    done = batch(given, deaf, more)
    assert [d.outcome.status for d in done] == ["captioned", "captioned"]
    assert len(news.asked) == asked
    after = contents(tmp_path / "one")
    assert {name: after[name] for name in before} == before
    batch(given, how, replace(more, folder=tmp_path / "two"))
    assert contents(tmp_path / "two") == after
    assert batch(given, deaf, more) == []
    rows = (tmp_path / "one" / "report.jsonl").read_text("utf-8").splitlines()
    assert {f"n0.{kind}" for kind in ("vtt", "srt", "txt", "json")} == set(
        json.loads(rows[0])["files"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("ledger", ["kept", "lost"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"formats": ("srt", "html", "vtt")},
        {"statuses": EVERYTHING},
        {"statuses": EVERYTHING, "formats": ("ttml",)},
        {"statuses": ("captioned", "error")},
    ],
    ids=["again", "formats", "force", "force-formats", "only"],
)
def test_corrections_outlive_every_later_batch(
    news: Server, how: Options, tmp_path: Path, change: dict[str, Any], ledger: str
) -> None:
    given = [news.url("/n0/")]
    to = BatchOptions(tmp_path)
    batch(given, how, to)
    correct(tmp_path)
    before = contents(tmp_path)
    if ledger == "lost":
        shutil.rmtree(tmp_path / ".aligner")
    done = batch(given, how, replace(to, **change))
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before
    for name in after.keys() - before.keys():
        assert name.endswith(".player.html") or b"Penhallow" in after[name]
    for item in done:
        assert item.outcome.status == "captioned"
        assert (item.outcome.reason == KEPT) == ("statuses" in change)
    again = {"status": "captioned", "reason": KEPT} if "statuses" in change else {}
    row = json.loads((tmp_path / "report.jsonl").read_text("utf-8"))
    assert row | again == row


@pytest.mark.slow
def test_what_is_not_corrected_is_made_again(news: Server, how: Options, tmp_path: Path) -> None:
    given = [news.url("/n0/"), news.url("/n1/")]
    to = BatchOptions(tmp_path)
    batch(given, how, to)
    correct(tmp_path)
    asked = len(news.asked)
    kept, made = batch(given, how, replace(to, statuses=EVERYTHING))
    assert (kept.outcome.reason == KEPT, made.outcome.reason == KEPT) == (True, False)
    assert len(news.asked) > asked
    anew = replace(to, statuses=EVERYTHING, discard_edits=True)
    assert all(d.outcome.reason != KEPT for d in batch(given, how, anew))
    assert "Penhallow" not in (tmp_path / "n0.vtt").read_text("utf-8")


@pytest.mark.slow
def test_what_is_corrected_while_it_is_made_again_stays(
    news: Server, how: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [news.url("/n0/")]
    to = BatchOptions(tmp_path)
    batch(given, how, to)
    timing = steps.STEPS["timing"]

    def corrected(work: PipelineState, desk: StepContext) -> PipelineState:
        correct(tmp_path)
        return timing(work, desk)

    monkeypatch.setitem(steps.STEPS, "timing", corrected)
    (done,) = batch(given, how, replace(to, statuses=EVERYTHING))
    assert (done.outcome.status, done.outcome.reason) == ("captioned", KEPT)
    assert "Penhallow" in (tmp_path / "n0.vtt").read_text("utf-8")
    assert "Penhallow" in (tmp_path / "n0.txt").read_text("utf-8")


@pytest.mark.slow
def test_a_later_schema_is_a_result_of_its_own(news: Server, how: Options, tmp_path: Path) -> None:
    given = [news.url("/n0/")]
    batch(given, how, BatchOptions(tmp_path))
    place = tmp_path / "n0.json"
    place.write_text(place.read_text("utf-8").replace("aligner/1", "aligner/2", 1), "utf-8")
    before = contents(tmp_path)
    (done,) = batch(given, how, BatchOptions(tmp_path, statuses=EVERYTHING))
    assert done.outcome.status == "error"
    assert "written by a later aligner" in done.outcome.reason
    assert contents(tmp_path) == before


NOT_FOUND = Reply(b"gone", status=404)
NOISE = Reply(b"no recording", "video/mp4")
FAILURES = {
    "no_media": ("/n0/", Reply(b"<title>Rain</title><p>No recording is linked here.")),
    "media_unavailable": ("/n0/russia-and-assad.mp4", NOT_FOUND),
    "error": ("/n0/", NOT_FOUND),
    "no_audio": ("/n0/russia-and-assad.mp4", NOISE),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAILURES)
def test_a_forced_run_that_fails_keeps_the_captions(
    how: Options, tmp_path: Path, kind: str
) -> None:
    with site(1) as news:
        given = [news.url("/n0/")]
        to = BatchOptions(tmp_path, keep_media=True)
        batch(given, how, to)
        before = {p: p.read_bytes() for p in tmp_path.glob("[!r.]*") if p.is_file()}
        media = {p: p.read_bytes() for p in (tmp_path / "media").iterdir()}
        path, reply = FAILURES[kind]
        news.routes[path] = reply
        more = replace(to, formats=("vtt", "srt", "txt"), statuses=EVERYTHING, discard_edits=True)
        (done,) = batch(given, how, more)
    assert done.outcome.status != "captioned"
    assert done.outcome.reason.endswith(f"; {EARLIER_KEPT}")
    assert done.files == ()
    assert {p: p.read_bytes() for p in tmp_path.glob("[!r.]*") if p.is_file()} == before
    assert {p: p.read_bytes() for p in (tmp_path / "media").iterdir()} == media
    row = json.loads((tmp_path / "report.jsonl").read_text("utf-8"))
    assert (row["status"], row["reason"]) == (done.outcome.status, done.outcome.reason)


# ---------------------------------------------------------------- in a store


@pytest.fixture(params=["memory", "file"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return f"memory://{uuid4().hex}"
    return f"{request.param}://{tmp_path / 'shared' / 'captions'}"


def there(address: str) -> dict[str, bytes]:
    fs, root = fsspec.core.url_to_fs(address)
    fs.invalidate_cache()
    found = {path[len(root) :].lstrip("/"): fs.cat_file(path) for path in fs.find(root)}
    return {name: data for name, data in found.items() if not name.startswith("report.")}


def put(address: str, files: dict[str, bytes]) -> None:
    fs, root = fsspec.core.url_to_fs(address)
    fs.makedirs(root, exist_ok=True)
    for name, data in files.items():
        fs.pipe_file(f"{root}/{name}", data)


def corrected(files: dict[str, bytes], tmp_path: Path) -> dict[str, bytes]:
    """A result's files as they are after a correction on another machine."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    correct(folder)
    return contents(folder)


@pytest.mark.slow
def test_corrections_in_a_store_outlive_later_batches(
    news: Server, how: Options, deaf: Options, address: str, tmp_path: Path
) -> None:
    given = [news.url("/n0/")]
    to = BatchOptions(tmp_path / "state", store=address)
    batch(given, how, to)
    put(address, corrected(there(address), tmp_path))
    before = there(address)
    more = replace(to, formats=("vtt", "srt", "hls"))
    (done,) = batch(given, deaf, more)
    assert done.outcome.status == "captioned"
    after = there(address)
    assert {name: after[name] for name in before} == before
    assert b"Penhallow" in after["n0.srt"]
    assert b"Penhallow" in after["n0.hls/fileSequence0.webvtt"]
    for change in ({}, {"folder": tmp_path / "other"}):
        (kept,) = batch(given, deaf, replace(more, statuses=EVERYTHING, **change))  # type: ignore[arg-type]
        assert kept.outcome.reason == KEPT
        assert there(address) == after
    batch(given, how, replace(more, statuses=EVERYTHING, discard_edits=True))
    assert b"Penhallow" not in there(address)["n0.vtt"]
    assert b"Penhallow" not in there(address)["n0.hls/fileSequence0.webvtt"]


@pytest.mark.slow
def test_a_change_in_a_store_that_was_cut_short_is_finished(
    news: Server, how: Options, deaf: Options, address: str, tmp_path: Path
) -> None:
    given = [news.url("/n0/")]
    to = BatchOptions(tmp_path / "state", store=address)
    batch(given, how, to)
    new = corrected(there(address), tmp_path)
    change = store.Change({name: text.decode() for name, text in new.items()})
    put(address, {".n0.saving": store.journal.text_of(change).encode()})
    batch(given, deaf, replace(to, formats=("srt",)))
    found = there(address)
    assert {name: found[name] for name in new} == new
    assert b"Penhallow" in found["n0.srt"]
    assert ".n0.saving" not in found


@pytest.mark.slow
def test_a_forced_run_that_fails_keeps_the_captions_in_a_store(
    how: Options, address: str, tmp_path: Path
) -> None:
    with site(1) as news:
        given = [news.url("/n0/")]
        to = BatchOptions(tmp_path / "state", store=address)
        batch(given, how, to)
        before = there(address)
        news.routes["/n0/"] = NOT_FOUND
        (done,) = batch(given, how, replace(to, statuses=EVERYTHING, discard_edits=True))
    assert done.outcome.reason.endswith(f"; {EARLIER_KEPT}")
    assert there(address) == before


@pytest.mark.parametrize("sidecar", [None, b"{"])
def test_a_failed_run_leaves_caption_files_in_a_store(
    how: Options, address: str, tmp_path: Path, sidecar: bytes | None
) -> None:
    with site(1) as news:
        news.routes["/n0/"] = FAILURES["no_media"][1]
        put(address, {"n0.vtt": b"theirs"} | ({"n0.json": sidecar} if sidecar else {}))
        to = BatchOptions(tmp_path / "state", store=address, statuses=EVERYTHING)
        (done,) = batch([news.url("/n0/")], how, to)
    assert done.outcome.status == "no_media"
    assert there(address)["n0.vtt"] == b"theirs"


@pytest.mark.slow
def test_a_dry_run_says_what_stays_and_changes_nothing(
    news: Server, how: Options, tmp_path: Path
) -> None:
    given = [news.url("/n0/"), news.url("/n1/")]
    batch(given, how, BatchOptions(tmp_path))
    correct(tmp_path)
    (tmp_path / ".n1.saving").write_text("cut short", "utf-8")
    before = contents(tmp_path)
    for change, told in (
        ({"formats": ("srt",)}, ["write what is missing"] * 2),
        (
            {"statuses": EVERYTHING},
            ["leave as somebody corrected it (see --discard-edits)", None],
        ),
        ({"statuses": EVERYTHING, "discard_edits": True}, [None, None]),
    ):
        to = replace(BatchOptions(tmp_path), **change)
        with dry_run(how, to) as plan:
            assert plan.enter(given) == 2
            assert [plan.intent(item) for item in plan.ledger.wanted()] == told
    assert contents(tmp_path) == before
    assert (tmp_path / ".n1.saving").exists()
