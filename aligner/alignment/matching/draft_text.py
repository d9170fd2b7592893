"""Article -> the words that a recogniser would write if somebody read it aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from aligner import languages
from aligner.languages import Language, normalise
from aligner.languages.sentences import may_open_sentence
from aligner.types import Article, DraftWord

PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2011": "-", "\u2026": "..."}
)
"""Recognisers write the typewriter's marks."""
AROUND = "\"'()[]«»„‚‹›*"
"""Marks around words that recognisers seldom write."""


def draft(article: Article, language: str | None) -> tuple[DraftWord, ...]:
    """The article's words in order, without photo captions, which nobody reads aloud.

    Empty for scripts without spaces: a recogniser's words are cut differently there.
    """
    record = languages.get(language or article.language)
    figures = languages.figures(record.code)
    found: list[DraftWord] = []
    for paragraph in article.paragraphs:
        if paragraph.role == "caption":
            continue
        words: list[DraftWord] = []
        for word in record.split(paragraph.text):
            if not word.space_before:
                return ()
            text = word.text.translate(PLAIN).strip(AROUND)
            if normalise(text):
                words.append(DraftWord(figures.get(text, text), _guarded(text, record)))
        found += _named(words, record)
    return tuple(found)


def _named(words: Sequence[DraftWord], record: Language) -> Iterator[DraftWord]:
    """A paragraph's words, and which are names: capitals that open no sentence, or two in a row."""
    opens = True
    for word, after in zip_longest(words, words[1:]):
        capital = word.text[:1].isupper()
        name = capital and (not opens or (after is not None and after.text[:1].isupper()))
        yield replace(word, name=name)
        opens = after is not None and may_open_sentence(after.text, word.text, record)


def _guarded(text: str, record: Language) -> bool:
    """Whether a word holds a number or a negation."""
    if any(c.isdigit() for c in text):
        return True
    return any(atom.text in record.guarded for atom in record.say([text]))
