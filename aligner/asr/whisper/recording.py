"""The transcription of one recording: its runs of windows, decoded at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Lock

from aligner.asr.whisper import language_id
from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import WhisperModel
from aligner.asr.whisper.scheduler import OnWords, Over, WindowRun, run_parallel
from aligner.asr.whisper.transcriber import TranscribeConfig, WindowTranscriber
from aligner.types import AudioSoFar, EngineInfo, Span, Transcript, Word


class RecordingTranscriber:
    """Transcribes a recording while it arrives.

    ``on_partial`` is called with the transcript so far and the audio so far, ``progress`` with the
    milliseconds done and those known so far; both in the thread that calls ``transcribe``.
    """

    def __init__(
        self,
        model: WhisperModel,
        info: EngineInfo,
        cache: EncoderCache,
        config: TranscribeConfig,
        on_partial: Callable[[Transcript, AudioSoFar], None] | None,
        progress: Callable[[int, int], None],
    ) -> None:
        self.model, self.info, self.cache, self.config = model, info, cache, config
        self._on_partial, self._progress = on_partial, progress
        self._arrived: AudioSoFar | None = None
        self._done_ms = 0
        self._active: list[WindowTranscriber] = []
        self._lock = Lock()
        """Guards ``_active``, which several threads change."""

    def transcribe(self, runs: Iterable[WindowRun], streams: int) -> Transcript:
        """Transcribes all runs, ``streams`` of them at a time."""
        words = run_parallel(
            self._transcribe_run, self._arriving(runs), streams, self._report, self._prefetch
        )
        return self._transcript(words)

    def _arriving(self, runs: Iterable[WindowRun]) -> Iterator[WindowRun]:
        """Yields the runs, and notes the audio that each came with."""
        for run in runs:
            self._arrived = run.arrived
            self.cache.audio = run.arrived.audio
            yield run

    def _transcribe_run(self, run: WindowRun, on_words: OnWords) -> None:
        speech = run.arrived.speech.segments
        transcriber = WindowTranscriber(self.model, self.cache, self.config, speech)
        with self._lock:
            self._active.append(transcriber)
        transcriber.transcribe(run.windows, on_words)
        with self._lock:
            self._active.remove(transcriber)  # frees the tokens that it caches

    def _report(self, words: list[Word], ms: int) -> None:
        """Reports all words so far; ``ms`` is the length of the windows with the latest ones."""
        assert self._arrived is not None  # noqa: S101  set before the first run begins
        self._done_ms += ms
        self._progress(self._done_ms, sum(map(len, self._arrived.windows)))
        if self._on_partial:
            self._on_partial(self._transcript(words), self._arrived)

    def _prefetch(self, over: Over) -> None:
        """Encodes windows that the active runs will need, until all runs are done."""
        self.cache.prefetch(self._upcoming, over)

    def _upcoming(self) -> Iterator[Span]:
        with self._lock:
            active = tuple(self._active)
        for transcriber in active:
            yield from transcriber.upcoming()

    def _transcript(self, words: list[Word]) -> Transcript:
        return Transcript(language_id.tag_of(self.config.language), tuple(words), self.info)
