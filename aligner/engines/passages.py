"""Passages in doubt -> questions to the decoder, and what becomes of the answers.

The decoder sees only a passage's part of the encoded window, and a few words before it. Questions
of several windows are asked together: a step of the decoder for eight texts costs twice as much as
one for a single text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Protocol

from aligner.engines.doubts import Item
from aligner.engines.words import key
from aligner.nouns import Span

if TYPE_CHECKING:
    from aligner.engines.base import Encoded

ANOTHER = 0.3
"""One more text in a step of the decoder makes it longer by that share."""
MEET, LIKENESS = 2, 0.6
"""Words in a row that are alike where speech and draft meet again; share of letters that makes one
of them alike."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the decoder is given beside a passage in doubt."""

    words: int
    """Of the text, before it."""
    after_ms: int
    """Sound after it, which shows where speech and draft meet again."""
    tokens: int
    """Room for what is said there."""


NARROW, WIDE = Around(3, 2_000, 8), Around(9, 5_000, 18)
"""At first, and where that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Question:
    """A passage in doubt, as the decoder is asked about it."""

    window: Encoded
    end_ms: int
    """The end of the window's speech."""
    sound: Span
    """Milliseconds from the window's start."""
    before: tuple[int, ...]
    """Tokens of the words before it."""
    most: int
    """Tokens that it may hold."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is said in a part of a window."""

    text: str
    ended: bool
    """Whether the decoder came to the end of the speech; else the last word may be cut."""


class Decoder(Protocol):
    """See ``Recogniser``."""

    def go_on(
        self,
        encoded: Sequence[Encoded],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[Passage]: ...


def answers(decoder: Decoder, language: str, asked: Sequence[Question]) -> list[Passage]:
    """What is said in each passage in doubt, and a little after it."""
    found: dict[int, Passage] = {}
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


def steps(asked: Sequence[Question]) -> float:
    """What questions cost that are asked together, in steps of the decoder for one text."""
    return sum(map(_cost, _grouped(asked)))


def _grouped(asked: Sequence[Question]) -> list[list[Question]]:
    """All questions, or the shorter and the longer ones, whichever takes less time."""
    ordered = sorted(asked, key=lambda q: q.most)
    ways = ([ordered[:k], ordered[k:]] for k in range(len(ordered)))
    best = min(ways, key=lambda way: sum(map(_cost, way)), default=[])
    return [some for some in best if some]


def _cost(together: Sequence[Question]) -> float:
    """In steps of the decoder for one text."""
    return max(q.most for q in together) * (1 + (len(together) - 1) * ANOTHER) if together else 0.0


def words_of(passage: Passage) -> list[Item]:
    """The words of a passage, but for one that may be cut."""
    words = passage.text.split()
    return [Item(f" {w}", None, settled=True) for w in (words if passage.ended else words[:-1])]


def meet(ours: Sequence[Item], theirs: Sequence[Item], doubt: int) -> tuple[int, int] | None:
    """Where what was heard and the draft are alike again: how many words of what was heard, and
    how many of the draft's, come before; None if nowhere. ``doubt`` of the draft's are in doubt."""
    drafted, heard = [key(i.text) for i in ours], [key(i.text) for i in theirs]
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


def settled(ours: Sequence[Item], theirs: Sequence[Item]) -> list[Item]:
    """Words heard in a passage, as the draft's own where they are the same."""
    blocks = SequenceMatcher(
        None, [key(i.text) for i in ours], [key(i.text) for i in theirs], autojunk=False
    ).get_matching_blocks()
    found = list(theirs)
    for block in blocks:
        for k in range(block.size):
            found[block.b + k] = replace(ours[block.a + k], settled=True)
    return found
