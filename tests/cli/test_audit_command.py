"""`aligner audit` on the sample's captions, with the recorded transcript."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from test_retime_command import CAPTIONS, MEDIA, RECORDED, SAMPLE, wrong

from aligner.cli import aligner
from aligner.errors import BadSource


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(
        aligner, ["audit", *map(str, arguments), *RECORDED], standalone_mode=False
    )


def other(folder: Path) -> Path:
    """The captions of another recording."""
    path = folder / "other.srt"
    cues = "\n\n".join(
        f"{k}\n00:00:{k * 3:02d},000 --> 00:00:{k * 3 + 2:02d},000\n"
        f"A cake needs {k} eggs, some flour and half an hour"
        for k in range(1, 15)
    )
    path.write_text(cues, "utf-8")
    return path


def test_good_captions(tmp_path: Path) -> None:
    ran = run(CAPTIONS.with_suffix(".vtt"), "--media", MEDIA, "--html", tmp_path / "page.html")
    assert ran.return_value == 0, ran.output
    assert ": good: on time, complete" in ran.stdout
    assert "offset: on time" in ran.stdout
    assert "<h1>1 caption files</h1>" in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.parametrize("kind", ["out of order", "overlapping", "no length"])
def test_a_file_in_disorder_is_judged(tmp_path: Path, kind: str) -> None:
    head, note, *cues = CAPTIONS.with_suffix(".vtt").read_text("utf-8").strip().split("\n\n")
    if kind == "out of order":
        cues[4], cues[5] = cues[5], cues[4]
    elif kind == "overlapping":
        cues[4] = re.sub(r"--> \S+", "--> " + times_of(cues[5])[1], cues[4])
    else:
        cues[4] = re.sub(r"--> \S+", "--> " + times_of(cues[4])[0], cues[4])
    path = tmp_path / "disorder.vtt"
    path.write_text("\n\n".join([head, note, *cues]) + "\n", "utf-8")
    ran = run(path, "--media", MEDIA, "--json")
    told = json.loads(ran.stdout)
    assert (ran.return_value, told["verdict"], told["uncaptioned"]) == (0, "good", [])
    assert told["cues"] == len(cues)


def times_of(cue: str) -> tuple[str, str]:
    found = re.search(r"(\S+) --> (\S+)", cue)
    assert found
    return found[1], found[2]


def test_names_and_numbers_of_the_article_come_first(tmp_path: Path) -> None:
    path = tmp_path / "named.vtt"
    text = CAPTIONS.with_suffix(".vtt").read_text("utf-8")
    path.write_text(text.replace("250,000", "350,000").replace("John Kerry", "John Smith"), "utf-8")
    ran = run(path, "--media", MEDIA, "--article", SAMPLE / "index.html", "--json")
    told = json.loads(ran.stdout)
    pairs = {(d["captions"].strip(".,"), d["article"].strip(".,")) for d in told["differences"]}
    assert ("350,000", "250,000") in pairs
    assert told["verdict"] == "inaccurate"


def test_a_list_is_continued(tmp_path: Path) -> None:
    late, listed = wrong(".vtt", tmp_path, 4_000), tmp_path / "pairs.csv"
    listed.write_text(f"captions,media\n{late},{MEDIA}\n{other(tmp_path)},{MEDIA}\nmissing.vtt,\n")
    state = tmp_path / "state"
    first = run("--from", listed, "--csv", "--state", state)
    rows = list(csv.DictReader(io.StringIO(first.stdout)))
    assert [row["verdict"] for row in rows] == ["late", "other", "error"]
    assert rows[0]["offset_at_start_ms"] == "-4000"
    assert first.return_value == 7
    kept = {path: path.stat().st_mtime_ns for path in state.iterdir()}
    assert len(kept) == 2  # what cannot be audited is tried again
    again = run("--from", listed, "--csv", "--state", state)
    assert again.stdout == first.stdout
    assert {path: path.stat().st_mtime_ns for path in state.iterdir()} == kept


@pytest.mark.parametrize(("verdicts", "code"), [("late,other", 1), ("drifting", 0)])
def test_fail_on(tmp_path: Path, verdicts: str, code: int) -> None:
    ran = run(wrong(".vtt", tmp_path, 4_000), "--media", MEDIA, "--fail-on", verdicts)
    assert ran.return_value == code


def test_the_captions_of_a_page(tmp_path: Path) -> None:
    """The page's own track is judged with the page's own recording and article."""
    late = wrong(".vtt", tmp_path, 4_000)
    (tmp_path / MEDIA.name).write_bytes(MEDIA.read_bytes())
    page = (SAMPLE / "index.html").read_text("utf-8")
    track = f'<track kind="captions" srclang="en" src="{late.name}">'
    assert "</video>" in page
    (tmp_path / "page.html").write_text(page.replace("</video>", f"{track}</video>", 1), "utf-8")
    ran = run(tmp_path / "page.html", "--json")
    assert ran.return_value == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["verdict"] == "late"
    assert told["differences"]


def test_a_page_without_captions_is_an_error() -> None:
    ran = run(SAMPLE / "index.html")
    assert isinstance(ran.exception, BadSource)
    assert "offers no captions" in str(ran.exception)


def test_a_caption_file_needs_its_recording() -> None:
    ran = run(CAPTIONS.with_suffix(".vtt"))
    assert isinstance(ran.exception, BadSource)
    assert "--media" in str(ran.exception)


@pytest.mark.weights
def test_the_recogniser_finds_errors_in_the_captions_of_the_sample(tmp_path: Path) -> None:
    """The sample's captions have "16-ation" for "60-nation"; a name is changed besides."""
    path = tmp_path / "named.vtt"
    text = CAPTIONS.with_suffix(".vtt").read_text("utf-8")
    path.write_text(text.replace("Bashar al-Assad", "Nicolas Maduro"), "utf-8")
    arguments = ("audit", path, "--media", MEDIA, "--article", SAMPLE / "index.html", "--json")
    ran = CliRunner().invoke(aligner, [*map(str, arguments), "-q"], standalone_mode=False)
    told = json.loads(ran.stdout)
    assert told["verdict"] == "inaccurate"
    found = {(one["captions"].strip(","), one["sure"]) for one in told["differences"]}
    assert {("Nicolas Maduro", True), ("16-ation", True)} <= found
    assert told["clock"]["jumps"] == []
    assert abs(told["clock"]["offset_at_start_ms"]) <= 40


def archive(folder: Path) -> Path:
    """A folder with good captions, late ones, and captions without a recording."""
    for name in ("good", "late"):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{name}{MEDIA.suffix}").symlink_to(MEDIA.resolve())
    good = CAPTIONS.with_suffix(".vtt").read_bytes()
    (folder / "good" / "good.en.vtt").write_bytes(good)
    (folder / "lonely.vtt").write_bytes(good)
    wrong(".vtt", folder / "late", 4_000).rename(folder / "late" / "late.vtt")
    return folder


def test_a_folder(tmp_path: Path) -> None:
    ran = run(archive(tmp_path / "archive"), "--csv", "--state", tmp_path / "state")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert [(Path(row["source"]).name, row["verdict"]) for row in rows] == [
        ("lonely.vtt", "error"), ("good.en.vtt", "good"), ("late.vtt", "late"),
    ]  # fmt: skip
    assert "none of its name is beside it" in rows[0]["reason"]
    assert ran.return_value == 7


def test_results_do_not_depend_on_the_number_of_jobs(tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    assert run(folder, "--json", "--jobs", "1").stdout == run(folder, "--json", "-j", "8").stdout


def test_a_folder_without_captions(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert isinstance(ran.exception, BadSource)
    assert "without caption files" in str(ran.exception)


def test_the_recordings_of_a_folder_are_in_a_folder(tmp_path: Path) -> None:
    ran = run(archive(tmp_path / "archive"), "--media", MEDIA)
    assert isinstance(ran.exception, BadSource)
    assert "a folder too" in str(ran.exception)


def test_a_recording_beside_the_captions_is_found(tmp_path: Path) -> None:
    ran = run(archive(tmp_path / "archive") / "late" / "late.vtt", "--json")
    assert json.loads(ran.stdout)["verdict"] == "late"


def feed(folder: Path, port: int) -> str:
    """A feed of one article, whose page offers late captions; returns its address."""
    (folder / MEDIA.name).write_bytes(MEDIA.read_bytes())
    late = wrong(".vtt", folder, 4_000)
    page = (SAMPLE / "index.html").read_text("utf-8")
    track = f'<track kind="captions" srclang="en" src="{late.name}">'
    (folder / "page.html").write_text(page.replace("</video>", f"{track}</video>", 1), "utf-8")
    item = f"<item><title>One</title><link>http://127.0.0.1:{port}/page.html</link></item>"
    (folder / "feed.xml").write_text(
        f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>', "utf-8"
    )
    return f"http://127.0.0.1:{port}/feed.xml"


@pytest.mark.parametrize("option", [(), ("--from",)], ids=["source", "list"])
def test_the_articles_of_a_feed(tmp_path: Path, option: tuple[str, ...]) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = feed(tmp_path, server.server_port)
        ran = run(*option, address, "--json", "--allow-private")
        server.shutdown()
    assert ran.exception is None, ran.exception
    told = json.loads(ran.stdout)
    assert told["source"].endswith("/page.html")
    assert told["verdict"] == "late"
