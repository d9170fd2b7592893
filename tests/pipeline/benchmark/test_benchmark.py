"""What models are measured with, how errors are counted, and measuring in a process of its own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from aligner.audio.decode import probe
from aligner.errors import BadSource
from aligner.pipeline.benchmark import figures, subprocesses, worker
from aligner.pipeline.benchmark.figures import BenchmarkCase, Figures
from aligner.pipeline.benchmark.subprocesses import BenchmarkOptions

SAMPLES = Path(__file__).parents[3] / "samples"


def test_the_reading_is_small_and_its_text_is_the_samples() -> None:
    found = probe(subprocesses.READING)
    assert found.has_audio
    assert 40_000 < (found.duration_ms or 0) < 60_000
    assert subprocesses.READING.stat().st_size < 200_000
    article = tomllib.loads((SAMPLES / "russia-and-assad.toml").read_text("utf-8"))
    assert subprocesses.TEXT.read_text("utf-8").strip().split("\n\n") == article["body"][2:]


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [
        ("A 60-nation coalition.", "a 60 nation coalition", 0),
        ("“That,” he said, “is our goal.”", "That he said is our goal", 0),
        ("You can’t go", "You can't go", 0),
        ("one two three", "one too three", 1),
        ("one two three", "one three", 1),
        ("one two", "one and two", 1),
        ("one two", "", 2),
    ],
)
def test_errors(said: str, heard: str, count: int) -> None:
    assert worker.errors(worker.folded(said), worker.folded(heard)) == count


def test_rates() -> None:
    made = Figures("base", "ctranslate2", sound_s=40, listen_s=4, draft_s=2, words=50, errors=1)
    assert (made.speed, made.draft_speed, made.error_rate) == (10, 20, 0.02)
    asked = Figures("base", "x", wrong_words={"word": [-20.0, *[-10.0] * 18, -1.0], "name": [-1.0]})
    assert asked.rare_ratio("word") == pytest.approx(-9.55)
    assert asked.rare_ratio("name") is asked.rare_ratio("alike") is None
    none = Figures("base", "ctranslate2", failed="it is not here")
    assert (none.speed, none.draft_speed, none.error_rate) == (0, None, None)


def test_figures_are_kept_by_model_and_recogniser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path))
    assert figures.remembered() == ()
    old, other = Figures("base", "a", listen_s=2), Figures("base", "b", listen_s=3)
    figures.remember((old, other))
    new = Figures("base", "a", listen_s=1)
    figures.remember((new,))
    assert set(figures.remembered()) == {new, other}


@pytest.mark.parametrize("kept", [b"", b"[{", b"[" * 100_000, b'[{"model": "\xff"}]', b"[1]"])
def test_figures_that_cannot_be_read_are_none(
    kept: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path))
    (tmp_path / "bench.json").write_bytes(kept)
    assert figures.remembered() == ()


def test_ours_is_read_word_for_word_and_ones_own_may_not_be(tmp_path: Path) -> None:
    (ours,) = subprocesses.cases(BenchmarkOptions(("base",), "ctranslate2"))
    assert (ours.recording, ours.exact) == (str(subprocesses.READING), True)
    own = tmp_path / "own.wav"
    own.write_bytes(b"sound")
    (theirs,) = subprocesses.cases(BenchmarkOptions(("base",), "ctranslate2", "cpu", own, own))
    assert (theirs.article, theirs.exact, theirs.device) == (str(own), False, "cpu")


def test_an_unknown_model_is_the_users_mistake() -> None:
    with pytest.raises(BadSource, match="no such model"):
        subprocesses.measure(
            BenchmarkCase("enormous", "ctranslate2", "sound.wav", None, exact=False)
        )


@pytest.mark.slow
def test_what_goes_wrong_in_the_process_is_told(tmp_path: Path) -> None:
    """A recording that cannot be read, by a recogniser that needs no weights."""
    made = subprocesses.measure(
        BenchmarkCase("transcript.json", "recorded", str(tmp_path / "none.wav"), None, exact=False)
    )
    assert "none.wav" in (made.failed or "")


@pytest.mark.weights
def test_a_model_is_measured() -> None:
    (job,) = subprocesses.cases(BenchmarkOptions(("tiny.en",), "ctranslate2"))
    made = subprocesses.measure(job)
    assert made.failed is None
    assert 42 <= made.sound_s < 43
    assert made.load_s > 0
    assert made.speed > 0.1
    assert (made.draft_speed or 0) > 0.1
    assert 100 < (made.peak_mb or 0) < 4_000
    assert made.words == 131
    assert made.error_rate is not None
    assert made.error_rate < 0.2
    assert made.lag_ms is not None
    assert abs(made.lag_ms) < 40  # its times are corrected by what was measured
    assert {kind: len(ratios) for kind, ratios in (made.wrong_words or {}).items()} == {
        "alike": 18, "word": 18, "name": 18,
    }  # fmt: skip
    assert -40 < (made.rare_ratio("word") or 0) < 0
