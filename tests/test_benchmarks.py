"""Every benchmark starts, and those that need no corpus measure something small."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
SAMPLE = ROOT / "samples" / "russia-and-assad"
SCRIPTS = sorted(
    path
    for path in BENCHMARKS.rglob("*.py")
    if "ArgumentParser(" in path.read_text("utf-8") and path.parent.name != "fuzz"
)
NEEDS = {"speed_plot.py": "matplotlib"}
"""The packages that scripts import which only their own requirements install."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_help(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script can be imported, and its options can be declared."""
    if package := NEEDS.get(script.name):
        pytest.importorskip(package)
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    monkeypatch.setattr(sys, "path", [str(script.parent), str(BENCHMARKS), *sys.path])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))  # scripts have modules named alike
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert not ended.value.code
    assert "usage:" in capsys.readouterr().out


def run(script: str, *arguments: str | Path, **variables: str) -> str:
    """Run a benchmark as a user does, and return what it prints."""
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | variables
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "arguments", "shows"),
    [
        ("lint_speed.py", "--cues 20", r"vtt +20 .*\nsrt +20 .*\nttml +20 "),
        ("matching.py", "--words 400 --texts same,numbers", r"same(.|\n)*numbers"),
        ("startup.py", "--runs 1 --version", r"--version.*\d"),
        ("install_size.py", "", r"\d+ packages, \d+ MB"),
        ("requests_made.py", "--pages 3", r"\b4\b"),
        ("batch.py", "ledger --items 50", r"25 to do"),
        ("batch.py", "speed --articles 2 --loop 1", r"(?i)same"),
        ("chaos.py", "--kills 1 --articles 2", r"1 of 1 whole, 0 half, 0 lost"),
        ("chaos.py", "caption --kills 1 --seconds 8", r"1 of 1 whole, 0 half, 0 lost"),
        ("review_server.py", "--results 20 --rounds 2", r"20 results: read s .* save \d+/\d+"),
        ("hostile.py", "--only attributes,dead-links", r"dead-links +caption .* [56] +4"),
        ("decode_memory.py", "--hours 0.01 --only m4a,mp4", r"m4a( +\d+){4} .*\nmp4( +\d+){4} "),
        ("check_speed.py", "--pages 4 --sample 1 --together 2 --paragraphs 2", r"aligner check"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_small_run(script: str, arguments: str, shows: str) -> None:
    if arguments.endswith("--version"):  # an argument of the command that is measured
        out = run(script, "--runs", "1", "--", "--version")
    else:
        out = run(script, *arguments.split())
    assert re.search(shows, out), out


@pytest.mark.slow
def test_discovery(tmp_path: Path) -> None:
    """The recording of the sample's page is found, and ranked first."""
    page = tmp_path / "page.html"
    link = "https://media.example/film.mp4"
    page.write_text(f"<title>A</title><article><video src={link}></video></article>", "utf-8")
    truth = {"page.html": {"url": "https://news.example/a", "media": [{"urls": [link]}]}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), "utf-8")
    out = run("discovery.py", tmp_path, "--no-peers", "-v")
    assert re.search(r"right +page.html", out), out


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A folder of one case: the sample's page and recording."""
    folder = tmp_path / "cases" / "d01"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("captions"))
    (folder / "index.html").rename(folder / "page.html")
    return folder


@pytest.mark.slow
def test_cases(case: Path, tmp_path: Path) -> None:
    recorded = {"ALIGNER_CAPTION_MODEL": str(SAMPLE / "transcript.json")}
    variables = recorded | {"ALIGNER_NO_CONFIG": "1"}
    out = run("cases.py", case.parent, tmp_path / "out", "--engine", "recorded", **variables)
    assert "d01: exit 0, captioned" in out


@pytest.mark.slow
def test_noise(case: Path, tmp_path: Path) -> None:
    """Copies in noise keep the times of a recording, and each condition gets a row."""
    recorded = json.loads((SAMPLE / "transcript.json").read_text("utf-8"))
    spoken = [{"w": word["text"], "start": word["start_ms"] / 1000} for word in recorded["words"]]
    truth = {"media": "russia-and-assad.mp4", "spoken": spoken}
    (case / "truth.json").write_text(json.dumps(truth), "utf-8")
    variables = {
        "ALIGNER_CAPTION_MODEL": str(SAMPLE / "transcript.json"),
        "ALIGNER_NO_CONFIG": "1",
    }
    out = run(
        "noise.py", case.parent, tmp_path / "out", "--engine", "recorded",
        "--conditions", "opus8,pink5,murmur5", **variables,
    )  # fmt: skip
    rows = re.findall(r"\| (\w+) \| ([\d.]+)% .* \| ([\d.]+) \| .* \| 1 of 1 \|", out)
    assert [name for name, *_ in rows] == ["opus8", "pink5", "murmur5"], out
    assert all(float(wer) < 20 and float(starts) < 100 for _, wer, starts in rows), out
    assert len(list((tmp_path / "out" / "sound").glob("*/d01/report.*"))) == 3


def test_noise_scores(tmp_path: Path) -> None:
    """Counted by hand: one wrong name, one added word; starts 20 ms late; one cue of two near."""
    spoken = [
        {"w": "In", "start": 0.5}, {"w": "two thousand", "written": "2,000", "start": 0.8},
        {"w": "Kyiv", "start": 1.0}, {"w": "called", "start": 1.5},
        {"w": "U.N.", "start": 2.0, "sentence_end": True},
    ]  # fmt: skip
    words = [("In", 520), ("2000", 820), ("Cave", 1000), ("called", 1520), ("the", 1900)]
    words.append(("U.N.", 2_020))
    record = {
        "status": "captioned",
        "words": [{"text": text, "start_ms": ms} for text, ms in words],
        "cues": [
            {"start_ms": 520, "lines": ["In 2000", "Cave"]},
            {"start_ms": 1_300, "lines": ["called the U.N."]},
        ],
    }
    case, made = tmp_path / "cases" / "d01", tmp_path / "out" / "captions" / "clean" / "d01"
    for folder in (case, made):
        folder.mkdir(parents=True)
    (case / "page.html").write_text("", "utf-8")
    (case / "truth.json").write_text(json.dumps({"media": "a", "spoken": spoken}), "utf-8")
    (made / "page.json").write_text(json.dumps(record), "utf-8")
    out = run("noise.py", case.parent, tmp_path / "out", "--score-only", "--conditions", "clean")
    assert "| clean | 40.0% | 1 of 2 | 20.0 | 50.0% of 2 | 1 of 1 |" in out


def test_changed_words_are_counted_if_captions_claim_them(tmp_path: Path) -> None:
    """One that is shown as the article's is a claim; one that was only recognised is none."""
    words = [f"{number} tons" for number in range(2_001, 2_031)]
    article = " ".join(words)
    spoken = [
        {"w": word, "start": at, "end": at + 0.5, "article_index": at}
        for at, word in enumerate(article.split())
    ]
    truth = {"id": "d01", "media": "report.flac", "article": [article], "spoken": spoken}
    case, out = tmp_path / "cases" / "d01", tmp_path / "out"
    sound, made = out / "sound" / "clean" / "d01", out / "captions" / "changed-clean" / "d01"
    for folder in (case, sound, made):
        folder.mkdir(parents=True)
    page = f"<p>{article}</p>"
    for folder in (case, sound):
        (folder / "page.html").write_text(page, "utf-8")
    (sound / "report.flac").write_bytes(b"")
    (case / "truth.json").write_text(json.dumps(truth), "utf-8")
    command = ("noise.py", case.parent, out, "--score-only", "--changed", "--conditions", "clean")
    none = re.search(r"\| clean \| 0 of (\d+) \|", run(*command))
    assert none
    changed = (out / "sound" / "changed-clean" / "d01" / "page.html").read_text("utf-8")
    pairs = zip(article.split(), changed[3:-4].split(), strict=True)
    new = [(at, word) for at, (old, word) in enumerate(pairs) if word != old]
    assert len(new) == int(none[1]) >= 2
    origins = ("respelled", "spoken")
    shown = [
        {"text": word, "start_ms": at * 1000, "end_ms": at * 1000 + 500, "origin": origin}
        for (at, word), origin in zip(new, origins, strict=False)
    ]
    (made / "page.json").write_text(json.dumps({"words": shown}), "utf-8")
    assert f"| clean | 1 of {len(new)} |" in run(*command)


@pytest.mark.weights
@pytest.mark.slow
def test_stages(case: Path) -> None:
    out = run("stages.py", case / "page.html", case / "russia-and-assad.mp4")
    assert re.search(r"listen.*\d", out), out


@pytest.mark.browser
@pytest.mark.slow
def test_screenshots(tmp_path: Path) -> None:
    if not shutil.which("chromium"):
        pytest.skip("Chromium is not installed")
    run("screenshots.py", "--output", tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".png"}
