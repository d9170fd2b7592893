"""Japanese: tokens are characters; numbers are read as num2words spells them in kanji."""

from __future__ import annotations

import unicodedata

from aligner.languages.base import Language
from aligner.languages.record_file import Functions, make_record


def letters(folded: str) -> str:
    """Converts letters and digits of full and half width to one form."""
    return unicodedata.normalize("NFKC", folded)


def record() -> Language:
    return make_record("ja", Functions(letters=letters))
