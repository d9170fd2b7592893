"""Recovery of skipped speech: speech that a window's words do not account for is decoded again.

Where a window holds two voices, the decoder may transcribe one and skip the other. Its text is
probable all the same, so that only the comparison with the speech shows it (``speech_ledger``).
First the window is decoded again with time-stamp tokens, which keep the decoder from jumping ahead.
If speech is still left over, the window is cut at pauses, and each part is encoded and decoded by
itself. Every moment of the sound is decoded exactly once in the result, so that no word is
repeated.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aligner.asr import attempts
from aligner.asr.division import Sound, divide
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

MAX_CUTS = 2
"""How often a window is cut: into parts, and these into parts again."""
REPETITION_WORDS = 3
"""A text with more words than this is checked for repetition."""
SURE, VERY_SURE = -0.85, -0.7
"""Least mean log probability of a text that may replace another; the second where the window has no
credible text so far. Hallucinations over singing, babble and reversed speech lie below."""
MIN_ACCOUNTED = 0.5
"""Share of a part's speech that its words must account for: hallucinations over music or noise have
few words."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Decodes speech again that has no words in the windows of a recording."""

    model: WhisperModel
    language: str
    """Whisper's code."""
    beam_size: int
    sound: Sound
    speech: Sequence[Span]
    """Segments with speech, in milliseconds of the recording."""
    sure: float = SURE
    """Least mean log probability of a text that may replace another."""

    def recover(
        self, window: Span, words: Sequence[Word], encoded: Callable[[], EncoderOutput]
    ) -> list[Word]:
        """Returns a window's words, or others that account for more of its speech, in order."""
        if not self.missing_ms(window, words):
            return list(words)
        strict = replace(self, sure=SURE if _credible(words) else VERY_SURE)
        found = strict._recover(window, list(words), encoded(), MAX_CUTS)
        log.info(
            "speech without words at %.1f s: %d ms, %d ms after decoding again",
            window.start / 1000, self.missing_ms(window, words), self.missing_ms(window, found),
        )  # fmt: skip
        return found

    def missing_ms(self, window: Span, words: Sequence[Word]) -> int:
        """Returns the milliseconds of a window's speech that words do not account for."""
        return total_ms(self._inside(window), words)

    def _inside(self, window: Span) -> list[Span]:
        return real_speech(self.speech, window)

    def _recover(
        self, span: Span, words: list[Word], encoded: EncoderOutput, depth: int
    ) -> list[Word]:
        """Returns a window's or a part's words, or better ones, after up to ``depth`` cuts."""
        if not self.missing_ms(span, words):
            return words
        stamped = self._plausible(span, self._decode(span, encoded, timestamps=True))
        words = self._better(span, words, stamped)
        parts: list[Span] = []
        if depth and self.missing_ms(span, words):
            parts = self._parts(span, words, again=depth < MAX_CUTS)
        if depth < MAX_CUTS:
            words = self._plausible(span, words)
        again = (word for part in parts for word in self._decode_part(part, depth - 1))
        return self._better(span, words, list(again))

    def _better(self, span: Span, words: list[Word], other: list[Word]) -> list[Word]:
        """Returns the other words if they account for clearly more of the speech."""
        gained = self.missing_ms(span, words) - self.missing_ms(span, other)
        return other if gained > LOOK_AGAIN_MS else words

    def _decode_part(self, part: Span, depth: int) -> list[Word]:
        """Returns the words of a part of a window, encoded by itself."""
        if not self._inside(part):
            return []
        (encoded,) = self.model.encode([self.sound(part)])
        words = self._decode(part, encoded, timestamps=False)
        return self._recover(part, words, encoded, depth)

    def _plausible(self, span: Span, words: list[Word]) -> list[Word]:
        """Returns the words of one decoding; none where they are too few for so much speech."""
        spoken = sum(map(len, self._inside(span)))
        return words if self.missing_ms(span, words) <= (1 - MIN_ACCOUNTED) * spoken else []

    def _decode(self, span: Span, encoded: EncoderOutput, *, timestamps: bool) -> list[Word]:
        """Decodes sound; no words if the text is improbable or repeats itself."""
        options = DecodeOptions(1 if timestamps else self.beam_size, timestamps=timestamps)
        results = attempts.decode(self.model, [encoded], self.language, options)
        if results[0].avg_logprob < self.sure or _repeats(results[0].text):
            return []
        (timed,) = attempts.align(self.model, [encoded], self.language, results)
        lag_ms = self.model.attention_lag_ms
        return list(to_recording_time(timed, span, self.speech, lag_ms))

    def _parts(self, span: Span, words: list[Word], *, again: bool) -> list[Span]:
        """Cuts a window into parts; none if it is better not cut."""
        speech = self._inside(span)
        runs = divide(speech, unaccounted(speech, words), self.sound, again=again)
        cuts = [(a[-1].end + b[0].start) // 2 for a, b in pairwise(runs)]
        return [Span(a, b) for a, b in pairwise([span.start, *cuts, span.end])] if cuts else []


def _credible(words: Sequence[Word]) -> bool:
    """Whether a window's words are probable on average."""
    logs = [math.log(max(word.score, MIN_PROBABILITY)) for word in words]
    return bool(logs) and sum(logs) / len(logs) >= MIN_AVG_LOGPROB


def _repeats(text: str) -> bool:
    """Whether at most half of a text's words are distinct, as in "ha ha ha ha"."""
    words = [normalise(word) for word in text.split()]
    return len(words) > REPETITION_WORDS and 2 * len({*words}) <= len(words)
