"""Makes the lexicon tokens of caption words: the spoken words to look up in the dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from unicodedata import category, digit

from aligner import languages
from aligner.alignment.acoustic.lexicon import ENGLISH, LexiconToken, Phones
from aligner.languages import Language
from aligner.languages.en import DAYS, MONTHS
from aligner.languages.numerals import spelt_out
from aligner.languages.tags import primary
from aligner.types import CaptionWord

COMPOUND = re.compile(r"[\s\-\u2010-\u2015/]+")
"""Separators of the parts of a compound, which are said as separate words."""
APOSTROPHE = re.compile(r"(?<=['’])|[\s\-\u2010-\u2015/]+")
"""What separates words that are written together: "l'été"."""
TIES = "'’\u02bb\u02bc"
"""Apostrophes, which are letters in some languages."""
ORDINALS = {day: ordinal for ordinal, day in DAYS.items()}
ALTERNATIVES = {"hundred": "hundred and", "thousand": "thousand and", "km": "kilometers"}
"""For spoken tokens the words that may be said in their place."""


NONE_GIVEN: Mapping[str, tuple[Phones, ...]] = MappingProxyType({})


def spoken(
    words: Sequence[CaptionWord],
    language: str,
    given: Mapping[str, tuple[Phones, ...]] = NONE_GIVEN,
) -> list[tuple[LexiconToken, ...]]:
    """Returns the lexicon tokens of each word; none for a dash.

    A word's tokens are those that were aligned with the speech (``said``), else its usual reading.
    ``given`` has further pronunciations of spoken tokens.
    """
    record, code = languages.get(language), primary(language)
    usual: list[list[str]] = [[] for _ in words]
    for token in record.say([word.text for word in words]):
        usual[token.word].append(token.text)
    tokens = [word.said or usual[at] for at, word in enumerate(words)]
    texts = [text for one in tokens for text in one]
    if code != ENGLISH:
        return [
            tuple(
                LexiconToken(shown, shown, None, code, given.get(token, ()))
                for token, shown in zip(one, _spellings(word.text, one, record), strict=True)
            )
            for word, one in zip(words, tokens, strict=True)
        ]
    ends = list(accumulate(map(len, tokens)))
    groups = [range(end - len(one), end) for one, end in zip(tokens, ends, strict=True)]
    return [
        tuple(
            LexiconToken(shown, texts[at], _alternative(texts, at), code, given.get(texts[at], ()))
            for shown, at in zip(_parts(word.text, one) or one, group, strict=True)
        )
        for word, one, group in zip(words, tokens, groups, strict=True)
    ]


def _parts(printed: str, tokens: Sequence[str], between: re.Pattern[str] = COMPOUND) -> list[str]:
    """Returns the parts of a printed word, if there is one for each token; else none."""
    parts = [part for part in between.split(printed) if part]
    return parts if len(parts) == len(tokens) else []


def _spellings(printed: str, tokens: Sequence[str], record: Language) -> Iterator[str]:
    """Yields for each token of a word its spelling with all accents, by which it is pronounced.

    A token that the word does not spell out (of a number, a sign) has the spelling that the record
    of the language knows.
    """
    parts = _parts(printed, tokens) or _parts(printed, tokens, APOSTROPHE) or [""] * len(tokens)
    known = {**record.spellings, **_number_words(printed, record.code)}
    for part, token in zip(parts, tokens, strict=True):
        bare = "".join(c for c in part.lower() if c.isalnum() or category(c)[0] == "M" or c in TIES)
        is_spelt = [one.text for one in record.say([bare])] == [token]
        yield bare if is_spelt else known.get(token, token)


def _number_words(printed: str, code: str) -> dict[str, str]:
    """Returns the spelling of the words in which the digits of a word are said, by their tokens."""
    digits = "".join(str(digit(c)) for c in printed if category(c) == "Nd")
    groups = re.findall(r"\d+", printed)
    words = [word for one in {digits, *groups, *digits} - {""} for word in _spelt(one, code)]
    return {languages.normalise(word): word for word in words}


def _spelt(digits: str, code: str) -> list[str]:
    return [part for part in COMPOUND.split(spelt_out(digits, code)) if part]


def _alternative(tokens: Sequence[str], at: int) -> str | None:
    """Returns words that may be said in place of a token: "first" for "one" after "November"."""
    before = tokens[at - 1] if at else ""
    if before in ("twenty", "thirty") and at > 1:
        before = tokens[at - 2]
    if before in MONTHS and tokens[at] in ORDINALS:
        return ORDINALS[tokens[at]]
    return ALTERNATIVES.get(tokens[at])
