"""Finds words that speech and article write in different scripts: "Modi" and "मोदी".

Recognisers write a name, or a whole speech, in another script than the publisher. Such words are
compared by how they sound: by the phones of both spellings, first by the consonants, as scripts
without short vowels show little else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from aligner.alignment.acoustic.phones import phones
from aligner.languages import Language, SpokenToken, VerbalizationGroup
from aligner.languages.base import UNSPACED

MIN_CONSONANTS = 0.75
"""Least similarity in consonants of a word in two scripts."""
MIN_SOUNDS = 0.5
"""Least similarity in all sounds."""
MIN_LETTERS = 3
"""Shorter words sound like too many others, so that all of their sounds must be equal."""

SAME_SOUNDS, EQUAL = 3.0, 4.0
"""Likeness of words with equal sounds, and with equal phones; above that of all others."""

SOUND_CLASSES = {
    "b": "B P", "f": "F V W", "t": "T D TH DH", "s": "S Z SH ZH", "ts": "CH JH", "k": "K G HH",
    "m": "M", "n": "N NG", "l": "L", "r": "R", "a": "AA AE AH AO AW AY", "i": "IY IH EH EY Y",
    "u": "UW UH OW OY",
}  # fmt: skip
"""Phones that scripts do not tell apart, or borrow for each other."""
VOWELS = "aiu"
_CLASS = {phone: one for one, all_ in SOUND_CLASSES.items() for phone in all_.split()} | {"ER": "r"}


def in_one_script(
    article: Sequence[VerbalizationGroup], speech: Sequence[VerbalizationGroup], language: Language
) -> tuple[VerbalizationGroup, ...]:
    """Returns the groups of the speech with tokens of another script as the article spells them.

    Only a token that sounds like a word of the article in another script is replaced. Numbers and
    negations stay as they are.
    """
    known = _by_script(article)
    heard = _by_script(speech)
    replaced: dict[str, str] = {}
    for script, words in heard.items():
        others = [word for other, known_ in known.items() if other != script for word in known_]
        same = known.get(script, set())
        replaced |= _alike(sorted(words - same), sorted(others), language)
    if not replaced:
        return tuple(speech)
    return tuple(
        replace(
            group,
            readings=tuple(
                tuple(SpokenToken(replaced.get(one.text, one.text), one.word) for one in reading)
                for reading in group.readings
            ),
        )
        for group in speech
    )


def _by_script(groups: Iterable[VerbalizationGroup]) -> dict[str, set[str]]:
    """Returns the words of alphabets in the usual readings, by their script."""
    found: dict[str, set[str]] = {}
    for group in groups:
        for token in group.usual:
            if (script := _script(token.text)) and not UNSPACED.search(token.text):
                found.setdefault(script, set()).add(token.text)
    return found


@lru_cache(maxsize=65_536)
def _script(word: str) -> str:
    """Returns the script of a word: "LATIN", "CYRILLIC"; "" for a number."""
    letter = next((char for char in word if char.isalpha()), None)
    return unicodedata.name(letter, "").split(" ")[0] if letter else ""


def _alike(heard: Sequence[str], written: Sequence[str], language: Language) -> dict[str, str]:
    """Returns for words that were heard the words of the article that sound most like them."""
    heard, written = (
        [word for word in side if word not in language.protected] for side in (heard, written)
    )
    if not heard or not written:
        return {}
    ours, theirs = ([_sounds(word, language.code) for word in side] for side in (heard, written))
    all_sounds = cdist(ours, theirs, scorer=Levenshtein.normalized_similarity)
    bare = ([_consonants(sounds) for sounds in side] for side in (ours, theirs))
    consonants = cdist(*bare, scorer=Levenshtein.normalized_similarity)
    fits = (consonants >= MIN_CONSONANTS) & (all_sounds >= MIN_SOUNDS)
    likeness = np.where(fits & _are_long(heard, written), consonants + all_sounds, 0.0)
    said = ([phones(word, language.code) for word in side] for side in (heard, written))
    equal = cdist(*said, scorer=Levenshtein.normalized_similarity) == 1
    likeness = np.where(all_sounds == 1, SAME_SOUNDS, likeness)
    likeness = np.where(equal, EQUAL, likeness)
    best = likeness.argmax(axis=1)
    return {word: written[best[k]] for k, word in enumerate(heard) if likeness[k, best[k]] > 0}


def _are_long(heard: Sequence[str], written: Sequence[str]) -> NDArray[np.bool_]:
    """Whether both words of each pair have ``MIN_LETTERS``; shape (heard, written)."""
    ours, theirs = ([len(word) >= MIN_LETTERS for word in side] for side in (heard, written))
    return np.logical_and.outer(ours, theirs)


def _sounds(word: str, code: str) -> str:
    """Returns the classes of a word's sounds, none twice in a row."""
    classes = [_CLASS[phone] for phone in phones(word, code)]
    return "".join(one for k, one in enumerate(classes) if k == 0 or classes[k - 1] != one)


def _consonants(sounds: str) -> str:
    return "".join(one for one in sounds if one not in VOWELS)
