"""The interface of a Whisper model: its encoder, its decoder, and what they return.

The backends implement it; the transcription loop, the draft decoder, recovery and rescoring use it.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from aligner.asr.whisper.word_timestamps import ATTENTION_LAG_MS, WordTiming

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of the sound that Whisper takes."""
WINDOW_SAMPLES = 30 * SAMPLE_RATE
"""Length of the encoder's input; shorter sound is padded with silence."""
ENCODER_FRAME_MS = 20
"""Duration of one frame of the encoder's output."""
TRAILING_SILENCE_FRAMES = 45
"""Encoder frames at the end of every window that are silence."""
MIN_PROBABILITY = 1e-9
"""Lower bound of a token's probability, so that its logarithm is finite."""
MAX_TEXT_TOKENS = 224
"""Text tokens per window: half of the decoder's context, as in openai-whisper."""

MAX_COMPRESSION_RATIO = 2.4
"""A text that compresses better than this repeats itself (openai-whisper's threshold)."""
MIN_AVG_LOGPROB = -1.0
"""Mean log probability below which a decoding is unsure (openai-whisper's threshold)."""
MAX_NO_SPEECH_PROB = 0.6
"""Probability of no speech above which an unsure text is silence (openai-whisper's threshold)."""


@dataclass(frozen=True, slots=True)
class EncoderOutput:
    """The encoder's output for one window; every later step uses it."""

    features: NDArray[np.float32]
    """Shape (1, n, width), n up to 1500."""
    frames: int
    """Spectrogram frames of 10 ms that hold sound; the rest is padding."""

    def part(self, start_ms: int, length_ms: int) -> EncoderOutput:
        """Returns a part of the window, padded with silence from the window's end.

        Without silence after the part the decoder does not stop, and invents text. At 60 places in
        five recordings it made 27 % errors without, 9 % with silence, and 6 % with the whole
        window, which takes four times the work.
        """
        count = self.features.shape[1]
        size = max(1, length_ms // ENCODER_FRAME_MS)
        first = max(0, min(start_ms // ENCODER_FRAME_MS, count - 1))
        last = min(first + size, count)
        silence = [
            count - 1 - k % TRAILING_SILENCE_FRAMES
            for k in range(size - (last - first) + TRAILING_SILENCE_FRAMES)
        ]
        chosen = [*range(first, last), *reversed(silence)]
        return EncoderOutput(self.features[:, chosen], min(self.frames, 2 * len(chosen)))


@dataclass(frozen=True, slots=True)
class DecodingResult:
    """The text of one window with its confidence."""

    tokens: tuple[int, ...]
    text: str
    avg_logprob: float
    no_speech_prob: float

    @property
    def compression_ratio(self) -> float:
        """Length of the text over its length compressed; high for a text that repeats itself."""
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw))

    @property
    def is_silence(self) -> bool:
        return self.no_speech_prob > MAX_NO_SPEECH_PROB and self.avg_logprob < MIN_AVG_LOGPROB

    @property
    def is_poor(self) -> bool:
        """Whether the window should be decoded once more."""
        repeats = self.compression_ratio > MAX_COMPRESSION_RATIO
        return (repeats or self.avg_logprob < MIN_AVG_LOGPROB) and not self.is_silence


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How to search for the text of a window."""

    beam_size: int
    attempt: int = 0
    """0 at first; higher after poor results, when the search becomes freer."""
    timestamps: bool = False
    """Whether the decoder also writes time-stamp tokens, which are left out of the text. They keep
    it from skipping a voice in the middle of a window, and cost a tenth more tokens."""


@dataclass(frozen=True, slots=True)
class TokenScores:
    """The scores and times of a given text's tokens in a window, one entry per token."""

    logs: tuple[float, ...]
    """Log probability in nats; 0 for a punctuation mark, which is never spoken."""
    starts: tuple[int, ...]
    """Milliseconds from the window's start; one more entry for the end of the last token."""


@dataclass(frozen=True, slots=True)
class PartialHypothesis:
    """The text decoded for a part of a window."""

    text: str
    ended: bool
    """Whether the decoder reached the end of the speech; if not, the last word may be cut."""
    log: float
    """Log probability of the whole text, in nats."""


class PassageDecoder(Protocol):
    """Decodes parts of windows."""

    @abstractmethod
    def decode_parts(
        self,
        encoded: Sequence[EncoderOutput],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[PartialHypothesis]:
        """Decodes up to ``most`` tokens after given ones (``before``), for each part of a window.

        All parts have the same length.
        """


class ScoringModel(PassageDecoder, Protocol):
    """Scores given texts against the sound: what the draft decoder needs of a model."""

    @abstractmethod
    def tokenize(self, text: str) -> tuple[int, ...]:
        """Returns the tokens of a text, split as in the model's training."""

    @abstractmethod
    def score_tokens(
        self, encoded: EncoderOutput, language: str, text: Sequence[int]
    ) -> TokenScores:
        """Scores and times each token of a given text (teacher forcing)."""


class WhisperModel(ScoringModel, ABC):
    """All steps of a Whisper model."""

    attempts: ClassVar[int]
    """How many attempts at a window make sense."""
    default_beam_size: ClassVar[int]
    """The beam size that is worth its time."""
    batch_size: ClassVar[int]
    """How many windows are best decoded together."""
    attention_lag_ms: int = ATTENTION_LAG_MS
    """Added to the times of words."""

    @abstractmethod
    def encode(
        self, sounds: Sequence[NDArray[np.float32]], *, tight: bool = False
    ) -> list[EncoderOutput]:
        """Encodes sounds of up to 30 s, float32 at 16 kHz.

        A ``tight`` encoding may have less silence after the sound: it takes half the time for half
        the sound, is good enough for scoring a given text and less so for finding one.
        """

    @abstractmethod
    def detect_language(self, encoded: Sequence[EncoderOutput]) -> list[dict[str, float]]:
        """Returns each language's probability for each window. Only for multilingual models."""

    @abstractmethod
    def decode(
        self, encoded: Sequence[EncoderOutput], language: str, how: DecodeOptions
    ) -> list[DecodingResult]:
        """Returns the most probable text of each window, without times."""

    @abstractmethod
    def align(
        self, encoded: Sequence[EncoderOutput], language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[WordTiming]]:
        """Returns the words of each window's given text (tokens), with times and probabilities."""

    @abstractmethod
    def log_probabilities(
        self, encoded: EncoderOutput, language: str, texts: Sequence[str]
    ) -> list[float]:
        """Returns for each text the log probability, in nats, that the window says it."""
