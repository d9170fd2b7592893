"""An engine with Whisper's structure: transcription of recordings with the steps of its model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import ClassVar

from aligner.asr.base import ListenOptions
from aligner.asr.draft.index import Draft
from aligner.asr.rescoring import WhisperRescorer
from aligner.asr.whisper import language_id
from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import WhisperModel
from aligner.asr.whisper.recording import RecordingTranscriber
from aligner.asr.whisper.scheduler import TAIL, WindowRun, runs, split_evenly
from aligner.asr.whisper.transcriber import TranscribeConfig
from aligner.errors import EngineUnavailable
from aligner.types import AudioSoFar, EngineInfo, Span, Transcript

CACHED_RECORDINGS = 4
"""Recordings whose encoder output is kept for rescoring."""


class WhisperEngine(WhisperModel):
    """An engine with Whisper's structure. Results depend on the sound and the options alone."""

    run_length: ClassVar[int | None] = None
    """Windows that one thread decodes in order; a longer recording is divided into more runs. None:
    the whole recording is one run."""
    streams: int = 1
    """Runs that are decoded at the same time."""

    info: EngineInfo
    languages: tuple[str, ...]
    """Whisper's codes of the languages that the model knows."""

    @cached_property
    def _caches(self) -> deque[EncoderCache]:
        """The encoder output of the latest recordings."""
        return deque(maxlen=CACHED_RECORDINGS)

    def rescorer(self, arrived: AudioSoFar, transcript: Transcript) -> WhisperRescorer:
        """See ``Engine``."""
        known = (cache for cache in self._caches if cache.audio is arrived.audio)
        cache = next(known, None) or EncoderCache(self, arrived.audio)
        if arrived.whole:
            with suppress(ValueError):  # later recordings may have displaced it
                self._caches.remove(cache)
        language = self._code(transcript.language)
        return WhisperRescorer(self, cache, arrived.windows, transcript, language)

    def knows(self, language: str) -> bool:
        """See ``Engine``."""
        return language_id.code_of(language) in self.languages

    def language_probabilities(self, arrived: AudioSoFar) -> dict[str, float] | None:
        """See ``Engine``."""
        if len(self.languages) == 1 or not arrived.windows:
            return None
        detect = self._detector(EncoderCache(self, arrived.audio))
        return language_id.probabilities(detect, arrived.windows)

    def transcribe(
        self,
        arrivals: Iterable[AudioSoFar],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """See ``Engine``."""
        known = self._known_language(options)
        cache, window_runs = self._open(
            arrivals, tight=known is not None and bool(options.draft), alone=not options.draft
        )
        first = next(window_runs, None)
        if first is None:
            tag = language_id.tag_of(known or self.languages[0])
            return Transcript(tag, (), self.info)
        self._caches.append(cache)
        cache.audio = first.arrived.audio
        language = known or self._detected_language(
            cache, first.arrived.windows, options.expected_language
        )
        config = TranscribeConfig(
            language,
            options.beam_size or self.default_beam_size,
            Draft(options.draft) if options.draft else None,
            options.word_spotter(language_id.tag_of(language)),
            options.find_sentences if language == self._expected(options) else None,
        )
        recording = RecordingTranscriber(
            self, self.info, cache, config, options.on_partial, progress
        )
        return recording.transcribe(chain([first], window_runs), self.streams)

    def _code(self, tag: str) -> str:
        """Returns Whisper's code of a BCP 47 tag.

        Raises EngineUnavailable if the model does not know the language.
        """
        if not self.knows(tag):
            raise EngineUnavailable(
                f"model {self.info.model}",
                f"it does not know the language {tag}; choose another --model",
            )
        return language_id.code_of(tag)

    def _open(
        self, arrivals: Iterable[AudioSoFar], *, tight: bool, alone: bool
    ) -> tuple[EncoderCache, Iterator[WindowRun]]:
        """Returns the recording's cache and runs; encodes the first window while more arrives.

        ``alone``: there is no draft to follow, so that each batch may be a run.
        """
        arriving = iter(arrivals)
        before: list[AudioSoFar] = []
        for arrived in arriving:
            before.append(arrived)
            if arrived.windows or arrived.whole:
                break
        cache = EncoderCache(self, before[-1].audio)
        if first := before[-1].windows[:1]:
            pool = ThreadPoolExecutor(1, thread_name_prefix="first")
            pool.submit(cache.get, first, tight=tight)  # whoever asks for it next gets its errors
            pool.shutdown(wait=False)
        return cache, runs(
            chain(before, arriving), self.run_length, self.batch_size if alone else None
        )

    def _expected(self, options: ListenOptions) -> str | None:
        """Returns Whisper's code of the language that the speech probably has."""
        tag = options.language or options.expected_language
        return language_id.code_of(tag) if tag else None

    def _known_language(self, options: ListenOptions) -> str | None:
        """Returns Whisper's code of the language if the options or the model leave no choice."""
        if options.language:
            return self._code(options.language)
        return self.languages[0] if len(self.languages) == 1 else None

    def _detected_language(
        self, cache: EncoderCache, windows: Sequence[Span], expected: str | None = None
    ) -> str:
        """Returns Whisper's code of the language in the first windows; ``expected`` is a tag.

        The windows are as many as are certain to be known before any is decoded, so that the
        result does not depend on when the audio arrives.
        """
        windows = windows[: TAIL * self.run_length] if self.run_length else windows
        firsts = [run[0] for run in split_evenly(windows, self.run_length)]
        known = language_id.code_of(expected) if expected and self.knows(expected) else None
        return language_id.identify(self._detector(cache), firsts, windows, known)

    def _detector(self, cache: EncoderCache) -> language_id.Detect:
        """Returns the function that detects the language of each of some windows."""

        def detect(window: Span) -> dict[str, float]:
            (probabilities,) = self.detect_language(cache.get([window], tight=False))
            return probabilities

        def detect_all(windows: Sequence[Span]) -> list[dict[str, float]]:
            with ThreadPoolExecutor(self.streams) as pool:
                return list(pool.map(detect, windows))

        return detect_all
