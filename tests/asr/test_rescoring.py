"""Which window and which text a second hearing asks about."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from aligner.asr.rescoring import WhisperRescorer
from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import EncoderOutput, WhisperModel
from aligner.types import Audio, EngineInfo, Span, Transcript, Word


class Ear:
    """Finds a text as likely as it is short, and notes what it is asked."""

    def __init__(self) -> None:
        self.encoded: list[int] = []
        self.texts: list[str] = []
        self.lengths: list[int] = []

    def encode(self, sounds: Sequence[NDArray[np.float32]], *, tight: bool) -> list[EncoderOutput]:
        assert tight  # good enough for weighing
        self.encoded += [len(s) for s in sounds]
        return [
            EncoderOutput(np.zeros((1, len(s) // 320 + 50, 1), np.float32), len(s) // 160)
            for s in sounds
        ]

    def log_probabilities(
        self, encoded: EncoderOutput, _language: str, texts: Sequence[str]
    ) -> list[float]:
        self.texts += texts
        self.lengths.append(encoded.features.shape[1])
        return [-float(len(text)) for text in texts]


def hearing() -> tuple[WhisperRescorer, Ear]:
    """Two windows of four words each; the second begins with a hyphenated one."""
    words = [Word(w, k * 500, k * 500 + 400, 0.9) for k, w in enumerate("a b c d e f g h".split())]
    words[4] = Word("-e", 2000, 2400, 0.9, space_before=False)
    transcript = Transcript("en", tuple(words), EngineInfo("x", "y"))
    ear = Ear()
    audio = Audio(np.zeros(16_000 * 5, dtype=np.int16), 16_000)
    windows = (Span(0, 1950), Span(1950, 5000))
    encodings = EncoderCache(cast(WhisperModel, ear), audio)
    return WhisperRescorer(cast(WhisperModel, ear), encodings, windows, transcript, "en"), ear


def test_the_text_of_the_window_is_scored_with_one_passage_replaced() -> None:
    again, ear = hearing()
    assert again.log_likelihood_ratio(Span(1, 3), "wxyz") == -1.0
    assert sorted(ear.texts) == [" a b c d", " a wxyz d"]
    assert ear.encoded == [1950 * 16]


def test_each_window_is_encoded_once() -> None:
    again, ear = hearing()
    for _ in range(2):
        again.log_likelihood_ratio(Span(1, 2), "x")
        again.log_likelihood_ratio(Span(2, 3), "y")
    assert len(ear.encoded) == 1


def test_only_nearby_words_are_scored_with_their_sound() -> None:
    words = tuple(Word(str(k), k * 500, k * 500 + 400, 0.9) for k in range(40))
    transcript = Transcript("en", words, EngineInfo("x", "y"))
    ear = Ear()
    audio = Audio(np.zeros(16_000 * 20, dtype=np.int16), 16_000)
    encodings = EncoderCache(cast(WhisperModel, ear), audio)
    again = WhisperRescorer(
        cast(WhisperModel, ear), encodings, (Span(0, 20_000),), transcript, "en"
    )
    assert again.log_likelihood_ratio(Span(20, 21), "x") == 1.0
    assert ear.texts[0] == " " + " ".join(map(str, range(14, 27)))
    assert ear.lengths == [(13_400 + 200 - 6_800) // 20 + 45]


def test_a_passage_of_the_second_window_is_scored_there() -> None:
    again, ear = hearing()
    again.log_likelihood_ratio(Span(5, 6), "x")
    assert " x g h" in ear.texts[0] + ear.texts[1]
    assert ear.encoded == [3050 * 16]


def test_an_empty_passage_stands_between_two_words() -> None:
    again, ear = hearing()
    again.log_likelihood_ratio(Span(2, 2), "x")
    assert " a b x c d" in ear.texts


def test_a_passage_across_two_windows_has_no_score() -> None:
    again, ear = hearing()
    assert again.log_likelihood_ratio(Span(3, 5), "x") is None
    assert ear.texts == []


def test_an_empty_transcript_has_no_score() -> None:
    transcript = Transcript("en", (), EngineInfo("x", "y"))
    encodings: Any = None
    again = WhisperRescorer(cast(WhisperModel, Ear()), encodings, (), transcript, "en")
    assert again.log_likelihood_ratio(Span(0, 0), "x") is None
