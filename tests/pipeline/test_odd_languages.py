"""Odd articles and recordings: a wrong language, two languages, unknown scripts, one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from aligner.alignment import acoustic
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.phones import UNKNOWN, phones
from aligner.alignment.text_first import transcript_by_text
from aligner.languages.identification import is_written_in
from aligner.pipeline.align_step import align_and_classify
from aligner.types import (
    Alignment,
    Article,
    Audio,
    EngineInfo,
    Paragraph,
    Span,
    SpeechSegments,
    Status,
    Transcript,
    Word,
)

ENGLISH = (
    "The minister told reporters in the capital that the roads are open again and that most of the"
    " people who left their homes last week will be able to go back before the winter."
)
SPANISH = (
    "El ministro dijo a los periodistas que las carreteras están abiertas y que la gente puede"
    " volver a sus casas antes del invierno."
)
N_KO, CHEROKEE = "ߒߞߏ ߞߊ߲ ߦߋ߫ ߞߊ߲", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᎠᏂᏴᏫᏯ ᎤᏂᏍᏗ ᎾᏍᎩ"


def heard(text: str, language: str) -> Transcript:
    words = tuple(Word(word, 300 * k, 300 * k + 250, 0.9) for k, word in enumerate(text.split()))
    return Transcript(language, words, EngineInfo("recorded", ""))


def classified(text: str, declared: str, transcript: Transcript) -> tuple[Alignment, Status, str]:
    article = Article(None, None, declared, (Paragraph(text),))
    return align_and_classify(article, transcript, None)


def test_a_page_that_declares_a_wrong_language_is_captioned_in_the_spoken_one() -> None:
    assert not is_written_in(ENGLISH, "sw")
    found, status, _ = classified(ENGLISH, "sw", heard(ENGLISH, "en"))
    assert status == "captioned"
    assert " ".join(word.text for word in found.words) == ENGLISH


def test_a_recording_in_two_languages_keeps_the_words_of_both() -> None:
    both = f"{ENGLISH} {SPANISH}"
    found, status, _ = classified(ENGLISH, "en", heard(both, "en"))
    assert status == "captioned"
    assert " ".join(word.text for word in found.words) == both
    origins = [word.origin for word in found.words]
    assert origins.count("verified") == len(ENGLISH.split())
    assert set(origins[-len(SPANISH.split()) :]) == {"spoken"}


@pytest.mark.parametrize("text", [N_KO, CHEROKEE])
def test_a_script_that_nobody_can_pronounce_is_matched_and_keeps_its_times(text: str) -> None:
    assert {phones(word, "nqo") for word in text.split()} == {UNKNOWN}
    transcript = heard(text, "nqo")
    found, status, _ = classified(text, "nqo", transcript)
    assert status == "captioned"
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 300, RATE * 2).astype(np.int16)
    speech = SpeechSegments((Span(0, 2000),))
    timed = acoustic.refine(Audio(noise, RATE), found.words, speech, "nqo")
    assert [word.text for word in timed] == text.split()
    assert all(word.start_ms < word.end_ms for word in timed)


def test_an_article_of_one_sentence_is_captioned() -> None:
    text = "The roads are open."
    found, status, _ = classified(text, "en", heard(text, "en"))
    assert status == "captioned"
    assert " ".join(word.text for word in found.words) == text


@pytest.mark.parametrize("language", ["en", "sw", "ar", "ja", "xx"])
def test_an_article_of_digits_alone_is_captioned(language: str) -> None:
    text = "1 2 3 2024 15,5 7% 12"
    found, status, _ = classified(text, language, heard(text, language))
    assert status == "captioned"
    assert " ".join(word.text for word in found.words) == text


@pytest.mark.parametrize("text", ["The roads are open.", "1 2 3", N_KO, "…", ""])
@pytest.mark.parametrize("language", ["sw", "nqo"])
def test_nothing_is_found_of_odd_articles_in_noise(text: str, language: str) -> None:
    noise = np.random.default_rng(2).normal(0, 300, RATE * 3).astype(np.int16)
    article = Article(None, None, language, (Paragraph(text),))
    speech = SpeechSegments((Span(0, 3000),))
    audio = Audio(noise, RATE)
    assert transcript_by_text(article, audio, speech, heard("bla bla", language)) is None
