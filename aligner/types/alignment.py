"""The alignment between article and transcript, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aligner.types.time import Span

Origin = Literal["verified", "respelled", "found", "spoken", "interpolated", "edited"]

"""Where a caption's word comes from.

verified: recognised just as the article has it. respelled: recognised, and shown in the article's
spelling. found: not recognised; the acoustic model finds its sentence of the article in the sound,
and confirms the word itself where its score is above 0.5.
spoken: recognised, and not in the article. interpolated: the word is certain, its time is
estimated. edited: changed by a person.
"""

AlignmentOp = Literal["same", "respelled", "changed", "not_spoken", "extra_speech"]

"""How a span of the article's words relates to the words spoken."""

DivergenceKind = Literal["not_spoken", "extra_speech", "changed"]

SentenceKind = Literal["spoken", "reworded", "not_spoken"]

"""Whether a sentence is spoken (nearly) as written, in other words or in part, or not at all."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of word spans that correspond; one is None where the other has no counterpart."""

    op: AlignmentOp
    article: Span | None
    """Indices into the article's words, all paragraphs in order."""
    spoken: Span | None
    """Indices into ``Transcript.words``."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of each side's words that is found in the other, 0 to 1."""

    speech_in_article: float
    article_in_speech: float


@dataclass(frozen=True, slots=True)
class CaptionWord:
    """A word as the captions show it."""

    text: str
    start_ms: int
    end_ms: int
    origin: Origin
    score: float
    article_word: int | None = None
    """Its index among the article's words; None if it is not from the article."""
    space_before: bool = True
    speaker: str | None = None
    """Who says it, if known; any text that tells the speakers apart."""
    said: tuple[str, ...] = ()
    """The spoken words that it stands for, case-folded: twenty, fifteen for "2015". Empty if
    they are not known or there are none."""
    heard: str | None = None
    """The recogniser's words that this respelled word replaces, together with the next words
    whose ``heard`` is empty; None if the word is shown as recognised."""
    glossary: str | None = None
    """The glossary that has this respelled word's spelling; None for the article's."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A passage where speech and article differ."""

    kind: DivergenceKind
    article: Span | None
    start_ms: int | None
    """When it is spoken; None for ``not_spoken``."""
    end_ms: int | None
    text: str
    """The article's words for ``not_spoken``, otherwise the spoken words."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the article, and whether it is spoken."""

    article: Span
    """Its words, as indices into the article's words, all paragraphs in order."""
    kind: SentenceKind
    share: float
    """The share of its speakable words that are spoken as written, 0 to 1."""
    start_ms: int | None
    """When it is spoken, most completely if more than once; None for ``not_spoken``."""
    end_ms: int | None
    text: str


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """A stretch of speech that is entirely in the article, or not in it at all."""

    spoken: Span
    """Indices into ``Transcript.words``."""
    in_article: bool
    start_ms: int
    end_ms: int
    text: str
    """As recognised."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The alignment of a whole recording with its article."""

    matches: tuple[Match, ...]
    """In the order of speech; ``not_spoken`` spans stand where the article has them."""
    coverage: Coverage
    words: tuple[CaptionWord, ...] = ()
    """Every spoken word once, in order of time, in the spelling that captions show."""
    divergence: tuple[Divergence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    """The article's sentences in order, without those of photo captions."""
    stretches: tuple[SpeechRegion, ...] = ()
    """All of the speech, in order; neighbours differ in ``in_article``."""
