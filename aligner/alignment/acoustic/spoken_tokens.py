"""Makes the lexicon tokens of caption words: the spoken words to look up in the dictionary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from aligner import languages
from aligner.alignment.acoustic.lexicon import ENGLISH, LexiconToken
from aligner.languages.en import DAYS, MONTHS
from aligner.languages.tags import primary
from aligner.types import CaptionWord

COMPOUND = re.compile(r"[\s\-\u2010-\u2015/]+")
"""Separators of the parts of a compound, which are said as separate words."""
ORDINALS = {day: ordinal for ordinal, day in DAYS.items()}
ALTERNATIVES = {"hundred": "hundred and", "thousand": "thousand and", "km": "kilometers"}
"""For spoken tokens the words that may be said in their place."""


def spoken(words: Sequence[CaptionWord], language: str) -> list[tuple[LexiconToken, ...]]:
    """Returns the lexicon tokens of each word; none for a dash.

    A word's tokens are those that were aligned with the speech (``said``), else its usual reading.
    """
    code = primary(language)
    usual: list[list[str]] = [[] for _ in words]
    for token in languages.get(language).say([word.text for word in words]):
        usual[token.word].append(token.text)
    tokens = [word.said or usual[at] for at, word in enumerate(words)]
    texts = [text for one in tokens for text in one]
    ends = list(accumulate(map(len, tokens)))
    groups = [range(end - len(one), end) for one, end in zip(tokens, ends, strict=True)]
    said = []
    for word, group in zip(words, groups, strict=True):
        parts = [part for part in COMPOUND.split(word.text) if part]
        printed = parts if len(parts) == len(group) else [texts[at] for at in group]
        said.append(
            tuple(
                LexiconToken(
                    shown, texts[at], _alternative(texts, at) if code == ENGLISH else None, code
                )
                for shown, at in zip(printed, group, strict=True)
            )
        )
    return said


def _alternative(tokens: Sequence[str], at: int) -> str | None:
    """Returns words that may be said in place of a token: "first" for "one" after "November"."""
    before = tokens[at - 1] if at else ""
    if before in ("twenty", "thirty") and at > 1:
        before = tokens[at - 2]
    if before in MONTHS and tokens[at] in ORDINALS:
        return ORDINALS[tokens[at]]
    return ALTERNATIVES.get(tokens[at])
