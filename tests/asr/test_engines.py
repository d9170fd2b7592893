"""Choosing a recogniser, and the one that replays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aligner import asr
from aligner.asr.backends import recorded
from aligner.asr.base import EngineSpec
from aligner.errors import BadSource, EngineUnavailable
from aligner.types import (
    Audio,
    AudioSoFar,
    EngineInfo,
    ModelFiles,
    ModelForm,
    SpeechSegments,
    Transcript,
    Word,
)

TRANSCRIPT = Transcript(
    "ar",
    (Word("al", 0, 300, 0.5), Word("-Assad", 300, 700, 0.25, space_before=False)),
    EngineInfo("ctranslate2", "base", "4"),
)


def nothing(model: str, form: ModelForm) -> ModelFiles:
    raise AssertionError(f"asked for {model} in the form {form}")


def test_a_recorded_transcript_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text(recorded.as_text(TRANSCRIPT), encoding="utf-8")
    engine = asr.load("recorded", str(path), nothing)
    told: list[tuple[int, int]] = []
    audio = Audio(np.zeros(16_000, dtype=np.int16), 16_000)
    arrived = AudioSoFar(audio, SpeechSegments(()), ())
    found = engine.transcribe(
        [arrived], options=asr.ListenOptions(), progress=lambda *now: told.append(now)
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
def test_other_files_are_no_recorded_transcripts(text: str, tmp_path: Path) -> None:
    path = tmp_path / "said.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSource, match="no recorded transcript"):
        asr.load("recorded", str(path), nothing)


def test_a_missing_transcript_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=r"none\.json"):
        asr.load("recorded", str(tmp_path / "none.json"), nothing)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(BadSource, match="auto, ctranslate2, openai-whisper, recorded"):
        asr.load("vosk", "base", nothing)


def stand_in(needs: str, made: list[ModelFiles]) -> EngineSpec:
    """A recogniser that only notes which weights it was given."""

    def load(weights: ModelFiles, _device: asr.Device) -> asr.Engine:
        made.append(weights)
        return recorded.Recorded(TRANSCRIPT)

    return EngineSpec(needs, "openai" if needs == "json" else "ctranslate2", load)


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
    made: list[ModelFiles] = []
    monkeypatch.setitem(asr.ENGINES, "ctranslate2", stand_in(first, made))
    monkeypatch.setitem(asr.ENGINES, "openai-whisper", stand_in("json", made))
    asr.load(name, model, lambda model, form: ModelFiles(model, Path(model), form))
    assert [(w.name, w.form) for w in made] == [(model, form)]


REMEDIES = {
    "ctranslate2": r"pip install gone_a",
    "openai-whisper": r'pip install "article-aligner\[openai-whisper\]"',
    "auto": r'pip install gone_a or pip install "article-aligner\[openai-whisper\]"',
}


@pytest.mark.parametrize(("name", "why"), REMEDIES.items(), ids=REMEDIES)
def test_a_missing_package_is_named(name: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        asr.ENGINES, "ctranslate2", EngineSpec("gone_a", "ctranslate2", recorded.load)
    )
    gone = replace(asr.ENGINES["openai-whisper"], needs="gone_b")
    monkeypatch.setitem(asr.ENGINES, "openai-whisper", gone)
    with pytest.raises(EngineUnavailable, match=why):
        asr.load(name, "base", nothing)


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> list[ModelFiles]:
    """Both recognisers are installed; the weights that one of them was loaded with."""
    made: list[ModelFiles] = []
    monkeypatch.setitem(asr.ENGINES, "ctranslate2", stand_in("csv", made))
    monkeypatch.setitem(asr.ENGINES, "openai-whisper", stand_in("json", made))
    return made


@pytest.mark.parametrize("here", ["ctranslate2", "openai"])
def test_auto_prefers_weights_that_are_at_hand(here: str, both: list[ModelFiles]) -> None:
    def resolve(model: str, form: ModelForm) -> ModelFiles:
        return ModelFiles(model, Path(model), form)

    asr.load("auto", "base", resolve, at_hand=lambda _, form: form == here)
    assert [weights.form for weights in both] == [here]


def test_auto_tries_the_next_engine_without_weights(both: list[ModelFiles]) -> None:
    def resolve(model: str, form: ModelForm) -> ModelFiles:
        if form == "ctranslate2":
            raise EngineUnavailable(model, "no network")
        return ModelFiles(model, Path(model), form)

    asr.load("auto", "base", resolve)
    assert [weights.form for weights in both] == ["openai"]


def test_auto_says_what_the_first_choice_lacks(both: list[ModelFiles]) -> None:
    def resolve(model: str, form: ModelForm) -> ModelFiles:
        raise EngineUnavailable(model, f"no {form}")

    with pytest.raises(EngineUnavailable, match="no ctranslate2"):
        asr.load("auto", "base", resolve)
    assert not both


OPENAI_WHISPER = pytest.param("openai-whisper", marks=pytest.mark.slow)  # loads PyTorch: 2 s


@pytest.mark.parametrize("name", ["ctranslate2", OPENAI_WHISPER])
def test_a_missing_gpu_is_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"ctranslate2": "ctranslate2.get_cuda_device_count"}
    monkeypatch.setattr(asked.get(name, "torch.cuda.is_available"), lambda: 0)
    with pytest.raises(EngineUnavailable, match="give --device cpu"):
        asr.load(name, "m", lambda model, form: ModelFiles(model, tmp_path, form), "cuda")


@pytest.mark.parametrize("name", ["ctranslate2", OPENAI_WHISPER])
def test_unloadable_weights_are_an_error(name: str, tmp_path: Path) -> None:
    for file in ("model.bin", "config.json", "vocabulary.txt", "junk.pt"):
        (tmp_path / file).write_bytes(b"junk")
    path = tmp_path / "junk.pt" if name == "openai-whisper" else tmp_path
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        asr.load(name, "junk", lambda model, form: ModelFiles(model, path, form))
