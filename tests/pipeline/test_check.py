"""`aligner check`: one source or many, what is printed, when, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from server import Reply, Server

from aligner import cli
from aligner._util.concurrency import imap_unordered
from aligner.cli import interrupt
from aligner.net.client import WebOptions
from aligner.pipeline import check as checking
from aligner.pipeline.options import Options
from aligner.types import CheckResult, Listed

SAMPLE = Path(__file__).parents[2] / "samples" / "russia-and-assad"
RECORDING = (SAMPLE / "russia-and-assad.mp4").read_bytes()
PROSE = "".join(
    f"<p>The council of the village met for the {n}th time this year and agreed that the bridge "
    "has to be repaired before the winter, whatever it may cost and whoever pays for it.</p>"
    for n in range(5)
)


def page(media: str = "", title: str = "A bridge") -> Reply:
    text = f"<html lang=en><title>{title}</title><article><h1>{title}</h1>{media}{PROSE}</article>"
    return Reply(text.encode())


def video(*sources: str) -> str:
    return "".join(f'<video src="{source}"></video>' for source in sources)


@pytest.fixture
def site() -> Iterator[Server]:
    routes = {
        "/plays": page(video("/a.mp4")),
        "/none": page(),
        "/gone": page(video("/gone.mp4")),
        "/second": page(video("/gone.mp4", "/a.mp4")),
        "/silent": page(video("/page")),
        "/page": page(),
        "/login": Reply(status=401),
        "/feed": Reply(b"<?xml version='1.0'?><rss><channel/></rss>", "text/xml"),
        "/a.mp4": Reply(RECORDING, "video/mp4", ranges=True),
    }
    with Server(routes) as server:
        yield server


def findings_of(
    sources: Iterable[str], options: Options, check_options: checking.CheckOptions
) -> Iterator[CheckResult]:
    """The results for many sources, in the order of completion."""
    with checking.ListChecker(options, check_options) as run:
        yield from (checked.finding for checked in run.results(map(Listed, sources)))


class Checker:
    """Runs `aligner check` within this process."""

    def __init__(self, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.patch, self.captured = patch, captured

    def __call__(self, *arguments: str | Path, stdin: str = "") -> tuple[int, str, str]:
        given = ["aligner", "check", "--allow-private", *map(str, arguments)]
        self.patch.setattr(sys, "argv", given)
        self.patch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self.captured.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err

    def states(self, *arguments: str | Path) -> dict[str, str]:
        return {row["source"]: row["state"] for row in self.rows(*arguments)}

    def rows(self, *arguments: str | Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self("--json", *arguments)[1].splitlines()]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Checker]:
    before = {number: signal.getsignal(number) for number in interrupt.SIGNALS}
    yield Checker(monkeypatch, capsys)
    for number, handler in before.items():
        signal.signal(number, handler)


# ---------------------------------------------------------------- what is found

OFFLINE = checking.CheckOptions(embeds=False)
PRIVATE = Options(allow_private=True)


def test_what_is_in_the_recording_is_told(site: Server) -> None:
    found = checking.check(site.url("/plays"), PRIVATE)
    assert found.state == "playable"
    assert found.probed
    assert found.probed.duration_ms == pytest.approx(106_000, abs=200)
    assert (found.probed.bytes, found.probed.has_audio) == (len(RECORDING), True)
    assert site.sent < 450_000


def test_the_next_candidate_is_tried_as_captioning_does(site: Server) -> None:
    found = checking.check(site.url("/second"), PRIVATE)
    assert found.state == "playable"
    assert found.media
    assert found.media.url == site.url("/a.mp4")
    assert "404" in found.reason


def test_the_best_candidates_failure_is_told(site: Server) -> None:
    found = checking.check(site.url("/gone"), PRIVATE)
    assert (found.state, found.media and found.media.url) == ("gone", site.url("/gone.mp4"))


def test_embeds_and_ytdlp_are_left_alone(site: Server) -> None:
    found = checking.check(site.url("/none"), PRIVATE, check_options=OFFLINE)
    assert found.state == "none"
    assert site.asked == ["/none"]


def test_a_video_without_pictures_is_sound(site: Server) -> None:
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(64_000))
    site.routes["/a.mp4"] = Reply(file.getvalue(), "video/mp4", ranges=True)
    found = checking.check(site.url("/plays"), PRIVATE)
    assert (found.state, found.media and found.media.kind) == ("audio_only", "audio")


VTT = Reply(b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n", "text/vtt")
TRACKS = {
    "captions": ('kind="captions" srclang="en-GB"', VTT, "already_captioned"),
    "no language": ('kind="subtitles"', VTT, "already_captioned"),
    "three letters": ('kind="captions" srclang="eng"', VTT, "already_captioned"),
    "an underscore": ('kind="captions" srclang="en_US"', VTT, "already_captioned"),
    "a name": ('kind="captions" srclang="English"', VTT, "already_captioned"),
    "undetermined": ('kind="captions" srclang="und"', VTT, "already_captioned"),
    "another language": ('kind="subtitles" srclang="fr"', VTT, "playable"),
    "another in three letters": ('kind="subtitles" srclang="fre"', VTT, "playable"),
    "chapters": ('kind="chapters" srclang="en"', VTT, "playable"),
    "gone": ('kind="captions" srclang="en"', Reply(status=404), "playable"),
    "a page": ('kind="captions" srclang="en"', Reply(b"<html>--></html>"), "playable"),
}


@pytest.mark.parametrize(("attributes", "track", "state"), TRACKS.values(), ids=TRACKS)
def test_captions_that_are_there(site: Server, attributes: str, track: Reply, state: str) -> None:
    tag = f'<video src="/a.mp4"><track src="/a.vtt" {attributes}></video>'
    site.routes |= {"/captioned": page(tag), "/a.vtt": track}
    found = checking.check(site.url("/captioned"), PRIVATE)
    assert found.state == state
    assert (site.url("/a.vtt") in found.reason) == (state == "already_captioned")


# ---------------------------------------------------------------- many at once


def test_each_source_is_answered(check: Checker, site: Server) -> None:
    paths = {"/plays": "playable", "/none": "none", "/gone": "gone", "/silent": "not_media",
             "/lost": "gone", "/login": "login", "/feed": "not_media"}  # fmt: skip
    states = check.states(*map(site.url, paths))
    assert states == {site.url(path): state for path, state in paths.items()}


def test_results_come_as_they_are_done(site: Server) -> None:
    site.routes["/slow"] = Reply(page().body, delay_s=5)
    sources = [site.url("/slow"), site.url("/plays"), site.url("/gone")]
    findings = findings_of(sources, PRIVATE, OFFLINE)
    first = next(findings)
    assert first.source != sources[0]
    assert [f.source for f in findings][-1] == sources[0]


def test_sources_are_checked_at_the_same_time(site: Server) -> None:
    site.routes |= {f"/s{n}": Reply(page().body, delay_s=0.3) for n in range(16)}
    check_options = checking.CheckOptions(embeds=False, jobs=8, web=WebOptions(per_host=8))
    found = list(findings_of((site.url(f"/s{n}") for n in range(16)), PRIVATE, check_options))
    assert len(found) == 16
    assert site.most_at_once > 3


def test_sources_are_taken_only_as_they_are_needed(site: Server) -> None:
    taken = 0

    def sources() -> Iterator[str]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield site.url("/none")

    findings = findings_of(sources(), PRIVATE, checking.CheckOptions(embeds=False, jobs=2))
    next(findings)
    time.sleep(0.5)
    assert taken < 10


def test_one_connection_serves_many_pages(site: Server) -> None:
    site.keeps = True
    sources = [site.url(f"/plays?{n}") for n in range(6)]
    check_options = checking.CheckOptions(embeds=False, jobs=2)
    assert {f.state for f in findings_of(sources, PRIVATE, check_options)} == {"playable"}
    assert site.connections == 2  # one a job


def test_threads_give_errors_and_stop() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    with pytest.raises(ValueError, match="three"):
        list(imap_unordered(work, range(10), 2))
    assert sorted(imap_unordered(work, (1, 2), 4)) == [1, 2]
    assert list(imap_unordered(work, (), 3)) == []


@pytest.mark.slow
def test_an_interruption_does_not_wait_for_slow_sites(site: Server) -> None:
    site.routes["/slow"] = Reply(page().body, delay_s=20)
    command = [sys.executable, "-m", "aligner", "check", "--allow-private", "--json"]
    urls = [site.url("/none"), site.url("/slow"), site.url("/slow?2")]
    process = subprocess.Popen(
        [*command, "--no-network-embeds", *urls],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    assert process.stdout
    assert json.loads(process.stdout.readline())["source"] == urls[0]
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - began < 15
    assert "Traceback" not in err


# ---------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("paths", "options", "code"),
    [
        (["/plays"], [], 0),
        (["/none"], [], 3),
        (["/gone"], [], 4),
        (["/lost"], [], 1),
        (["/none"], ["--fail-on", "gone"], 0),
        (["/none"], ["--fail-on", "none"], 3),
        (["/gone"], ["--fail-on", "none, gone"], 4),
        (["/plays"], ["--fail-on", "playable"], 4),
        (["/lost"], ["--fail-on", "none"], 1),
        (["/plays", "/none", "/gone"], [], 0),
        (["/plays", "/lost"], [], 7),
        (["/plays", "/none"], ["--fail-on", "none"], 7),
        (["/plays", "/none"], ["--fail-on", "gone"], 0),
    ],
)
def test_exit_codes(
    check: Checker, site: Server, paths: list[str], options: list[str], code: int
) -> None:
    ended, _, err = check(*map(site.url, paths), *options, "--no-network-embeds")
    assert ended == code, err


def test_a_recording_without_sound_ends_with_5() -> None:
    from aligner.cli.check_run import exit_code
    from aligner.types import PlayerMetadata

    found = CheckResult("a", None, None, None, "no_audio", "no sound", PlayerMetadata())
    assert exit_code(found, None, single=True) == 5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "no source"),
        (["--fail-on", "broken", "x.html"], "broken: choose from playable"),
        (["nowhere.html"], "nowhere.html: no such file"),
        (["--from", "nowhere.txt"], "nowhere.txt"),
        (["--jobs", "0", "x.html"], "--jobs"),
    ],
)
def test_wrong_use(check: Checker, arguments: list[str], sentence: str) -> None:
    code, _, err = check(*arguments)
    assert code == 2
    assert sentence in err


# ---------------------------------------------------------------- where sources come from


def test_lists(check: Checker, site: Server, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"# news\n{site.url('/plays')}\n\n  {site.url('/none')}  \n")
    rows = check("--json", "--from", listed, "-", stdin=f"{site.url('/gone')}\n")[1]
    assert len(rows.splitlines()) == 3
    rows = check("--json", "--from", "-", stdin=f"{site.url('/gone')}\n")[1]
    assert json.loads(rows)["source"] == site.url("/gone")


def test_a_source_given_twice_is_checked_once(check: Checker, site: Server) -> None:
    assert len(check.rows(site.url("/plays"), site.url("/none"), site.url("/plays"))) == 2


def test_files_and_addresses_mixed(check: Checker, site: Server) -> None:
    saved = SAMPLE / "no-media.html"
    states = check.states(saved, site.url("/plays"))
    assert states == {str(saved): "none", site.url("/plays"): "playable"}


# ---------------------------------------------------------------- what is printed


def test_json(check: Checker, site: Server) -> None:
    (row,) = check.rows(site.url("/plays"), "--all")
    assert row["schema"] == "aligner-check/1"
    assert set(row) == {
        "schema", "source", "listed_in", "url", "title", "language", "state", "reason",
        "http_status", "declared", "media", "candidates", "listed", "checked", "remembered",
    }  # fmt: skip
    assert row["title"] == "A bridge"
    media = row["media"]
    assert (media["kind"], media["bytes"]) == ("video", len(RECORDING))
    assert media["duration_ms"] == pytest.approx(106_000, abs=200)
    assert media["bitrate"] == pytest.approx(68_600, rel=0.05)
    assert all("why" in candidate for candidate in row["candidates"])


def test_csv(check: Checker, site: Server) -> None:
    _, out, _ = check("--csv", site.url("/plays"), site.url("/none"))
    rows = {row["state"]: row for row in csv.DictReader(io.StringIO(out))}
    assert rows["playable"]["duration_ms"].startswith("10")
    assert rows["none"]["media"] == ""
    assert rows["none"]["title"] == "A bridge"


def test_a_table_in_the_order_given(check: Checker, site: Server) -> None:
    site.routes["/slow"] = Reply(page(title="Slow one").body, delay_s=0.5)
    _, out, err = check("--all", site.url("/slow"), site.url("/plays"), "--no-network-embeds")
    assert out.index("Slow one") < out.index("A bridge") < out.index("(article)")
    assert "0:01:46" in out
    assert "2 sources: 1 " in err


def test_quiet(check: Checker, site: Server) -> None:
    assert check("-q", site.url("/plays"), site.url("/none"))[2] == ""


def test_titles_cannot_steer_the_terminal(check: Checker, site: Server) -> None:
    site.routes["/esc"] = page(title="\x1b[31mred")
    assert "\x1b" not in check(site.url("/esc"), site.url("/plays"))[1]


# ---------------------------------------------------------------- requests per host


def test_robots_are_heeded_for_lists_alone(check: Checker, site: Server) -> None:
    site.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /plays", "text/plain")
    assert check.states(site.url("/plays")) == {site.url("/plays"): "playable"}
    two = (site.url("/plays"), site.url("/second"))
    assert check.states(*two) == {two[0]: "refused", two[1]: "playable"}
    assert check.states("--ignore-robots", *two) == dict.fromkeys(two, "playable")


def test_the_contact_is_named(check: Checker, site: Server) -> None:
    check(site.url("/plays"), "--contact", "desk@news.example")
    agents = {headers["User-Agent"] for headers in site.headers}
    assert agents == {"Mozilla/5.0 (compatible; aligner; +desk@news.example)"}


def test_a_passing_failure_is_tried_again(check: Checker, site: Server) -> None:
    site.routes["/busy"] = Reply(status=503)
    timer = threading.Timer(0.1, lambda: site.routes.update({"/busy": page(video("/a.mp4"))}))
    timer.start()
    assert check.states(site.url("/busy")) == {site.url("/busy"): "playable"}
    timer.join()


def test_spacing_and_limits_are_passed_on(check: Checker, site: Server) -> None:
    site.routes |= {f"/s{n}": Reply(page().body, delay_s=0.1) for n in range(4)}
    began = time.monotonic()
    check("--per-host", "1", "--delay", "0.3", "--no-network-embeds", "--ignore-robots",
          *(site.url(f"/s{n}") for n in range(4)))  # fmt: skip
    assert site.most_at_once == 1
    assert time.monotonic() - began > 0.9


def test_a_declared_length_stays_beside_the_measured_one(site: Server) -> None:
    site.routes["/long"] = page('<video src="/a.mp4" data-duration="0:03:17"></video>')
    found = checking.check(site.url("/long"), PRIVATE)
    assert found.probed
    assert found.probed.duration_ms != 197_000
    assert found.declared.duration_ms == 197_000


def test_media_and_tracks_are_asked_for_with_the_page_as_referer(site: Server) -> None:
    tag = '<video src="/a.mp4"><track src="/a.vtt" srclang="en"></video>'
    site.routes |= {"/refers": page(tag), "/a.vtt": VTT}
    site.asked.clear()
    site.headers.clear()
    checking.check(site.url("/refers"), PRIVATE)
    given = {path: h.get("Referer") for path, h in zip(site.asked, site.headers, strict=True)}
    address = site.url("/refers")
    assert given == {"/refers": None, "/a.mp4": address, "/a.vtt": address}
