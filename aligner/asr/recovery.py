"""Speech of a window that its words do not account for -> decoded again, until they do.

A decoder that hears two voices in a window may follow one of them and skip the other. Its text is
probable all the same, so likelihood does not tell (``speech_ledger`` does). First the window
is decoded once more with time-stamp tokens, which keep the decoder from jumping ahead. What that
leaves is cut off at its own pauses and decoded by itself, and so is the rest of the window: every
moment of the sound is decoded exactly once in what is kept, so that no word comes twice.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aligner.asr import attempts
from aligner.asr.division import Sound, divided
from aligner.asr.speech_ledger import LOOK_AGAIN_MS, total_ms, unaccounted
from aligner.asr.whisper.model import (
    MIN_AVG_LOGPROB,
    MIN_PROBABILITY,
    DecodeOptions,
    EncoderOutput,
    WhisperModel,
)
from aligner.asr.whisper.word_timestamps import normalise, real_speech, to_recording_time
from aligner.types import Span, Word

log = logging.getLogger(__name__)

DEPTH = 2
"""How often a window is cut: its parts, and their parts."""
MANY = 3
"""Words of a text that may be judged by whether they are different."""
SURE, VERY_SURE = -0.85, -0.7
"""Mean log probability of a text that may take the place of another one; the second where nothing
credible was heard in the window. What is made up over singing, babble and reversed speech lies
below."""
UNDERSTOOD = 0.5
"""Share of a part's speech that words must account for: what recognisers make up over music or
noise is a few words."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Decodes again what was not heard in windows of a recording."""

    model: WhisperModel
    language: str
    """Whisper's code."""
    beam_size: int
    sound: Sound
    speech: Sequence[Span]
    """Where somebody speaks."""
    sure: float = SURE
    """Mean log probability of a text that is believed."""

    def mended(
        self, window: Span, words: Sequence[Word], encoded: Callable[[], EncoderOutput]
    ) -> list[Word]:
        """A window's words, or others that account for more of its speech, in order."""
        if not self._lost(window, words):
            return list(words)
        careful = replace(self, sure=SURE if _credible(words) else VERY_SURE)
        found = careful._mended(window, list(words), encoded(), DEPTH)
        log.info(
            "speech without words at %.1f s: %d ms, %d ms after decoding again",
            window.start / 1000, self._lost(window, words), self._lost(window, found),
        )  # fmt: skip
        return found

    def _lost(self, window: Span, words: Sequence[Word]) -> int:
        """Milliseconds of a window's speech that words do not account for."""
        return total_ms(self._inside(window), words)

    def _inside(self, window: Span) -> list[Span]:
        return real_speech(self.speech, window)

    def _mended(
        self, span: Span, words: list[Word], encoded: EncoderOutput, depth: int
    ) -> list[Word]:
        """Words of a window or of a part, or better ones; ``depth``: how often it may be cut."""
        if not self._lost(span, words):
            return words
        stamped = self._believed(span, self._heard(span, encoded, timestamps=True))
        words = self._better(span, words, stamped)
        parts: list[Span] = []
        if depth and self._lost(span, words):
            parts = self._parts(span, words, again=depth < DEPTH)
        if depth < DEPTH:
            words = self._believed(span, words)
        again = (word for part in parts for word in self._alone(part, depth - 1))
        return self._better(span, words, list(again))

    def _better(self, span: Span, words: list[Word], other: list[Word]) -> list[Word]:
        """Other words if they account for clearly more of the speech."""
        gained = self._lost(span, words) - self._lost(span, other)
        return other if gained > LOOK_AGAIN_MS else words

    def _alone(self, part: Span, depth: int) -> list[Word]:
        """The words of a part of a window, encoded by itself."""
        if not self._inside(part):
            return []
        (encoded,) = self.model.encode([self.sound(part)])
        words = self._heard(part, encoded, timestamps=False)
        return self._mended(part, words, encoded, depth)

    def _believed(self, span: Span, words: list[Word]) -> list[Word]:
        """What one decoding wrote; none where it is too little for so much speech."""
        spoken = sum(map(len, self._inside(span)))
        return words if self._lost(span, words) <= (1 - UNDERSTOOD) * spoken else []

    def _heard(self, span: Span, encoded: EncoderOutput, *, timestamps: bool) -> list[Word]:
        """The words of a decoding; none if it is not to be believed."""
        how = DecodeOptions(1 if timestamps else self.beam_size, timestamps=timestamps)
        heard = attempts.decoded(self.model, [encoded], self.language, how)
        if heard[0].avg_logprob < self.sure or _repeats(heard[0].text):
            return []
        (timed,) = attempts.timed(self.model, [encoded], self.language, heard)
        return list(to_recording_time(timed, span, self.speech))

    def _parts(self, span: Span, words: list[Word], *, again: bool) -> list[Span]:
        """A window in parts; none if it is better not cut."""
        speech = self._inside(span)
        runs = divided(speech, unaccounted(speech, words), self.sound, again=again)
        cuts = [(a[-1].end + b[0].start) // 2 for a, b in pairwise(runs)]
        return [Span(a, b) for a, b in pairwise([span.start, *cuts, span.end])] if cuts else []


def _credible(words: Sequence[Word]) -> bool:
    """Whether a window has words that the recogniser does not doubt altogether."""
    logs = [math.log(max(word.score, MIN_PROBABILITY)) for word in words]
    return bool(logs) and sum(logs) / len(logs) >= MIN_AVG_LOGPROB


def _repeats(text: str) -> bool:
    """Whether no more than half of a text's words are different ones, as in "ha ha ha ha"."""
    words = [normalise(word) for word in text.split()]
    return len(words) > MANY and 2 * len({*words}) <= len(words)
