"""A Whisper engine for tests: a test gives what it encodes, decodes and aligns."""

from __future__ import annotations

from collections.abc import Sequence

from aligner.asr.whisper.engine import WhisperEngine
from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis, TokenScores
from aligner.types import EngineInfo


class FakeEngine(WhisperEngine):
    """Fails if it is asked to detect the language, to rescore, or to verify a draft."""

    info = EngineInfo("fake", "none")
    languages: tuple[str, ...] = ("en",)
    attempts = 1
    batch_size = 2
    default_beam_size = 3

    def detect_language(self, _encoded: Sequence[EncoderOutput]) -> list[dict[str, float]]:
        raise AssertionError("the language is known")

    def log_probabilities(
        self, _encoded: EncoderOutput, _language: str, _texts: Sequence[str]
    ) -> list[float]:
        raise AssertionError("nothing is rescored")

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
