# ruff: noqa: F811  a fixture is imported, and then asked for by its name
"""What is there already, and what a person did with it: nothing is lost, whatever is asked."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import pytest
from test_cli import PAGE, RECORDED, SAMPLE, Aligner, aligner, names  # noqa: F401  a fixture

from aligner.captions import store
from aligner.cli.exit_codes import EXIT_CODES
from aligner.review import edits

NAME = SAMPLE.name
MEDIA = SAMPLE / "russia-and-assad.mp4"
GIVEN: tuple[Any, ...] = (PAGE, "--media", MEDIA, *RECORDED)
DEAF: tuple[Any, ...] = (PAGE, "--media", MEDIA, "--engine", "recorded", "--model", "no-such.json")
"""Whoever would hear anything with it fails."""


def caption(aligner: Aligner, folder: Path, *more: str) -> None:
    assert aligner("caption", *GIVEN, "-o", folder, *more).code == 0


def correct(folder: Path, words: str = "Penhallow speaks.") -> None:
    """Save what a page would post: the first cue has other words."""
    text = edits.load(folder, NAME)
    record = json.loads(text)
    cues, said = record["cues"], record["words"]
    cues[0] |= {"lines": [words], "origin": "edited"}
    new = said[0] | {"text": words, "origin": "edited", "end_ms": cues[0]["end_ms"]}
    rest = [w for w in said if w["start_ms"] >= cues[1]["start_ms"]]
    version = store.version_of(text)
    edits.save(folder, NAME, {"version": version, "cues": cues, "words": [new, *rest]})


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


@pytest.mark.slow
def test_missing_formats_are_rendered_without_hearing(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path / "one", "--format", "vtt")
    before = contents(tmp_path / "one")
    ran = aligner("caption", *DEAF, "-o", tmp_path / "one", "--format", "vtt,srt,html,words")
    assert (ran.code, ran.err) == (0, "")
    made = f"{NAME}.srt, {NAME}.player.html, {NAME}.words.tsv"
    assert f"written from what is there, nothing heard again: {made}" in ran.out
    after = contents(tmp_path / "one")
    assert {name: after[name] for name in before} == before
    caption(aligner, tmp_path / "two", "--format", "vtt,srt,html,words")
    assert contents(tmp_path / "two") == after
    again = aligner("caption", *DEAF, "-o", tmp_path / "one", "--format", "srt")
    assert "already there, --force makes it again" in again.out


@pytest.mark.slow
def test_a_dry_run_says_what_would_be_written(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path, "--format", "vtt")
    before = contents(tmp_path)
    ran = aligner("caption", *DEAF, "-o", tmp_path, "--format", "srt", "-n", "--json")
    assert f"would write from what is there, nothing heard again: {NAME}.srt" in ran.out
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_a_look_that_is_asked_for_later_needs_no_hearing(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path / "one", "--format", "vtt,srt")
    for _ in range(2):
        assert aligner("caption", *DEAF, "-o", tmp_path / "one", "--styled").code == 0
    caption(aligner, tmp_path / "two", "--format", "vtt,srt,txt", "--styled")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ["--format", "vtt,srt,html"],
        ["--format", "json"],
        ["--profile", "bbc"],
        ["--model", "base", "--engine", "auto", "--language", "de", "--no-draft", "--sounds"],
        ["--styled", "--karaoke"],
        ["--show"],
        ["--follow", "--timing", "fine"],
    ],
    ids=lambda more: more[0],
)
def test_corrections_outlive_every_later_run(
    aligner: Aligner, tmp_path: Path, more: list[str]
) -> None:
    caption(aligner, tmp_path)
    correct(tmp_path)
    before = json.loads((tmp_path / f"{NAME}.json").read_text("utf-8"))
    ran = aligner("caption", *DEAF, "-o", tmp_path, *more)
    assert ran.code == 0
    assert "with somebody's corrections" in ran.out
    as_json = json.loads(aligner("caption", *DEAF, "-o", tmp_path, "--json").out)
    assert as_json["schema"] == "aligner-result/1"
    assert (as_json["status"], as_json["corrected"]) == ("captioned", True)
    after = json.loads((tmp_path / f"{NAME}.json").read_text("utf-8"))
    after.pop("look", None)
    assert after == before
    for path in tmp_path.iterdir():
        if path.suffix in (".vtt", ".srt", ".txt") and ".first" not in path.name:
            assert "Penhallow" in path.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("more", [[], ["--format", "srt"], ["--review"], ["--embed"], ["--json"]])
def test_force_alone_does_not_lose_corrections(
    aligner: Aligner, tmp_path: Path, more: list[str]
) -> None:
    caption(aligner, tmp_path)
    correct(tmp_path)
    before = contents(tmp_path)
    ran = aligner("caption", *GIVEN, "-o", tmp_path, "--force", *more)
    assert ran.code == 2
    assert "somebody has corrected this result" in ran.err
    assert "--discard-edits" in ran.err
    assert contents(tmp_path) == before
    if more == ["--json"]:
        assert json.loads(ran.out)["status"] == "captioned"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["silence", "noise"])
def test_a_forced_run_that_fails_keeps_the_captions(
    aligner: Aligner, tmp_path: Path, kind: str
) -> None:
    caption(aligner, tmp_path / "out", "--format", "vtt,srt")
    before = contents(tmp_path / "out")
    media = tmp_path / "other.wav"
    if kind == "silence":
        with wave.open(str(media), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(bytes(2 * 16_000))
    else:
        media.write_bytes(b"no recording")
    given = (PAGE, "--media", media, *RECORDED, "-o", tmp_path / "out", "--force", "--json", "-q")
    ran = aligner("caption", *given)
    told = json.loads(ran.out)
    assert told["status"] == ("no_speech" if kind == "silence" else "media_unavailable")
    assert told["reason"].endswith("; the captions of an earlier run are kept")
    assert (told["files"], told["earlier_captions_kept"]) == ([], True)
    assert ran.code == EXIT_CODES[told["status"]]
    assert contents(tmp_path / "out") == before
    again = aligner("caption", *DEAF, "-o", tmp_path / "out", "--format", "vtt,srt", "--json")
    told = json.loads(again.out)
    assert (told["status"], told["earlier_captions_kept"]) == ("captioned", False)


@pytest.mark.slow
def test_one_that_is_kept_does_not_keep_the_others(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path)
    correct(tmp_path)
    before = contents(tmp_path)
    listed = f"{PAGE}\n{SAMPLE / 'no-media.html'}\n"
    ran = aligner("caption", "-", *RECORDED, "-o", tmp_path, "--force", stdin=listed)
    assert ran.code == 7
    assert "--discard-edits" in ran.err
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before
    assert "no-media.json" in after


@pytest.mark.slow
@pytest.mark.parametrize("more", [["--discard-edits"], ["--discard-edits", "--force"]])
def test_corrections_are_discarded_where_that_is_asked_for(
    aligner: Aligner, tmp_path: Path, more: list[str]
) -> None:
    caption(aligner, tmp_path)
    before = contents(tmp_path)
    correct(tmp_path)
    caption(aligner, tmp_path, *more)
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_a_video_is_made_anew_from_corrected_captions(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path, "--embed")
    video = tmp_path / f"{NAME}.captioned.mp4"
    stamp = video.stat().st_mtime_ns
    assert aligner("caption", *DEAF, "-o", tmp_path, "--embed").code == 0
    assert video.stat().st_mtime_ns == stamp
    correct(tmp_path)
    ran = aligner("caption", *DEAF, "-o", tmp_path, "--embed", "-q")
    assert ran.code == 0
    assert b"Penhallow" in video.read_bytes()


@pytest.mark.slow
def test_another_recording_gets_no_captions_of_the_first(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path)
    other = tmp_path / "other.mp4"
    other.write_bytes(MEDIA.read_bytes() + b"\0" * 8)
    ran = aligner("caption", PAGE, "--media", other, "-o", tmp_path, "--embed", "-q")
    assert ran.code == 4
    assert "another recording than the one that was captioned" in ran.err
    assert not (tmp_path / f"{NAME}.captioned.mp4").exists()


@pytest.mark.slow
def test_a_page_is_made_anew_from_corrected_captions(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path, "--review")
    page = tmp_path / f"{NAME}.html"
    correct(tmp_path)
    assert aligner("caption", *DEAF, "-o", tmp_path, "--review").code == 0
    assert "Penhallow" in page.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["{", "theirs", '{"schema": "aligner/1", "status": "captioned"}'])
def test_a_damaged_sidecar_is_set_aside(aligner: Aligner, tmp_path: Path, text: str) -> None:
    caption(aligner, tmp_path)
    before = contents(tmp_path)
    (tmp_path / f"{NAME}.json").write_text(text, "utf-8")
    caption(aligner, tmp_path)
    assert (tmp_path / f"{NAME}.before.json").read_text("utf-8") == text
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before


@pytest.mark.slow
def test_a_sidecar_of_a_later_schema_is_left_alone(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path)
    place = tmp_path / f"{NAME}.json"
    place.write_text(place.read_text("utf-8").replace("aligner/1", "aligner/2", 1), "utf-8")
    before = contents(tmp_path)
    for more in ([], ["--force"], ["--force", "--discard-edits"]):
        ran = aligner("caption", *GIVEN, "-o", tmp_path, *more)
        assert ran.code == 2
        assert "written by a later aligner, in schema aligner/2" in ran.err
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_what_was_begun_is_finished_by_the_next_run(aligner: Aligner, tmp_path: Path) -> None:
    caption(aligner, tmp_path)
    old = contents(tmp_path)
    correct(tmp_path)
    new = {name: data for name, data in contents(tmp_path).items() if ".first" not in name}
    for name, data in old.items():
        (tmp_path / name).write_bytes(data)
    files = {name: data.decode() for name, data in new.items()}
    journal = {"schema": "aligner-saving/1", "files": files, "gone": [], "folders": []}
    (tmp_path / f".{NAME}.saving").write_text(json.dumps(journal), "utf-8")
    ran = aligner("caption", *DEAF, "-o", tmp_path, "--force")
    assert ran.code == 2
    after = contents(tmp_path)
    assert {name: after[name] for name in new} == new
    assert f".{NAME}.saving" not in names(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["../out.vtt", "/etc/out.vtt", "other.json", "a/b/c", f"{NAME}.hls/../x", ""]
)
def test_a_journal_never_leads_elsewhere(aligner: Aligner, tmp_path: Path, path: str) -> None:
    caption(aligner, tmp_path)
    before = contents(tmp_path)
    journal = {"schema": "aligner-saving/1", "files": {path: "x"}, "gone": [], "folders": []}
    (tmp_path / f".{NAME}.saving").write_text(json.dumps(journal), "utf-8")
    ran = aligner("caption", *DEAF, "-o", tmp_path)
    assert ran.code == 1
    assert "an unfinished save that cannot be read; remove it" in ran.err
    (tmp_path / f".{NAME}.saving").unlink()
    assert contents(tmp_path) == before
