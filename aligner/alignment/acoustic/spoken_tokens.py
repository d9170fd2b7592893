"""Caption words -> what is spoken for each, as the dictionary of pronunciations looks it up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from aligner import languages
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.languages.en import DAYS, MONTHS
from aligner.types import CaptionWord

COMPOUND = re.compile(r"[\s\-\u2010-\u2015/]+")
"""Between the parts of a compound, which are said as words of their own."""
RANKS = {day: rank for rank, day in DAYS.items()}
ALSO = {"hundred": "hundred and", "thousand": "thousand and", "km": "kilometers"}
"""What may be said where the text has the word before it."""


def spoken(words: Sequence[CaptionWord], language: str) -> list[tuple[LexiconToken, ...]]:
    """What is spoken for each word; nothing for a dash."""
    atoms = languages.get(language).say([word.text for word in words])
    usual: list[list[str]] = [[] for _ in words]
    for atom in atoms:
        usual[atom.word].append(atom.text)
    heard = [word.said or usual[at] for at, word in enumerate(words)]
    texts = [text for one in heard for text in one]
    ends = list(accumulate(map(len, heard)))
    groups = [range(end - len(one), end) for one, end in zip(heard, ends, strict=True)]
    said = []
    for word, group in zip(words, groups, strict=True):
        parts = [part for part in COMPOUND.split(word.text) if part]
        printed = parts if len(parts) == len(group) else [texts[at] for at in group]
        said.append(
            tuple(
                LexiconToken(shown, texts[at], _other_way(texts, at))
                for shown, at in zip(printed, group, strict=True)
            )
        )
    return said


def _other_way(atoms: Sequence[str], at: int) -> str | None:
    """Another way in which a word may be said where it stands: "November one" as "first"."""
    before = atoms[at - 1] if at else ""
    if before in ("twenty", "thirty") and at > 1:
        before = atoms[at - 2]
    if before in MONTHS and atoms[at] in RANKS:
        return RANKS[atoms[at]]
    return ALSO.get(atoms[at])
