"""The Whisper of CTranslate2, through faster-whisper: the only use of both (8-bit on the CPU)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.engines.base import (
    MOST_TOKENS,
    WINDOW_SAMPLES,
    DecodeOptions,
    Encoded,
    Heard,
    Kind,
    Recogniser,
)
from aligner.engines.words import APPENDED, PREPENDED, Timed
from aligner.errors import EngineUnavailable
from aligner.nouns import EngineInfo, Weights

NO_REPEATS = 4
"""Tokens in a row that the second attempt may not say twice."""


class Ctranslate2(Recogniser):
    """See ``Recogniser``.

    CTranslate2 cannot be given a seed for one call, so that drawing at random would not give the
    same words for the same sound. The second attempt searches more widely instead, and bars
    phrases that repeat themselves. A beam of 5 takes a quarter more processor time than greedy
    search; over 14 minutes of real speech (1661 words) it made 180 errors, greedy search 188.
    """

    attempts = 2
    usual_beam = 5
    batch = 4

    def __init__(self, weights: Weights) -> None:
        from faster_whisper import WhisperModel

        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        try:
            self._model: Any = WhisperModel(
                str(weights.path), device="cpu", compute_type="int8", cpu_threads=threads
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineUnavailable(
                "ctranslate2", f"{weights.path} cannot be loaded: {error}"
            ) from error
        self.info = EngineInfo("ctranslate2", weights.name, version("ctranslate2"))
        self.languages = tuple(self._model.supported_languages)

    def encode(self, sounds: Sequence[NDArray[np.float32]]) -> list[Encoded]:
        """See ``Recogniser``. The features are numpy arrays of shape (1, 1500, width)."""
        mels = np.stack([self._mel(sound) for sound in sounds])
        encoded = np.asarray(self._model.encode(mels))
        frames = [-(-len(sound) // self._model.feature_extractor.hop_length) for sound in sounds]
        return [Encoded(encoded[at : at + 1], count) for at, count in enumerate(frames)]

    def _mel(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-mel spectrogram, shape (mels, 3000): the sound filled up with silence."""
        padded = np.pad(sound, (0, WINDOW_SAMPLES - len(sound)))
        mel: NDArray[np.float32] = self._model.feature_extractor(padded, padding=160)
        return mel[:, : self._model.feature_extractor.nb_max_frames]

    def detect_language(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """See ``Recogniser``."""
        found = self._model.model.detect_language(_joined(encoded))
        return [{token[2:-2]: chance for token, chance in window} for window in found]

    def decode(self, encoded: Sequence[Encoded], language: str, how: DecodeOptions) -> list[Heard]:
        """See ``Recogniser``."""
        tokenizer = self._tokenizer(language)
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        results = self._model.model.generate(
            _joined(encoded),
            [prompt] * len(encoded),
            beam_size=how.beam_size * (2 if how.attempt else 1),
            no_repeat_ngram_size=NO_REPEATS if how.attempt else 0,
            max_length=len(prompt) + MOST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=_suppressed(tokenizer),
        )
        return [_heard(result, tokenizer) for result in results]

    def align(
        self, encoded: Sequence[Encoded], language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[Timed]]:
        """See ``Recogniser``."""
        from faster_whisper.transcribe import merge_punctuations

        found = self._model.find_alignment(
            self._tokenizer(language),
            [list(text) for text in texts],
            _joined(encoded),
            [window.frames for window in encoded],
        )
        for words in found:
            merge_punctuations(words, PREPENDED, APPENDED)
        return [
            [Timed(w["word"], w["start"], w["end"], w["probability"]) for w in words if w["word"]]
            for words in found
        ]

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, multilingual, "transcribe", language)


def _joined(encoded: Sequence[Encoded]) -> Any:
    """Windows -> one batch, as CTranslate2 keeps arrays."""
    import ctranslate2

    batch = np.concatenate([window.features for window in encoded])
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(batch))


def _suppressed(tokenizer: Any) -> list[int]:
    """Tokens that are not text of speech: marks of sounds, and the decoder's own signals."""
    from faster_whisper.transcribe import get_suppressed_tokens

    return list(get_suppressed_tokens(tokenizer, [-1]))


def _heard(result: Any, tokenizer: Any) -> Heard:
    tokens = tuple(t for t in result.sequences_ids[0] if t < tokenizer.eot)
    # CTranslate2's score is the mean over the tokens; openai-whisper counts the end mark too.
    avg_logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
    text = tokenizer.decode(list(tokens)).strip()
    return Heard(tokens, text, avg_logprob, result.no_speech_prob)


KIND = Kind("faster_whisper", "ctranslate2", Ctranslate2)
