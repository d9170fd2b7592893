"""Gives each word its voice.

The search (Viterbi 1967) finds the series of voices with the greatest sum of similarities, where a
change of voice costs something: less after a pause, and less after the end of a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from aligner.types import CaptionWord

CHANGE = 1.0
"""Cost of a change of voice, in sums of cosine similarity."""
AFTER_PAUSE, PAUSE_MS = 0.5, 150
"""Factor of the cost after a pause, and the least pause."""
AFTER_SENTENCE = 0.6
"""Factor of the cost after a word that ends a sentence."""
ENDS = tuple(".?!…。？！؟।")
CLOSERS = "\"'”’»›)]」』"
ONE_PASSAGE = 0.55
"""Least similarity of the mean vectors of two voices, of which one is heard in a single passage,
that are one person in other sound: by telephone, in another room."""


def voices_of_words(words: Sequence[CaptionWord], similar: NDArray[np.floating]) -> tuple[int, ...]:
    """Returns the voice of each word. ``similar``: to each voice, shape (words, voices)."""
    total, back = similar[0].astype(np.float64), []
    numbers = np.arange(similar.shape[1])
    for at in range(1, len(words)):
        best = int(total.argmax())
        changed = total[best] - _cost(words[at - 1], words[at])
        back.append(np.where(total >= changed, numbers, best))
        total = np.maximum(total, changed) + similar[at]
    voice = int(total.argmax())
    found = [voice]
    for came_from in reversed(back):
        voice = int(came_from[voice])
        found.append(voice)
    return tuple(reversed(found))


def _cost(before: CaptionWord, after: CaptionWord) -> float:
    """Returns what a change of voice between two words costs."""
    cost = CHANGE
    if after.start_ms - before.end_ms > PAUSE_MS:
        cost *= AFTER_PAUSE
    if before.text.rstrip(CLOSERS).endswith(ENDS):
        cost *= AFTER_SENTENCE
    return cost


def merge_single_passages(
    found: Sequence[int], voices: NDArray[np.floating], least: int
) -> tuple[int, ...]:
    """Gives a voice that is heard in one passage alone to another that is rather like it.

    Somebody may be heard by telephone, or outdoors, in a part of the recording; two people who are
    as alike as that usually take turns. ``voices``: mean vectors of length 1, shape (voices, d). At
    ``least`` as many voices stay.
    """
    merged, similar = list(found), voices @ voices.T
    np.fill_diagonal(similar, -1)
    while True:
        passages = [voice for voice, _ in groupby(merged)]
        heard = sorted(set(passages))
        single = [voice for voice in heard if passages.count(voice) == 1]
        pairs = [(similar[one, two], one, two) for one in single for two in heard if one != two]
        if not pairs or len(heard) <= least:
            return tuple(merged)
        alike, one, two = max(pairs)
        if alike < ONE_PASSAGE:
            return tuple(merged)
        merged = [two if voice == one else voice for voice in merged]
