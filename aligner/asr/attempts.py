"""Encoded windows -> their text and its times: a decoding that fails is tried again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aligner.asr.base import TOO_REPETITIVE, DecodeOptions, DecodingResult, EncoderOutput
from aligner.asr.whisper.word_timestamps import WordTiming, collapse_repetitions

if TYPE_CHECKING:
    from aligner.asr.whisper.engine import WhisperEngine

log = logging.getLogger(__name__)


def decoded(
    recogniser: WhisperEngine, encoded: Sequence[EncoderOutput], language: str, how: DecodeOptions
) -> list[DecodingResult]:
    """The text of each window; poor ones are tried again, and the surest attempt is kept."""
    best = recogniser.decode(encoded, language, how)
    for attempt in range(1, recogniser.attempts):
        poor = [at for at, heard in enumerate(best) if heard.is_poor]
        if not poor:
            break
        log.debug("attempt %d at %d windows", attempt + 1, len(poor))
        freer = replace(how, attempt=attempt)
        again = recogniser.decode([encoded[at] for at in poor], language, freer)
        for at, heard in zip(poor, again, strict=True):
            best[at] = max(best[at], heard, key=_merit)
    return best


def _merit(heard: DecodingResult) -> tuple[bool, float]:
    """Text that does not repeat itself first, then the surer one."""
    return heard.compression_ratio <= TOO_REPETITIVE, heard.avg_logprob


def timed(
    recogniser: WhisperEngine,
    encoded: Sequence[EncoderOutput],
    language: str,
    heard: Sequence[DecodingResult],
) -> list[list[WordTiming]]:
    """The words of each window with their times; none where there is only silence."""
    spoken = [at for at, h in enumerate(heard) if h.tokens and not h.is_silence]
    found: list[list[WordTiming]] = [[] for _ in heard]
    if not spoken:
        return found
    texts = [heard[at].tokens for at in spoken]
    aligned = recogniser.align([encoded[at] for at in spoken], language, texts)
    for at, words in zip(spoken, aligned, strict=True):
        stuck = heard[at].compression_ratio > TOO_REPETITIVE
        found[at] = collapse_repetitions(words) if stuck else words
    return found
