"""Check caption files of any origin: their syntax, and the rules of a captioning standard.

WebVTT, SubRip and TTML are checked; WebVTT and SubRip can be fixed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aligner.captions.file_kinds import Kind
from aligner.captions.lint import fixes
from aligner.captions.lint.base import SyntaxViolation
from aligner.captions.lint.fixes import FixResult
from aligner.captions.lint.parse import LARGEST, read
from aligner.captions.lint.rules import RULES, RuleResult, RuleViolation, check
from aligner.captions.profiles import Profile
from aligner.languages.tags import is_language

__all__ = [
    "LARGEST",
    "RULES",
    "FixResult",
    "Report",
    "RuleResult",
    "RuleViolation",
    "SyntaxViolation",
    "fix",
    "inspect",
]


@dataclass(frozen=True, slots=True)
class Report:
    """The result of checking one caption file."""

    name: str
    kind: Kind
    cues: int
    language: str | None
    """Of the captions, where it is known."""
    breaches: tuple[SyntaxViolation, ...]
    """Violations of the format's grammar, in order of lines."""
    rules: tuple[RuleResult, ...]
    """The profile's rules, each with its result."""
    notes: tuple[SyntaxViolation, ...] = ()
    """Violations that every reader accepts; the file is valid in spite of them."""

    @property
    def valid(self) -> bool:
        return not self.breaches

    def broken(self) -> frozenset[str]:
        """Returns the names of the rules that a cue breaks; "invalid" for the grammar."""
        rules = {kept.rule for kept in self.rules if kept.faults}
        return frozenset(rules | ({"invalid"} if self.breaches else set()))


def inspect(data: bytes, name: str, profile: Profile, language: str | None = None) -> Report:
    """Returns the report on a file. Raises BadSource if it is no caption file.

    ``language`` is that of the captions, by which a profile's numbers differ; None for what the
    file itself or its name says.
    """
    file = read(data, name)
    found = sorted(file.breaches, key=lambda breach: breach.line)
    breaches = tuple(breach for breach in found if not breach.minor)
    notes = tuple(breach for breach in found if breach.minor)
    spoken = language or file.language or language_of(name)
    rules = check(file.cues, _local(profile, spoken))
    return Report(name, file.kind, len(file.cues), spoken, breaches, rules, notes)


def fix(data: bytes, name: str, profile: Profile, language: str | None = None) -> FixResult:
    """Returns a file's fixed text; words and start times stay as they are.

    Raises BadSource if it is no caption file, if it is TTML, or if a part of it is not understood.
    """
    file = read(data, name)
    spoken = language or file.language or language_of(name)
    return fixes.fixed(file, _local(profile, spoken), name)


def _local(profile: Profile, language: str | None) -> Profile:
    """Returns the profile with its limits for a language; as it is if none is known."""
    return profile.for_language(language) if language else profile


def language_of(name: str) -> str | None:
    """Returns the language tag in a file's name, as in story.pt-BR.vtt."""
    found = re.search(r"\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.[A-Za-z]+$", name)
    return found[1] if found and is_language(found[1]) else None
