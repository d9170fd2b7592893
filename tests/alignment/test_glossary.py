"""The glossary: what it respells in speech outside the article, and what it never forces."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from speech import RATE, say, silence

from aligner import asr
from aligner.alignment import acoustic, matching
from aligner.alignment.glossary import Glossary, bare, of_recording, respell
from aligner.alignment.matching.substitution_policy import RescoreFn
from aligner.asr import models
from aligner.audio import vad
from aligner.pipeline.align_step import align_and_classify
from aligner.types import (
    Alignment,
    Article,
    Audio,
    CaptionWord,
    EngineInfo,
    GlossaryTerm,
    Paragraph,
    Span,
    Transcript,
    Word,
)

ENGINE = EngineInfo("recorded", "x")
SURE, UNSURE = 0.99, 0.4


def transcript(text: str, *doubted: str, language: str = "en") -> Transcript:
    words = [
        Word(word, k * 400, k * 400 + 350, UNSURE if bare(word) in doubted else SURE)
        for k, word in enumerate(text.split())
    ]
    return Transcript(language, tuple(words), ENGINE)


def likely(ratio: float) -> RescoreFn:
    return lambda _span, _wording: ratio


def respelled(
    heard: Transcript,
    *terms: GlossaryTerm,
    rescore: RescoreFn | None = None,
    acoustic_rescore: RescoreFn | None = None,
) -> Alignment:
    alignment = matching.unaligned(heard)
    return respell(alignment, heard, Glossary(terms, acoustic_rescore), rescore)


def text_of(words: Sequence[CaptionWord]) -> str:
    return " ".join(word.text for word in words)


SIOBHAN = GlossaryTerm("Siobhan Kelleher", source="house.txt")
HEARD = transcript("“Shabon Kelleher’s report, he said.", "Shabon", "Kelleher")


def test_a_term_replaces_what_sounds_like_it_where_both_models_allow_it() -> None:
    found = respelled(HEARD, SIOBHAN, rescore=likely(-8), acoustic_rescore=likely(20)).words
    assert text_of(found) == "“Siobhan Kelleher’s report, he said."
    first, second, third = found[:3]
    assert (first.origin, first.glossary, first.heard) == (
        "respelled",
        "house.txt",
        "“Shabon Kelleher’s",
    )
    assert (second.origin, second.heard, second.article_word) == ("respelled", "", None)
    assert (third.origin, third.glossary, third.heard) == ("spoken", None, None)
    assert [(w.start_ms, w.end_ms) for w in found] == [(w.start_ms, w.end_ms) for w in HEARD.words]


@pytest.mark.parametrize(
    ("rescore", "acoustic_rescore"),
    [
        (None, None),
        (None, likely(50)),
        (likely(-30), likely(50)),
        (likely(-8), likely(14)),
        (lambda *_: None, likely(50)),
        (likely(-8), lambda *_: None),
        (likely(-4), None),
    ],
)
def test_nothing_is_respelt_where_a_model_is_against_it(
    rescore: RescoreFn | None, acoustic_rescore: RescoreFn | None
) -> None:
    found = respelled(HEARD, SIOBHAN, rescore=rescore, acoustic_rescore=acoustic_rescore)
    assert found == matching.unaligned(HEARD)


def test_without_an_acoustic_model_the_recogniser_must_be_surer() -> None:
    assert respelled(HEARD, SIOBHAN, rescore=likely(-2)).words[0].glossary == "house.txt"


def test_what_the_recogniser_is_sure_of_stays() -> None:
    heard = transcript("Shabon Kelleher said so.")
    found = respelled(heard, SIOBHAN, rescore=likely(5), acoustic_rescore=likely(50))
    assert text_of(found.words) == "Shabon Kelleher said so."


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("He paid fifty dollars.", "fifteen dollars"),
        ("It is not open.", "It is now open"),
        ("They met on Monday.", "Sunday"),
    ],
)
def test_numbers_negations_and_weekdays_are_never_swapped(said: str, term: str) -> None:
    heard = transcript(said.title(), *(bare(word) for word in said.title().split()))
    found = respelled(heard, GlossaryTerm(term), rescore=likely(5), acoustic_rescore=likely(50))
    assert text_of(found.words) == said.title()


def test_other_words_stay_though_the_models_would_allow_anything() -> None:
    heard = transcript("The Harbour Is Open Again.", *"The Harbour Is Open Again".split())
    found = respelled(heard, SIOBHAN, rescore=likely(5), acoustic_rescore=likely(50))
    assert text_of(found.words) == "The Harbour Is Open Again."


def test_a_word_in_small_letters_is_no_misspelt_name() -> None:
    heard = transcript("The harbour is open.", "harbour")
    for term, shown in (("Harber", "harbour"), ("harber", "harber")):
        found = respelled(heard, GlossaryTerm(term), rescore=likely(5), acoustic_rescore=likely(50))
        assert text_of(found.words) == f"The {shown} is open."


# ---------------------------------------------------------------- spellings


KYIV = GlossaryTerm("Kyiv", (), ("Kiev", "Kieff"), "house.txt")


def test_a_variant_is_respelt() -> None:
    heard = transcript("They flew to Kiev, and back.")
    for rescore in (None, likely(-15)):
        assert (
            text_of(respelled(heard, KYIV, rescore=rescore).words) == "They flew to Kyiv, and back."
        )
    assert text_of(respelled(heard, KYIV, rescore=likely(-25)).words).count("Kiev") == 1


def test_capitals_are_those_of_the_term() -> None:
    terms = [GlossaryTerm(text) for text in ("iPhone", "UNESCO", "WHO", "byelection", "UiPath")]
    heard = transcript("The Iphone of Unesco and Ui Path. Byelection or who knows.")
    found = respelled(heard, *terms, rescore=likely(0), acoustic_rescore=likely(50))
    assert text_of(found.words) == "The iPhone of UNESCO and UiPath. Byelection or who knows."


@pytest.mark.parametrize(("ratio", "shown"), [(-1.0, "Apple"), (-6.0, "apple"), (None, "apple")])
def test_a_word_in_small_letters_is_a_name_only_if_the_recogniser_finds_it_likely(
    ratio: float | None, shown: str
) -> None:
    heard = transcript("She works at apple now.")
    found = respelled(heard, GlossaryTerm("Apple"), rescore=lambda *_: ratio)
    assert text_of(found.words) == f"She works at {shown} now."


# ---------------------------------------------------------------- the article


def test_the_articles_words_stay_and_other_speech_is_respelt() -> None:
    text = "The council met on Monday in Kiev and said that the gates of the harbour are open."
    article = Article(None, None, "en", (Paragraph(text),))
    heard = transcript(f"{text} Now more from Kiev itself, where it rains.")
    alignment, status, _ = align_and_classify(article, heard, None, None, Glossary((KYIV,)))
    assert status == "captioned"
    assert text_of(alignment.words) == f"{text} Now more from Kyiv itself, where it rains."


def test_captions_from_the_speech_alone_are_respelt_too() -> None:
    article = Article(None, None, "en", (Paragraph("Another story about a recipe for bread."),))
    for one in (article, Article(None, None, None, ())):
        alignment, status, _ = align_and_classify(
            one, transcript("They flew to Kiev and back."), None, None, Glossary((KYIV,))
        )
        assert (status, text_of(alignment.words)) == ("speech_only", "They flew to Kyiv and back.")


@pytest.mark.slow
def test_a_glossary_of_300_names_takes_little_time() -> None:
    letters = "bdfgklmnprstvz"
    names = [
        GlossaryTerm((a + "a" + b + "e" + c + "o").title())
        for a in letters for b in letters for c in letters
    ][:300]  # fmt: skip
    text = "all of the doubted words that somebody said about it once more " * 25
    heard = transcript(text, *text.split())
    started = time.process_time()
    respelled(heard, *names, rescore=likely(-50), acoustic_rescore=likely(0))
    assert time.process_time() - started < 15


# ---------------------------------------------------------------- with the weights


Recognise = Callable[[str, Sequence[GlossaryTerm]], tuple[str, list[CaptionWord]]]


@pytest.fixture(scope="module")
def recognise(voice: Any) -> Recognise:
    engine = asr.load("ctranslate2", "base", models.resolve)

    def run(text: str, glossary: Sequence[GlossaryTerm]) -> tuple[str, list[CaptionWord]]:
        """Returns what Whisper base hears of a sentence, and the words with the glossary."""
        audio = Audio(np.concatenate([silence(1000), say(voice, text), silence(1000)]), RATE)
        sound = vad.run(audio)
        heard = engine.transcribe(
            [sound], options=asr.ListenOptions("en"), progress=lambda *_: None
        )
        rescorer = engine.rescorer(sound, heard)
        assert rescorer
        alignment, *_ = align_and_classify(
            Article(None, None, None, ()), heard, rescorer.log_likelihood_ratio,
            acoustic.acoustic_rescorer(audio, heard), of_recording(tuple(glossary), audio, heard),
        )  # fmt: skip
        return " ".join(word.text for word in heard.words), list(alignment.words)

    return run


NAMES = ("Vovchansk", "Ullapool", "Siobhan", "Mokgweetsi Masisi", "Kostyantynivka", "Gaborone")
HOUSE = [GlossaryTerm(name, source="house.txt") for name in NAMES]


@pytest.mark.weights
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("People in Vovchansk were told to leave, said the mayor Ihor Terekhov.", "Vovchansk"),
        ("Ferries between Tobermory and Ullapool were late again on Sunday.", "Ullapool"),
        ("Kostyantynivka was hit by three shells overnight, officials said.", "Kostyantynivka"),
    ],
)
def test_names_that_whisper_misspells_are_mended(
    text: str, name: str, recognise: Recognise
) -> None:
    heard, words = recognise(text, HOUSE)
    assert name not in heard
    mended = [word for word in words if word.origin == "respelled"]
    assert [bare(word.text) for word in mended] == [name]
    assert mended[0].glossary == "house.txt"
    assert mended[0].heard


@pytest.mark.weights
def test_a_pronunciation_finds_a_name_that_its_spelling_does_not(recognise: Recognise) -> None:
    text = "The bishop of Lesotho met Mokgweetsi Masisi in Gaborone on Friday."
    _, without = recognise(text, [GlossaryTerm("Gaborone")])
    _, found = recognise(text, [GlossaryTerm("Gaborone", ("gab-or-OHN",))])
    assert "Gaborone" not in text_of(without)
    assert "Gaborone on Friday" in text_of(found)


@pytest.mark.weights
@pytest.mark.parametrize(
    "text",
    [
        "The hearing was led by Okonjo Adebayo, who asked for more time.",
        "The minister told reporters in Moscow that the roads are open.",
        "Few people believe that they can go home.",
        "Our reporter Ciaran Doherty spoke to the harbour master this morning.",
        "People in Volnovakha were told to leave, said the governor.",
    ],
)
def test_a_term_that_is_not_said_is_not_forced(text: str, recognise: Recognise) -> None:
    others = "Macron Bradley Fico Scholz Minsk Boris Mary Reid Siobhan Vovchansk Gaborone Perry"
    heard, words = recognise(text, [GlossaryTerm(name) for name in others.split()])
    assert text_of(words) == heard
    assert all(word.origin == "spoken" for word in words)


def test_a_span_without_words_in_the_article_is_needed() -> None:
    heard = transcript("They flew to Kiev.")
    aligned = matching.align(Article(None, None, "en", (Paragraph("They flew to Kiev."),)), heard)
    assert respell(aligned, heard, Glossary((KYIV,)), None) is aligned
    assert Span(0, 4) == aligned.matches[0].spoken or len(aligned.matches) > 1
