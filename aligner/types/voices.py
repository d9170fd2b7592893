"""The voices of a recording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameSuggestion:
    """A name that a voice may have; it is not certain enough to be shown."""

    name: str
    why: str
    """What speaks for it, a sentence."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of a recording, told apart from the others by its sound."""

    id: str
    """What ``CaptionWord.speaker`` holds."""
    label: str
    """What captions show: the name, or "Speaker 2"."""
    name: str | None = None
    """Whose voice it is; None if that is not certain."""
    evidence: tuple[str, ...] = ()
    """Why it is that person's, a sentence each."""
    suggestions: tuple[NameSuggestion, ...] = ()
    """Names that are not certain, for a person to accept; none for a voice with a name."""


@dataclass(frozen=True, slots=True)
class VoiceLimits:
    """How many voices a recording has, as far as that is known."""

    least: int = 1
    most: int | None = None
