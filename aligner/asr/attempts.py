"""Encoded windows -> their text and its times: a decoding that fails is tried again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from aligner.asr.whisper.model import (
    MAX_COMPRESSION_RATIO,
    DecodeOptions,
    DecodingResult,
    EncoderOutput,
    WhisperModel,
)
from aligner.asr.whisper.word_timestamps import WordTiming, collapse_repetitions

log = logging.getLogger(__name__)


def decoded(
    model: WhisperModel, encoded: Sequence[EncoderOutput], language: str, how: DecodeOptions
) -> list[DecodingResult]:
    """The text of each window; poor ones are tried again, and the surest attempt is kept."""
    best = model.decode(encoded, language, how)
    for attempt in range(1, model.attempts):
        poor = [at for at, heard in enumerate(best) if heard.is_poor]
        if not poor:
            break
        log.debug("attempt %d at %d windows", attempt + 1, len(poor))
        freer = replace(how, attempt=attempt)
        again = model.decode([encoded[at] for at in poor], language, freer)
        for at, heard in zip(poor, again, strict=True):
            best[at] = max(best[at], heard, key=_merit)
    return best


def _merit(heard: DecodingResult) -> tuple[bool, float]:
    """Text that does not repeat itself first, then the surer one."""
    return heard.compression_ratio <= MAX_COMPRESSION_RATIO, heard.avg_logprob


def timed(
    model: WhisperModel,
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
    aligned = model.align([encoded[at] for at in spoken], language, texts)
    for at, words in zip(spoken, aligned, strict=True):
        stuck = heard[at].compression_ratio > MAX_COMPRESSION_RATIO
        found[at] = collapse_repetitions(words) if stuck else words
    return found
