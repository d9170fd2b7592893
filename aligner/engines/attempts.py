"""Encoded windows -> their text and its times: a decoding that fails is tried again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aligner.engines.base import TOO_REPETITIVE, DecodeOptions, Encoded, Heard
from aligner.engines.words import Timed, without_loops

if TYPE_CHECKING:
    from aligner.engines.recogniser import Recogniser

log = logging.getLogger(__name__)


def decoded(
    recogniser: Recogniser, encoded: Sequence[Encoded], language: str, how: DecodeOptions
) -> list[Heard]:
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


def _merit(heard: Heard) -> tuple[bool, float]:
    """Text that does not repeat itself first, then the surer one."""
    return heard.compression_ratio <= TOO_REPETITIVE, heard.avg_logprob


def timed(
    recogniser: Recogniser, encoded: Sequence[Encoded], language: str, heard: Sequence[Heard]
) -> list[list[Timed]]:
    """The words of each window with their times; none where there is only silence."""
    spoken = [at for at, h in enumerate(heard) if h.tokens and not h.is_silence]
    found: list[list[Timed]] = [[] for _ in heard]
    if not spoken:
        return found
    texts = [heard[at].tokens for at in spoken]
    aligned = recogniser.align([encoded[at] for at in spoken], language, texts)
    for at, words in zip(spoken, aligned, strict=True):
        stuck = heard[at].compression_ratio > TOO_REPETITIVE
        found[at] = without_loops(words) if stuck else words
    return found
