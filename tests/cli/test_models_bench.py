"""What `aligner models bench` measures, prints and keeps; measuring itself: tests/bench."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from aligner.cli import main
from aligner.pipeline.benchmark import subprocesses
from aligner.pipeline.benchmark.figures import BenchmarkCase, Figures


class Bench:
    """The command, with a measuring that notes what it was asked and gives the same each time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.asked: list[BenchmarkCase] = []
        monkeypatch.setattr(subprocesses, "measure", self._measure)

    def _measure(self, job: BenchmarkCase) -> Figures:
        self.asked.append(job)
        if job.engine == "openai-whisper":
            return Figures(job.model, job.engine, failed="it is not installed")
        words, errors = (136, 4) if job.exact else (None, None)
        return Figures(job.model, job.engine, 42.0, 1.5, 2.0, 1.0, 512.4, words, errors)

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["aligner", "models", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err


@pytest.fixture
def bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Bench:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    return Bench(monkeypatch, capsys)


def test_a_model_is_measured_with_every_recogniser(bench: Bench) -> None:
    code, out, err = bench("bench", "base", "-q")
    assert code == 0
    assert [(job.model, job.engine) for job in bench.asked] == [
        ("base", "ctranslate2"),
        ("base", "openai-whisper"),
    ]
    assert out.splitlines()[1].split() == [
        *("base", "ctranslate2", "1.5", "s", "21.0", "42.0", "512", "MB", "2.9%")
    ]
    assert "base, openai-whisper: it is not installed" in err


def test_json_has_what_failed_too(bench: Bench) -> None:
    _, out, _ = bench("bench", "base", "--json", "-q")
    good, bad = (json.loads(line) for line in out.splitlines())
    assert good["schema"] == bad["schema"] == "aligner-bench/1"
    assert (good["times_real_time"], good["draft_times_real_time"]) == (21.0, 42.0)
    assert (good["words"], good["errors"]) == (136, 4)
    assert (bad["engine"], bad["failed"]) == ("openai-whisper", "it is not installed")


def test_the_list_shows_what_was_measured(bench: Bench) -> None:
    _, before, hint = bench()
    assert "aligner models bench" in hint
    bench("bench", "base", "--engine", "ctranslate2", "-q")
    _, after, silent = bench()
    row = next(line for line in after.splitlines() if line.startswith("base "))
    assert "21" in row.split()
    assert "512 MB" in row
    assert "2.9%" in row
    assert "512 MB" not in before
    assert silent == ""
    _, as_json, _ = bench("--json")
    (known,) = json.loads(as_json.splitlines()[0])["bench"]
    assert known["engine"] == "ctranslate2"


def test_ones_own_recording_is_not_kept(bench: Bench, tmp_path: Path) -> None:
    own = tmp_path / "own.wav"
    own.write_bytes(b"sound")
    code, out, _ = bench("bench", "base", "--engine", "ctranslate2", "--recording", str(own), "-q")
    assert code == 0
    assert "%" not in out
    (job,) = bench.asked
    assert (job.recording, job.article, job.exact) == (str(own), None, False)
    assert "512 MB" not in bench()[1]


def test_nothing_measured_is_an_error(bench: Bench) -> None:
    code, out, err = bench("bench", "base", "--engine", "openai-whisper", "-q")
    assert (code, out) == (1, "")
    assert "not installed" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--article", "text.txt"], "--article goes with --recording"),
        (["--recording", "none.wav"], "none.wav: no such file"),
        (["--engine", "recorded"], "'recorded' is not one of"),
    ],
)
def test_wrong_use(bench: Bench, arguments: list[str], complaint: str) -> None:
    code, _, err = bench("bench", *arguments)
    assert code == 2
    assert complaint in err
    assert not bench.asked
