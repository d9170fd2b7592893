"""The words of a run of windows: with the draft where the speech follows it, else without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from aligner.asr import attempts
from aligner.asr.draft.context import WindowAudio
from aligner.asr.draft.decoder import DraftDecoder
from aligner.asr.draft.index import Draft
from aligner.asr.recovery import Recovery
from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import DecodeOptions, EncoderOutput, WhisperModel
from aligner.asr.whisper.scheduler import OnWords
from aligner.asr.whisper.word_timestamps import WordTiming, real_speech, to_recording_time
from aligner.types import FindSentences, Span, SpottedWord, Word, WordSpotter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


EXPLAINED = 0.7
"""Share of a window's speech in sentences found from which it is not decoded again."""


@dataclass(frozen=True, slots=True)
class TranscribeConfig:
    """How to transcribe a recording; the same for all its runs."""

    language: str
    """Whisper's code."""
    beam_size: int
    draft: Draft | None
    """The article, where there is one."""
    spotter: WordSpotter | None = None
    """Tells how well words of the draft fit the sound."""
    find_sentences: FindSentences | None = None
    """Finds sentences of the draft in the sound."""


class WindowTranscriber:
    """Transcribes windows in order, with the draft where the speech follows it.

    Where it does not, windows are decoded without the draft, in batches that grow. As soon as the
    words of one show the position in the draft, the next window is decoded with the draft again.
    """

    def __init__(
        self,
        model: WhisperModel,
        cache: EncoderCache,
        config: TranscribeConfig,
        speech: Sequence[Span],
    ) -> None:
        self.model, self.cache, self.config, self.speech = model, cache, config, speech
        language, draft = config.language, config.draft if speech else None
        self.draft_decoder = DraftDecoder(model, language, draft) if draft else None
        self.recovery = Recovery(model, language, config.beam_size, self._samples, speech)
        self._batch_size = 1 if draft else model.batch_size
        self._rest: Sequence[Span] = ()
        self._explained: dict[Span, bool] = {}

    def upcoming(self) -> Sequence[Span]:
        """Returns windows whose tight encodings are needed while the speech follows the draft."""
        decoder = self.draft_decoder
        follows = decoder and self._batch_size == 1 and decoder.position.at is not None
        return self._rest if follows else ()

    def transcribe(self, windows: Sequence[Span], on_words: OnWords) -> None:
        """Passes the words of a run of windows on, a batch at a time."""
        at = 0
        while at < len(windows):
            self._rest = rest = windows[at:]
            for window, timed in zip(rest, self._with_draft(rest), strict=False):
                self._pass_on([window], [timed], on_words)
                at += 1
            if batch := windows[at : at + self._batch_size]:
                self._pass_on(batch, self._without_draft(batch), on_words)
                at += len(batch)

    def _pass_on(
        self, windows: Sequence[Span], decoded: Sequence[list[WordTiming]], on_words: OnWords
    ) -> None:
        """Passes words on in the recording's time, and others where speech was skipped."""
        words: list[Word] = []
        for window, timed in zip(windows, decoded, strict=True):
            lag_ms = self.model.attention_lag_ms
            placed = list(to_recording_time(timed, window, self.speech, lag_ms))
            if self.recovery.missing_ms(window, placed) and not self._is_explained(window):
                placed = self.recovery.recover(window, placed, partial(self._encoded, window))
            words += placed
        on_words(words, sum(map(len, windows)))

    def _is_explained(self, window: Span) -> bool:
        """Whether most speech of a window is sentences of the draft, found by their sound.

        The recogniser did not understand it, and would not the next time.
        """
        if self.config.find_sentences is None:
            return False
        if window not in self._explained:
            speech = real_speech(self.speech, window)
            found = self.config.find_sentences(self.cache.audio, window)
            spoken = sum(
                max(0, min(part.end, one.end) - max(part.start, one.start))
                for one in found
                for part in speech
            )
            self._explained[window] = spoken >= EXPLAINED * sum(map(len, speech)) > 0
        return self._explained[window]

    def _samples(self, span: Span) -> NDArray[np.float32]:
        return self.cache.audio.window(span.start, span.end)

    def _encoded(self, window: Span) -> EncoderOutput:
        return self.cache.get([window], tight=False)[0]

    # ------------------------------------------------------------ with the draft

    def _with_draft(self, windows: Sequence[Span]) -> Iterator[list[WordTiming]]:
        """Yields the words of each window, up to one that does not follow the draft."""
        if self.draft_decoder is None or self._batch_size > 1:
            return iter(())
        return self.draft_decoder.decode([partial(self._open, window) for window in windows])

    def _open(self, window: Span, tight: bool) -> WindowAudio:
        inside = real_speech(self.speech, window)
        speech = [Span(s.start - window.start, s.end - window.start) for s in inside]
        (encoded,) = self.cache.get([window], tight=tight)
        return WindowAudio(encoded, speech, partial(self._spot_words, window))

    def _spot_words(
        self, window: Span, part: Span, words: Sequence[str]
    ) -> Sequence[SpottedWord | None]:
        """Finds where each word fits a part of the window best, if there is a word spotter."""
        if self.config.spotter is None:
            return [None] * len(words)
        start = window.start + part.start
        spotted = self.config.spotter(self.cache.audio, Span(start, start + len(part)), words)
        return [word and replace(word, start_ms=word.start_ms + part.start) for word in spotted]

    # ------------------------------------------------------------ without the draft

    def _without_draft(self, windows: Sequence[Span]) -> list[list[WordTiming]]:
        """Decodes windows without the draft, and finds their last words in the draft."""
        decoded = self._decode(windows)
        if self.draft_decoder is not None:
            self.draft_decoder.locate([word.text for words in decoded[-2:] for word in words])
            lost = self.draft_decoder.position.at is None
            self._batch_size = min(2 * self._batch_size, self.model.batch_size) if lost else 1
        return decoded

    def _decode(self, windows: Sequence[Span]) -> list[list[WordTiming]]:
        encoded = self.cache.get(windows, tight=False)
        language, options = self.config.language, DecodeOptions(self.config.beam_size)
        results = attempts.decode(
            self.model, encoded, language, options, lambda at: not self._is_explained(windows[at])
        )
        return attempts.align(self.model, encoded, language, results)
