"""Pronunciations that a glossary gives, and which words sound alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from aligner import languages
from aligner.alignment.acoustic import lexicon
from aligner.alignment.acoustic.respelling import phones_of
from aligner.alignment.acoustic.spoken_tokens import spoken
from aligner.types import CaptionWord, GlossaryTerm

Phones = tuple[str, ...]
Pronunciations = Mapping[str, tuple[Phones, ...]]
"""For each spoken token the ways in which a glossary says it."""

_CLASSES = {
    **dict.fromkeys("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split(), "a"),
    "B": "b", "P": "b", "D": "d", "T": "d", "DH": "d", "G": "g", "K": "g", "V": "v", "F": "v",
    "TH": "v", "Z": "z", "S": "z", "ZH": "x", "SH": "x", "JH": "x", "CH": "x", "M": "m", "N": "n",
    "NG": "n", "L": "l", "R": "r", "W": "w", "Y": "y", "HH": "h",
}  # fmt: skip
"""A letter for each class of phones that are taken for each other: vowels, and consonants of one
place that differ in voice."""


def pronunciations_of(
    terms: Iterable[GlossaryTerm], language: str
) -> dict[str, tuple[Phones, ...]]:
    """Returns the pronunciations that terms give, by the spoken tokens of a language.

    One whose parts are not as many as the words of its term is left out: it is not known which part
    is of which word.
    """
    record = languages.get(language)
    found: dict[str, dict[Phones, None]] = {}
    for term in terms:
        tokens = [token.text for token in record.say(term.text.split())]
        for way in term.said:
            parts = said_parts(way)
            if len(parts) != len(tokens):
                continue
            for token, part in zip(tokens, parts, strict=True):
                if phones := phones_of(part):
                    found.setdefault(token, {})[phones] = None
    return {token: tuple(ways) for token, ways in found.items()}


def said_parts(way: str) -> list[str]:
    """Returns how the words of a term are said, one by one; each part of IPA in its slashes."""
    text = way.strip()
    if text[:1] in "/[" and text[-1:] in "/]" and len(text) > 2:
        return [f"/{part}/" for part in text[1:-1].split()]
    return text.split()


def phones_key(texts: Sequence[str], language: str, given: Pronunciations) -> tuple[str, ...]:
    """Returns the sounds of some words as letters of classes, one text for each way to say them.

    The first is that of the dictionary or of the language's orthography, the others are ``given``.
    """
    words = [CaptionWord(text, 0, 1, "spoken", 1.0, None) for text in texts]
    tokens = [token for group in spoken(words, language) for token in group]
    usual = [next(iter(lexicon.pronunciations(token)), ()) for token in tokens]
    ways = [_key(usual)]
    most = max((len(given.get(token.spoken, ())) for token in tokens), default=0)
    for at in range(most):
        said = [
            given[token.spoken][min(at, len(given[token.spoken]) - 1)]
            if token.spoken in given
            else phones
            for token, phones in zip(tokens, usual, strict=True)
        ]
        ways.append(_key(said))
    return tuple(dict.fromkeys(ways))


def most_alike(key: str, keys: Sequence[str], least: float) -> list[tuple[str, float, int]]:
    """Returns which of some texts of ``phones_key`` are alike, each with its similarity and index.

    ``least``: the least similarity, 0 to 1.
    """
    return extract(
        key, keys, scorer=Levenshtein.normalized_similarity, score_cutoff=least, limit=None
    )


def _key(words: Iterable[Phones]) -> str:
    return "".join(_CLASSES.get(phone, "") for phones in words for phone in phones)
