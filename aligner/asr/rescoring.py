"""Words in question -> how much likelier the sound makes another wording: a second hearing.

The recogniser is given a window's text with one passage replaced and asked how probable it is,
token by token, when the sound is the same (teacher forcing). The difference of two wordings' log
probabilities is in nats; above 0 the other wording is likelier than what was heard.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from aligner.asr.whisper.encoder_cache import EncoderCache
from aligner.asr.whisper.model import WhisperModel
from aligner.types import Span, Transcript, Word

AROUND = 6
"""Words before and after a passage with which it is weighed; more make no difference worth their
time."""
MARGIN_MS = 200
"""Sound around these words."""


class WhisperRescorer:
    """Hears passages of a transcript again."""

    def __init__(
        self,
        model: WhisperModel,
        encodings: EncoderCache,
        windows: Sequence[Span],
        transcript: Transcript,
        language: str,
    ) -> None:
        self.model, self.encodings, self.language = model, encodings, language
        self.words = transcript.words
        self._middles = [(word.start_ms + word.end_ms) // 2 for word in self.words]
        self.windows = windows

    def gain(self, spoken: Span, wording: str) -> float | None:
        """Log probability of the wording less that of the spoken words, in nats.

        ``spoken`` are indices into the transcript's words; an empty span asks for words between
        two others. None where the words do not lie in one window.
        """
        at = self._window_of(spoken)
        if at is None:
            return None
        first, last = self._words_in(at)
        if not first <= spoken.start <= spoken.end <= last:
            return None
        near = Span(max(first, spoken.start - AROUND), min(last, spoken.end + AROUND))
        before = self.words[near.start : spoken.start]
        after = self.words[spoken.end : near.end]
        heard = _text(self.words[near.start : near.end])
        other = _text(before) + f" {wording.strip()}" + _text(after)
        (encoded,) = self.encodings.of([self.windows[at]])
        part = encoded.part(*self._sound_of(near, Span(first, last), self.windows[at]))
        as_heard, otherwise = self.model.log_probabilities(part, self.language, [heard, other])
        return otherwise - as_heard

    def _sound_of(self, words: Span, of: Span, window: Span) -> tuple[int, int]:
        """Start in the window and length of the sound of some of its words, in milliseconds."""
        start, end = window.start, window.end
        if words.start > of.start:
            start = max(start, self.words[words.start].start_ms - MARGIN_MS)
        if words.end < of.end:
            end = min(end, self.words[words.end - 1].end_ms + MARGIN_MS)
        return start - window.start, max(end - start, MARGIN_MS)

    def _window_of(self, spoken: Span) -> int | None:
        """The window that holds the middle of the words, or of what stands around an empty span."""
        near = self.words[
            max(0, spoken.start - (not len(spoken))) : max(spoken.end, spoken.start + 1)
        ]
        if not near:
            return None
        middle = (near[0].start_ms + near[-1].end_ms) // 2
        at = bisect_right(self.windows, middle, key=lambda window: window.start) - 1
        return at if at >= 0 and middle < self.windows[at].end else None

    def _words_in(self, at: int) -> tuple[int, int]:
        """Indices of the words whose middle lies in a window."""
        window = self.windows[at]
        first, end = (bisect_left(self._middles, ms) for ms in (window.start, window.end))
        return first, end


def _text(words: Sequence[Word]) -> str:
    return "".join((" " if w.space_before else "") + w.text for w in words)
