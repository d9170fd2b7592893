"""Phones of words in any language, as the nearest phones of the English acoustic model.

A word is spelt out in IPA by the rules of its orthography (``orthography``), and each symbol is
replaced by the English phone that sounds most like it (``nearest``). The acoustic model times such
words about as well as English ones: what separates a vowel from an "s" is the same in every
language. Figures: docs/measurements/languages.md.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from aligner.alignment.acoustic.phones.nearest import english_phones
from aligner.alignment.acoustic.phones.orthography import HAN_LANGUAGES, has_rules, ipa
from aligner.languages.tags import script
from aligner.types import PronunciationSource

UNKNOWN = ("AH",)
"""Stands for a word whose sound is not known at all: some short vowel."""


@lru_cache(maxsize=65_536)
def phones(word: str, language: str) -> tuple[str, ...]:
    """Returns the English phones (ARPAbet) nearest to a spoken word of a language.

    ``word``: a spoken token, one word without spaces or one character of Han or kana.
    ``language``: primary subtag of BCP 47. At least one phone is returned for any word.
    """
    return english_phones(unicodedata.normalize("NFC", ipa(word, language))) or UNKNOWN


SYLLABIC_SCRIPTS = frozenset(
    "Kore Hang Ethi Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Mymr Khmr Tibt".split()
)
"""Scripts whose characters ``syllables`` reads by their names (ISO 15924)."""


def source(language: str) -> PronunciationSource:
    """Returns how words of a language other than English get their phones."""
    if language in HAN_LANGUAGES:
        return "characters"
    if has_rules(language):
        return "orthography"
    return "syllables" if script(language) in SYLLABIC_SCRIPTS else "letters"
