"""Where a sentence ends: the one rule that matching, captions and article extraction share."""

from __future__ import annotations

import re
from functools import cache

from aligner.languages.base import Language, normalise
from aligner.languages.function_words import SYNTAX, FunctionWords

SENTENCE_MARKS = ".!?…。！？｡।॥؟۔։።‼⁇⁈⁉"
"""Marks that end a sentence, in all scripts."""
CLOSING_MARKS = "\"'”’»›)]}」』）】》〉«“"
"""Marks that may follow the last mark of a sentence. « and “ close quotations in German and
Danish."""
OPENING_MARKS = "\"'“‘«‹([{「『（【《〈¿¡„‚"
"""Marks that may precede the first word of a sentence."""
_SENTENCE_MARKS = tuple(SENTENCE_MARKS)
_BEFORE_A_WORD = CLOSING_MARKS + OPENING_MARKS + "-–—"
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_WITHOUT_SYNTAX = FunctionWords()


def ends_sentence(word: str, following: str, language: Language) -> bool:
    """Whether a sentence ends between a printed word and the one that follows it.

    A sentence ends at a final mark, unless the following word begins with a small letter or the
    mark is the full stop of:

    - an abbreviation ("Dr.");
    - an abbreviation that introduces a number, before a digit ("No. 5");
    - a month, before a digit ("Jan. 5");
    - initials ("J. Smith", "U.S. Congress") or, in some languages, an ordinal ("15. September"),
      unless the following word is a function word with a capital ("U.S. The").
    """
    core = word.rstrip(CLOSING_MARKS)
    if not core.endswith(_SENTENCE_MARKS):
        return False
    first = following.lstrip(_BEFORE_A_WORD)
    if first[:1].islower():
        return False
    if core[-1] != ".":
        return True
    printed = core.lstrip(OPENING_MARKS).lower()
    folded = normalise(core)
    syntax = SYNTAX.get(language.code, _WITHOUT_SYNTAX)
    if folded in language.numbering or folded in _months(language.code):
        return not first[:1].isdigit()
    if printed in syntax.abbreviations:
        return False
    is_ordinal = language.ordinal_stop and folded.isdigit() and len(folded) <= 2
    if is_ordinal or _INITIALS.fullmatch(printed):
        words = syntax.small | language.function_words
        return first[:1].isupper() and first.lower() in words
    return folded not in language.abbreviations


def may_open_sentence(word: str, preceding: str, language: Language) -> bool:
    """Whether a printed word opens a sentence, or a quotation after a colon.

    A capital there says nothing of the word: it need not be a name.
    """
    is_after_colon = preceding.rstrip(CLOSING_MARKS).endswith(":")
    return is_after_colon or ends_sentence(preceding, word, language)


@cache
def _months(code: str) -> frozenset[str]:
    """The months of a language, normalised, in full and abbreviated."""
    syntax = SYNTAX.get(code, _WITHOUT_SYNTAX)
    return frozenset(map(normalise, syntax.months))
