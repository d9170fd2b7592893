"""Whether the article's words may be shown for what was heard: the guard of what was said.

Spelling decides the plain cases. In the others the recogniser is asked again, with the article's
words in place of its own (``gain``, in nats: above 0 the article's are likelier). How much doubt
is allowed depends on what is at stake.

The limits stand on ``benchmarks/second_hearing.py`` (ten cases, Whisper base, a synthetic voice).
Asked about wrong words where the right one was heard, it gave no number -6 or more, one other name
of 75 -10 or more, 5 % of inflections and 8 % of small words -4 or more; no passage in other words
of the speaker got -10 or more. Of what was misheard, 59 % got -4 or more, 87 % -10 or more.

Where that does not suffice, an acoustic model is asked (``fit``, in nats of its own: above 0 the
article's words fit the sound better than those that were heard). It does not know which words are
usual, so that names are nothing strange to it. Of the same wrong words it gave no number and no
name -50 or more, 6 % of inflections and 11 % of small words 0 or more, and nothing that the speaker
said otherwise -200 or more; of what was misheard half got 0 or more.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from aligner.languages import Language, SpokenToken, SurfaceWord, normalise
from aligner.languages.capitals import OPENING, QUOTES, Sure
from aligner.languages.sentences import may_open_sentence
from aligner.types import AlignmentOp, Span

RescoreFn = Callable[[Span, str], float | None]
"""Spoken words, other words -> how much likelier the others are, in nats; None: cannot be told."""

REPAIR_WORDS = 5
"""Longest run of words, on either side, that may be one another's spelling."""
NAME_LIKENESS = 0.5
"""A name in the article and what was heard in its place: the same if so alike in letters."""
WORD_LIKENESS, WORD_DOUBT = 0.7, 0.6
"""Other words: alike in letters, the same in sound, and doubted by the recogniser."""
GAIN_GUARDED = 0.0
"""Numbers, negations and dropped words: only if the article's are likelier than what was heard."""
GAIN, GAIN_STEADY = -3.0, -4.0
"""Other words; and where the speaker reads word by word, so that a misheard word is the rule."""
GAIN_NAME, GAIN_NAME_ALIKE, SOUND_LIKENESS = -10.0, -20.0, 0.6
"""Names, which recognisers do not know; and names that sound so much like what was heard."""
EDGE_LIKENESS = 0.4
"""Words beside a passage that is read, and its next words in the article: alike in sound."""
LONGEST_HEARD = 8
"""Words that may have been heard in place of the article's few, where these fit the sound."""


@dataclass(frozen=True, slots=True)
class AcceptanceThreshold:
    """Evidence that suffices: fit to the sound, if the recogniser does not deny it outright."""

    fit: float
    gain: float


FIT_DROPPED = AcceptanceThreshold(10.0, -20.0)
"""Words that the recogniser may have dropped: 15 wrong ones, put in, got -28 or less."""
FIT_GUARDED = AcceptanceThreshold(0.0, -4.0)
"""Numbers and negations."""
FIT_NAME = AcceptanceThreshold(-20.0, -40.0)
"""Names, where the speaker reads word by word."""
FIT = AcceptanceThreshold(15.0, -6.0)
"""Other words, two or more: small words and endings fit too easily."""


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """The words of one side and the atoms that they are said in."""

    words: Sequence[SurfaceWord]
    atoms: Sequence[SpokenToken]
    by_word: dict[int, list[int]]
    """Word -> its atoms' indices."""

    @classmethod
    def of(cls, words: Sequence[SurfaceWord], atoms: Sequence[SpokenToken]) -> TokenizedText:
        by_word: dict[int, list[int]] = defaultdict(list)
        for k, atom in enumerate(atoms):
            by_word[atom.word].append(k)
        return cls(words, atoms, dict(by_word))

    def said(self, span: Span) -> list[str]:
        """The atoms of a run of words."""
        return [
            self.atoms[k].text for w in range(span.start, span.end) for k in self.by_word.get(w, ())
        ]


@dataclass(frozen=True, slots=True)
class SubstitutionPolicy:
    """Decides whether what was heard and what is written are the same speech."""

    language: Language
    article: TokenizedText
    speech: TokenizedText
    scores: Sequence[float]
    """Of the spoken words."""
    gain: RescoreFn | None = None
    """The recogniser's second hearing, where it has one."""
    fit: RescoreFn | None = None
    """How much better other words fit the sound, where there is an acoustic model."""
    names: Mapping[int, Sure] = field(default_factory=dict)
    """Words of the article that are names."""
    starts: frozenset[int] = frozenset({0})
    """Words of the article that begin a paragraph."""

    def same_speech(self, article: Span, spoken: Span) -> AlignmentOp | None:
        """ "same" or "respelled" if the article's words may stand for the spoken ones."""
        ours, theirs = self.article.said(article), self.speech.said(spoken)
        if ours == theirs or ours == [t for t in theirs if t != "and"]:
            return (
                "same"
                if _surface_keys(self.article, article) == _surface_keys(self.speech, spoken)
                else "respelled"
            )
        if "".join(ours) == "".join(theirs) and not self.guards(ours, theirs):
            return "respelled"
        if max(len(article), len(spoken)) > REPAIR_WORDS or self.guards(ours, theirs):
            return None
        return "respelled" if self._misheard(article, spoken, ours, theirs) else None

    def guards(self, ours: list[str], theirs: list[str]) -> bool:
        """Numbers and negations are never swapped for something that only looks alike."""
        guarded = self.language.guarded
        return [a for a in ours if _is_guarded(a, guarded)] != [
            a for a in theirs if _is_guarded(a, guarded)
        ]

    def _misheard(self, article: Span, spoken: Span, ours: list[str], theirs: list[str]) -> bool:
        written, heard = "".join(ours), "".join(theirs)
        if not written or not heard:
            return False
        likeness = Levenshtein.normalized_similarity(written, heard)
        same_sound = self.language.sound(written) == self.language.sound(heard)
        words = self.article.words[article.start : article.end]
        are_capital = all(w.text.lstrip(OPENING)[:1].isupper() for w in words if normalise(w.text))
        is_name = any(i in self.names for i in range(article.start, article.end))
        if are_capital and (is_name or self.language.function_words.isdisjoint(theirs)):
            return likeness >= NAME_LIKENESS
        doubt = min(self.scores[spoken.start : spoken.end]) < WORD_DOUBT
        return same_sound and doubt and likeness >= WORD_LIKENESS

    # ------------------------------------------------------------ a second hearing

    def heard_again(self, article: Span, spoken: Span, *, steady: bool) -> bool:
        """Whether the sound, asked again, allows the article's words in the spoken ones' place.

        ``spoken`` may be empty: whether words were spoken that the recogniser dropped.
        """
        if self.gain is None or len(article) > REPAIR_WORDS or len(spoken) > LONGEST_HEARD:
            return False
        words = self.article.words[article.start : article.end]
        wording = " ".join(w.text.strip(QUOTES) for w in words if normalise(w.text))
        gain = self.gain(spoken, wording) if wording else None
        if gain is None:
            return False
        short = len(spoken) <= REPAIR_WORDS
        if short and gain >= self._needed(article, spoken, steady):
            return True
        enough = self._enough(article, spoken, steady)
        if self.fit is None or enough is None or gain < enough.gain:
            return False
        fit = self.fit(spoken, wording)
        return fit is not None and fit >= enough.fit

    def _enough(self, article: Span, spoken: Span, steady: bool) -> AcceptanceThreshold | None:
        """What else suffices, if anything."""
        if not len(spoken):
            return FIT_DROPPED
        if self.guards(self.article.said(article), self.speech.said(spoken)):
            return FIT_GUARDED
        if self._has_name(article):
            return FIT_NAME if steady else None
        return FIT if len(article) > 1 else None

    def _needed(self, article: Span, spoken: Span, steady: bool) -> float:
        """The gain from which on the article's words are believed."""
        ours, theirs = self.article.said(article), self.speech.said(spoken)
        if not theirs or self.guards(ours, theirs):
            return GAIN_GUARDED
        if not self._has_name(article):
            return GAIN_STEADY if steady else GAIN
        sounds = (self.language.sound("".join(side)) for side in (ours, theirs))
        alike = Levenshtein.normalized_similarity(*sounds)
        return GAIN_NAME_ALIKE if alike >= SOUND_LIKENESS else GAIN_NAME

    def _has_name(self, article: Span) -> bool:
        """Whether a run of the article's words has a name for certain."""
        return any(self.names.get(i) == "sure" for i in range(article.start, article.end))

    def sounds_alike(self, article: Span, spoken: Span) -> bool:
        """Whether two runs of words begin with the same sound and share much of the others."""
        sounds = [
            self.language.sound("".join(side))
            for side in (self.article.said(article), self.speech.said(spoken))
        ]
        alike = Levenshtein.normalized_similarity(*sounds)
        return sounds[0][:1] == sounds[1][:1] and alike >= EDGE_LIKENESS

    # ------------------------------------------------------------ sentences of the article

    def opening(self, gap: Span) -> Span | None:
        """The end of a gap in the article that opens a sentence; None if it is long, or none."""
        for i in range(gap.end - 1, max(gap.start, gap.end - REPAIR_WORDS) - 1, -1):
            if self._begins(i):
                return Span(i, gap.end)
        return None

    def closing(self, gap: Span) -> Span | None:
        """The beginning of a gap in the article that closes a sentence; None as ``opening``."""
        if self._begins(gap.start):
            return None
        for i in range(gap.start + 1, min(gap.end, gap.start + REPAIR_WORDS) + 1):
            if i == gap.end or self._begins(i):
                return Span(gap.start, i)
        return None

    def _begins(self, word: int) -> bool:
        """Whether a word of the article opens a paragraph, a sentence or a quotation."""
        words = self.article.words
        preceding = words[word - 1].text if word else ""
        return word in self.starts or may_open_sentence(words[word].text, preceding, self.language)


def _surface_keys(side: TokenizedText, span: Span) -> list[str]:
    """A run of words as they look, but for case, accents and punctuation."""
    faces = []
    for word in side.words[span.start : span.end]:
        signs = [c for c in word.text if c == "%" or unicodedata.category(c)[0] == "S"]
        faces.append("".join(signs) + normalise(word.text))
    return [face for face in faces if face]


def _is_guarded(atom: str, guarded: frozenset[str]) -> bool:
    return atom in guarded or atom[:1].isdigit()
