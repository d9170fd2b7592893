"""The alignment between article and transcript, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aligner.types.time import Span

Origin = Literal["verified", "respelled", "spoken", "interpolated", "edited"]

"""Where a caption's word comes from.

verified: the article's word, heard as such. respelled: heard, and written as the publisher
writes it. spoken: heard, not in the article. interpolated: the word is sure, its time is not.
edited: a person changed it afterwards.
"""

AlignmentOp = Literal["same", "respelled", "changed", "not_spoken", "extra_speech"]

"""What became of a span of words, from the article to the speech."""

DivergenceKind = Literal["not_spoken", "extra_speech", "changed"]

SentenceKind = Literal["spoken", "reworded", "not_spoken"]

"""What became of a sentence: read (nearly) as written, said in other words or in part, or not."""


@dataclass(frozen=True, slots=True)
class Match:
    """One step from the article's words to the spoken ones; either span may be None."""

    op: AlignmentOp
    article: Span | None
    """Indices into the article's words, all paragraphs in order."""
    spoken: Span | None
    """Indices into ``Transcript.words``."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of each side was found in the other, 0 to 1."""

    speech_in_article: float
    article_in_speech: float


@dataclass(frozen=True, slots=True)
class CaptionWord:
    """A word as it will be shown."""

    text: str
    start_ms: int
    end_ms: int
    origin: Origin
    score: float
    article_word: int | None = None
    """Its index among the article's words; None if it is not from the article."""
    space_before: bool = True
    speaker: str | None = None
    """Who says it, where that is known; any text that tells the speakers apart."""
    said: tuple[str, ...] = ()
    """What was spoken for it, word by word, folded: twenty, fifteen for "2015". Empty where that
    is not known, and for what has no words."""
    heard: str | None = None
    """What the recogniser heard in the place of a respelled word, and of those after it whose
    ``heard`` is empty; None where the word stands as it was heard."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A place where speech and article part."""

    kind: DivergenceKind
    article: Span | None
    start_ms: int | None
    """When it is said; None for what is not spoken."""
    end_ms: int | None
    text: str
    """The words: the article's for ``not_spoken``, the speaker's otherwise."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What became of one sentence of the article."""

    article: Span
    """Its words, as indices into the article's words, all paragraphs in order."""
    kind: SentenceKind
    share: float
    """Of its words that have a sound, how many were heard as written, 0 to 1."""
    start_ms: int | None
    """When it is said, in its fullest reading; None for what is not spoken."""
    end_ms: int | None
    text: str


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """A stretch of speech that is in the article throughout, or nowhere in it."""

    spoken: Span
    """Indices into ``Transcript.words``."""
    in_article: bool
    start_ms: int
    end_ms: int
    text: str
    """As heard."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """What was spoken of the article, in which words, and what was not."""

    matches: tuple[Match, ...]
    """In order of the speech; ``not_spoken`` stands where the article has it."""
    coverage: Coverage
    words: tuple[CaptionWord, ...] = ()
    """Every spoken word once, in order of time, in the spelling to show."""
    divergence: tuple[Divergence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    """The article's sentences in order; none of photo captions, which nobody reads aloud."""
    stretches: tuple[SpeechRegion, ...] = ()
    """All of the speech, in order; no two neighbours are alike in ``in_article``."""
