"""Segments caption words into cues: all cue boundaries and line breaks are chosen together.

tokens.py           makes tokens of the words: clean texts that fit in a line
break_points.py     classifies the borders between tokens
quotes.py           finds quotations that should stay in one cue
line_breaking.py    chooses where cues and lines end
cue_times.py        decides when each cue is shown
non_speech.py       adds labels for music and silence between cues

Every word is in exactly one cue, in order; only a word wider than a whole cue is divided between
cues. Words are kept also where they are spoken too fast for the profile's reading speed.
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
    break_table,
    cue_borders,
    lines_of,
)
from aligner.captions.segmentation.non_speech import NonSpeechLabel, find_sounds, with_sounds
from aligner.captions.segmentation.tokens import CueToken, make_tokens, speaker_labels
from aligner.languages.tags import primary
from aligner.types import Captions, CaptionWord, Cue, Origin, Span, Voice

__all__ = ["LEAST_SURE_FIRST", "CueOptions", "NonSpeechLabel", "find_sounds", "make_cues"]

LEAST_SURE_FIRST: tuple[Origin, ...] = (
    *("spoken", "interpolated", "found", "respelled", "verified"),
    "edited",  # a person vouches for it
)


@dataclass(frozen=True, slots=True)
class CueOptions:
    """What is known about the words, and the costs of breaks."""

    paragraphs: Collection[int] = ()
    """Indices of the article's words that begin a paragraph."""
    sounds: tuple[NonSpeechLabel, ...] = ()
    """Labels to be shown between cues."""
    voices: tuple[Voice, ...] = ()
    """Those that the words' speakers are the ids of."""
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

    The profile's limits for the language apply. Words whose times are out of order or empty are
    shown as near to their time as the order allows. ``Captions.words`` are the given words.
    """
    profile = profile.for_language(language)
    labels = speaker_labels(options.voices, profile)
    tokens = make_tokens(words, profile.max_line_chars, duration_ms, options.paragraphs, labels)
    code = primary(language)
    table = break_table(tokens, code, profile, duration_ms, options.costs)
    borders = list(pairwise(cue_borders(table)))
    cues = (
        _cue(tokens, table, border, time)
        for border, time in zip(borders, cue_times(table, borders), strict=True)
    )
    shown = with_sounds(tuple(cues), options.sounds, profile, duration_ms)
    return Captions(language, shown, words, options.voices)


def _cue(tokens: tuple[CueToken, ...], table: BreakTable, border: Border, time: Span) -> Cue:
    first, last = border
    borders = (first, *lines_of(table, first, last), last)
    return Cue(
        start_ms=time.start,
        end_ms=time.end,
        lines=tuple(_joined(tokens[a:b]) for a, b in pairwise(borders)),
        origin=min((p.origin for p in tokens[first:last]), key=LEAST_SURE_FIRST.index),
    )


def _joined(tokens: tuple[CueToken, ...]) -> str:
    return "".join(f" {p.text}" if p.space_before and k else p.text for k, p in enumerate(tokens))
