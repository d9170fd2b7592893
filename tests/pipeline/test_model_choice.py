"""`--model auto`: which model is taken, by language, cores, GPU and measured speed, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aligner.asr import models
from aligner.asr.models import Available
from aligner.errors import EngineUnavailable
from aligner.pipeline import model_choice, resources
from aligner.pipeline.benchmark.figures import Figures
from aligner.pipeline.model_choice import Circumstances, choose
from aligner.pipeline.options import Options


def disk(*names: str) -> tuple[Available, ...]:
    """All models of the registry, of which some are on this disk."""
    return tuple(
        Available(model, "cache" if name in names else "download", None)
        for name, model in models.MODELS.items()
    )


def measured(name: str, speed: float, engine: str = "ctranslate2") -> Figures:
    return Figures(name, engine, sound_s=42.0, listen_s=42.0 / speed)


MANY = ("tiny.en", "base", "small", "medium.en", "large-v3")


@pytest.mark.parametrize(
    ("language", "cores", "gpu", "expected"),
    [
        ("en", 2, False, "small"),
        ("en", 4, False, "medium.en"),
        ("en-GB", 4, False, "medium.en"),
        ("en", 8, False, "large-v3"),
        ("fr", 4, False, "small"),
        (None, 4, False, "small"),
        ("fr", 1, True, "large-v3"),
        ("en", 1, False, "small"),
    ],
)
def test_the_largest_that_is_quick_enough(
    language: str | None, cores: int, gpu: bool, expected: str
) -> None:
    assert choose(disk(*MANY), Circumstances(language, cores, gpu)).model == expected


@pytest.mark.parametrize("language", ["fr", "om", None])
@pytest.mark.parametrize("gpu", [True, False])
def test_no_english_model_for_other_speech(language: str | None, gpu: bool) -> None:
    here = Circumstances(language, 64, gpu)
    assert choose(disk("tiny.en", "base", "medium.en"), here).model == "base"
    with pytest.raises(EngineUnavailable, match="aligner models fetch base"):
        choose(disk("tiny.en", "medium.en"), here)


def test_what_was_measured_counts_more_than_the_estimate() -> None:
    slow = Circumstances("en", 64, False, (measured("small", 1.5), measured("small", 1.2, "other")))
    assert choose(disk("base", "small"), slow).model == "base"
    failed = Figures("small", "ctranslate2", failed="too little memory")
    quick = Circumstances("en", 1, False, (measured("medium", 2.5), failed))
    assert choose(disk("base", "small", "medium"), quick).model == "medium"


def test_the_quickest_where_none_is_quick() -> None:
    here = Circumstances("en", 1, False, (measured("small", 0.5), measured("medium", 0.2)))
    found = choose(disk("small", "medium"), here)
    assert found.model == "small"
    assert "the quickest on this disk for en, though slow (0.5 s of audio a second, measured)" in (
        found.why
    )


def test_it_says_why_and_what_a_better_one_costs() -> None:
    here = Circumstances("fr", 2, False, (measured("base", 9.0), measured("small", 1.0)))
    assert choose(disk("base", "small"), here).why == (
        "base: the largest on this disk for fr that is quick enough (9.0 s of audio a second, "
        "measured); small, which makes fewer errors, would take 1.0 s of audio a second, measured"
    )
    assert (
        "would take a download of 484 MB, 4.9 s"
        in choose(disk("base"), Circumstances("fr", 2, False)).why
    )


@pytest.fixture
def fresh() -> Iterator[None]:
    model_choice.choice_for.cache_clear()
    yield
    model_choice.choice_for.cache_clear()


class Notes:
    def __init__(self) -> None:
        self.said: list[str] = []

    def stage(self, name: str) -> None:
        self.said.append(name)

    def advance(self, done: int, total: int | None) -> None: ...

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.mark.usefixtures("fresh")
def test_the_pipeline_takes_it_and_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path))
    monkeypatch.setattr(models, "available", lambda: disk("base"))
    asked: list[str] = []

    def is_ready(name: str, _form: object) -> bool:
        asked.append(name)
        return True

    monkeypatch.setattr(models, "is_ready", is_ready)
    notes = Notes()
    resources.prepare_model(Options(model="auto", language="fr"), notes)
    assert asked == ["base"]
    (said,) = notes.said
    assert said.startswith("--model auto: base: the largest on this disk for fr")
    assert model_choice.chosen_model(Options(model="small")) == "small"
