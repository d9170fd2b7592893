"""The interface of a recogniser, and the loop that the real ones share.

How to add a recogniser: see the docstring of ``aligner.engines``. One that is built as Whisper is
(an encoder for windows of up to 30 s, a decoder, attention that gives times) extends ``Recogniser``
with its four steps; any other implements ``Engine`` itself.
"""

from __future__ import annotations

import logging
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from aligner.engines.draft import Follower, Passage, Verified
from aligner.engines.rehear import Rehearing
from aligner.engines.words import Timed, place, real_speech, without_loops
from aligner.errors import EngineUnavailable
from aligner.nouns import (
    Audio,
    DraftWord,
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
FEATURE_MS = 20
"""Sound to one step of the encoder's output."""
QUIET = 45
"""Steps at the end of every window that are silence."""
LEAST = 1e-9
"""A token's probability is taken to be at least this."""
MOST_TOKENS = 224
"""Tokens of text to a window: half of the decoder's room, as openai-whisper has it."""

TOO_REPETITIVE = 2.4
TOO_UNSURE = -1.0
PROBABLY_SILENCE = 0.6
"""Compression ratio, mean log probability and probability of no speech: the thresholds of
openai-whisper's own loop."""

KEPT = 24
"""Encoded windows that are kept: up to 3 MB each with the base model, ten minutes of speech."""
VOTES = 5
"""Windows heard to find out the language."""

TAGS = {"nb": "no", "iw": "he", "jv": "jw", "fil": "tl", "cmn": "zh", "in": "id", "ji": "yi"}
"""BCP 47 primary subtags whose language has another code in Whisper."""


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """How to listen."""

    language: str | None = None
    """BCP 47 tag of the speech; None to hear it."""
    draft: tuple[DraftWord, ...] = ()
    """The words that are probably said, in the article's order (``draft.py``)."""
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
    """What the encoder gives, shape (1, n, width), n up to 1500; the recogniser's own type."""
    frames: int
    """Frames of 10 ms that hold sound; what is more is filling."""

    def part(self, start_ms: int, length_ms: int) -> Encoded:
        """What the encoder made of a part of the window, filled up with silence from its end.

        The decoder needs silence after the part: without it, it does not stop, and says nonsense.
        Over 60 places in five recordings it then made 27 % errors, with it 9 %; with all of the
        window 6 %, at four times the work.
        """
        count = self.features.shape[1]
        size = max(1, length_ms // FEATURE_MS)
        first = max(0, min(start_ms // FEATURE_MS, count - 1))
        last = min(first + size, count)
        silence = [count - 1 - k % QUIET for k in range(size - (last - first) + QUIET)]
        chosen = [*range(first, last), *reversed(silence)]
        return Encoded(self.features[:, chosen], min(self.frames, 2 * len(chosen)))


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
    _last: Encodings | None = None

    @abstractmethod
    def encode(
        self, sounds: Sequence[NDArray[np.float32]], *, tight: bool = False
    ) -> list[Encoded]:
        """Sounds of up to 30 s, float32 at 16 kHz -> what the encoder makes of each.

        A recogniser that can encodes ``tight`` ones with less silence after them: in half the
        time for half the sound, good enough for weighing a text, less so for finding one.
        """

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

    @abstractmethod
    def tokens(self, text: str) -> tuple[int, ...]:
        """Text -> its tokens, as the model was trained on them."""

    @abstractmethod
    def verify(self, encoded: Encoded, language: str, text: Sequence[int]) -> Verified:
        """A text's tokens -> how probable each is, and when it is said."""

    @abstractmethod
    def go_on(
        self,
        encoded: Sequence[Encoded],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[Passage]:
        """What each window, or part of one, says after some tokens: up to ``most`` more.

        All have the same length.
        """

    def rehearing(
        self, audio: Audio, windows: tuple[Span, ...], transcript: Transcript
    ) -> Rehearing:
        """See ``Engine``."""
        encodings = self._encodings_of(audio)
        return Rehearing(self, encodings, windows, transcript, self._code(transcript.language))

    def _encodings_of(self, audio: Audio) -> Encodings:
        """The windows of a recording; those encoded last are still there when it is asked again."""
        if self._last is None or self._last.audio is not audio:
            self._last = Encodings(self, audio)
        return self._last

    def transcribe(
        self,
        audio: Audio,
        windows: tuple[Span, ...],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """See ``Engine``."""
        encodings = self._encodings_of(audio)
        language = self._language(encodings, windows, options)
        listening = _Listening(self, language, encodings, windows, options)
        total, done, at = sum(map(len, windows)), 0, 0
        words: list[Word] = []
        while at < len(windows):
            batch = range(at, min(at + listening.batch, len(windows)))
            for k, timed in zip(batch, listening.hear(batch), strict=True):
                words += place(timed, windows[k], options.speech.segments)
                done += len(windows[k])
            at = batch.stop
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

    def _language(
        self, encodings: Encodings, windows: tuple[Span, ...], options: ListenOptions
    ) -> str:
        """Whisper's code of the language that was asked for, or else heard."""
        if options.language:
            return self._code(options.language)
        if len(self.languages) == 1 or not windows:
            return self.languages[0]
        some = [windows[at] for at in _spread(len(windows), VOTES)]
        return _vote(self.detect_language(encodings.of(some, tight=False)))


class _Listening:
    """Hears windows in order: with the draft where the speech follows it, else without.

    Where it does not, windows are handled in batches, which grow: one window may show the place in
    the draft again, and then the next ones need no decoding.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        language: str,
        encodings: Encodings,
        windows: tuple[Span, ...],
        options: ListenOptions,
    ) -> None:
        self.recogniser, self.language = recogniser, language
        self.encodings, self.windows = encodings, windows
        self.beam_size = options.beam_size or recogniser.usual_beam
        self.speech = options.speech.segments
        draft = options.draft if self.speech else ()
        self.follower = Follower(recogniser, language, draft) if draft else None
        self.batch = 1 if draft else recogniser.batch

    def hear(self, batch: range) -> list[list[Timed]]:
        """The words of some windows that follow each other."""
        windows = [self.windows[k] for k in batch]
        if self.follower is None:
            return self._decoded(windows)
        if len(windows) == 1 and (followed := self._followed(self.follower, windows[0])):
            return [followed]
        found = self._decoded(windows)
        self.follower.locate([word.text for words in found[-2:] for word in words])
        lost = self.follower.at is None
        self.batch = min(2 * self.batch, self.recogniser.batch) if lost else 1
        return found

    def _followed(self, follower: Follower, window: Span) -> list[Timed] | None:
        inside = real_speech(self.speech, window)
        spoken = [Span(s.start - window.start, s.end - window.start) for s in inside]
        (encoded,) = self.encodings.of([window], tight=follower.at is not None)
        return follower.follow(encoded, spoken)

    def _decoded(self, windows: Sequence[Span]) -> list[list[Timed]]:
        encoded = self.encodings.of(windows, tight=False)
        heard = _hear(self.recogniser, encoded, self.language, self.beam_size)
        return _time(self.recogniser, encoded, self.language, heard)


class Encodings:
    """The encodings of a recording's windows: each made when it is needed, the last ones kept."""

    def __init__(self, recogniser: Recogniser, audio: Audio) -> None:
        self.recogniser, self.audio = recogniser, audio
        self._held: dict[tuple[Span, bool], Encoded] = {}

    def of(self, windows: Sequence[Span], *, tight: bool = True) -> list[Encoded]:
        """The encodings of some windows; ``tight`` ones will do (see ``Recogniser.encode``)."""
        keys = [(w, tight and (w, False) not in self._held) for w in windows]
        missing = [key for key in keys if key not in self._held]
        if missing:
            sounds = [self.audio.window(window.start, window.end) for window, _ in missing]
            made = self.recogniser.encode(sounds, tight=tight)
            self._held |= zip(missing, made, strict=True)
        found = [self._held[key] for key in keys]
        for key in list(self._held)[: max(0, len(self._held) - KEPT)]:
            del self._held[key]
        return found


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
