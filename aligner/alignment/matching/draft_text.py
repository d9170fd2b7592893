"""Makes the draft for guided decoding: the article as a recogniser would write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from aligner import languages
from aligner.languages import Language, normalise
from aligner.languages.sentences import may_open_sentence
from aligner.types import NOT_READ_ALOUD, Article, DraftWord

ASCII_MARKS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2011": "-", "\u2026": "..."}
)
"""Typographic marks to the ASCII marks that recognisers write."""
SURROUNDING_MARKS = "\"'()[]«»„‚‹›*"
"""Marks around words that recognisers seldom write."""


def draft(article: Article, language: str | None) -> tuple[DraftWord, ...]:
    """Returns the words of the article in order, without photo captions, which nobody reads aloud.

    Empty for scripts without spaces: recognisers split words differently there.
    """
    record = languages.get(language or article.language)
    figures = languages.figures(record.code)
    found: list[DraftWord] = []
    for paragraph in article.paragraphs:
        if paragraph.role in NOT_READ_ALOUD:
            continue
        words: list[DraftWord] = []
        for word in record.split(paragraph.text):
            if not word.space_before:
                return ()
            text = word.text.translate(ASCII_MARKS).strip(SURROUNDING_MARKS)
            if normalise(text):
                words.append(DraftWord(figures.get(text, text), _is_protected(text, record)))
        found += _named(words, record)
    return tuple(found)


def _named(words: Sequence[DraftWord], record: Language) -> Iterator[DraftWord]:
    """Yields the words of a paragraph with names marked.

    A name has a capital within a sentence, or is followed by another capital.
    """
    is_opening = True
    for word, after in zip_longest(words, words[1:]):
        capital = word.text[:1].isupper()
        name = capital and (not is_opening or (after is not None and after.text[:1].isupper()))
        yield replace(word, name=name)
        is_opening = after is not None and may_open_sentence(after.text, word.text, record)


def _is_protected(text: str, record: Language) -> bool:
    """Whether a word holds a number or a negation."""
    if any(c.isdigit() for c in text):
        return True
    return any(token.text in record.protected for token in record.say([text]))
