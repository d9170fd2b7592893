"""Sentences of a text are found in the sound where they are spoken, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from speech import SENTENCES, Spoken

from aligner.alignment.acoustic import sentence_search
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.rescoring import lexicon_tokens
from aligner.alignment.acoustic.sentence_search import find_sentences
from aligner.alignment.text_first import transcript_by_text
from aligner.types import Article, Audio, EngineInfo, Paragraph, Transcript, Word

UNSPOKEN = (
    "Farmers along the coast planted twelve thousand young apple trees last spring.",
    "Her brother bought a second bicycle and painted it bright yellow.",
)


def tokens(*texts: str) -> list[list[LexiconToken]]:
    return [
        [token for group in lexicon_tokens(text.split(), "en") for token in group] for text in texts
    ]


def test_spoken_sentences_are_found_where_they_are_spoken(spoken: Spoken) -> None:
    texts = (UNSPOKEN[0], SENTENCES[0], UNSPOKEN[1], SENTENCES[1])
    found = find_sentences(spoken.audio, tokens(*texts))
    assert [one.index for one in found] == [1, 3]
    for one, span in zip(found, spoken.spans, strict=True):
        assert abs(one.span.start - span.start) <= 100
        assert abs(one.span.end - span.end) <= 150


def test_sentences_that_nobody_says_are_not_found(spoken: Spoken) -> None:
    assert find_sentences(spoken.audio, tokens(*UNSPOKEN)) == ()


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


def article(*texts: str) -> Article:
    paragraphs = tuple(Paragraph(text, "body") for text in texts)
    return Article(url="https://example.com/", title="", language="en", paragraphs=paragraphs)


def test_found_sentences_replace_what_was_heard_there(spoken: Spoken) -> None:
    first, second = spoken.spans
    words = (
        Word("gibberish", first.start + 200, first.start + 900, 0.3),
        Word("between", first.end + 500, first.end + 900, 0.9),
        Word("nonsense", second.start + 200, second.start + 900, 0.3),
    )
    heard = Transcript("en", words, EngineInfo("recorded", "x"))
    made = transcript_by_text(article(*SENTENCES), spoken.audio, heard)
    assert made is not None
    expected = f"{SENTENCES[0]} between {SENTENCES[1]}"
    assert " ".join(word.text for word in made.transcript.words) == expected
    assert len(made.found_starts) == len(" ".join(SENTENCES).split())


def test_words_of_another_language_are_left_out(spoken: Spoken) -> None:
    word = Word("entre", spoken.spans[0].end + 500, spoken.spans[0].end + 900, 0.9)
    heard = Transcript("fr", (word,), EngineInfo("recorded", "x"))
    made = transcript_by_text(article(*SENTENCES), spoken.audio, heard)
    assert made is not None
    assert made.transcript.language == "en"
    assert "entre" not in [word.text for word in made.transcript.words]


def test_another_story_gives_no_transcript(spoken: Spoken) -> None:
    heard = Transcript("en", (), EngineInfo("recorded", "x"))
    assert transcript_by_text(article(*UNSPOKEN), spoken.audio, heard) is None
