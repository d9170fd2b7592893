"""What aligner knows of each language: recognition, numbers, and the way its words are timed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from aligner.alignment.acoustic.exactness import timing_info
from aligner.alignment.acoustic.phones.orthography import languages_with_rules
from aligner.asr.whisper.language_id import is_recognised, multilingual_tags
from aligner.languages import LANGUAGES
from aligner.languages.numerals import is_spelt_by_icu
from aligner.languages.tags import WRITTEN_AS, english_name, own_name, primary
from aligner.types import TimingInfo

OTHERS = "bm bo prs rhg ti".split()
"""Languages of news that have neither a record nor rules of their own, nor are recognised."""


@dataclass(frozen=True, slots=True)
class LanguageSupport:
    """What is known of one language."""

    tag: str
    name: str
    own_name: str
    recognised: bool
    """Whether the multilingual models of Whisper recognise it. Others are captioned by the sound
    of their article's sentences."""
    numbers: Literal["record", "icu"] | None
    """How numbers are read: by the language's record, which reads dates, money and abbreviations
    too; by ICU, for timing alone. None: they are timed as English ones."""
    timing: TimingInfo


def known_languages(tags: Iterable[str] = ()) -> list[LanguageSupport]:
    """Returns what is known of some languages, or of all, in the order of their English names."""
    codes = {primary(tag) for tag in tags} or {
        *LANGUAGES, *WRITTEN_AS, *languages_with_rules(), *multilingual_tags(), *OTHERS,
    }  # fmt: skip
    found = map(_support, codes)
    return sorted(found, key=lambda one: (one.name, one.tag))


def _support(code: str) -> LanguageSupport:
    has_record = WRITTEN_AS.get(code, code) in LANGUAGES
    return LanguageSupport(
        code,
        english_name(code) or code,
        own_name(code),
        is_recognised(code),
        "record" if has_record else "icu" if is_spelt_by_icu(code) else None,
        timing_info(code),
    )
