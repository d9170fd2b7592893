"""Decides whether the words of the article may replace the recognised ones.

The spelling decides the plain cases. In the others the recogniser rescores the words of the
article: their log-likelihood ratio (LLR) to the recognised words, in nats, must reach a limit. The
limit depends on the kind of word.

The limits come from ``benchmarks/calibration/rescoring.py`` (ten cases, Whisper base, synthetic
voice).
Of wrong words where the right one was recognised, no number had an LLR of -6 or more, one other
name of 75 had -10 or more, 5 % of inflections and 8 % of function words had -4 or more; no
paraphrase by the speaker had -10 or more. Of misrecognised words, 59 % had -4 or more, 87 % -10 or
more.

Where this LLR does not suffice, an acoustic model rescores the words too. It has no language model,
so that it does not count a rare name as unlikely. Of the same wrong words no number and no name had
an acoustic LLR of -50 or more, 6 % of inflections and 11 % of function words had 0 or more, and no
paraphrase had -200 or more; half of the misrecognised words had 0 or more.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import Levenshtein

from aligner.languages import Language, SpokenToken, SurfaceWord, normalise
from aligner.languages.capitals import OPENING, QUOTES, Sure
from aligner.languages.contrasts import contradict
from aligner.languages.sentences import may_open_sentence
from aligner.types import Span

PairOp = Literal["same", "respelled", "changed"]
"""Whether words of the article and spoken words agree, agree but for the spelling, or differ."""
RescoreFn = Callable[[Span, str], float | None]
"""Returns the log-likelihood ratio, in nats, of a wording to a span of spoken words; above 0 the
wording is likelier. None if it cannot be known."""

MAX_SUBSTITUTED_WORDS = 5
"""Longest run of words, on either side, that may be replaced or replace others."""
NAME_SIMILARITY = 0.5
"""Least similarity in letters of a name and the words recognised in its place."""
WORD_SIMILARITY, WORD_MAX_SCORE = 0.7, 0.6
"""Other words sound the same, are at least so similar in letters, and have a score below this."""
MIN_LLR_PROTECTED = 0.0
"""Least LLR of numbers, negations, words that exclude each other (weekdays) and dropped words: the
words of the article are likelier."""
MIN_LLR, MIN_LLR_STEADY = -3.0, -4.0
"""Least LLR of other words, and of those where the speaker reads word by word: there a difference
is usually a misrecognition."""
MIN_LLR_NAME, MIN_LLR_NAME_ALIKE, SOUND_SIMILARITY = -10.0, -20.0, 0.6
"""Least LLR of names, which recognisers do not know, and of names whose sound is at least so
similar to that of the recognised words."""
EDGE_SIMILARITY = 0.4
"""Least similarity in sound of words beside a read passage and its next words in the article."""
MAX_SPOKEN_WORDS = 8
"""Longest run of recognised words that the article may replace because of the acoustic LLR."""


@dataclass(frozen=True, slots=True)
class AcceptanceThreshold:
    """The least acoustic LLR that suffices, and the least LLR of the recogniser needed with it."""

    acoustic: float
    recogniser: float


ACOUSTIC_DROPPED = AcceptanceThreshold(10.0, -20.0)
"""For words that the recogniser may have dropped: 15 wrong ones, inserted, had -28 or less."""
ACOUSTIC_PROTECTED = AcceptanceThreshold(0.0, -4.0)
"""For numbers, negations, and words that exclude each other."""
ACOUSTIC_NAME = AcceptanceThreshold(-20.0, -40.0)
"""For names, where the speaker reads word by word."""
ACOUSTIC = AcceptanceThreshold(15.0, -6.0)
"""For two or more other words: single function words and endings match almost any sound."""


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """The words of one side and the spoken tokens in which they are said."""

    words: Sequence[SurfaceWord]
    tokens: Sequence[SpokenToken]
    by_word: dict[int, list[int]]
    """For each word the indices of its tokens."""

    @classmethod
    def of(cls, words: Sequence[SurfaceWord], tokens: Sequence[SpokenToken]) -> TokenizedText:
        by_word: dict[int, list[int]] = defaultdict(list)
        for k, token in enumerate(tokens):
            by_word[token.word].append(k)
        return cls(words, tokens, dict(by_word))

    @property
    def texts(self) -> list[str]:
        """The texts of all tokens."""
        return [token.text for token in self.tokens]

    def said(self, span: Span) -> list[str]:
        """Returns the texts of the tokens of a run of words."""
        return [
            self.tokens[k].text
            for w in range(span.start, span.end)
            for k in self.by_word.get(w, ())
        ]


@dataclass(frozen=True, slots=True)
class SubstitutionPolicy:
    """Decides whether words of the article and spoken words are the same speech."""

    language: Language
    article: TokenizedText
    speech: TokenizedText
    scores: Sequence[float]
    """The recogniser's score of each spoken word."""
    rescore: RescoreFn | None = None
    """Rescoring by the recogniser; None if it cannot rescore."""
    acoustic_rescore: RescoreFn | None = None
    """Rescoring by an acoustic model; None if the language has none."""
    names: Mapping[int, Sure] = field(default_factory=dict)
    """Words of the article that are names."""
    starts: frozenset[int] = frozenset({0})
    """Words of the article that begin a paragraph."""

    def classify(self, article: Span, spoken: Span) -> PairOp | None:
        """Returns "same" or "respelled" if the words of the article may replace the spoken ones.

        None if the spelling alone does not allow it.
        """
        written, heard = self.article.said(article), self.speech.said(spoken)
        if written == heard or written == [t for t in heard if t != "and"]:
            return (
                "same"
                if _surface_keys(self.article, article) == _surface_keys(self.speech, spoken)
                else "respelled"
            )
        if "".join(written) == "".join(heard) and not self.differ_in_protected(written, heard):
            return "respelled"
        if max(len(article), len(spoken)) > MAX_SUBSTITUTED_WORDS or self.differ_in_protected(
            written, heard
        ):
            return None
        return "respelled" if self._is_misheard(article, spoken) else None

    def differ_in_protected(self, written: list[str], heard: list[str]) -> bool:
        """Whether two runs of tokens differ in numbers or negations, or in words like weekdays.

        Such words are never swapped because of their spelling.
        """
        protected = self.language.protected
        numbers = ([t for t in side if _is_protected(t, protected)] for side in (written, heard))
        return next(numbers) != next(numbers) or contradict(self.language, written, heard)

    def _is_misheard(self, article: Span, spoken: Span) -> bool:
        heard_tokens = self.speech.said(spoken)
        written, heard = "".join(self.article.said(article)), "".join(heard_tokens)
        if not written or not heard:
            return False
        likeness = Levenshtein.normalized_similarity(written, heard)
        same_sound = self.language.sound(written) == self.language.sound(heard)
        words = self.article.words[article.start : article.end]
        are_capital = all(w.text.lstrip(OPENING)[:1].isupper() for w in words if normalise(w.text))
        is_name = any(i in self.names for i in range(article.start, article.end))
        if are_capital and (is_name or self.language.function_words.isdisjoint(heard_tokens)):
            return likeness >= NAME_SIMILARITY
        doubt = min(self.scores[spoken.start : spoken.end]) < WORD_MAX_SCORE
        return same_sound and doubt and likeness >= WORD_SIMILARITY

    # ------------------------------------------------------------ rescoring

    def passes_rescoring(self, article: Span, spoken: Span, *, steady: bool) -> bool:
        """Whether rescoring allows the words of the article in place of the spoken ones.

        ``spoken`` is empty to ask whether the recogniser dropped the words. ``steady``: whether
        the speaker reads word by word here.
        """
        if (
            self.rescore is None
            or len(article) > MAX_SUBSTITUTED_WORDS
            or len(spoken) > MAX_SPOKEN_WORDS
        ):
            return False
        words = self.article.words[article.start : article.end]
        wording = " ".join(w.text.strip(QUOTES) for w in words if normalise(w.text))
        ratio = self.rescore(spoken, wording) if wording else None
        if ratio is None:
            return False
        short = len(spoken) <= MAX_SUBSTITUTED_WORDS
        if short and ratio >= self._least_ratio(article, spoken, steady):
            return True
        threshold = self._threshold(article, spoken, steady)
        if self.acoustic_rescore is None or threshold is None or ratio < threshold.recogniser:
            return False
        acoustic = self.acoustic_rescore(spoken, wording)
        return acoustic is not None and acoustic >= threshold.acoustic

    def _threshold(self, article: Span, spoken: Span, steady: bool) -> AcceptanceThreshold | None:
        """Returns the limits for words whose LLR alone does not suffice; None if none do."""
        if not len(spoken):
            return ACOUSTIC_DROPPED
        if self.differ_in_protected(self.article.said(article), self.speech.said(spoken)):
            return ACOUSTIC_PROTECTED
        if self._has_name(article):
            return ACOUSTIC_NAME if steady else None
        return ACOUSTIC if len(article) > 1 else None

    def _least_ratio(self, article: Span, spoken: Span, steady: bool) -> float:
        """Returns the LLR of the recogniser that suffices by itself."""
        written, heard = self.article.said(article), self.speech.said(spoken)
        if not heard or self.differ_in_protected(written, heard):
            return MIN_LLR_PROTECTED
        if not self._has_name(article):
            return MIN_LLR_STEADY if steady else MIN_LLR
        sounds = (self.language.sound("".join(side)) for side in (written, heard))
        alike = Levenshtein.normalized_similarity(*sounds)
        return MIN_LLR_NAME_ALIKE if alike >= SOUND_SIMILARITY else MIN_LLR_NAME

    def _has_name(self, article: Span) -> bool:
        """Whether a run of words of the article has a sure name."""
        return any(self.names.get(i) == "sure" for i in range(article.start, article.end))

    def sounds_alike(self, article: Span, spoken: Span) -> bool:
        """Whether two runs of words begin with the same sound and share much of the others."""
        sounds = [
            self.language.sound("".join(side))
            for side in (self.article.said(article), self.speech.said(spoken))
        ]
        alike = Levenshtein.normalized_similarity(*sounds)
        return sounds[0][:1] == sounds[1][:1] and alike >= EDGE_SIMILARITY

    # ------------------------------------------------------------ sentences of the article

    def opening(self, gap: Span) -> Span | None:
        """Returns the end of a gap in the article that opens a sentence.

        None if no sentence opens in its last words.
        """
        for i in range(gap.end - 1, max(gap.start, gap.end - MAX_SUBSTITUTED_WORDS) - 1, -1):
            if self._begins(i):
                return Span(i, gap.end)
        return None

    def closing(self, gap: Span) -> Span | None:
        """Returns the beginning of a gap in the article that closes a sentence; None as above."""
        if self._begins(gap.start):
            return None
        for i in range(gap.start + 1, min(gap.end, gap.start + MAX_SUBSTITUTED_WORDS) + 1):
            if i == gap.end or self._begins(i):
                return Span(gap.start, i)
        return None

    def _begins(self, word: int) -> bool:
        """Whether a word of the article opens a paragraph, a sentence or a quotation."""
        words = self.article.words
        preceding = words[word - 1].text if word else ""
        return word in self.starts or may_open_sentence(words[word].text, preceding, self.language)


def _surface_keys(side: TokenizedText, span: Span) -> list[str]:
    """Returns the words of a run without case, accents and punctuation, but with symbols."""
    keys = []
    for word in side.words[span.start : span.end]:
        signs = [c for c in word.text if c == "%" or unicodedata.category(c)[0] == "S"]
        keys.append("".join(signs) + normalise(word.text))
    return [key for key in keys if key]


def _is_protected(token: str, protected: frozenset[str]) -> bool:
    return token in protected or token[:1].isdigit()
