"""Arabic: digits of both kinds, letters without vowel marks, one form of alef."""

from __future__ import annotations

import unicodedata

from aligner.languages.base import Language
from aligner.languages.record_file import Functions, make_record

SAME_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None}
)
"""Letters that writers use for each other, with their replacements."""


def letters(folded: str) -> str:
    """Removes vowel marks and replaces ``SAME_LETTERS``."""
    bare = "".join(c for c in folded if unicodedata.category(c) != "Mn" or c in "\u0654\u0655")
    return unicodedata.normalize("NFC", bare).translate(SAME_LETTERS)


def record() -> Language:
    return make_record("ar", Functions(letters=letters))
