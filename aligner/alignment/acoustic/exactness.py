"""How the words of each language are timed, and how exact the times were where they are measured.

The figures are mean errors of word starts in milliseconds, from docs/measurements/timing.md and
docs/measurements/languages.md, which name the commands.
"""

from __future__ import annotations

from aligner.alignment.acoustic import phones
from aligner.alignment.acoustic.lexicon import ENGLISH
from aligner.languages.tags import primary
from aligner.types import PronunciationSource, TimingInfo

MEASURED_MS = {
    "en": 14, "it": 13, "fi": 14, "sw": 15, "cs": 15, "uk": 21, "fr": 27, "ja": 60, "ar": 65,
}  # fmt: skip
RECOGNISER_MS = 55
"""The recogniser's own times, measured in English."""


def pronunciation_source(language: str) -> PronunciationSource:
    """Returns how words of a language get their phones."""
    code = primary(language)
    return "dictionary" if code == ENGLISH else phones.source(code)


def timing_info(language: str, *, by_recogniser: bool = False) -> TimingInfo:
    """Returns how words of a language are timed; ``by_recogniser``: without the acoustic model."""
    if by_recogniser:
        is_measured = primary(language) == ENGLISH
        return TimingInfo("recogniser", RECOGNISER_MS if is_measured else None)
    return TimingInfo(pronunciation_source(language), MEASURED_MS.get(primary(language)))
