"""Requests to decode single passages, batched over several windows.

The decoder gets only the passage's part of the encoded window, and a few words before it. A decoder
step for eight texts takes 2.6 times as long as one for a single text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis, PassageDecoder
from aligner.types import Span

EXTRA_TEXT_COST = 0.3
"""Share by which each further text lengthens a decoder step."""


@dataclass(frozen=True, slots=True)
class ContextSize:
    """The context that the decoder gets with a passage in doubt."""

    words: int
    """Words of the text before it."""
    after_ms: int
    """Sound after it, in which speech returns to the draft."""
    tokens: int
    """Tokens that this sound may hold."""


NARROW, WIDE = ContextSize(3, 2_000, 8), ContextSize(9, 5_000, 18)
"""The context at first, and where speech does not return to the draft within it."""


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """A passage of a window to decode."""

    window: EncoderOutput
    end_ms: int
    """The end of the window's speech."""
    span: Span
    """The passage's sound, in milliseconds from the window's start."""
    prompt: tuple[int, ...]
    """Tokens of the words before it, which the decoder gets as its prompt."""
    max_tokens: int
    """Most tokens to decode."""


def decode_requests(
    decoder: PassageDecoder, language: str, requests: Sequence[DecodeRequest]
) -> list[PartialHypothesis]:
    """Decodes passages; their order is kept."""
    found: dict[int, PartialHypothesis] = {}
    for group in _grouped(requests):
        length = max(len(q.span) for q in group)
        passages = decoder.decode_parts(
            [q.window.part(q.span.start, length) for q in group],
            language,
            [q.prompt for q in group],
            max(q.max_tokens for q in group),
        )
        for q, passage in zip(group, passages, strict=True):
            whole = q.span.start + length >= q.end_ms
            found[id(q)] = replace(passage, ended=passage.ended and whole)
    return [found[id(q)] for q in requests]


def decode_cost(requests: Sequence[DecodeRequest]) -> float:
    """Returns the cost of requests decoded together, in decoder steps for a single text."""
    return sum(map(_cost, _grouped(requests)))


def _grouped(requests: Sequence[DecodeRequest]) -> list[list[DecodeRequest]]:
    """Groups requests: all in one, or the shorter and the longer ones, whichever is cheaper."""
    ordered = sorted(requests, key=lambda q: q.max_tokens)
    splits = ([ordered[:k], ordered[k:]] for k in range(len(ordered)))
    best = min(splits, key=lambda split: sum(map(_cost, split)), default=[])
    return [group for group in best if group]


def _cost(group: Sequence[DecodeRequest]) -> float:
    """Returns the cost of one group, in decoder steps for a single text."""
    return (
        max(q.max_tokens for q in group) * (1 + (len(group) - 1) * EXTRA_TEXT_COST)
        if group
        else 0.0
    )
