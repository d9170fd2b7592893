"""Caption words -> Captions: every cue boundary and line break chosen together.

``pieces.py`` makes the words fit to be set, ``syntax.py`` judges each place between two of them,
``cut.py`` chooses among the places, and here the cues get their times.

Every word comes out in exactly one cue, in order. (Only a word wider than a whole cue goes over
several.) Speed that the speaker forces is kept.
"""

from __future__ import annotations

from itertools import pairwise

from aligner.cues.cut import Table, cue_borders, lines_of, table
from aligner.cues.pieces import Piece, make_pieces
from aligner.cues.syntax import SYNTAX, Syntax
from aligner.nouns import Captions, CaptionWord, Cue, Origin
from aligner.profiles import Profile

__all__ = ["LEAST_SURE_FIRST", "make_cues"]

LEAST_SURE_FIRST: tuple[Origin, ...] = (
    *("spoken", "interpolated", "respelled", "verified"),
    "edited",  # a person vouches for it
)


def make_cues(
    words: tuple[CaptionWord, ...], language: str, profile: Profile, duration_ms: int
) -> Captions:
    """Caption words -> captions within a recording of ``duration_ms``.

    Words with times out of order or without length are shown nevertheless, as near to their time
    as order allows. ``Captions.words`` are the words as given.
    """
    pieces = make_pieces(words, profile.max_line_chars, duration_ms)
    code = language.replace("_", "-").split("-")[0].lower()
    places = table(pieces, SYNTAX.get(code, Syntax()), profile, duration_ms)
    cues = tuple(_cue(pieces, places, first, last) for first, last in pairwise(cue_borders(places)))
    return Captions(language, cues, words)


def _cue(pieces: tuple[Piece, ...], places: Table, first: int, last: int) -> Cue:
    borders = (first, *lines_of(places, first, last), last)
    start, end = _times(places, first, last)
    return Cue(
        start_ms=start,
        end_ms=end,
        lines=tuple(_joined(pieces[a:b]) for a, b in pairwise(borders)),
        origin=min((p.origin for p in pieces[first:last]), key=LEAST_SURE_FIRST.index),
    )


def _joined(pieces: tuple[Piece, ...]) -> str:
    return "".join(f" {p.text}" if p.space_before and k else p.text for k, p in enumerate(pieces))


def _times(places: Table, first: int, last: int) -> tuple[int, int]:
    """In- and out-time of the cue of pieces ``first`` up to ``last``.

    In at the onset of its first word. Out when it has been heard and can have been read, if the
    next cue and the end of the recording leave room; a small gap before the next is closed to
    the least one. The gap gives way (the cues then touch) where the cue would last too short.
    """
    profile = places.profile
    start, heard = places.start[first], places.end[last - 1]
    to_read = round(places.width(first, last) * 1000 / profile.max_cps)
    end = max(heard, start + profile.min_duration_ms, start + to_read)
    follows = places.start[last] if last < places.count else None
    latest = places.latest_end(first, last)
    if follows is not None and follows - end < profile.chain_ms:
        end = latest
    return start, min(end, latest, start + profile.max_duration_ms)
