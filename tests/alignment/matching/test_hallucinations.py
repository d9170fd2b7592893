"""What recognisers make up over music is dropped; what somebody says is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE, Spoken

from aligner import asr
from aligner.alignment.matching import align, unaligned
from aligner.alignment.matching.hallucinations import drop_words, hallucinated_words
from aligner.asr import models
from aligner.audio import vad
from aligner.pipeline import align_step
from aligner.types import (
    Article,
    Audio,
    AudioSoFar,
    EngineInfo,
    Paragraph,
    Span,
    SpeechSegments,
    Transcript,
    Word,
)

TEXT = "Few people believe that they can go home. The talks go on until the end of the week."
ARTICLE = Article(None, None, "en", (Paragraph(TEXT),))


def transcript(*words: tuple[str, int, int, float]) -> Transcript:
    return Transcript("en", tuple(Word(*word) for word in words), EngineInfo("recorded", "x"))


def said(
    text: str, start_ms: int = 0, each_ms: int = 300, score: float = 0.9
) -> tuple[tuple[str, int, int, float], ...]:
    return tuple(
        (word, start_ms + at * each_ms, start_ms + (at + 1) * each_ms, score)
        for at, word in enumerate(text.split())
    )


FIRST, SECOND = said("Few people believe that they can go home."), said("The talks go on", 20_000)


@pytest.mark.parametrize(
    ("between", "dropped"),
    [
        ([("Thank", 3500, 9100, 0.01), ("you.", 9100, 10_300, 0.97)], 2),
        ([("Thank", 3500, 9100, 0.8), ("you.", 9100, 10_300, 0.97)], 0),  # it is sure
        ([("Thank", 3500, 4100, 0.01), ("you.", 4100, 4300, 0.97)], 0),  # as quick as speech
        ([("$250,000", 3500, 5200, 0.2)], 0),  # four words, spoken
        ([("Goal!", 3500, 4400, 0.1)], 0),
        ([("Goal!", 3500, 4400, 0.1), ("you", 6000, 12_000, 0.1)], 1),  # a pause parts them
        (said("let's get started", 9000, 20, 0.2), 3),  # too quick for anybody
        (said("let's get started", 9000, 20, 0.8), 0),
        ([("a", 9000, 9020, 0.2)], 0),  # a short word may have no time of its own
        (said("and a little off the wish more work", 4000, 250, 0.2), 0),  # hard to understand
    ],
)
def test_hallucinated_words_are_dropped(
    between: list[tuple[str, int, int, float]], dropped: int
) -> None:
    heard = transcript(*FIRST, *between, *SECOND)
    places = hallucinated_words(align(ARTICLE, heard).matches, heard)
    last = len(FIRST) + len(between)
    assert places == frozenset(range(last - dropped, last))


def test_unlikely_words_of_the_article_stay() -> None:
    heard = transcript(*FIRST, ("The", 3500, 9500, 0.01), *said("talks go on until", 9500))
    assert not hallucinated_words(align(ARTICLE, heard).matches, heard)


def test_without_an_article_scores_and_lengths_decide() -> None:
    heard = transcript(*FIRST, ("you", 6000, 12_000, 0.1))
    assert hallucinated_words(unaligned(heard).matches, heard) == {len(FIRST)}


def test_rescorers_count_the_words_that_remain() -> None:
    asked: list[tuple[Span, str]] = []

    def gain(spoken: Span, wording: str) -> float:
        asked.append((spoken, wording))
        return 1.0

    left, of_left, none = drop_words({2, 3}, transcript(*said("a b x y c d")), gain)
    assert none is None
    assert [word.text for word in left.words] == ["a", "b", "c", "d"]
    assert of_left
    places = [Span(0, 2), Span(2, 4), Span(4, 4), Span(1, 3)]
    assert [of_left(place, "z") for place in places] == [1.0, 1.0, 1.0, None]
    assert [spoken for spoken, _ in asked] == [Span(0, 2), Span(4, 6), Span(6, 6)]


def test_all_words_may_be_dropped() -> None:
    heard = transcript(("you", 0, 12_000, 0.1))
    alignment, status, _ = align_step.align_and_classify(ARTICLE, heard, None)
    assert (alignment.words, status) == ((), "speech_only")


Sound = NDArray[np.float64]


def music(length: int) -> Sound:
    """Struck chords under a tune, with a beat."""
    out = np.zeros(length)
    rng = np.random.default_rng(5)
    for at, start in enumerate(range(0, length, RATE // 2)):
        time = np.arange(min(RATE, length - start)) / RATE
        tune = (262, 330, 392, 523, 440, 349, 294, 247)[at % 8]
        for hz in (tune, *((131, 165, 196) if at % 2 == 0 else ())):
            tone = sum(np.sin(2 * np.pi * k * hz * time) / k for k in range(1, 7))
            out[start : start + len(time)] += np.exp(-2 * time) * tone
        out[start : start + len(time)] += 2 * rng.normal(size=len(time)) * np.exp(-80 * time)
    return out


def applause(length: int) -> Sound:
    """Many short bursts of noise."""
    out = np.zeros(length)
    rng = np.random.default_rng(5)
    for start in rng.integers(0, length - 300, length // 400):
        out[start : start + 300] += rng.normal(size=300) * np.exp(-np.arange(300) / 60)
    return out


@pytest.mark.weights
@pytest.mark.parametrize("made", [music, applause])
def test_words_over_noise_are_dropped(spoken: Spoken, made: Callable[[int], Sound]) -> None:
    """The detector is not deceived by it; here it is said to be."""
    before, after = spoken.spans
    cut = (before.end + 500) * RATE // 1000
    sound = made(12 * RATE)
    sound = (2000 * sound / sound.std()).clip(-32_000, 32_000).astype(np.int16)
    samples = spoken.audio.samples
    audio = Audio(np.concatenate([samples[:cut], sound, samples[cut:]]), RATE)
    over = Span(before.end + 500, before.end + 12_500)
    late = Span(after.start + 12_000, after.end + 12_000)
    assert all(part.end <= over.start + 100 or part.start >= over.end - 100
               for part in vad.find_speech(audio).segments)  # fmt: skip
    speech = SpeechSegments((before, over, late))
    windows = Span(0, before.end + 250), over, Span(late.start - 250, audio.duration_ms)
    heard = asr.load("ctranslate2", "base", models.resolve).transcribe(
        [AudioSoFar(audio, speech, windows)],
        options=asr.ListenOptions("en"),
        progress=lambda *_: None,
    )
    article = Article(None, None, "en", tuple(Paragraph(text) for text in spoken.sentences))
    made_up = [word for word in heard.words if over.start <= word.start_ms < over.end]
    if not made_up:
        pytest.skip("this recogniser makes nothing up over this sound")
    alignment, status, _ = align_step.align_and_classify(article, heard, None)
    assert status == "captioned"
    assert [word.text for word in alignment.words] == " ".join(spoken.sentences).split()
