"""Decoding without a draft: a window with a poor text is decoded again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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


def decode(
    model: WhisperModel,
    encoded: Sequence[EncoderOutput],
    language: str,
    options: DecodeOptions,
    is_worthwhile: Callable[[int], bool] = lambda _: True,
) -> list[DecodingResult]:
    """Decodes windows; poor results are decoded again, and the best attempt is kept.

    ``is_worthwhile`` says whether another attempt at a window, given by its index, makes sense.
    """
    best = model.decode(encoded, language, options)
    for attempt in range(1, model.attempts):
        poor = [at for at, result in enumerate(best) if result.is_poor and is_worthwhile(at)]
        if not poor:
            break
        log.debug("attempt %d at %d windows", attempt + 1, len(poor))
        freer = replace(options, attempt=attempt)
        again = model.decode([encoded[at] for at in poor], language, freer)
        for at, result in zip(poor, again, strict=True):
            best[at] = max(best[at], result, key=_merit)
    return best


def _merit(result: DecodingResult) -> tuple[bool, float]:
    """Orders attempts: a text that does not repeat itself first, then the more probable one."""
    return result.compression_ratio <= MAX_COMPRESSION_RATIO, result.avg_logprob


def align(
    model: WhisperModel,
    encoded: Sequence[EncoderOutput],
    language: str,
    results: Sequence[DecodingResult],
) -> list[list[WordTiming]]:
    """Returns the words of each decoded window with their times; none where it is silence."""
    spoken = [at for at, r in enumerate(results) if r.tokens and not r.is_silence]
    found: list[list[WordTiming]] = [[] for _ in results]
    if not spoken:
        return found
    texts = [results[at].tokens for at in spoken]
    aligned = model.align([encoded[at] for at in spoken], language, texts)
    for at, words in zip(spoken, aligned, strict=True):
        stuck = results[at].compression_ratio > MAX_COMPRESSION_RATIO
        found[at] = collapse_repetitions(words) if stuck else words
    return found
