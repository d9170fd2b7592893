"""Captions a recording by its article where the recogniser is of no help.

The article's sentences are looked for in the sound (``acoustic.sentence_search``). Those found
replace what the recogniser wrote there; its other words are kept if it recognised the article's
language.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from aligner import languages
from aligner.alignment.acoustic.filterbank import RATE
from aligner.alignment.acoustic.forced_alignment import Utterance, align
from aligner.alignment.acoustic.lexicon import LexiconToken
from aligner.alignment.acoustic.rescoring import lexicon_tokens, samples_of
from aligner.alignment.acoustic.sentence_search import find_sentences
from aligner.languages.sentences import ends_sentence
from aligner.types import Article, Audio, Span, Transcript, Word

log = logging.getLogger(__name__)

MIN_SENTENCES = 2
"""A single sentence may be found by chance, or be a quotation in another story."""
CERTAINTY = 1.0
"""Score of the words of a sentence that is found: the recogniser is not asked."""


@dataclass(frozen=True, slots=True)
class SentenceTokens:
    """A sentence of the article, and how it is pronounced."""

    words: tuple[tuple[str, bool], ...]
    """Each printed word, and whether a space precedes it."""
    tokens: tuple[tuple[LexiconToken, ...], ...]


@dataclass(frozen=True, slots=True)
class TextTranscript:
    """A transcript with sentences of the article in it."""

    transcript: Transcript
    found_starts: frozenset[int]
    """When the words of these sentences start, in milliseconds."""


def transcript_by_text(article: Article, audio: Audio, heard: Transcript) -> TextTranscript | None:
    """Returns a transcript in which the article's sentences stand where they are spoken.

    ``heard`` is what the recogniser made of the recording. None if fewer than ``MIN_SENTENCES`` are
    found, or the article's language is not known.
    """
    if article.language is None or audio.sample_rate != RATE:
        return None
    sentences = list(split_sentences(article, article.language))
    found = find_sentences(audio, [[*chain(*one.tokens)] for one in sentences])
    log.info("%d of %d sentences of the article are found in the sound", len(found), len(sentences))
    if len(found) < MIN_SENTENCES:
        return None
    spoken = [word for one in found for word in _timed(sentences[one.index], audio, one.span)]
    kept = (
        [word for word in heard.words if not _within(word, [one.span for one in found])]
        if languages.same(article.language, heard.language)
        else []
    )
    words = sorted([*spoken, *kept], key=lambda word: word.start_ms)
    transcript = replace(heard, language=article.language, words=tuple(words))
    return TextTranscript(transcript, frozenset(word.start_ms for word in spoken))


def split_sentences(article: Article, language: str) -> Iterator[SentenceTokens]:
    """Yields the sentences of the paragraphs that may be read aloud."""
    record = languages.get(language)
    for paragraph in article.paragraphs:
        if paragraph.role == "caption":
            continue
        words = [(word.text, word.space_before) for word in record.split(paragraph.text)]
        texts = [text for text, _ in words]
        ends = [
            at + 1
            for at, (word, following) in enumerate(pairwise(texts))
            if ends_sentence(word, following, record)
        ]
        for first, last in pairwise([0, *ends, len(words)]):
            part = words[first:last]
            tokens = lexicon_tokens([text for text, _ in part], language)
            yield SentenceTokens(tuple(part), tuple(tokens))


def _timed(sentence: SentenceTokens, audio: Audio, span: Span) -> Iterator[Word]:
    """Yields the words of a sentence with their times; spread evenly where they do not fit."""
    tokens = [token for group in sentence.tokens for token in group]
    (found,) = align([Utterance(samples_of(audio, span), tokens)])
    if found is None:
        step = len(span) / len(tokens)
        times = [(at * step, (at + 1) * step) for at in range(len(tokens))]
    else:
        times = [(one.start, one.end) for one in found]
    at = 0
    for (text, space), group in zip(sentence.words, sentence.tokens, strict=True):
        if group:
            start, end = times[at][0], times[at + len(group) - 1][1]
            at += len(group)
            yield Word(text, round(span.start + start), round(span.start + end), CERTAINTY, space)


def _within(word: Word, spans: Sequence[Span]) -> bool:
    """Whether the middle of a word lies in one of some spans."""
    middle = (word.start_ms + word.end_ms) // 2
    return any(span.start <= middle < span.end for span in spans)
