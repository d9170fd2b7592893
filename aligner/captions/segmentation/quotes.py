"""Finds the borders within quotations that fit in one cue."""

from __future__ import annotations

from collections.abc import Sequence

from aligner.captions.segmentation.tokens import CueToken

_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"'}
"""The closing marks of each opening mark. Single quotes are left out: most are apostrophes."""


def quoted(tokens: Sequence[CueToken], room: int) -> list[bool]:
    """Returns for each border whether it is within a quotation of at most ``room`` cells.

    An opening mark without a closing mark within ``room`` cells is ignored.
    """
    inside = [False] * max(0, len(tokens) - 1)
    opened, closers, cells = -1, "", 0
    for k, token in enumerate(tokens):
        if opened >= 0:
            cells += token.width + token.space_before
        elif token.text[0] in _PAIRS:
            opened, closers, cells = k, _PAIRS[token.text[0]], token.width
        if opened >= 0 and cells <= room and any(c in closers for c in token.text[k == opened :]):
            inside[opened:k] = [True] * (k - opened)
            opened = -1
        elif cells > room:  # too long, or never closed
            opened = -1
    return inside
