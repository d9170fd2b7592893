"""Finds names by their capitals."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Literal

from aligner.languages.base import Language, SurfaceWord, normalise
from aligner.languages.sentences import may_open_sentence

Sure = Literal["sure", "likely"]

QUOTES = "“”\"‘’'«»„"
OPENING = QUOTES + "(¿¡"
LEAST_LETTERS = 4
"""Shorter words that open a sentence are seldom names."""


def names(
    words: Sequence[SurfaceWord], starts: Container[int], language: Language
) -> dict[int, Sure]:
    """Returns the indices of words that are names, and how sure that is.

    ``starts`` are the words that begin a paragraph. A capital within a sentence makes a name, and
    surely so the same word where it opens one. Another opening word is likely a name if it is no
    function word and the text never has it in small letters.
    """
    folded = [normalise(word.text) for word in words]
    capital = [word.text.lstrip(OPENING)[:1].isupper() for word in words]
    inside = {
        i
        for i, is_capital in enumerate(capital)
        if is_capital
        and i
        and i not in starts
        and not may_open_sentence(words[i].text, words[i - 1].text, language)
    }
    known = {folded[i] for i in inside}
    small = {text for text, is_capital in zip(folded, capital, strict=True) if not is_capital}
    plain = small | language.function_words
    found: dict[int, Sure] = {}
    for i, text in enumerate(folded):
        if i in inside or (capital[i] and text in known and text not in small):
            found[i] = "sure"
        elif capital[i] and len(text) >= LEAST_LETTERS and text not in plain:
            found[i] = "likely"
    return found
