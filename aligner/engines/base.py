"""The interface of a recogniser, and the loop that the real ones share.

How to add a recogniser: see the docstring of ``aligner.engines``. One that is built as Whisper is
(an encoder for windows of up to 30 s, a decoder, attention that gives times) extends ``Recogniser``
with its four steps; any other implements ``Engine`` itself.
"""

from __future__ import annotations

import logging
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from aligner.engines.rehear import Rehearing
from aligner.engines.words import Timed, place, without_loops
from aligner.errors import EngineUnavailable
from aligner.nouns import (
    Article,
    Audio,
    EngineInfo,
    Span,
    Speech,
    Transcript,
    Weights,
    WeightsForm,
    Word,
)

log = logging.getLogger(__name__)

RATE = 16_000
"""Samples a second that Whisper hears."""
WINDOW_SAMPLES = 30 * RATE
"""What its encoder takes; shorter sound is filled up with silence."""
MOST_TOKENS = 224
"""Tokens of text to a window: half of the decoder's room, as openai-whisper has it."""

TOO_REPETITIVE = 2.4
TOO_UNSURE = -1.0
PROBABLY_SILENCE = 0.6
"""Compression ratio, mean log probability and probability of no speech: the thresholds of
openai-whisper's own loop."""

VOTES = 5
"""Windows heard to find out the language."""

TAGS = {"nb": "no", "iw": "he", "jv": "jw", "fil": "tl", "cmn": "zh", "in": "id", "ji": "yi"}
"""BCP 47 primary subtags whose language has another code in Whisper."""


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """How to listen."""

    language: str | None = None
    """BCP 47 tag of the speech; None to hear it."""
    draft: Article | None = None
    """The text that the speech probably follows. No recogniser uses it yet."""
    beam_size: int | None = None
    """Texts followed at a time; None for what suits the recogniser."""
    speech: Speech = Speech(())  # noqa: RUF009  frozen
    """Where somebody speaks: words beside a pause are moved to its edges. Empty: not known."""


class Engine(Protocol):
    """Turns sound into words."""

    @property
    def info(self) -> EngineInfo:
        """Which recogniser this is, with which model."""
        ...

    def transcribe(
        self,
        audio: Audio,
        windows: tuple[Span, ...],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """The words heard in the windows; ``progress`` is told milliseconds done and in all.

        Windows are in order, do not overlap, and are at most 30 s long. Raises EngineUnavailable
        for a language that the model does not know.
        """
        ...

    def rehearing(
        self, audio: Audio, windows: tuple[Span, ...], transcript: Transcript
    ) -> Rehearing | None:
        """A second hearing of passages of a transcript; None if this recogniser has none."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the registry: what a recogniser needs, and how it is made."""

    needs: str | None
    """The outside package that must be installed."""
    form: WeightsForm | None
    """Which weights it reads; None: ``load`` gets the path that was given as the model."""
    load: Callable[[Weights], Engine]


# ---------------------------------------------------------------- below the interface


@dataclass(frozen=True, slots=True)
class Encoded:
    """One window after the encoder: made once, used for every later step."""

    features: Any
    """What the encoder gives, shape (1, 1500, width); the recogniser's own type."""
    frames: int
    """Frames of 10 ms that hold sound; the rest of the 3000 is filling."""


@dataclass(frozen=True, slots=True)
class Heard:
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


class Recogniser(ABC):
    """A recogniser built as Whisper is. Results depend on the sound and the options alone."""

    attempts: ClassVar[int]
    """How many attempts at a window make sense."""
    usual_beam: ClassVar[int]
    """The beam size that is worth its time."""
    batch: ClassVar[int]
    """How many windows are best handled at a time."""

    info: EngineInfo
    languages: tuple[str, ...]
    """Whisper's codes of the languages that the model knows."""

    @abstractmethod
    def encode(self, sounds: Sequence[NDArray[np.float32]]) -> list[Encoded]:
        """Sounds of up to 30 s, float32 at 16 kHz -> what the encoder makes of each."""

    @abstractmethod
    def detect_language(self, encoded: Sequence[Encoded]) -> list[dict[str, float]]:
        """For each window the probability of each language. Only for multilingual models."""

    @abstractmethod
    def decode(self, encoded: Sequence[Encoded], language: str, how: DecodeOptions) -> list[Heard]:
        """The most probable text of each window, without times."""

    @abstractmethod
    def align(
        self, encoded: Sequence[Encoded], language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[Timed]]:
        """For each window the words of a given text (tokens), with times and probabilities."""

    @abstractmethod
    def log_probabilities(
        self, encoded: Encoded, language: str, texts: Sequence[str]
    ) -> list[float]:
        """For each text the log probability, in nats, that it is what the window says."""

    def rehearing(
        self, audio: Audio, windows: tuple[Span, ...], transcript: Transcript
    ) -> Rehearing:
        """See ``Engine``."""
        language = self._code(transcript.language)
        return Rehearing(self, audio, windows, transcript, language)

    def transcribe(
        self,
        audio: Audio,
        windows: tuple[Span, ...],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """See ``Engine``. Of the encodings only one batch is held at a time."""
        encodings = _Encodings(self, audio, windows)
        language = self._language(encodings, options)
        beam_size = options.beam_size or self.usual_beam
        total, done = sum(map(len, windows)), 0
        words: list[Word] = []
        for batch in _batches(len(windows), self.batch):
            encoded = encodings.take(batch)
            heard = _hear(self, encoded, language, beam_size)
            for at, timed in zip(batch, _time(self, encoded, language, heard), strict=True):
                words += place(timed, windows[at], options.speech.segments)
                done += len(windows[at])
            progress(done, total)
        return Transcript(_tag(language), tuple(words), self.info)

    def _code(self, tag: str) -> str:
        """Whisper's code of a BCP 47 tag. Raises EngineUnavailable if the model lacks it."""
        subtag = tag.lower().replace("_", "-").split("-")[0]
        code = TAGS.get(subtag, subtag)
        if code not in self.languages:
            raise EngineUnavailable(
                f"model {self.info.model}",
                f"it does not know the language {tag}; choose another --model",
            )
        return code

    def _language(self, encodings: _Encodings, options: ListenOptions) -> str:
        """Whisper's code of the language that was asked for, or else heard."""
        if options.language:
            return self._code(options.language)
        if len(self.languages) == 1 or not encodings.windows:
            return self.languages[0]
        return _vote(self.detect_language(encodings.peek(_spread(len(encodings.windows), VOTES))))


class _Encodings:
    """The encodings of windows: made in batches, each once, and let go when taken."""

    def __init__(self, recogniser: Recogniser, audio: Audio, windows: tuple[Span, ...]) -> None:
        self.recogniser, self.audio, self.windows = recogniser, audio, windows
        self._held: dict[int, Encoded] = {}

    def peek(self, which: Sequence[int]) -> list[Encoded]:
        """The encodings of some windows, kept for when they are taken."""
        missing = [at for at in which if at not in self._held]
        sounds = [self.audio.window(self.windows[at].start, self.windows[at].end) for at in missing]
        if missing:
            self._held.update(zip(missing, self.recogniser.encode(sounds), strict=True))
        return [self._held[at] for at in which]

    def take(self, which: Sequence[int]) -> list[Encoded]:
        found = self.peek(which)
        for at in which:
            del self._held[at]
        return found


def _batches(count: int, size: int) -> Iterator[range]:
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


def _spread(count: int, most: int) -> list[int]:
    """Up to ``most`` places, evenly over all."""
    chosen = min(count, most)
    return [(2 * i + 1) * count // (2 * chosen) for i in range(chosen)]


def _vote(chances: Sequence[dict[str, float]]) -> str:
    """The language that is most probable over all windows together."""
    totals: dict[str, float] = {}
    for window in chances:
        for code, chance in window.items():
            totals[code] = totals.get(code, 0.0) + chance
    return max(sorted(totals), key=totals.__getitem__)


def _tag(code: str) -> str:
    """Whisper's code -> BCP 47 primary subtag."""
    return "jv" if code == "jw" else code


def _hear(
    recogniser: Recogniser, encoded: Sequence[Encoded], language: str, beam_size: int
) -> list[Heard]:
    """The text of each window; poor ones are tried again, and the surest attempt is kept."""
    best = recogniser.decode(encoded, language, DecodeOptions(beam_size))
    for attempt in range(1, recogniser.attempts):
        poor = [at for at, heard in enumerate(best) if heard.is_poor]
        if not poor:
            break
        log.debug("attempt %d at %d windows", attempt + 1, len(poor))
        how = DecodeOptions(beam_size, attempt)
        again = recogniser.decode([encoded[at] for at in poor], language, how)
        for at, heard in zip(poor, again, strict=True):
            best[at] = max(best[at], heard, key=_merit)
    return best


def _merit(heard: Heard) -> tuple[bool, float]:
    """Text that does not repeat itself first, then the surer one."""
    return heard.compression_ratio <= TOO_REPETITIVE, heard.avg_logprob


def _time(
    recogniser: Recogniser, encoded: Sequence[Encoded], language: str, heard: Sequence[Heard]
) -> list[list[Timed]]:
    """The words of each window with their times; none where there is only silence."""
    spoken = [at for at, h in enumerate(heard) if h.tokens and not h.is_silence]
    found: list[list[Timed]] = [[] for _ in heard]
    if not spoken:
        return found
    texts = [heard[at].tokens for at in spoken]
    aligned = recogniser.align([encoded[at] for at in spoken], language, texts)
    for at, words in zip(spoken, aligned, strict=True):
        stuck = heard[at].compression_ratio > TOO_REPETITIVE
        found[at] = without_loops(words) if stuck else words
    return found
