"""Choosing a recogniser, and the one that replays."""

from dataclasses import replace
from pathlib import Path

import ctranslate2 as ctranslate2_package
import numpy as np
import pytest
import torch

from aligner import engines
from aligner.engines import recorded
from aligner.engines.base import Kind
from aligner.errors import BadSource, EngineUnavailable
from aligner.nouns import Arrived, Audio, EngineInfo, Speech, Transcript, Weights, WeightsForm, Word

TRANSCRIPT = Transcript(
    "ar",
    (Word("al", 0, 300, 0.5), Word("-Assad", 300, 700, 0.25, space_before=False)),
    EngineInfo("ctranslate2", "base", "4"),
)


def nothing(model: str, form: WeightsForm) -> Weights:
    raise AssertionError(f"asked for {model} in the form {form}")


def test_a_recorded_transcript_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text(recorded.as_text(TRANSCRIPT), encoding="utf-8")
    engine = engines.load("recorded", str(path), nothing)
    told: list[tuple[int, int]] = []
    audio = Audio(np.zeros(16_000, dtype=np.int16), 16_000)
    arrived = Arrived(audio, Speech(()), ())
    found = engine.transcribe(
        [arrived], options=engines.ListenOptions(), progress=lambda *now: told.append(now)
    )
    assert found == TRANSCRIPT
    assert engine.info == TRANSCRIPT.engine
    assert told == [(1000, 1000)]


def test_a_recorded_transcript_need_not_name_its_engine(tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text('{"language": "en", "words": []}', encoding="utf-8")
    assert recorded.read(path) == Transcript("en", (), EngineInfo("recorded", "said"))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"language": "en"}', '{"language": "en", "words": [{"text": "a"}]}',
     '{"language": "en", "words": ["a"]}', '{"words": []}'],
)  # fmt: skip
def test_what_is_no_recorded_transcript(text: str, tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSource, match="no recorded transcript"):
        engines.load("recorded", str(path), nothing)


def test_no_recording_there(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"none\.json"):
        engines.load("recorded", str(tmp_path / "none.json"), nothing)


def test_an_unknown_engine() -> None:
    with pytest.raises(BadSource, match="auto, ctranslate2, openai-whisper, recorded"):
        engines.load("vosk", "base", nothing)


def stand_in(needs: str, made: list[Weights]) -> Kind:
    """A recogniser that only notes which weights it was given."""

    def load(weights: Weights, _device: engines.Device) -> engines.Engine:
        made.append(weights)
        return recorded.Recorded(TRANSCRIPT)

    return Kind(needs, "openai" if needs == "json" else "ctranslate2", load)


@pytest.mark.parametrize(
    ("name", "model", "first", "form"),
    [
        ("auto", "base", "csv", "ctranslate2"),
        ("auto", "base", "no_such_package", "openai"),
        ("auto", "mine.pt", "csv", "openai"),
        ("ctranslate2", "base", "csv", "ctranslate2"),
    ],
)
def test_auto_takes_the_first_that_is_installed(
    name: str, model: str, first: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Weights] = []
    monkeypatch.setitem(engines.ENGINES, "ctranslate2", stand_in(first, made))
    monkeypatch.setitem(engines.ENGINES, "openai-whisper", stand_in("json", made))
    engines.load(name, model, lambda model, form: Weights(model, Path(model), form))
    assert [(w.name, w.form) for w in made] == [(model, form)]


REMEDIES = {
    "ctranslate2": r"pip install gone_a",
    "openai-whisper": r'pip install "article-aligner\[openai-whisper\]"',
    "auto": r'pip install gone_a or pip install "article-aligner\[openai-whisper\]"',
}


@pytest.mark.parametrize(("name", "why"), REMEDIES.items(), ids=REMEDIES)
def test_not_installed(name: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        engines.ENGINES, "ctranslate2", Kind("gone_a", "ctranslate2", recorded.load)
    )
    gone = replace(engines.ENGINES["openai-whisper"], needs="gone_b")
    monkeypatch.setitem(engines.ENGINES, "openai-whisper", gone)
    with pytest.raises(EngineUnavailable, match=why):
        engines.load(name, "base", nothing)


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> list[Weights]:
    """Both recognisers are installed; the weights that one of them was loaded with."""
    made: list[Weights] = []
    monkeypatch.setitem(engines.ENGINES, "ctranslate2", stand_in("csv", made))
    monkeypatch.setitem(engines.ENGINES, "openai-whisper", stand_in("json", made))
    return made


@pytest.mark.parametrize("here", ["ctranslate2", "openai"])
def test_auto_prefers_weights_that_are_at_hand(here: str, both: list[Weights]) -> None:
    def resolve(model: str, form: WeightsForm) -> Weights:
        return Weights(model, Path(model), form)

    engines.load("auto", "base", resolve, at_hand=lambda _, form: form == here)
    assert [weights.form for weights in both] == [here]


def test_auto_goes_on_where_weights_cannot_be_had(both: list[Weights]) -> None:
    def resolve(model: str, form: WeightsForm) -> Weights:
        if form == "ctranslate2":
            raise EngineUnavailable(model, "no network")
        return Weights(model, Path(model), form)

    engines.load("auto", "base", resolve)
    assert [weights.form for weights in both] == ["openai"]


def test_auto_says_what_the_first_choice_lacks(both: list[Weights]) -> None:
    def resolve(model: str, form: WeightsForm) -> Weights:
        raise EngineUnavailable(model, f"no {form}")

    with pytest.raises(EngineUnavailable, match="no ctranslate2"):
        engines.load("auto", "base", resolve)
    assert not both


@pytest.mark.parametrize("name", ["ctranslate2", "openai-whisper"])
def test_no_gpu_is_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2_package, "get_cuda_device_count", lambda: 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineUnavailable, match="give --device cpu"):
        engines.load(name, "m", lambda model, form: Weights(model, tmp_path, form), "cuda")


@pytest.mark.parametrize("name", ["ctranslate2", "openai-whisper"])
def test_weights_that_cannot_be_loaded(name: str, tmp_path: Path) -> None:
    for file in ("model.bin", "config.json", "vocabulary.txt", "junk.pt"):
        (tmp_path / file).write_bytes(b"junk")
    path = tmp_path / "junk.pt" if name == "openai-whisper" else tmp_path
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        engines.load(name, "junk", lambda model, form: Weights(model, path, form))
