"""Sentences of a text are found in the sound where they are spoken, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from speech import SENTENCES, Spoken, read_aloud

from aligner.alignment.acoustic import sentence_search
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.rescoring import lexicon_tokens
from aligner.alignment.acoustic.sentence_search import find_sentences
from aligner.alignment.text_first import transcript_by_text
from aligner.types import (
    Article,
    Audio,
    EngineInfo,
    Paragraph,
    Span,
    SpeechSegments,
    Transcript,
    Word,
)

UNSPOKEN = (
    "Farmers along the coast planted twelve thousand young apple trees last spring.",
    "Her brother bought a second bicycle and painted it bright yellow.",
)


def tokens(*texts: str) -> list[list[tuple[LexiconToken, ...]]]:
    return [lexicon_tokens(text.split(), "en") for text in texts]


def test_spoken_sentences_are_found_where_they_are_spoken(spoken: Spoken) -> None:
    texts = (UNSPOKEN[0], SENTENCES[0], UNSPOKEN[1], SENTENCES[1])
    found = find_sentences(spoken.audio, tokens(*texts))
    assert [one.index for one in found] == [1, 3]
    for one, span in zip(found, spoken.spans, strict=True):
        assert abs(one.span.start - span.start) <= 100
        assert abs(one.span.end - span.end) <= 150


def test_sentences_that_nobody_says_are_not_found(spoken: Spoken) -> None:
    assert find_sentences(spoken.audio, tokens(*UNSPOKEN)) == ()


def held(spoken: Spoken, *texts: str) -> dict[str, bool]:
    """Which words of the sentences found in a recording are certain."""
    return {
        word: evidence is not None and evidence.holds
        for one in find_sentences(spoken.audio, tokens(*texts))
        for word, evidence in zip(texts[one.index].split(), one.words, strict=True)
    }


def test_words_that_are_spoken_hold(spoken: Spoken) -> None:
    found = held(spoken, *SENTENCES)
    assert len(found) == len(" ".join(SENTENCES).split()) - 1  # "the" is there twice
    assert sum(found.values()) >= len(found) - 1


@pytest.mark.parametrize(
    ("said", "written"),
    [("Few", "Most"), ("roads", "shops"), ("open.", "closed.")],
)
def test_a_word_that_was_changed_does_not_hold(spoken: Spoken, said: str, written: str) -> None:
    found = held(spoken, *(sentence.replace(said, written) for sentence in SENTENCES))
    assert not found[written]
    assert sum(found.values()) >= len(found) - 3  # a neighbour may be drawn along


@pytest.mark.parametrize(
    "reworded",
    [
        "The minister told reporters in Moscow about his journey to some islands.",
        "Many of his colleagues believe that the roads are open.",
    ],
)
def test_a_sentence_of_which_a_half_was_changed_is_not_found(spoken: Spoken, reworded: str) -> None:
    found = find_sentences(spoken.audio, tokens(reworded, SENTENCES[1]))
    assert [one.index for one in found] in ([1], [])


@pytest.mark.parametrize("text", ["", "Yes.", "—"])
def test_a_text_with_next_to_no_phones_is_not_looked_for(spoken: Spoken, text: str) -> None:
    assert find_sentences(spoken.audio, tokens(text)) == ()


def test_nothing_is_found_in_silence_and_noise() -> None:
    noise = np.random.default_rng(1).normal(0, 2_000, 5 * 16_000).astype(np.int16)
    for samples in (np.zeros(5 * 16_000, np.int16), noise):
        assert find_sentences(Audio(samples, 16_000), tokens(*SENTENCES)) == ()


def test_a_search_that_would_take_too_long_is_not_begun(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence_search, "MAX_CELLS", 1_000)
    assert find_sentences(spoken.audio, tokens(*SENTENCES)) == ()


def speech(spoken: Spoken) -> SpeechSegments:
    return SpeechSegments(spoken.spans)


def article(*texts: str) -> Article:
    paragraphs = tuple(Paragraph(text, "body") for text in texts)
    return Article(url="https://example.com/", title="", language="en", paragraphs=paragraphs)


@pytest.mark.slow
def test_found_sentences_replace_what_was_heard_there(spoken: Spoken) -> None:
    first, second = spoken.spans
    words = (
        Word("gibberish", first.start + 200, first.start + 900, 0.3),
        Word("between", first.end + 500, first.end + 900, 0.9),
        Word("nonsense", second.start + 200, second.start + 900, 0.3),
    )
    heard = Transcript("en", words, EngineInfo("recorded", "x"))
    made = transcript_by_text(article(*SENTENCES), spoken.audio, speech(spoken), heard)
    assert made is not None
    expected = f"{SENTENCES[0]} between {SENTENCES[1]}"
    assert " ".join(word.text for word in made.transcript.words) == expected
    assert len(made.found_starts) == len(" ".join(SENTENCES).split())


@pytest.mark.slow
def test_words_of_another_language_are_left_out(spoken: Spoken) -> None:
    word = Word("entre", spoken.spans[0].end + 500, spoken.spans[0].end + 900, 0.9)
    heard = Transcript("fr", (word,), EngineInfo("recorded", "x"))
    made = transcript_by_text(article(*SENTENCES), spoken.audio, speech(spoken), heard)
    assert made is not None
    assert made.transcript.language == "en"
    assert "entre" not in [word.text for word in made.transcript.words]


def test_another_story_gives_no_transcript(spoken: Spoken) -> None:
    heard = Transcript("en", (), EngineInfo("recorded", "x"))
    assert transcript_by_text(article(*UNSPOKEN), spoken.audio, speech(spoken), heard) is None


STORY = (
    "The company bought 15 trucks for the farmers in the north of the country last winter.",
    "About 340 people came to the first meeting on Monday in the old school behind the market.",
    "Nobody knows when the bridge over the river will be open again.",
)


@pytest.fixture(scope="module")
def story(voice: Any) -> Audio:
    return read_aloud(voice, STORY, 1_500)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "written"), [("15", "50"), ("340", "310"), ("340", "314"), ("15", "15")]
)
def test_a_number_is_certain_only_if_no_other_one_fits_better(
    story: Audio, said: str, written: str
) -> None:
    made = transcript_by_text(changed(said, written), story, everywhere(story), NOTHING)
    assert made is not None
    (word,) = (word for word in made.transcript.words if word.text == written)
    assert (word.score == 1.0) == (written == said)


NOTHING = Transcript("en", (), EngineInfo("recorded", "x"))


def changed(said: str, written: str) -> Article:
    return article(*(sentence.replace(said, written) for sentence in STORY))


def everywhere(audio: Audio) -> SpeechSegments:
    return SpeechSegments((Span(0, audio.duration_ms),))


@pytest.mark.slow
@pytest.mark.parametrize("heard", ["Monday", "vegetables"])
def test_a_changed_word_gives_way_to_what_was_heard_if_that_fits(story: Audio, heard: str) -> None:
    known = transcript_by_text(changed("-", "-"), story, everywhere(story), NOTHING)
    assert known is not None
    (monday,) = (word for word in known.transcript.words if word.text == "Monday")
    transcript = replace(NOTHING, words=(replace(monday, text=heard, score=0.9),))
    made = transcript_by_text(changed("Monday", "Friday"), story, everywhere(story), transcript)
    assert made is not None
    texts = {word.text: word.score for word in made.transcript.words}
    if heard == "Monday":
        assert "Monday" in texts
        assert "Friday" not in texts
    else:
        assert texts["Friday"] < 0.5


@pytest.mark.parametrize(("heard", "score"), [("teen", 0.9), ("16", 0.3)])
def test_a_number_does_not_give_way_to_words_or_guesses(
    story: Audio, heard: str, score: float
) -> None:
    known = transcript_by_text(changed("-", "-"), story, everywhere(story), NOTHING)
    assert known is not None
    (fifteen,) = (word for word in known.transcript.words if word.text == "15")
    transcript = replace(NOTHING, words=(replace(fifteen, text=heard, score=score),))
    made = transcript_by_text(changed("15", "50"), story, everywhere(story), transcript)
    assert made is not None
    assert {w.text: w.score for w in made.transcript.words}["50"] < 0.5


def test_a_recognised_sentence_keeps_the_recognisers_words(story: Audio) -> None:
    known = transcript_by_text(changed("-", "-"), story, everywhere(story), NOTHING)
    assert known is not None
    sure = {word: word.start_ms for word in known.transcript.words}
    count = len(STORY[0].split())
    first = tuple(replace(word, score=0.77) for word in [*sure][:count])
    heard = replace(NOTHING, words=first)
    made = transcript_by_text(changed("-", "-"), story, everywhere(story), heard)
    assert made is not None
    assert made.transcript.words[:count] == first
    assert not made.found_starts & {word.start_ms for word in first}
    assert len(made.transcript.words) == len(known.transcript.words)


def test_a_few_sentences_in_a_long_recording_are_no_reading(story: Audio) -> None:
    long = SpeechSegments((Span(0, 10 * story.duration_ms),))
    more = [f"{sentence} {UNSPOKEN[0]} {UNSPOKEN[1]}" for sentence in STORY]
    assert transcript_by_text(article(*more), story, long, NOTHING) is None
