"""A recogniser built as Whisper is: its steps, and hearing a recording with them."""

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
from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import (
    WhisperModel,
)
from aligner.asr.whisper.scheduler import (
    TAIL,
    OnWords,
    Over,
    TranscribeConfig,
    WindowBatch,
    WindowTranscriber,
    run_parallel,
    runs,
    split_evenly,
)
from aligner.errors import EngineUnavailable
from aligner.types import AudioSoFar, EngineInfo, Span, Transcript, Word

LANGUAGE_ID_WINDOWS = 5
"""Windows heard to find out the language,"""
SURE = 2, 0.9
"""... or so many, if all of them give the same one so much."""

RECENT = 4
"""Recordings whose encodings are kept until they are asked for again."""

TAGS = {"nb": "no", "iw": "he", "jv": "jw", "fil": "tl", "cmn": "zh", "in": "id", "ji": "yi"}
"""BCP 47 primary subtags whose language has another code in Whisper."""


class WhisperEngine(WhisperModel):
    """A recogniser built as Whisper is. Results depend on the sound and the options alone."""

    run: ClassVar[int | None] = None
    """Windows that are heard one after the other; longer recordings are heard in more runs. None:
    the whole recording is one."""
    streams: int = 1
    """Runs that are heard side by side."""

    info: EngineInfo
    languages: tuple[str, ...]
    """Whisper's codes of the languages that the model knows."""

    @cached_property
    def _heard(self) -> deque[EncoderCache]:
        """Of the recordings heard last, the encodings: they may be asked for again."""
        return deque(maxlen=RECENT)

    def rehearing(self, arrived: AudioSoFar, transcript: Transcript) -> WhisperRescorer:
        """See ``Engine``."""
        known = (one for one in self._heard if one.audio is arrived.audio)
        encodings = next(known, None) or EncoderCache(self, arrived.audio)
        if arrived.whole:
            with suppress(ValueError):  # others may have been heard meanwhile
                self._heard.remove(encodings)
        language = self._code(transcript.language)
        return WhisperRescorer(self, encodings, arrived.windows, transcript, language)

    def transcribe(
        self,
        arrivals: Iterable[AudioSoFar],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """See ``Engine``."""
        known = self._known_language(options)
        encodings, coming = self._begun(arrivals, tight=known is not None and bool(options.draft))
        first = next(coming, None)
        if first is None:
            return Transcript(_tag(known or self.languages[0]), (), self.info)
        self._heard.append(encodings)
        encodings.audio = first.arrived.audio
        language = known or self._language(encodings, first.arrived.windows)
        draft = Draft(options.draft) if options.draft else None
        witness = options.witness(_tag(language))
        beam_size = options.beam_size or self.usual_beam
        there, done = first.arrived, 0
        listeners: list[WindowTranscriber] = []

        def begun() -> Iterator[WindowBatch]:
            nonlocal there
            for run in chain([first], coming):
                there = run.arrived
                encodings.audio = there.audio
                yield run

        def told(words: list[Word], ms: int) -> None:
            nonlocal done
            done += ms
            progress(done, sum(map(len, there.windows)))
            if options.follow:
                options.follow(Transcript(_tag(language), tuple(words), self.info), there)

        def hear(run: WindowBatch, told: OnWords) -> None:
            speech = run.arrived.speech.segments
            how = TranscribeConfig(language, beam_size, speech, draft if speech else None, witness)
            listeners.append(listener := WindowTranscriber(self, encodings, how))
            listener.hear(run.windows, told)
            listeners.remove(listener)  # with the tokens that it knows

        def idle(over: Over) -> None:
            encodings.ahead(lambda: (w for one in listeners for w in one.coming()), over)

        words = run_parallel(hear, begun(), self.streams, told, idle)
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

    def _begun(
        self, arrivals: Iterable[AudioSoFar], *, tight: bool
    ) -> tuple[EncoderCache, Iterator[WindowBatch]]:
        """What arrives, in runs; its first window is encoded while more is coming."""
        arrived = iter(arrivals)
        before: list[AudioSoFar] = []
        for there in arrived:
            before.append(there)
            if there.windows or there.whole:
                break
        encodings = EncoderCache(self, before[-1].audio)
        if first := before[-1].windows[:1]:
            pool = ThreadPoolExecutor(1, thread_name_prefix="first")
            pool.submit(encodings.of, first, tight=tight)  # errors go to whoever asks for it
            pool.shutdown(wait=False)
        return encodings, runs(chain(before, arrived), self.run)

    def _known_language(self, options: ListenOptions) -> str | None:
        """Whisper's code of the language, if it was asked for or the model knows no other."""
        if options.language:
            return self._code(options.language)
        return self.languages[0] if len(self.languages) == 1 else None

    def _language(self, encodings: EncoderCache, windows: Sequence[Span]) -> str:
        """Whisper's code of the language that is heard in the first windows.

        They are as many as are known, whatever is still to come, before any is heard.
        """
        windows = windows[: TAIL * self.run] if self.run else windows
        parts = split_evenly(windows, self.run)
        count, chance = SURE
        firsts = [parts[at][0] for at in _spread(len(parts), count)]
        first = self._heard_language(encodings, firsts)
        heard = [max(chances.items(), key=lambda pair: pair[1]) for chances in first]
        if len({code for code, _ in heard}) == 1 and min(p for _, p in heard) >= chance:
            return heard[0][0]
        some = [windows[at] for at in _spread(len(windows), LANGUAGE_ID_WINDOWS)]
        return _vote(self._heard_language(encodings, some))

    def _heard_language(
        self, encodings: EncoderCache, windows: Sequence[Span]
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
