"""Language tag -> what aligner knows of that language.

How to add a language:

1. Make ``aligner/languages/xx.py`` with a function ``record`` that gives its ``Language``. For a
   language that num2words counts in, that is a ``Rules`` (how numbers, money, measures and short
   forms are read; see ``rules.py``), a ``Numerals`` and the word lists, put together by
   ``compose.compose``; ``es.py`` is a plain example. Whatever it does in its own way can be a
   function (``en.py``, ``zh.py``).
2. Add one line to ``LANGUAGES`` below.
3. Add a table of written and spoken forms to ``tests/languages/``.

A language without a record gets the default, which splits words by ICU and reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from aligner.languages import ar, de, en, es, fr, it, ja, nl, pl, pt, ru, uk, zh
from aligner.languages.base import (
    Language,
    Reading,
    SpokenToken,
    SurfaceWord,
    VerbalizationGroup,
    default,
    normalise,
)
from aligner.languages.names import name, same
from aligner.languages.numerals import figures
from aligner.languages.tags import primary

__all__ = [
    "LANGUAGES",
    "Language",
    "Reading",
    "SpokenToken",
    "SurfaceWord",
    "VerbalizationGroup",
    "figures",
    "get",
    "name",
    "normalise",
    "primary",
    "same",
]

LANGUAGES: dict[str, Callable[[], Language]] = {
    "ar": ar.record,
    "de": de.record,
    "en": en.record,
    "es": es.record,
    "fr": fr.record,
    "it": it.record,
    "ja": ja.record,
    "nl": nl.record,
    "pl": pl.record,
    "pt": pt.record,
    "ru": ru.record,
    "uk": uk.record,
    "zh": zh.record,
}
"""Records are made when they are first asked for: their tables need num2words."""


def get(tag: str | None) -> Language:
    """The record for a BCP 47 tag; a language without one gets the default for its script."""
    return _made(primary(tag or "und"))


@cache
def _made(code: str) -> Language:
    make = LANGUAGES.get(code)
    return make() if make else default(code)
