"""Caption file -> whether it is valid, and how it keeps a captioning standard; and its mending.

Any WebVTT, SubRip or TTML file, ours or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from aligner.lint import mend as mending
from aligner.lint.base import Breach, Kind
from aligner.lint.mend import Mended
from aligner.lint.reading import LARGEST, read
from aligner.lint.rules import RULES, Fault, Kept, check
from aligner.profiles import Profile

__all__ = ["LARGEST", "RULES", "Breach", "Fault", "Kept", "Mended", "Report", "inspect", "mend"]


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say of one caption file."""

    name: str
    kind: Kind
    cues: int
    language: str | None
    """As the file declares it."""
    breaches: tuple[Breach, ...]
    """Of the grammar of its format, in order of lines."""
    rules: tuple[Kept, ...]
    """The profile's, one entry a rule."""

    @property
    def valid(self) -> bool:
        return not self.breaches

    def broken(self) -> frozenset[str]:
        """The names of the rules that are not kept; "invalid" if the grammar is not."""
        rules = {kept.rule for kept in self.rules if kept.faults}
        return frozenset(rules | ({"invalid"} if self.breaches else set()))


def inspect(data: bytes, name: str, profile: Profile) -> Report:
    """A file's bytes -> what there is to say of it. Raises BadSource if it is no caption file."""
    file = read(data, name)
    breaches = tuple(sorted(file.breaches, key=lambda breach: breach.line))
    return Report(
        name, file.kind, len(file.cues), file.language, breaches, check(file.cues, profile)
    )


def mend(data: bytes, name: str, profile: Profile) -> Mended:
    """A file's bytes -> its text, mended where words and in-times can stay as they are.

    Raises BadSource if it is no caption file, or cannot be read whole.
    """
    return mending.mend(read(data, name), profile, name)
