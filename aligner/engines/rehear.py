"""Words in question -> how much likelier the sound makes another wording: a second hearing.

The recogniser is given a window's text with one passage replaced and asked how probable it is,
token by token, when the sound is the same (teacher forcing). The difference of two wordings' log
probabilities is in nats; above 0 the other wording is likelier than what was heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aligner.nouns import Audio, Span, Transcript, Word

if TYPE_CHECKING:
    from aligner.engines.base import Encoded, Recogniser


class Rehearing:
    """Hears passages of a transcript again. Keeps one window's encoding at a time."""

    def __init__(
        self,
        recogniser: Recogniser,
        audio: Audio,
        windows: tuple[Span, ...],
        transcript: Transcript,
        language: str,
    ) -> None:
        self.recogniser, self.audio, self.language = recogniser, audio, language
        self.words = transcript.words
        self.windows = windows
        self._at: int | None = None
        self._encoded: Encoded | None = None
        self._known: dict[str, float] = {}

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
        before, after = self.words[first : spoken.start], self.words[spoken.end : last]
        heard = _text(self.words[first:last])
        other = _text(before) + f" {wording.strip()}" + _text(after)
        known = self._probabilities(at, heard, other)
        return known[other] - known[heard]

    def _window_of(self, spoken: Span) -> int | None:
        """The window that holds the middle of the words, or of what stands around an empty span."""
        near = self.words[
            max(0, spoken.start - (not len(spoken))) : max(spoken.end, spoken.start + 1)
        ]
        if not near:
            return None
        middle = (near[0].start_ms + near[-1].end_ms) // 2
        holds = (k for k, w in enumerate(self.windows) if w.start <= middle < w.end)
        return next(holds, None)

    def _words_in(self, at: int) -> tuple[int, int]:
        """Indices of the words whose middle lies in a window."""
        window = self.windows[at]
        inside = [
            k
            for k, w in enumerate(self.words)
            if window.start <= (w.start_ms + w.end_ms) // 2 < window.end
        ]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)

    def _probabilities(self, at: int, *texts: str) -> dict[str, float]:
        if at != self._at or self._encoded is None:
            window = self.windows[at]
            (self._encoded,) = self.recogniser.encode([self.audio.window(window.start, window.end)])
            self._at, self._known = at, {}
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        if unknown:
            found = self.recogniser.log_probabilities(self._encoded, self.language, unknown)
            self._known.update(zip(unknown, found, strict=True))
        return self._known


def _text(words: Sequence[Word]) -> str:
    return "".join((" " if w.space_before else "") + w.text for w in words)
