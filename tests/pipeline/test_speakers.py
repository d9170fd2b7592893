"""What a result says of voices, and what happens without the speaker model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import aligner
from aligner.asr.models import speaker_model
from aligner.audio import speakers as diarisation
from aligner.captions.formats import sidecar, sidecar_reader
from aligner.cli import aligner as command
from aligner.errors import EngineUnavailable
from aligner.pipeline import speakers
from aligner.pipeline.options import Options
from aligner.types import (
    Article,
    Audio,
    CaptionResult,
    Captions,
    CaptionWord,
    NameSuggestion,
    Paragraph,
    Voice,
    VoiceLimits,
)

AUDIO = Audio(np.zeros(16_000, np.int16), 16_000)
WORDS = tuple(
    CaptionWord(text, k * 200, k * 200 + 100, "spoken", 1) for k, text in enumerate("abc")
)
TURNS = Options(speakers="turns")
ARTICLE = Article(None, None, "en", (Paragraph("a b c"),))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the voice of each word, in the place of the speaker model."""

    def say(*voices: int) -> None:
        monkeypatch.setattr(speaker_model, "resolve", lambda: Path("model"))
        monkeypatch.setattr(diarisation, "diarize", lambda *_: voices)

    return say


def test_one_voice_changes_nothing(heard: Callable[..., None]) -> None:
    heard(0, 0, 0)
    assert speakers.with_voices(WORDS, AUDIO, TURNS, ARTICLE, "en") == (WORDS, ())
    heard(0, 1, 0)
    off = Options(speakers="off")
    assert speakers.with_voices(WORDS, AUDIO, off, ARTICLE, "en") == (WORDS, ()), (
        "voices are not wanted"
    )


def test_two_voices_are_numbered_and_in_the_sidecar(heard: Callable[..., None]) -> None:
    heard(0, 1, 0)
    words, voices = speakers.with_voices(WORDS, AUDIO, TURNS, ARTICLE, "en")
    assert [word.speaker for word in words] == ["1", "2", "1"]
    assert voices == (Voice("1", "Speaker 1"), Voice("2", "Speaker 2"))
    result = CaptionResult("captioned", "", "x", captions=Captions("en", (), words, voices))
    read, record = sidecar_reader.read(sidecar.render(result))
    assert read.captions == result.captions
    assert record["voices"][1] == {"id": "2", "name": None, "label": "Speaker 2", "evidence": []}
    unsure = replace(voices[1], suggestions=(NameSuggestion("Peter Hale", "says so"),))
    result = replace(result, captions=Captions("en", (), words, (voices[0], unsure)))
    read, record = sidecar_reader.read(sidecar.render(result))
    assert read.captions == result.captions
    assert record["voices"][1]["suggestions"] == [{"name": "Peter Hale", "why": "says so"}]
    plain = sidecar.render(replace(result, captions=Captions("en", (), WORDS)))
    assert "voices" not in plain


def test_names_are_given_only_if_they_are_wanted(heard: Callable[..., None]) -> None:
    heard(0, 0, 1, 1, 1)
    text = ("Good", "evening.", "I'm", "Peter", "Hale.")
    words = tuple(CaptionWord(w, 200 * k, 200 * k + 99, "spoken", 1) for k, w in enumerate(text))
    _, voices = speakers.with_voices(words, AUDIO, Options(speakers="names"), ARTICLE, "en")
    assert voices == (
        Voice("1", "Speaker 1"),
        Voice("2", "Peter Hale", "Peter Hale", ('says "I\'m Peter Hale."',)),
    )
    _, voices = speakers.with_voices(words, AUDIO, TURNS, ARTICLE, "en")
    assert [voice.name for voice in voices] == [None, None]


def test_by_default_voices_are_named_where_the_model_is(
    heard: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(0, 1, 0)
    named = speakers.with_voices(WORDS, AUDIO, Options(speakers="names"), ARTICLE, "en")
    monkeypatch.setattr(speaker_model, "at_hand", lambda: Path("model"))
    assert speakers.with_voices(WORDS, AUDIO, Options(), ARTICLE, "en") == named
    monkeypatch.setattr(speaker_model, "at_hand", lambda: None)
    assert speakers.with_voices(WORDS, AUDIO, Options(), ARTICLE, "en") == (WORDS, ())
    two = Options(voices=VoiceLimits(2, 2))
    assert len(speakers.with_voices(WORDS, AUDIO, two, ARTICLE, "en")[1]) == 2


def test_a_missing_model_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="aligner models fetch campplus"):
        speakers.require_model(TURNS)
    speakers.require_model(Options())
    with pytest.raises(EngineUnavailable, match="aligner models fetch campplus"):
        speakers.require_model(Options(voices=VoiceLimits(2, 2)))
    text = tmp_path / "a.txt"
    text.write_text("Nothing to see here.")
    result = aligner.caption(str(text), replace(TURNS, media=text))
    assert (result.status, "aligner models fetch campplus" in result.reason) == ("error", True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--speakers=off", "--voices=2"], "goes with --speakers turns, names or auto"),
        (["--speakers=turns", "--voices=0"], "give a number of voices"),
        (["--speakers=turns", "--voices=5-2"], "give a number of voices"),
        (["--speakers=turns", "--voices=many"], "give a number of voices"),
        (["--speakers=everybody"], "is not one of"),
    ],
)
def test_options_that_make_no_sense(given: list[str], says: str) -> None:
    ran = CliRunner().invoke(command, ["caption", "a.txt", *given])
    assert ran.exit_code == 2
    assert says in " ".join(ran.stderr.split())


def test_limits_reach_the_clustering(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[VoiceLimits] = []

    def diarize(
        _audio: Audio, _words: object, _model: Path, limits: VoiceLimits
    ) -> tuple[int, ...]:
        asked.append(limits)
        return 0, 0, 0

    monkeypatch.setattr(speaker_model, "resolve", lambda: Path("model"))
    monkeypatch.setattr(diarisation, "diarize", diarize)
    speakers.with_voices(WORDS, AUDIO, replace(TURNS, voices=VoiceLimits(2, 5)), ARTICLE, "en")
    speakers.with_voices(WORDS, AUDIO, TURNS, ARTICLE, "en")
    assert asked == [VoiceLimits(2, 5), VoiceLimits()]
