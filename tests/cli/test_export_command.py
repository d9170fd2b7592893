# ruff: noqa: F811  a fixture is imported, and then asked for by its name
"""`aligner export`: formats from results that are there, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import webvtt
from test_cli import SAMPLE, Aligner, aligner  # noqa: F401  a fixture
from test_kept import GIVEN, NAME, contents, correct

from aligner.captions import store
from aligner.captions.formats import FORMATS
from aligner.types import Article, CaptionResult, Paragraph

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(aligner: Aligner, tmp_path: Path) -> Path:
    """A folder with a result, in vtt and txt."""
    made = tmp_path / "captions"
    assert aligner("caption", *GIVEN, "-o", made).code == 0
    return made


def sidecar(folder: Path) -> Path:
    return folder / f"{NAME}.json"


def without_captions(folder: Path, name: str = "none", status: Any = "no_media") -> Path:
    article = Article(None, "Rain", "en", (Paragraph("It rains."),))
    made = CaptionResult(
        status, "the page links none", f"https://a.example/{name}", article=article
    )
    store.write_outcome(made, folder, name, ("json",))
    return folder / f"{name}.json"


def test_every_format_is_as_caption_writes_it(aligner: Aligner, folder: Path) -> None:
    kinds = ",".join(FORMATS)
    look = ("--styled", "--karaoke", "--hls-mpegts", "126000")
    other = folder.parent / "other"
    assert aligner("caption", *GIVEN, "-o", other, "--format", kinds, *look).code == 0
    assert aligner("export", sidecar(folder), "--format", kinds, *look).code == 0
    assert contents(folder) == contents(other)
    segments = sorted(p.name for p in (folder / f"{NAME}.hls").iterdir())
    assert segments == sorted(p.name for p in (other / f"{NAME}.hls").iterdir())
    for name in segments:
        one, two = (place / f"{NAME}.hls" / name for place in (folder, other))
        assert one.read_bytes() == two.read_bytes()


def test_corrections_are_in_every_format(aligner: Aligner, folder: Path) -> None:
    correct(folder)
    ran = aligner("export", sidecar(folder), "--format", "srt,ttml,words", "-o", folder / "new")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{folder / 'new' / NAME}.{kind}: written" for kind in ("srt", "ttml", "words.tsv")
    ]
    made = contents(folder / "new")
    assert len(made) == 3
    assert all(b"Penhallow" in data for data in made.values())


def test_what_is_there_stays_unless_it_is_forced(aligner: Aligner, folder: Path) -> None:
    command = ("export", sidecar(folder), "--format", "srt", "-o", folder / "new")
    assert aligner(*command).code == 0
    assert "already there" in aligner(*command).out
    place = folder / "new" / f"{NAME}.srt"
    ours = place.read_bytes()
    place.write_bytes(b"by hand")
    ran = aligner(*command)
    assert ran.code == 1
    assert f"{place}: cannot be written: it is there already, and is otherwise; --force" in ran.err
    assert place.read_bytes() == b"by hand"
    assert aligner(*command, "--force").code == 0
    assert place.read_bytes() == ours


def test_a_dry_run_writes_nothing(aligner: Aligner, folder: Path) -> None:
    ran = aligner("export", folder, "--format", "srt", "-o", folder / "new", "-n")
    assert ran.code == 0
    assert "would be written" in ran.out
    assert not (folder / "new").exists()


def test_another_look_holds_for_all_that_is_beside(aligner: Aligner, folder: Path) -> None:
    before = contents(folder)
    assert aligner("export", sidecar(folder), "--format", "vtt", "--styled").code == 0
    assert "::cue" in (folder / f"{NAME}.vtt").read_text("utf-8")
    assert json.loads(sidecar(folder).read_text("utf-8"))["look"] == {"styled": True}
    correct(folder)
    assert "<c.edited>" in (folder / f"{NAME}.vtt").read_text("utf-8")
    plain = ("export", sidecar(folder), "--format", "vtt", "--no-styled", "-o", folder / "new")
    assert aligner(*plain).code == 0
    assert "::cue" not in (folder / "new" / f"{NAME}.vtt").read_text("utf-8")
    assert contents(folder)[f"{NAME}.first.json"] != before[f"{NAME}.json"]


def test_cues_by_another_standard(aligner: Aligner, folder: Path) -> None:
    correct(folder)
    before = contents(folder)
    profile = folder / "narrow.toml"
    profile.write_text("max_line_chars = 24\nmax_lines = 1\n", encoding="utf-8")
    kinds: tuple[Any, ...] = ("--format", "vtt,json", "--profile", profile)
    ran = aligner("export", sidecar(folder), *kinds, "-o", folder / "new")
    assert ran.code == 0
    made = webvtt.read(str(folder / "new" / f"{NAME}.vtt"))
    assert all("\n" not in c.text and len(c.text) <= 24 for c in made.captions)
    assert "Penhallow" in made.captions[0].text
    told = json.loads((folder / "new" / f"{NAME}.json").read_text("utf-8"))
    assert len(told["cues"]) == len(made.captions)
    profile.unlink()
    assert contents(folder) == before
    beside = aligner("export", sidecar(folder), "--format", "vtt", "--profile", "bbc")
    assert beside.code == 2
    assert "--profile goes with --output" in beside.err


def test_a_folder_with_all_that_may_be_in_it(aligner: Aligner, folder: Path) -> None:
    correct(folder)  # leaves a first version
    without_captions(folder)
    (folder / "package.json").write_text('{"name": "theirs"}', "utf-8")
    shutil.copytree(folder, folder / "2026" / "11")
    (folder / ".aligner").mkdir()
    shutil.copy(sidecar(folder), folder / ".aligner" / "x.json")
    new = folder.parent / "new"
    flat = aligner("export", folder, "--format", "srt", "-o", new, "-q")
    assert (flat.code, flat.err) == (0, "")
    assert sorted(p.name for p in new.rglob("*")) == [f"{NAME}.srt"]
    deep = aligner("export", folder, "-r", "--format", "srt,txt", "-o", new, "--json", "-q")
    assert deep.code == 0
    rows = [json.loads(line) for line in deep.out.splitlines()]
    assert [row["schema"] for row in rows] == ["aligner-export/1"] * 4
    assert {row["status"] for row in rows} == {"captioned", "no_media"}
    found = sorted(p.relative_to(new).as_posix() for p in new.rglob("*") if p.is_file())
    names = [f"{NAME}.srt", f"{NAME}.txt", "none.txt"]
    assert found == sorted(names + [f"2026/11/{name}" for name in names])
    lacking = next(row for row in rows if row["status"] == "no_media")
    assert (lacking["lacking"], lacking["corrected"]) == (["srt"], False)


@pytest.mark.parametrize(
    ("status", "code"), [("no_media", 3), ("media_unavailable", 4), ("no_audio", 5), ("error", 1)]
)
def test_a_result_without_captions(
    aligner: Aligner, tmp_path: Path, status: str, code: int
) -> None:
    place = without_captions(tmp_path, status=status)
    ran = aligner("export", place, "--format", "srt,vtt")
    assert ran.code == code
    assert f"nothing for srt, vtt: {status}: the page links none" in ran.err
    assert aligner("export", place, "--format", "txt,srt").code == 0
    assert (tmp_path / "none.txt").read_text("utf-8") == "Rain\n\nIt rains.\n"


def test_what_is_no_result(aligner: Aligner, folder: Path) -> None:
    good = sidecar(folder).read_text("utf-8")
    later = good.replace("aligner/1", "aligner/2", 1)
    for text, sentence in (
        ("", "not a result of aligner, or damaged"),
        (good[:5000], "not a result of aligner, or damaged"),
        ("[]", "not a sidecar of schema aligner/1"),
        ('{"schema": "aligner-check/1"}', "not a sidecar of schema aligner/1"),
        (later, "written by a later aligner, in schema aligner/2; this one reads aligner/1"),
        (good.replace('"words": [', '"words": [1,', 1), "words[0]: Expected `object`, got `int`"),
        (good.replace('"verified"', '"guessed"', 1), "words["),
    ):
        place = folder / "bad.json"
        place.write_text(text, "utf-8")
        ran = aligner("export", place, "--format", "srt")
        assert ran.code == 2, text[:40]
        assert str(place) in ran.err
        assert sentence in ran.err
    assert not (folder / "bad.srt").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.json"], "nowhere.json: no such file or folder"),
        (["FOLDER/russia-and-assad.vtt"], "not a result: give its NAME.json, or its folder"),
        (["EMPTY"], "a folder without results"),
        (["FOLDER", "--format", "doc"], "doc: choose from vtt, json, txt"),
        (["FOLDER/russia-and-assad.json", "COPY/russia-and-assad.json", "-o", "NEW"], "separately"),
    ],
)
def test_wrong_use_of_export(
    aligner: Aligner, folder: Path, arguments: list[str], sentence: str
) -> None:
    (folder.parent / "EMPTY").mkdir()
    shutil.copytree(folder, folder.parent / "COPY")
    places = {"FOLDER": folder, **{n: folder.parent / n for n in ("EMPTY", "COPY", "NEW")}}
    given = list(arguments)
    for word, place in places.items():
        given = [g.replace(word, str(place)) for g in given]
    kinds = [] if "--format" in given else ["--format", "srt"]
    ran = aligner("export", *given, *kinds)
    assert ran.code == 2
    assert sentence in ran.err
    assert not (folder.parent / "NEW").exists()


def test_a_damaged_one_of_many_is_told_and_the_others_go_on(aligner: Aligner, folder: Path) -> None:
    (folder / "bad.json").write_text('{"schema": "aligner/1"', "utf-8")
    ran = aligner("export", folder, "--format", "srt", "-q")
    assert ran.code == 7
    assert "bad.json" in ran.err
    assert (folder / f"{NAME}.srt").exists()


def test_an_article_in_the_same_folder_is_not_written_over(
    aligner: Aligner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text has the name of the transcript; the sidecar names it by a path from elsewhere."""
    article = tmp_path / "news" / "rain.txt"
    article.parent.mkdir()
    article.write_text("Bread\n\nKnead the dough for ten minutes and bake it.\n")
    monkeypatch.chdir(tmp_path)
    media = SAMPLE / "russia-and-assad.mp4"
    recorded = ("--engine", "recorded", "--model", SAMPLE / "transcript.json")
    given = ("news/rain.txt", "--media", media, *recorded, "-o", "news", "--format", "vtt")
    assert aligner("caption", *given).code == 6
    monkeypatch.chdir("/")
    assert aligner("export", article.with_suffix(".json"), "--format", "txt").code == 0
    assert article.read_text().startswith("Bread")
    assert (tmp_path / "news" / "rain.captions.txt").exists()
    assert "already there" in aligner("export", article.with_suffix(".json"), "--format", "txt").out
