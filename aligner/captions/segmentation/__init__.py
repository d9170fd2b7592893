"""Segment caption words into cues: all cue boundaries and line breaks are chosen together.

tokens.py           makes texts of the words that fit in a line
break_points.py     judges each place between two of them
function_words.py   the words of each language that should not end a line
quotes.py           finds quotations that should stay in one cue
line_breaking.py    chooses where cues and lines end
cue_times.py        decides when each cue is shown
non_speech.py       adds labels for music and other sounds between cues

Every word comes out in exactly one cue, in order. (Only a word wider than a whole cue goes over
several.) Speed that the speaker forces is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from aligner.captions.profiles import Profile
from aligner.captions.segmentation.cue_times import Border, cue_times
from aligner.captions.segmentation.line_breaking import (
    COSTS,
    BreakCosts,
    BreakTable,
    cue_borders,
    lines_of,
    table,
)
from aligner.captions.segmentation.non_speech import NonSpeechLabel, find_sounds, with_sounds
from aligner.captions.segmentation.tokens import CueToken, make_pieces
from aligner.languages.tags import primary
from aligner.types import Captions, CaptionWord, Cue, Origin, Span

__all__ = ["LEAST_SURE_FIRST", "CueOptions", "NonSpeechLabel", "find_sounds", "make_cues"]

LEAST_SURE_FIRST: tuple[Origin, ...] = (
    *("spoken", "interpolated", "found", "respelled", "verified"),
    "edited",  # a person vouches for it
)


@dataclass(frozen=True, slots=True)
class CueOptions:
    """What is known besides the words."""

    paragraphs: Collection[int] = ()
    """The indices of the article's words that begin a paragraph."""
    sounds: tuple[NonSpeechLabel, ...] = ()
    """Sounds to be shown where no cue is."""
    costs: BreakCosts = COSTS


PLAIN = CueOptions()


def make_cues(
    words: tuple[CaptionWord, ...],
    language: str,
    profile: Profile,
    duration_ms: int,
    options: CueOptions = PLAIN,
) -> Captions:
    """Returns the captions of words in a recording of ``duration_ms``.

    The profile's numbers for the language hold. Words with times out of order or without length
    are shown nevertheless, as near to their time as order allows. ``Captions.words`` are the words
    as given.
    """
    profile = profile.for_language(language)
    pieces = make_pieces(words, profile.max_line_chars, duration_ms, options.paragraphs)
    code = primary(language)
    places = table(pieces, code, profile, duration_ms, options.costs)
    borders = list(pairwise(cue_borders(places)))
    cues = (
        _cue(pieces, places, border, time)
        for border, time in zip(borders, cue_times(places, borders), strict=True)
    )
    return Captions(language, with_sounds(tuple(cues), options.sounds, profile, duration_ms), words)


def _cue(pieces: tuple[CueToken, ...], places: BreakTable, border: Border, time: Span) -> Cue:
    first, last = border
    borders = (first, *lines_of(places, first, last), last)
    return Cue(
        start_ms=time.start,
        end_ms=time.end,
        lines=tuple(_joined(pieces[a:b]) for a, b in pairwise(borders)),
        origin=min((p.origin for p in pieces[first:last]), key=LEAST_SURE_FIRST.index),
    )


def _joined(pieces: tuple[CueToken, ...]) -> str:
    return "".join(f" {p.text}" if p.space_before and k else p.text for k, p in enumerate(pieces))
