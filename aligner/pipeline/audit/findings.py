"""The types of what an audit finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from aligner.alignment.clock import CaptionClock
from aligner.captions.lint import Report
from aligner.types import Span

Verdict = Literal["good", "late", "drifting", "incomplete", "inaccurate", "other", "error"]
"""good: nothing of what follows. late: all cues are late or early by the same time. drifting: the
offset grows or jumps. incomplete: speech has no captions. inaccurate: words differ from the sound.
other: the captions of another recording. error: it cannot be told."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

ErrorKind = Literal["wrong", "missing", "added"]
Matter = Literal["name", "number", "negation"]


@dataclass(frozen=True, slots=True)
class WordError:
    """Words of captions that differ from those that are heard."""

    kind: ErrorKind
    cue: int
    """The position of the cue in the file, from 1."""
    start_ms: int
    """When it is said in the recording, or would be."""
    captions: str
    """What the captions have; "" for missing words."""
    heard: str
    """What the recogniser hears; "" for added words."""
    is_sure: bool
    """Whether the sound denies the captions' words; else the recogniser may be wrong."""
    count: int
    """Words of the longer side."""
    weight: float
    """The sum of the errors' weights in the accuracy (``word_errors.WEIGHTS``)."""
    matter: Matter | None = None
    """Whether a name, a number or a negation is concerned."""


@dataclass(frozen=True, slots=True)
class ArticleDifference:
    """A name, number or negation that the captions and the article write differently."""

    matter: Matter
    cue: int
    start_ms: int
    captions: str
    article: str
    is_sure: bool
    """Whether the sound is the article's; else it may be either's."""


@dataclass(frozen=True, slots=True)
class SilentCue:
    """A cue that is shown while nobody speaks."""

    cue: int
    start_ms: int
    """In the recording, by the clock of the file."""
    text: str


@dataclass(frozen=True, slots=True)
class WordTotals:
    """The words of a recording and its captions, and the errors that are sure."""

    spoken: int
    """Words spoken in captioned speech."""
    captioned: int
    """Words of the captions that have a sound."""
    wrong: int
    missing: int
    added: int
    unsure: int
    """Words that may be wrong."""
    weight: float

    @property
    def error(self) -> float:
        """The word error: wrong, missing and added words for each word spoken."""
        return (self.wrong + self.missing + self.added) / max(1, self.spoken)

    @property
    def accuracy(self) -> float:
        """The share of words less the weights of the errors, 0 to 1 (after the NER model)."""
        return max(0.0, 1 - self.weight / max(1, self.spoken))


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit finds about one caption file."""

    source: str
    media: str | None
    verdict: Verdict
    reason: str
    """One sentence for people."""
    language: str | None = None
    duration_ms: int | None = None
    speech_ms: int = 0
    cues: int = 0
    clock: CaptionClock | None = None
    uncaptioned: tuple[Span, ...] = ()
    """Speech without captions, in milliseconds of the recording, longest first."""
    silent: tuple[SilentCue, ...] = ()
    words: WordTotals | None = None
    errors: tuple[WordError, ...] = ()
    differences: tuple[ArticleDifference, ...] = ()
    report: Report | None = None
    """The file's syntax, and the rules of the captioning profile."""

    @property
    def uncaptioned_ms(self) -> int:
        return sum(map(len, self.uncaptioned))
