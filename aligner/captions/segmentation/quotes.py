"""Find the borders inside quotations that fit in one cue."""

from __future__ import annotations

from collections.abc import Sequence

from aligner.captions.segmentation.tokens import CueToken

_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"'}
"""An opening mark and what may close it. Single quotes are apostrophes too often."""


def quoted(pieces: Sequence[CueToken], room: int) -> list[bool]:
    """For each border between pieces, whether it is inside a quotation of ``room`` cells at most.

    A quotation that is not closed within that room is none.
    """
    inside = [False] * max(0, len(pieces) - 1)
    opened, closers, cells = -1, "", 0
    for k, piece in enumerate(pieces):
        if opened >= 0:
            cells += piece.width + piece.space_before
        elif piece.text[0] in _PAIRS:
            opened, closers, cells = k, _PAIRS[piece.text[0]], piece.width
        if opened >= 0 and cells <= room and any(c in closers for c in piece.text[k == opened :]):
            inside[opened:k] = [True] * (k - opened)
            opened = -1
        elif cells > room:  # too long, or never closed
            opened = -1
    return inside
