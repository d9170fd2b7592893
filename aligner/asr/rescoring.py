"""Rescoring: how much likelier another wording of a passage is, by the sound.

The model scores a window's text with one passage replaced, token by token (teacher forcing). The
log-likelihood ratio of two wordings is in nats; above 0 the other wording is likelier than the
transcript's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import WhisperModel
from aligner.types import EncodedSpeech, Span, Transcript, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONTEXT_WORDS = 6
"""Words before and after a passage that are scored with it; more change too little."""
MARGIN_MS = 200
"""Sound before and after these words."""


class WhisperRescorer:
    """See ``Rescorer``."""

    def __init__(
        self,
        model: WhisperModel,
        cache: EncoderCache,
        windows: Sequence[Span],
        transcript: Transcript,
        language: str,
    ) -> None:
        self.model, self.cache, self.language = model, cache, language
        self.words = transcript.words
        self._middles = [(word.start_ms + word.end_ms) // 2 for word in self.words]
        self.windows = windows
        self._model_name = transcript.engine.model

    def encoded(self) -> EncodedSpeech:
        """See ``Rescorer``."""
        return EncodedSpeech(self._model_name, self._encoded_windows)

    def _encoded_windows(self, part: Span) -> list[tuple[Span, NDArray[np.float32]]]:
        touched = [w for w in self.windows if w.start < part.end and part.start < w.end]
        outputs = self.cache.get(touched)
        return [(w, output.features[0]) for w, output in zip(touched, outputs, strict=True)]

    def log_likelihood_ratio(self, spoken: Span, wording: str) -> float | None:
        """See ``Rescorer``."""
        at = self._window_of(spoken)
        if at is None:
            return None
        first, last = self._words_in(at)
        if not first <= spoken.start <= spoken.end <= last:
            return None
        near = Span(max(first, spoken.start - CONTEXT_WORDS), min(last, spoken.end + CONTEXT_WORDS))
        before = self.words[near.start : spoken.start]
        after = self.words[spoken.end : near.end]
        transcribed = _text(self.words[near.start : near.end])
        other = _text(before) + f" {wording.strip()}" + _text(after)
        (encoded,) = self.cache.get([self.windows[at]])
        part = encoded.part(*self._sound_of(near, Span(first, last), self.windows[at]))
        log_prob, other_log_prob = self.model.log_probabilities(
            part, self.language, [transcribed, other]
        )
        return other_log_prob - log_prob

    def _sound_of(self, words: Span, of: Span, window: Span) -> tuple[int, int]:
        """Returns start (from the window's) and length of the sound of words, in milliseconds.

        ``of`` are all words of the window.
        """
        start, end = window.start, window.end
        if words.start > of.start:
            start = max(start, self.words[words.start].start_ms - MARGIN_MS)
        if words.end < of.end:
            end = min(end, self.words[words.end - 1].end_ms + MARGIN_MS)
        return start - window.start, max(end - start, MARGIN_MS)

    def _window_of(self, spoken: Span) -> int | None:
        """Returns the window with the middle of the words, or of the words beside an empty span."""
        near = self.words[
            max(0, spoken.start - (not len(spoken))) : max(spoken.end, spoken.start + 1)
        ]
        if not near:
            return None
        middle = (near[0].start_ms + near[-1].end_ms) // 2
        at = bisect_right(self.windows, middle, key=lambda window: window.start) - 1
        return at if at >= 0 and middle < self.windows[at].end else None

    def _words_in(self, at: int) -> tuple[int, int]:
        """Returns the range of the words whose middle lies in a window."""
        window = self.windows[at]
        first, end = (bisect_left(self._middles, ms) for ms in (window.start, window.end))
        return first, end


def _text(words: Sequence[Word]) -> str:
    return "".join((" " if w.space_before else "") + w.text for w in words)
