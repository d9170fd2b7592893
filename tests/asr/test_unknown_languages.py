"""Articles in a language that no recogniser knows are captioned by their sentences in the sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from numpy.typing import NDArray
from speech import read_aloud

from aligner.alignment.text_first import ENGINE
from aligner.asr.whisper.model import DecodeOptions, DecodingResult, EncoderOutput
from aligner.asr.whisper.word_timestamps import WordTiming
from aligner.audio import vad
from aligner.errors import EngineUnavailable
from aligner.pipeline import align_step
from aligner.pipeline.options import Options
from aligner.pipeline.recognition import Recogniser
from aligner.types import (
    Article,
    Audio,
    MediaFile,
    MediaLink,
    Paragraph,
)

OROMO = (
    "Namoonni kuma lama ta'an magaalaa Jimmaa keessatti mana isaanii dhiisanii baqatan.",
    "Bishaan lagaa guyyaa sadii booda gara ollaa keenyaatti ol ba'e.",
    "Mootummaan nyaata fi uffata haaraa isaaniif ni erga jedhe.",
)
ANOTHER = (
    "Barattoonni mana barumsaa sanaa kitaabota moofaa walitti qaban.",
    "Qonnaan bultoonni naannoo sanaa buna gaarii oomishan.",
    "Dorgommii kubbaa miilaa kana irratti gareen keenya injifate.",
)


@pytest.fixture(scope="module")
def oromo(voice: Any) -> Audio:
    """The voice reads Oromo, with pauses between the sentences."""
    usual = voice.config.espeak_voice
    voice.config.espeak_voice = "om"
    try:
        return read_aloud(voice, OROMO, 1_200)
    finally:
        voice.config.espeak_voice = usual


class English(FakeEngine):
    """Knows English alone, and hears the same words everywhere."""

    def encode(
        self,
        sounds: Sequence[NDArray[np.float32]],
        *,
        tight: bool = False,  # noqa: ARG002
    ) -> list[EncoderOutput]:
        return [EncoderOutput(sound[None, :1, None], len(sound) // 160) for sound in sounds]

    def decode(
        self,
        encoded: Sequence[EncoderOutput],
        language: str,  # noqa: ARG002
        how: DecodeOptions,  # noqa: ARG002
    ) -> list[DecodingResult]:
        return [DecodingResult((1,), "gibberish", -0.2, 0.1)] * len(encoded)

    def align(
        self, encoded: Sequence[EncoderOutput], _language: str, _texts: Sequence[tuple[int, ...]]
    ) -> list[list[WordTiming]]:
        return [[WordTiming(" gibberish", 0.0, 0.5, 0.9)] for _ in encoded]


def article(texts: tuple[str, ...], language: str | None = "om") -> Article:
    paragraphs = tuple(Paragraph(text, "body") for text in texts)
    return Article("https://example.com/", "", language, paragraphs)


def recogniser(texts: Article, language: str | None = None) -> Recogniser:
    media = MediaFile(Path("a.mp3"), MediaLink("a.mp3", "audio", "given"), None, "")
    return Recogniser(texts, media, Options(language=language, draft=False), English)


def ignore(_done: int, _all: int) -> None:
    """The progress is of no interest."""


@pytest.mark.slow
@pytest.mark.parametrize(("declared", "given"), [("om", None), (None, "om")])
def test_the_sentences_of_the_article_are_captioned(
    oromo: Audio, declared: str | None, given: str | None
) -> None:
    text = article((ANOTHER[0], *OROMO), declared)
    found = recogniser(text, given).whole(oromo, ignore)
    assert found.transcript.engine == ENGINE
    assert found.transcript.language == "om"
    assert [word.text for word in found.transcript.words] == " ".join(OROMO).split()

    alignment, status, _ = align_step.align_and_classify(text, found.transcript, None)
    made = align_step.align_by_text(text, oromo, found.speech, found.transcript, alignment)
    assert status == "captioned"
    assert made is not None
    assert {word.origin for word in made[1].words} == {"found"}


def test_speech_between_the_sentences_is_reported(oromo: Audio) -> None:
    text = article((OROMO[0], OROMO[2]))
    found = recogniser(text).whole(oromo, ignore)
    alignment, *_ = align_step.align_and_classify(text, found.transcript, None)
    (stretch,) = align_step.uncaptioned_speech(found.speech, alignment.words)
    middle = vad.run(oromo).speech.segments
    assert middle[0].end < stretch.start < stretch.end < middle[-1].end


@pytest.mark.parametrize(
    "texts",
    [ANOTHER, (*ANOTHER, OROMO[1]), OROMO[:1], ("1250 3.5 1998", "40 20 30"), ("Eeyyee.",), ()],
    ids=["another story", "a quotation", "one sentence", "figures", "one word", "no text"],
)
def test_what_is_no_reading_is_left_to_the_recogniser(oromo: Audio, texts: tuple[str, ...]) -> None:
    heard = recogniser(article(texts)).whole(oromo, ignore).transcript
    assert {word.text for word in heard.words} == {"gibberish"}


def test_a_sentence_with_another_half_is_not_captioned(oromo: Audio) -> None:
    reworded = "Bishaan lagaa guyyaa sadii booda dargaggoota baay'ee gammachiise."
    found = recogniser(article((OROMO[0], reworded, OROMO[2]))).whole(oromo, ignore)
    assert "gammachiise." not in [word.text for word in found.transcript.words]


def test_another_story_in_a_stated_language_names_what_is_missing(oromo: Audio) -> None:
    with pytest.raises(EngineUnavailable, match="does not know the language om"):
        recogniser(article(ANOTHER), "om").whole(oromo, ignore)


FRENCH = ("Le ministre a dit que les routes seront ouvertes avant la fin de la semaine.",) * 2


@pytest.mark.parametrize(
    ("texts", "language", "remedy"),
    [(FRENCH, "fr", "French.*--model base"), (ANOTHER, "om", "Oromo: no model")],
)
def test_a_model_that_does_not_know_the_language_of_the_page_is_warned_of(
    oromo: Audio,
    caplog: pytest.LogCaptureFixture,
    texts: tuple[str, ...],
    language: str,
    remedy: str,
) -> None:
    recogniser(article(texts, language)).whole(oromo, ignore)
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert re.search(remedy, warning.getMessage())
