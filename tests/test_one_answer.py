"""`check`, `caption` and `batch` give one answer: the same state, reason, HTTP status and end."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from news_site import options as recorded
from news_site import recording
from server import Reply, Server
from test_states import ANSWERS, SAVED, STATES

from aligner.cli.check_run import exit_code
from aligner.cli.exit_codes import EXIT_CODES
from aligner.discovery import page_worker
from aligner.discovery.page_worker.limits import PageLimits
from aligner.jobs import FAILED, Batch, BatchOptions
from aligner.net.options import NetworkOptions
from aligner.pipeline import check, steps
from aligner.pipeline.diagnosis import PLAYS, is_temporary
from aligner.pipeline.options import Options
from aligner.types import MEDIA_STATES, MediaState

HEARD = ("captioned", "speech_only", "no_speech")
"""What becomes of recordings that play."""


def options(folder: Path) -> Options:
    """A recogniser that hears what is said in it; nobody is asked twice."""
    return replace(recorded(folder), net=NetworkOptions(retries=0))


@dataclass(frozen=True, slots=True)
class Answers:
    """What the three commands say of one source."""

    state: str | None
    status: str
    reason: str
    http_status: int | None
    code: int
    temporary: bool


def answers(source: str, folder: Path) -> Answers:
    """The one answer of all three commands; fails where they differ."""
    found = check.checked(source, options(folder))
    outcome = steps.caption(source, options(folder))
    row = batch_row(source, folder)
    said = (outcome.status, outcome.reason, outcome.state, outcome.http_status)
    assert said == (row["status"], row["reason"], row["state"], row["http_status"])
    assert (found.state, found.http_status) == (outcome.state, outcome.http_status)
    temporary = is_temporary(outcome.status, outcome.state, outcome.http_status)
    assert row["temporary"] == temporary
    if outcome.status in HEARD:
        assert found.state in PLAYS
    else:
        assert found.reason == outcome.reason
        code = exit_code(found, None, single=True)
        assert code == EXIT_CODES[outcome.status], outcome
    code = EXIT_CODES[outcome.status]
    return Answers(
        outcome.state, outcome.status, outcome.reason, outcome.http_status, code, temporary
    )


def batch_row(source: str, folder: Path) -> dict[str, object]:
    """The line of a batch's report for a source, which is the sidecar's word too."""
    how = BatchOptions(folder / "out")
    with Batch(options(folder), how) as run:
        run.enter([source])
        (done,) = run.results()
        lines, _ = run.write_reports()
    (line,) = Path(lines).read_text("utf-8").splitlines()
    row: dict[str, object] = json.loads(line)
    sidecar = json.loads((folder / "out" / f"{done.name}.json").read_text("utf-8"))
    for field in ("status", "reason", "state", "http_status"):
        assert sidecar[field] == row[field]
    return row


# ---------------------------------------------------------------- every state


@pytest.mark.slow
@pytest.mark.parametrize("state", MEDIA_STATES)
def test_every_state_is_one_answer(
    state: MediaState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = next(STATES.glob(f"*_{state}.html"))
    routes: Mapping[str, Reply] = {"/story.html": Reply(file.read_bytes()), **ANSWERS[state]}
    if state == "embed_only":
        pytest.skip("an embed is tried, which asks its host")
    if state in SAVED:
        assert answers(str(file), tmp_path).state == state
        return
    with Server(routes) as server:
        found = answers(server.url("/story.html"), tmp_path)
    assert found.state == state


# ---------------------------------------------------------------- by the HTTP status

PROSE = b"<title>A bridge</title><article><h1>A bridge</h1>" + 3 * (
    b"<p>The council of the village met again this year and agreed that the bridge has to be "
    b"repaired before the winter, whatever it may cost and whoever pays for it.</p>"
)
BY_HTTP: dict[int, tuple[str, bool]] = {
    401: ("login", False),
    402: ("login", False),
    403: ("refused", False),
    404: ("gone", False),
    410: ("gone", False),
    429: ("refused", True),
    451: ("geo_blocked", False),
    500: ("unreachable", True),
    503: ("unreachable", True),
}


@pytest.mark.slow
@pytest.mark.parametrize("http_status", BY_HTTP)
@pytest.mark.parametrize("of", ["page", "recording"])
def test_http_statuses_are_told_apart(
    of: str, http_status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Reply(status=http_status)
    routes = {
        "/page": refusal if of == "page" else Reply(PROSE + b"<video src=/a.mp4></video>"),
        "/a.mp4": refusal,
    }
    with Server(routes) as server:
        found = answers(server.url("/page"), tmp_path)
    assert (found.state, found.temporary) == BY_HTTP[http_status]
    assert found.http_status == http_status
    assert str(http_status) in found.reason
    assert (found.status, found.code) == (
        ("error", 1) if of == "page" else ("media_unavailable", 4)
    )


def test_what_nobody_answers_is_tried_again(tmp_path: Path) -> None:
    with Server() as server:
        gone = server.url("/page")
    found = answers(gone, tmp_path)
    assert (found.state, found.status, found.http_status) == ("unreachable", "error", None)
    assert found.temporary


@pytest.mark.slow
def test_only_what_may_pass_is_tried_again(tmp_path: Path) -> None:
    statuses = {"/busy": 503, "/often": 429, "/login": 401, "/none": 404, "/broken": 500}
    routes = {path: Reply(status=status) for path, status in statuses.items()}
    routes["/film"] = Reply(PROSE + b"<video src=/a.mp4></video>")
    routes["/well"] = Reply(PROSE + b"<video src=/b.mp4></video>")
    routes["/a.mp4"] = Reply(status=502)
    routes["/b.mp4"] = Reply(recording(), "video/mp4")
    how = BatchOptions(tmp_path / "out")
    again = replace(how, statuses=("queued", *FAILED), temporary_only=True)
    with Server(routes) as server:
        sources = [server.url(path) for path in routes if not path.endswith(".mp4")]
        with Batch(options(tmp_path), how) as run:
            assert run.enter(sources) == len(sources)
            assert len(list(run.results())) == len(sources)
        with Batch(options(tmp_path), again) as run:
            run.enter(sources)
            tried = {done.outcome.source for done in run.results()}
        assert tried == {server.url(path) for path in ("/busy", "/often", "/broken", "/film")}
        (tmp_path / "out" / "none.json").unlink()  # and so it is to be done, whatever it was
        with Batch(options(tmp_path), again) as run:
            run.enter([server.url("/none")])
            assert len(list(run.results())) == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
def test_a_page_that_cannot_be_read_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_worker, "LIMITS", PageLimits(cpu_s=0))
    with Server({"/page": Reply(PROSE + b"<p>a" * 1_000_000)}) as server:
        found = answers(server.url("/page"), tmp_path)
    assert (found.state, found.status, found.code) == ("not_media", "error", 1)
    assert found.reason == (
        "the page cannot be read: reading it takes more than 0 s of computing, or crashes the "
        "reader"
    )
