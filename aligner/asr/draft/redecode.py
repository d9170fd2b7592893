"""Passages in doubt -> questions to the decoder, and what becomes of the answers.

The decoder sees only a passage's part of the encoded window, and a few words before it. Questions
of several windows are asked together: a step of the decoder for eight texts takes 2.6 times as long
as one for a single text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from aligner.asr.draft.verification import DraftToken, ScoredWord
from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis, PassageDecoder
from aligner.asr.whisper.word_timestamps import normalise
from aligner.types import Span

ANOTHER = 0.3
"""One more text in a step of the decoder makes it longer by that share."""
MEET, LIKENESS = 2, 0.6
"""Words in a row that are alike where speech and draft meet again; share of letters that makes one
of them alike."""


@dataclass(frozen=True, slots=True)
class ContextSize:
    """What the decoder is given beside a passage in doubt."""

    words: int
    """Of the text, before it."""
    after_ms: int
    """Sound after it, which shows where speech and draft meet again."""
    tokens: int
    """Room for what is said there."""


NARROW, WIDE = ContextSize(3, 2_000, 8), ContextSize(9, 5_000, 18)
"""At first, and where that leads nowhere."""


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """A passage in doubt, as the decoder is asked about it."""

    window: EncoderOutput
    end_ms: int
    """The end of the window's speech."""
    sound: Span
    """Milliseconds from the window's start."""
    before: tuple[int, ...]
    """Tokens of the words before it."""
    most: int
    """Tokens that it may hold."""


def decode_requests(
    decoder: PassageDecoder, language: str, asked: Sequence[DecodeRequest]
) -> list[PartialHypothesis]:
    """What is said in each passage in doubt, and a little after it."""
    found: dict[int, PartialHypothesis] = {}
    for some in _grouped(asked):
        length = max(len(q.sound) for q in some)
        passages = decoder.go_on(
            [q.window.part(q.sound.start, length) for q in some],
            language,
            [q.before for q in some],
            max(q.most for q in some),
        )
        for q, passage in zip(some, passages, strict=True):
            whole = q.sound.start + length >= q.end_ms
            found[id(q)] = replace(passage, ended=passage.ended and whole)
    return [found[id(q)] for q in asked]


def decode_cost(asked: Sequence[DecodeRequest]) -> float:
    """What questions cost that are asked together, in steps of the decoder for one text."""
    return sum(map(_cost, _grouped(asked)))


def _grouped(asked: Sequence[DecodeRequest]) -> list[list[DecodeRequest]]:
    """All questions, or the shorter and the longer ones, whichever takes less time."""
    ordered = sorted(asked, key=lambda q: q.most)
    ways = ([ordered[:k], ordered[k:]] for k in range(len(ordered)))
    best = min(ways, key=lambda way: sum(map(_cost, way)), default=[])
    return [some for some in best if some]


def _cost(together: Sequence[DecodeRequest]) -> float:
    """In steps of the decoder for one text."""
    return max(q.most for q in together) * (1 + (len(together) - 1) * ANOTHER) if together else 0.0


def words_of(passage: PartialHypothesis) -> list[DraftToken]:
    """The words of a passage, but for one that may be cut."""
    words = passage.text.split()
    return [
        DraftToken(f" {w}", None, settled=True) for w in (words if passage.ended else words[:-1])
    ]


def resync_point(
    ours: Sequence[DraftToken], theirs: Sequence[DraftToken], doubt: int
) -> tuple[int, int] | None:
    """Where what was heard and the draft are alike again: how many words of what was heard, and
    how many of the draft's, come before; None if nowhere. ``doubt`` of the draft's are in doubt."""
    drafted, heard = [normalise(i.text) for i in ours], [normalise(i.text) for i in theirs]
    found = [
        (abs(j - doubt) + i, i, j)
        for i in range(len(heard) - MEET + 1)
        for j in range(doubt, len(drafted) - MEET + 1)
        if _alike(heard[i : i + MEET], drafted[j : j + MEET])
    ]
    return min(found)[1:] if found else None


def _alike(heard: Sequence[str], drafted: Sequence[str]) -> bool:
    """Whether words are the same, but that one of them may be misheard."""
    from rapidfuzz.distance import Levenshtein

    other = [pair for pair in zip(heard, drafted, strict=True) if pair[0] != pair[1]]
    return not other or (
        len(other) == 1 and Levenshtein.normalized_similarity(*other[0]) >= LIKENESS
    )


def keep_draft_spelling(
    ours: Sequence[DraftToken], theirs: Sequence[DraftToken]
) -> list[DraftToken]:
    """Words heard in a passage, as the draft's own where they are the same."""
    found = list(theirs)
    for how, i, _, j, end in _compared(ours, theirs):
        if how == "equal":
            found[j:end] = [replace(item, settled=True) for item in ours[i : i + end - j]]
    return found


def transfer_timestamps(
    ours: Sequence[ScoredWord], heard: Sequence[DraftToken], log: float
) -> list[ScoredWord] | None:
    """What was heard in a passage, at the times of the draft's words in whose place it stands.

    Words that are the same keep their times; others share those of what they replace, by their
    letters, and all of the passage's log probability: the words around them are sure. None where
    words were added, for which the draft has no time.
    """
    runs = _compared([w.item for w in ours], heard)
    others = sum(end - j for how, _, _, j, end in runs if how == "replace")
    found: list[ScoredWord] = []
    for how, i, last, j, end in runs:
        if how == "insert":
            return None
        if how == "equal":
            pairs = zip(ours[i:last], heard[j:end], strict=True)
            found += [replace(w, item=item) for w, item in pairs]
        elif how == "replace":
            found += _shared(Span(ours[i].start, ours[last - 1].end), heard[j:end], log / others)
    return found


def _shared(ms: Span, heard: Sequence[DraftToken], log: float) -> list[ScoredWord]:
    """A stretch of time -> a part for each word, by its letters; each as probable as given."""
    letters = [0, *accumulate(len(item.text) for item in heard)]
    edges = [ms.start + len(ms) * n // letters[-1] for n in letters]
    parts = zip(heard, pairwise(edges), strict=True)
    return [ScoredWord(item, log, math.exp(log), start, end) for item, (start, end) in parts]


def _compared(
    ours: Sequence[DraftToken], theirs: Sequence[DraftToken]
) -> list[tuple[str, int, int, int, int]]:
    """Runs of words that are equal, replaced, left out or added; see ``SequenceMatcher``."""
    a, b = ([normalise(item.text) for item in side] for side in (ours, theirs))
    return list(SequenceMatcher(None, a, b, autojunk=False).get_opcodes())
