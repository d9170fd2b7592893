"""The interface of a recogniser, and what the stages of one that is built as Whisper is give.

How to add a recogniser: see the docstring of ``aligner.asr``. One that is built as Whisper is
(an encoder for windows of up to 30 s, a decoder, attention that gives times) extends
``recogniser.Recogniser``; any other implements ``Engine`` itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from aligner._util.distribution import Extra
from aligner.types import (
    AudioSoFar,
    DraftWord,
    EngineInfo,
    ModelFiles,
    ModelForm,
    Transcript,
    WordSpotter,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aligner.asr.rescoring import Rescorer

RATE = 16_000
"""Samples a second that Whisper hears."""
WINDOW_SAMPLES = 30 * RATE
"""What its encoder takes; shorter sound is filled up with silence."""
ENCODER_FRAME_MS = 20
"""Sound to one step of the encoder's output."""
TRAILING_SILENCE_FRAMES = 45
"""Steps at the end of every window that are silence."""
MIN_PROBABILITY = 1e-9
"""A token's probability is taken to be at least this."""
MOST_TOKENS = 224
"""Tokens of text to a window: half of the decoder's room, as openai-whisper has it."""

TOO_REPETITIVE = 2.4
TOO_UNSURE = -1.0
PROBABLY_SILENCE = 0.6
"""Compression ratio, mean log probability and probability of no speech: the thresholds of
openai-whisper's own loop."""


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """How to listen."""

    language: str | None = None
    """BCP 47 tag of the speech; None to hear it."""
    draft: tuple[DraftWord, ...] = ()
    """The words that are probably said, in the article's order (``draft.py``)."""
    beam_size: int | None = None
    """Texts followed at a time; None for what suits the recogniser."""
    witness: Callable[[str], WordSpotter | None] = lambda _: None
    """By the speech's language: who tells how well words of the draft fit the sound, if anybody."""
    follow: Callable[[Transcript, AudioSoFar], None] | None = None
    """Told what was heard so far, all from the start, and in what, while the rest is heard."""


class Engine(Protocol):
    """Turns sound into words."""

    @property
    def info(self) -> EngineInfo:
        """Which recogniser this is, with which model."""
        ...

    def transcribe(
        self,
        arrivals: Iterable[AudioSoFar],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """The words heard in the windows; ``progress`` is told milliseconds done and known so far.

        More and more of a recording arrives, at last all of it: windows of at most 30 s, and where
        somebody speaks, to which edges words are moved; without that, they stay as they were heard.
        Raises EngineUnavailable for a language that the model does not know.
        """
        ...

    def rehearing(self, arrived: AudioSoFar, transcript: Transcript) -> Rescorer | None:
        """A second hearing of passages of a transcript; None if this recogniser has none."""
        ...


Device = Literal["auto", "cpu", "cuda"]
"""What a recogniser computes on; "auto": a GPU where it can be used, else the processor."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An entry of the registry: what a recogniser needs, and how it is made."""

    needs: str | None
    """The outside package that must be installed."""
    form: ModelForm | None
    """Which weights it reads; None: ``load`` gets the path that was given as the model."""
    load: Callable[[ModelFiles, Device], Engine]
    extra: Extra | None = None
    """The extra that installs the package; None: it comes with aligner."""


# ---------------------------------------------------------------- below the interface


@dataclass(frozen=True, slots=True)
class EncoderOutput:
    """One window after the encoder: made once, used for every later step."""

    features: NDArray[np.float32]
    """What the encoder gives, shape (1, n, width), n up to 1500."""
    frames: int
    """Frames of 10 ms that hold sound; what is more is filling."""

    def part(self, start_ms: int, length_ms: int) -> EncoderOutput:
        """What the encoder made of a part of the window, filled up with silence from its end.

        The decoder needs silence after the part: without it, it does not stop, and says nonsense.
        Over 60 places in five recordings it then made 27 % errors, with it 9 %; with all of the
        window 6 %, at four times the work.
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
    """One window's text, and how sure it is."""

    tokens: tuple[int, ...]
    text: str
    avg_logprob: float
    no_speech_prob: float

    @property
    def compression_ratio(self) -> float:
        """How well the text compresses; high for one that repeats itself."""
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw))

    @property
    def is_silence(self) -> bool:
        return self.no_speech_prob > PROBABLY_SILENCE and self.avg_logprob < TOO_UNSURE

    @property
    def is_poor(self) -> bool:
        """Whether another attempt should be made."""
        doubtful = self.compression_ratio > TOO_REPETITIVE or self.avg_logprob < TOO_UNSURE
        return doubtful and not self.is_silence


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How to look for the text of a window."""

    beam_size: int
    attempt: int = 0
    """0 first; higher where the earlier ones gave poor text: the search becomes freer."""
    timestamps: bool = False
    """Whether the decoder also writes time-stamp tokens, which are left out of the text. They keep
    it from skipping a voice in the middle of a window, at the cost of a tenth more tokens."""
