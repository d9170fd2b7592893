"""The loop that the recognisers share, with one whose every step is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner.asr.base import ListenOptions
from aligner.asr.whisper.engine import WhisperEngine
from aligner.asr.whisper.model import (
    DecodeOptions,
    DecodingResult,
    EncoderOutput,
    PartialHypothesis,
    TokenScores,
)
from aligner.asr.whisper.word_timestamps import WordTiming
from aligner.errors import EngineUnavailable
from aligner.types import Audio, AudioSoFar, EngineInfo, Span, SpeechSegments

RATE = 16_000
GOOD = DecodingResult((1, 2), "a good text", -0.2, 0.1)
UNSURE = DecodingResult((3, 4), "an unsure text", -1.5, 0.1)
STUCK = DecodingResult((5,), "la " * 100, -0.1, 0.1)
SILENT = DecodingResult((6,), "Thank you.", -1.5, 0.9)


@dataclass
class Known(WhisperEngine):
    """Hears in every window what the list of attempts says; remembers what it was asked."""

    texts: list[DecodingResult]
    languages: tuple[str, ...] = ("de", "en", "no", "jw")
    encodings: list[int] = field(default_factory=list)
    asked: list[tuple[int, str, DecodeOptions]] = field(default_factory=list)
    chances: dict[str, float] = field(default_factory=lambda: {"en": 0.6, "de": 0.4})

    info = EngineInfo("known", "none")
    batch_size = 2
    default_beam_size = 3

    @property
    def attempts(self) -> int:  # type: ignore[override]
        return len(self.texts)

    def encode(
        self, sounds: Sequence[NDArray[np.float32]], *, tight: bool = False
    ) -> list[EncoderOutput]:
        assert not tight  # there is no draft
        self.encodings.append(len(sounds))
        return [EncoderOutput(s[None, :1, None], len(s) // 160) for s in sounds]

    def detect_language(self, encoded: Sequence[EncoderOutput]) -> list[dict[str, float]]:
        return [self.chances for _ in encoded]

    def decode(
        self, encoded: Sequence[EncoderOutput], language: str, how: DecodeOptions
    ) -> list[DecodingResult]:
        self.asked.append((len(encoded), language, how))
        return [self.texts[how.attempt]] * len(encoded)

    def align(
        self, encoded: Sequence[EncoderOutput], language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[WordTiming]]:
        assert len(encoded) == len(texts)
        assert language in self.languages
        return [
            [WordTiming(f" {token}", i * 0.5, i * 0.5 + 0.4, 0.9) for i, token in enumerate(text)]
            for text in texts
        ]

    def log_probabilities(
        self, _encoded: EncoderOutput, _language: str, _texts: Sequence[str]
    ) -> list[float]:
        raise AssertionError("the loop asks for no second hearing")

    def tokenize(self, text: str) -> tuple[int, ...]:
        return (len(text),)

    def score_tokens(
        self, _encoded: EncoderOutput, _language: str, _text: Sequence[int]
    ) -> TokenScores:
        raise AssertionError("there is no draft")

    def decode_parts(
        self,
        _encoded: Sequence[EncoderOutput],
        _language: str,
        _before: Sequence[Sequence[int]],
        _most: int,
    ) -> list[PartialHypothesis]:
        raise AssertionError("there is no draft")


AUDIO = Audio(np.zeros(100 * RATE, dtype=np.int16), RATE)
WINDOWS = tuple(Span(i * 10_000, i * 10_000 + 8_000) for i in range(7))


def there(windows: tuple[Span, ...] = WINDOWS) -> AudioSoFar:
    return AudioSoFar(AUDIO, SpeechSegments(()), windows)


def hear(
    known: Known, windows: tuple[Span, ...] = WINDOWS, options: ListenOptions | None = None
) -> list[str]:
    found = known.transcribe(
        [there(windows)], options=options or ListenOptions("en"), progress=lambda *_: None
    )
    return [word.text for word in found.words]


def test_every_window_is_encoded_once_also_if_the_language_is_heard() -> None:
    known = Known([GOOD])
    words = hear(known, options=ListenOptions())
    assert sum(known.encodings) == len(WINDOWS)
    assert words == ["1", "2"] * len(WINDOWS)


def test_words_are_on_the_recordings_clock_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    found = Known([GOOD]).transcribe(
        [there()], options=ListenOptions("en"), progress=lambda *now: told.append(now)
    )
    assert [w.start_ms // 10_000 for w in found.words] == [i for i in range(7) for _ in range(2)]
    assert told == [(16_000, 56_000), (32_000, 56_000), (48_000, 56_000), (56_000, 56_000)]
    assert (found.language, found.engine.name) == ("en", "known")


@pytest.mark.parametrize(
    ("asked", "code", "tag"),
    [("en", "en", "en"), ("de-AT", "de", "de"), ("EN_us", "en", "en"), ("nb", "no", "no"),
     ("jv", "jw", "jv"), (None, "en", "en")],
)  # fmt: skip
def test_languages(asked: str | None, code: str, tag: str) -> None:
    known = Known([GOOD])
    found = known.transcribe([there()], options=ListenOptions(asked), progress=lambda *_: None)
    assert {language for _, language, _ in known.asked} == {code}
    assert found.language == tag


def test_a_language_that_the_model_does_not_know() -> None:
    with pytest.raises(EngineUnavailable, match="does not know the language xx"):
        hear(Known([GOOD]), options=ListenOptions("xx"))


def test_an_english_model_is_not_asked_which_language_it_is() -> None:
    known = Known([GOOD], languages=("en",), chances={})
    assert hear(known, options=ListenOptions())


def test_no_windows() -> None:
    assert hear(Known([GOOD]), windows=(), options=ListenOptions()) == []


@pytest.mark.parametrize(
    ("texts", "attempts", "words"),
    [
        ([GOOD, UNSURE], 1, ["1", "2"]),
        ([UNSURE, GOOD], 2, ["1", "2"]),
        ([STUCK, GOOD], 2, ["1", "2"]),
        # all attempts are poor: the surest that does not repeat itself
        ([STUCK, UNSURE, replace(UNSURE, tokens=(9,), avg_logprob=-1.1)], 3, ["9"]),
        # silence is not tried again, and gives no words
        ([SILENT, GOOD], 1, []),
    ],
)
def test_attempts(texts: list[DecodingResult], attempts: int, words: list[str]) -> None:
    known = Known(texts)
    found = hear(known, windows=WINDOWS[:1])
    assert len(known.asked) == attempts
    assert found == words


def test_the_beam_is_the_recognisers_own_unless_asked_for() -> None:
    known = Known([GOOD])
    hear(known)
    hear(known, options=ListenOptions("en", beam_size=8))
    assert {how.beam_size for _, _, how in known.asked} == {3, 8}


def test_a_stuck_recogniser_says_it_once() -> None:
    stuck = replace(STUCK, tokens=(1, 2) * 20)
    assert hear(Known([stuck]), windows=WINDOWS[:1]) == ["1", "2"]
