"""Records of what aligner knows of each language, by tag.

How to add a language:

1. Make ``aligner/languages/xx.py`` with a function ``record`` that returns its ``Language``. For a
   language that num2words knows, ``compose.compose`` makes the record from a ``Rules`` (how
   numbers, money, units and abbreviations are read; see ``rules.py``), a ``Numerals`` and word
   lists; ``es.py`` is a plain example. A language may use functions of its own (``en.py``,
   ``zh.py``).
2. Add one line to ``LANGUAGES`` below.
3. Add a table of written and spoken forms to ``tests/languages/``.

A language without a record gets the default, which splits words by ICU and reads them as written.
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
"""Records are made on first use, as their tables need num2words."""


def get(tag: str | None) -> Language:
    """Returns the record for a BCP 47 tag; the default for a language without one."""
    return _made(primary(tag or "und"))


@cache
def _made(code: str) -> Language:
    make = LANGUAGES.get(code)
    return make() if make else default(code)
