"""Captions a recording by its article where the recogniser is of no help.

The article's sentences are looked for in the sound (``acoustic.sentence_search``). Those found
replace what the recogniser wrote there; its other words are kept if it recognised the article's
language. A word of a found sentence that the sound does not confirm has a low score.
"""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby

from aligner import languages
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.forced_alignment import score_texts
from aligner.alignment.acoustic.lexicon import ENGLISH, LexiconToken
from aligner.alignment.acoustic.rescoring import lexicon_tokens, samples_of
from aligner.alignment.acoustic.sentence_search import FoundSentence, find_sentences
from aligner.alignment.acoustic.word_evidence import SentenceEvidence
from aligner.alignment.matching import ARTICLE_SHARE, SPEECH_SHARE, divergence, words_of
from aligner.languages import normalise
from aligner.languages.tags import primary
from aligner.types import Article, Audio, EngineInfo, Span, SpeechSegments, Transcript, Word

log = logging.getLogger(__name__)

MIN_SENTENCES = 2
"""A single sentence may be found by chance, or be a quotation in another story."""
OTHERWISE_SURE = 0.5
"""Share of the speech that sentences must be if the recogniser is sure of another language."""
CERTAINTY = 1.0
"""Score of the words of a sentence that is found: the recogniser is not asked."""
UNSURE = 0.2
"""Score of words of such a sentence that the sound does not confirm."""
SURE = 0.6
"""Least score of a recognised word that may be shown instead of such a word."""
RECOGNISED = 0.9
"""Share of a sentence's words from which the recogniser's are shown, not those of the article."""
AROUND = 1
"""Words before and after some words that are scored with them."""
BETTER = 10.0
"""Nats by which other words must fit better to be believed instead. Of 27 numbers that were said 26
fitted better than all with another figure, by 4 to 200 nats; for one, 30, "70" fitted better by 4.
"""


@dataclass(frozen=True, slots=True)
class SentenceTokens:
    """A sentence of the article, and how it is pronounced."""

    words: tuple[tuple[str, bool], ...]
    """Each printed word, and whether a space precedes it."""
    tokens: tuple[tuple[LexiconToken, ...], ...]


ENGINE = EngineInfo("sentence-search", "en-us", "5.1.1")
"""Stands for a recogniser where no sentence between those found was recognised."""


@dataclass(frozen=True, slots=True)
class TextTranscript:
    """A transcript with sentences of the article in it."""

    transcript: Transcript
    found_starts: frozenset[int]
    """When the words of these sentences start, in milliseconds."""


def transcript_by_text(
    article: Article, audio: Audio, speech: SpeechSegments, heard: Transcript
) -> TextTranscript | None:
    """Returns a transcript in which the article's sentences stand where they are spoken.

    ``heard`` is what the recogniser made of the recording, ``speech`` where somebody speaks. None
    if fewer than ``MIN_SENTENCES`` are found, if they are neither a good part of the speech nor of
    the article, or if the article's language is not known.
    """
    if article.language is None or audio.sample_rate != RATE:
        return None
    sentences = list(split_sentences(article, article.language))
    found = find_sentences(audio, [one.tokens for one in sentences])
    log.info("%d of %d sentences of the article are found in the sound", len(found), len(sentences))
    is_known = languages.same(article.language, heard.language)
    shares = (SPEECH_SHARE, ARTICLE_SHARE) if is_known else (OTHERWISE_SURE, math.inf)
    if len(found) < MIN_SENTENCES or not _is_same_story(found, sentences, speech, *shares):
        return None
    recognised = heard.words if is_known else ()
    unknown = [one for one in found if not _is_recognised(sentences[one.index], one, recognised)]
    known = TextAudio(audio, article.language, recognised)
    spoken = [word for one in unknown for word in known.words(sentences[one.index], one)]
    between = [word for word in recognised if not _within(word, [one.span for one in unknown])]
    words = sorted([*spoken, *between], key=lambda word: word.start_ms)
    transcript = replace(heard, language=article.language, words=tuple(words))
    starts = (word.start_ms for word in spoken if word not in recognised)
    return TextTranscript(transcript, frozenset(starts))


def _is_recognised(
    sentence: SentenceTokens, found: FoundSentence, recognised: Sequence[Word]
) -> bool:
    """Whether the recogniser has nearly all words of a sentence where it was found."""
    heard = Counter(normalise(word.text) for word in recognised if _within(word, [found.span]))
    written = Counter(normalise(text) for text, _ in sentence.words)
    return (heard & written).total() >= RECOGNISED * written.total()


def is_searched(language: str) -> bool:
    """Whether sentences of a language are looked for: recognisers understand English."""
    return primary(language) != ENGLISH


@dataclass(frozen=True)
class SentenceFinder:
    """Finds sentences of an article in parts of a recording."""

    article: Article
    language: str

    @cached_property
    def _tokens(self) -> list[tuple[tuple[LexiconToken, ...], ...]]:
        return [one.tokens for one in split_sentences(self.article, self.language)]

    def find(self, audio: Audio, part: Span) -> list[Span]:
        """Returns when sentences are spoken in a part of a recording, in its milliseconds."""
        if audio.sample_rate != RATE:
            return []
        found = find_sentences(Audio(samples_of(audio, part), RATE), self._tokens)
        return [Span(part.start + one.span.start, part.start + one.span.end) for one in found]


def _is_same_story(
    found: Sequence[FoundSentence],
    sentences: Sequence[SentenceTokens],
    speech: SpeechSegments,
    speech_share: float,
    article_share: float,
) -> bool:
    """Whether the sentences found are these shares of the speech, or of the article."""
    spoken_ms = sum(len(one.span) for one in found)
    share = sum(len(sentences[one.index].words) for one in found)
    return spoken_ms >= speech_share * speech.total_ms or share >= article_share * sum(
        len(one.words) for one in sentences
    )


def split_sentences(article: Article, language: str) -> Iterator[SentenceTokens]:
    """Yields the sentences of the paragraphs that may be read aloud."""
    record = languages.get(language)
    words, paragraphs = words_of(article, record)
    for paragraph in paragraphs:
        for span in divergence.split_sentences(words, paragraph, record):
            part = words[span.start : span.end]
            tokens = lexicon_tokens([word.text for word in part], language)
            yield SentenceTokens(
                tuple((word.text, word.space_before) for word in part), tuple(tokens)
            )


@dataclass(frozen=True, slots=True)
class TextAudio:
    """A recording, and what the recogniser made of it in the article's language."""

    audio: Audio
    language: str
    heard: Sequence[Word]

    def words(self, sentence: SentenceTokens, found: FoundSentence) -> Iterator[Word]:
        """Yields the words of a sentence with their times.

        Words that the sound does not confirm give way to those that were heard in their place, if
        these fit better; else their score is ``UNSURE``.
        """
        evidence = found.words
        holds = [
            word is not None and word.holds and self._confirms(sentence, evidence, at)
            for at, word in enumerate(evidence)
        ]
        sounding = [at for at, word in enumerate(evidence) if word]
        for is_sure, run in groupby(sounding, key=holds.__getitem__):
            places = list(run)
            other = [] if is_sure else self._heard_instead(sentence, evidence, places)
            yield from other or (
                Word(text, word.span.start, word.span.end, CERTAINTY if is_sure else UNSURE, space)
                for at in places
                if (word := evidence[at])
                for text, space in [sentence.words[at]]
            )

    def _confirms(self, sentence: SentenceTokens, evidence: SentenceEvidence, at: int) -> bool:
        """Whether no other number fits clearly better in the place of a word with figures."""
        texts = [text for text, _ in sentence.words]
        others = (
            lexicon_tokens([*texts[:at], other, *texts[at + 1 :]], self.language)[at]
            for other in other_numbers(texts[at])
        )
        return self._most_gained(sentence, evidence, [at], list(others)) <= BETTER

    def _heard_instead(
        self, sentence: SentenceTokens, evidence: SentenceEvidence, places: Sequence[int]
    ) -> list[Word]:
        """Returns the words that were heard in the place of some, if they hold there."""
        words = [word for at in places if (word := evidence[at])]
        part = Span(words[0].span.start, words[-1].span.end)
        heard = [word for word in self.heard if _within(word, [part])]
        texts = [sentence.words[at][0] for at in places]
        if any(word.score < SURE for word in heard) or (
            _has_figures(texts) and not _has_figures([word.text for word in heard])
        ):
            return []
        said = lexicon_tokens([word.text for word in heard], self.language)
        gained = self._most_gained(sentence, evidence, places, [tuple(chain(*said))])
        return heard if gained > max(BETTER, sum(word.lacks for word in words)) else []

    def _most_gained(
        self,
        sentence: SentenceTokens,
        evidence: SentenceEvidence,
        places: Sequence[int],
        others: Sequence[Sequence[LexiconToken]],
    ) -> float:
        """Returns by how many nats the best of other wordings fits better than some words."""
        others = [other for other in others if other]
        if not others:
            return -math.inf
        near = range(max(0, places[0] - AROUND), min(len(evidence), places[-1] + 1 + AROUND))
        spans = [word.span for at in near if (word := evidence[at])]
        samples = samples_of(self.audio, Span(spans[0].start, spans[-1].end))
        tokens = sentence.tokens
        before = [token for at in near if at < places[0] for token in tokens[at]]
        after = [token for at in near if at > places[-1] for token in tokens[at]]
        own = [token for at in places for token in tokens[at]]
        texts = [[*before, *middle, *after] for middle in (own, *others)]
        first, *rest = score_texts(samples, texts)
        if first is None:
            return math.inf
        return max((one.log - first.log for one in rest if one), default=-math.inf)


def _has_figures(texts: Sequence[str]) -> bool:
    return any(character.isdecimal() for text in texts for character in text)


def other_numbers(text: str) -> Iterator[str]:
    """Yields a text with another figure in the place of each of its figures.

    Of 15 and 50, which sound alike in many languages, each is yielded for the other.
    """
    for at, figure in enumerate(text):
        if figure.isdecimal():
            leads = not text[at - 1 : at].isdecimal()
            for other in "123456789" if leads else "0123456789":
                if unicodedata.decimal(figure) != int(other):
                    yield text[:at] + other + text[at + 1 :]
    for pair in re.finditer(r"(?=(1[3-9]|[3-9]0))", text):
        ten, one = pair[1][0], pair[1][1]
        other = f"{one}0" if ten == "1" else f"1{ten}"
        yield text[: pair.start()] + other + text[pair.start() + 2 :]


def _within(word: Word, spans: Sequence[Span]) -> bool:
    """Whether the middle of a word lies in one of some spans."""
    middle = (word.start_ms + word.end_ms) // 2
    return any(span.start <= middle < span.end for span in spans)
