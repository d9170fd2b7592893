"""The transcription loop that all engines share, with an engine whose answers are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from fake_engine import FakeEngine
from numpy.typing import NDArray

from aligner.asr.base import ListenOptions
from aligner.asr.whisper.model import (
    DecodeOptions,
    DecodingResult,
    EncoderOutput,
)
from aligner.asr.whisper.word_timestamps import WordTiming
from aligner.errors import EngineUnavailable
from aligner.types import Audio, AudioSoFar, Span, SpeechSegments

RATE = 16_000
GOOD = DecodingResult((1, 2), "a good text", -0.2, 0.1)
UNSURE = DecodingResult((3, 4), "an unsure text", -1.5, 0.1)
STUCK = DecodingResult((5,), "la " * 100, -0.1, 0.1)
SILENT = DecodingResult((6,), "Thank you.", -1.5, 0.9)


@dataclass
class AttemptsEngine(FakeEngine):
    """Decodes in every window the text of the attempt, and records the calls."""

    texts: list[DecodingResult]
    languages: tuple[str, ...] = ("de", "en", "no", "jw")
    encodings: list[int] = field(default_factory=list)
    asked: list[tuple[int, str, DecodeOptions]] = field(default_factory=list)
    chances: dict[str, float] = field(default_factory=lambda: {"en": 0.6, "de": 0.4})

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


AUDIO = Audio(np.zeros(100 * RATE, dtype=np.int16), RATE)
WINDOWS = tuple(Span(i * 10_000, i * 10_000 + 8_000) for i in range(7))


def there(windows: tuple[Span, ...] = WINDOWS) -> AudioSoFar:
    return AudioSoFar(AUDIO, SpeechSegments(()), windows)


def transcribe(
    engine: AttemptsEngine,
    windows: tuple[Span, ...] = WINDOWS,
    options: ListenOptions | None = None,
) -> list[str]:
    found = engine.transcribe(
        [there(windows)], options=options or ListenOptions("en"), progress=lambda *_: None
    )
    return [word.text for word in found.words]


def test_every_window_is_encoded_once_also_for_language_detection() -> None:
    engine = AttemptsEngine([GOOD])
    words = transcribe(engine, options=ListenOptions())
    assert sum(engine.encodings) == len(WINDOWS)
    assert words == ["1", "2"] * len(WINDOWS)


def test_words_have_times_of_the_recording_and_progress_is_reported() -> None:
    told: list[tuple[int, int]] = []
    found = AttemptsEngine([GOOD]).transcribe(
        [there()], options=ListenOptions("en"), progress=lambda *now: told.append(now)
    )
    assert [w.start_ms // 10_000 for w in found.words] == [i for i in range(7) for _ in range(2)]
    assert told == [(16_000, 56_000), (32_000, 56_000), (48_000, 56_000), (56_000, 56_000)]
    assert (found.language, found.engine.name) == ("en", "fake")


@pytest.mark.parametrize(
    ("asked", "code", "tag"),
    [("en", "en", "en"), ("de-AT", "de", "de"), ("EN_us", "en", "en"), ("nb", "no", "no"),
     ("jv", "jw", "jv"), (None, "en", "en")],
)  # fmt: skip
def test_language_tags_are_mapped_to_whispers_codes(asked: str | None, code: str, tag: str) -> None:
    engine = AttemptsEngine([GOOD])
    found = engine.transcribe([there()], options=ListenOptions(asked), progress=lambda *_: None)
    assert {language for _, language, _ in engine.asked} == {code}
    assert found.language == tag


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(EngineUnavailable, match="does not know the language xx"):
        transcribe(AttemptsEngine([GOOD]), options=ListenOptions("xx"))


@pytest.mark.parametrize(
    ("language", "found_ms", "again"), [("en", 7_000, False), ("en", 4_000, True), ("de", 0, True)]
)
def test_what_the_articles_sentences_explain_is_decoded_once(
    language: str, found_ms: int, again: bool
) -> None:
    engine = AttemptsEngine([UNSURE, GOOD])
    arrived = AudioSoFar(AUDIO, SpeechSegments(WINDOWS), WINDOWS)
    options = ListenOptions(
        language, find_sentences=lambda _, part: [Span(part.start, part.start + found_ms)]
    )
    engine.transcribe([arrived], options=options, progress=lambda *_: None)
    assert (sum(count for count, *_ in engine.asked) > len(WINDOWS)) == again


def test_an_english_model_detects_no_language() -> None:
    engine = AttemptsEngine([GOOD], languages=("en",), chances={})
    assert transcribe(engine, options=ListenOptions())


def test_no_windows_give_no_words() -> None:
    assert transcribe(AttemptsEngine([GOOD]), windows=(), options=ListenOptions()) == []


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
def test_the_best_attempt_is_taken(
    texts: list[DecodingResult], attempts: int, words: list[str]
) -> None:
    engine = AttemptsEngine(texts)
    found = transcribe(engine, windows=WINDOWS[:1])
    assert len(engine.asked) == attempts
    assert found == words


def test_the_beam_size_is_the_engines_unless_given() -> None:
    engine = AttemptsEngine([GOOD])
    transcribe(engine)
    transcribe(engine, options=ListenOptions("en", beam_size=8))
    assert {how.beam_size for _, _, how in engine.asked} == {3, 8}


def test_a_repetition_loop_gives_one_phrase() -> None:
    stuck = replace(STUCK, tokens=(1, 2) * 20)
    assert transcribe(AttemptsEngine([stuck]), windows=WINDOWS[:1]) == ["1", "2"]
