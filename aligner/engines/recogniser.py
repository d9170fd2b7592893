"""A recogniser built as Whisper is: its steps, and hearing a recording with them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from aligner.engines.base import DecodeOptions, Encoded, Heard, ListenOptions
from aligner.engines.draft import Draft
from aligner.engines.follow import Verified
from aligner.engines.listening import Encodings, Listener, Listening, Told, runs, side_by_side
from aligner.engines.passages import Passage
from aligner.engines.rehear import Rehearing
from aligner.engines.words import Timed
from aligner.errors import EngineUnavailable
from aligner.nouns import Audio, EngineInfo, Span, Transcript, Word

VOTES = 5
"""Windows heard to find out the language,"""
SURE = 2, 0.9
"""... or so many, if all of them give the same one so much."""

TAGS = {"nb": "no", "iw": "he", "jv": "jw", "fil": "tl", "cmn": "zh", "in": "id", "ji": "yi"}
"""BCP 47 primary subtags whose language has another code in Whisper."""


class Recogniser(ABC):
    """A recogniser built as Whisper is. Results depend on the sound and the options alone."""

    attempts: ClassVar[int]
    """How many attempts at a window make sense."""
    usual_beam: ClassVar[int]
    """The beam size that is worth its time."""
    batch: ClassVar[int]
    """How many windows are best handled at a time."""
    run: ClassVar[int | None] = None
    """Windows that are heard one after the other; longer recordings are heard in more runs. None:
    the whole recording is one."""
    streams: int = 1
    """Runs that are heard side by side."""

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
        shared = runs(windows, self.run)
        language = self._language(encodings, shared, options)
        how = Listening(
            language,
            options.beam_size or self.usual_beam,
            options.speech.segments,
            Draft(options.draft) if options.draft and options.speech.segments else None,
        )
        total, done = sum(map(len, windows)), 0

        def told(words: list[Word], ms: int) -> None:
            nonlocal done
            done += ms
            progress(done, total)
            if options.follow:
                options.follow(Transcript(_tag(language), tuple(words), self.info))

        def hear(run: Sequence[Span], told: Told) -> None:
            Listener(self, encodings, how).hear(run, told)

        words = side_by_side(hear, shared, self.streams, told)
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
        self, encodings: Encodings, runs: Sequence[Sequence[Span]], options: ListenOptions
    ) -> str:
        """Whisper's code of the language that was asked for, or else heard."""
        if options.language:
            return self._code(options.language)
        windows = [window for run in runs for window in run]
        if len(self.languages) == 1 or not windows:
            return self.languages[0]
        count, chance = SURE
        firsts = [runs[at][0] for at in _spread(len(runs), count)]
        heard = [
            max(w.items(), key=lambda p: p[1]) for w in self._heard_language(encodings, firsts)
        ]
        if len({code for code, _ in heard}) == 1 and min(p for _, p in heard) >= chance:
            return heard[0][0]
        some = [windows[at] for at in _spread(len(windows), VOTES)]
        return _vote(self._heard_language(encodings, some))

    def _heard_language(
        self, encodings: Encodings, windows: Sequence[Span]
    ) -> list[dict[str, float]]:
        def one(window: Span) -> dict[str, float]:
            (chances,) = self.detect_language(encodings.of([window], tight=False))
            return chances

        with ThreadPoolExecutor(self.streams) as pool:
            return list(pool.map(one, windows))


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
