"""Records of what aligner knows of each language, by tag.

How to add a language:

1. Write ``aligner/languages/records/xx.toml``: word lists, and how numbers, money, units and
   abbreviations are read. ``record_file.py`` describes the file; ``es.toml`` is an example. Its
   numbers are spelt by num2words or by ICU. A language that needs functions of its own has a
   module too (``ja.py``, ``zh.py``).
2. Add its code to ``LANGUAGES`` below.
3. Add a table of written and spoken forms to ``tests/languages/``.

A language without a record gets the default, which splits words by ICU and reads them as written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from aligner.languages import en, ja, zh
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
from aligner.languages.record_file import make_record
from aligner.languages.tags import WRITTEN_AS, primary

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

RECORDS = "ar cs de es fa fi fr hi it nl pl pt ru sw tr uk vi".split()
"""Languages whose record is a data file alone."""
LANGUAGES: dict[str, Callable[[], Language]] = {
    "en": en.record,
    "ja": ja.record,
    "zh": zh.record,
    **{code: partial(make_record, code) for code in RECORDS},
}
"""Records are made on first use, as their tables need num2words."""


def get(tag: str | None) -> Language:
    """Returns the record for a BCP 47 tag; the default for a language without one."""
    return _made(primary(tag or "und"))


@cache
def _made(code: str) -> Language:
    make = LANGUAGES.get(code) or LANGUAGES.get(WRITTEN_AS.get(code, ""))
    return make() if make else default(code)
