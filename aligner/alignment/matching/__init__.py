"""Article + Transcript -> Alignment: what was spoken, what was not, and in which words.

This file is the stage; its steps, in their order:

anchors.py                 finds where each side stands in the other
reordered.py               finds passages that were moved or are read twice
affine_gap.py              aligns what lies between two anchors
verbalization_choice.py    chooses how each number or abbreviation was read
substitution_policy.py     decides where the article's words may be shown for what was heard
surface_forms.py           makes the words to show
hallucinations.py          removes words that neither the sound nor the article supports
divergence.py              lists where speech and article differ
draft_text.py              the article as a recogniser would write it, for recognition
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from aligner import languages
from aligner.alignment.matching import divergence
from aligner.alignment.matching.affine_gap import Costs, Matrix
from aligner.alignment.matching.anchors import Pairs, pair
from aligner.alignment.matching.substitution_policy import (
    RescoreFn,
    SubstitutionPolicy,
    TokenizedText,
)
from aligner.alignment.matching.surface_forms import AlignedSpan, blocks, caption_words
from aligner.alignment.matching.verbalization_choice import (
    VerbalizationState,
    choose_verbalizations,
)
from aligner.languages import Language, SurfaceWord
from aligner.languages.capitals import names
from aligner.types import Alignment, Article, CaptionWord, Coverage, Match, Span, Transcript

LIKENESS = 0.6
"""Two atoms that share so much of their letters may be one word, heard and written."""
RUN = 4
"""Agreeing words in a row that prove a passage; shorter runs may be chance."""
DASHES = re.compile("[-‐-―−…]+")
"""Printed between words, and not spoken."""
SPEECH_SHARE, ARTICLE_SHARE = 0.3, 0.5
"""The speech is this article if so much of it is in the article, or so much of the article in it.

Unrelated news reports share 0 to 2 % of their words in runs of four; readings of an article with
a third of its sentences reworded share 60 %.
"""


@dataclass(frozen=True, slots=True)
class TokenAlignment:
    """An article and a speech, and which of their atoms pair; what is judged, once or again."""

    transcript: Transcript
    language: Language
    written: tuple[SurfaceWord, ...]
    """All words of the article."""
    spans: Sequence[Span]
    """Where in them the paragraphs lie that may be read aloud."""
    ours: TokenizedText
    theirs: TokenizedText
    pairs: Pairs


def align(
    article: Article,
    transcript: Transcript,
    gain: RescoreFn | None = None,
    fit: RescoreFn | None = None,
) -> Alignment:
    """What was said, matched with what was written; see ``align_tokens`` and ``resolve``."""
    return resolve(align_tokens(article, transcript), gain, fit)


def align_tokens(article: Article, transcript: Transcript) -> TokenAlignment:
    """Both sides in the readings that were spoken, and which of their atoms pair.

    Words of photo captions are never matched: nobody reads them aloud. They keep their place in
    the count of the article's words.
    """
    language = languages.get(transcript.language)
    written, spans = words_of(article, language)
    readable = {i for span in spans for i in range(span.start, span.end)}
    read = [word if i in readable else SurfaceWord("") for i, word in enumerate(written)]
    heard = [SurfaceWord(w.text, w.space_before) for w in transcript.words]
    text, speech = (
        VerbalizationState.of(language.read([word.text for word in side])) for side in (read, heard)
    )
    costs = _costs(language)

    def as_taken() -> tuple[TokenizedText, TokenizedText, Pairs]:
        """Both sides in the readings that are taken now, and their pairs."""
        ours, theirs = TokenizedText.of(read, text.atoms()), TokenizedText.of(heard, speech.atoms())
        pairs = pair([a.text for a in ours.atoms], [a.text for a in theirs.atoms], costs)
        return ours, theirs, pairs

    ours, theirs, pairs = as_taken()
    if choose_verbalizations(text, speech, pairs):
        ours, theirs, pairs = as_taken()
    return TokenAlignment(transcript, language, written, spans, ours, theirs, pairs)


def resolve(
    of: TokenAlignment, gain: RescoreFn | None = None, fit: RescoreFn | None = None
) -> Alignment:
    """What may stand for what.

    ``gain`` is a second hearing, ``fit`` an acoustic model's view (``substitution_policy.py``).
    """
    heard, ours, theirs = of.transcript.words, of.ours, of.theirs
    starts = frozenset(span.start for span in of.spans)
    judge = SubstitutionPolicy(
        of.language, ours, theirs, [w.score for w in heard], gain, fit,
        names(ours.words, starts, of.language), starts,
    )  # fmt: skip
    found = blocks(ours, theirs, of.pairs, judge)
    speakers: dict[int, list[int]] = {}
    for k, i in enumerate(of.pairs):
        if i is not None:
            speakers.setdefault(ours.atoms[i].word, []).append(theirs.atoms[k].word)
    words = caption_words(found, ours, heard, lambda i: speakers.get(i, []))
    expected = [i for i in range(len(of.written)) if i in ours.by_word]
    matches = _with_unspoken(found, expected)
    text = divergence.Paragraphs(of.written, of.spans, frozenset(expected))
    return Alignment(
        matches,
        _coverage(matches, expected, len(heard)),
        _rising(_with_dashes(words, of.written, of.spans)),
        divergence.divergence(matches, of.written, heard),
        divergence.sentences(matches, text, heard, of.language),
        divergence.stretches(matches, heard),
    )


def unaligned(transcript: Transcript) -> Alignment:
    """The speech by itself, for a recording that is not this article's or that has no article."""
    words = tuple(
        CaptionWord(w.text, w.start_ms, w.end_ms, "spoken", w.score, None, w.space_before)
        for w in transcript.words
    )
    spoken = Span(0, len(words))
    matches = (Match("extra_speech", None, spoken),) if words else ()
    return Alignment(
        matches,
        Coverage(0.0, 0.0),
        _rising(words),
        divergence.divergence(matches, (), transcript.words),
        stretches=divergence.stretches(matches, transcript.words),
    )


def is_same_story(alignment: Alignment) -> bool:
    """Whether the speech is this article, read, cut, mixed with more, or reworded."""
    coverage = alignment.coverage
    return coverage.speech_in_article >= SPEECH_SHARE or coverage.article_in_speech >= ARTICLE_SHARE


def words_of(article: Article, language: Language) -> tuple[tuple[SurfaceWord, ...], list[Span]]:
    """All words of the article in order, and where the paragraphs lie that may be read aloud."""
    words: list[SurfaceWord] = []
    spans: list[Span] = []
    for paragraph in article.paragraphs:
        split = language.split(paragraph.text)
        if paragraph.role != "caption":
            spans.append(Span(len(words), len(words) + len(split)))
        words += split
    return tuple(words), spans


def paragraph_starts(article: Article, tag: str) -> tuple[int, ...]:
    """The indices, among all words of the article, of those that begin a paragraph."""
    language = languages.get(tag)
    counts = [len(language.split(paragraph.text)) for paragraph in article.paragraphs]
    return tuple(accumulate(counts, initial=0))[:-1]


def _costs(language: Language) -> Costs:
    def weight(atom: str) -> float:
        return 1.0 if atom in language.function_words or len(atom) < 2 else 2.0

    def likeness(ours: Sequence[str], theirs: Sequence[str]) -> Matrix:
        found: Matrix = cdist(
            ours, theirs, scorer=Levenshtein.normalized_similarity, score_cutoff=LIKENESS - 1e-6
        ).astype(float)
        found[[k for k, atom in enumerate(ours) if plain(atom)], :] = 0.0
        found[:, [k for k, atom in enumerate(theirs) if plain(atom)]] = 0.0
        return found

    def plain(atom: str) -> bool:
        return len(atom) < 3 or atom in language.guarded

    return Costs(weight, likeness)


def _with_unspoken(found: Sequence[AlignedSpan], expected: Sequence[int]) -> tuple[Match, ...]:
    """The blocks, and between them what the article has and nobody says."""
    said = {i for b in found if b.article for i in range(b.article.start, b.article.end)}
    gaps: list[Span] = []
    for i in expected:
        if i in said:
            continue
        if gaps and not any(k in said for k in range(gaps[-1].end, i)):
            gaps[-1] = Span(gaps[-1].start, i + 1)
        else:
            gaps.append(Span(i, i + 1))
    out: list[Match] = []
    for block in found:
        start = block.article.start if block.article else None
        while gaps and start is not None and gaps[0].end <= start:
            out.append(Match("not_spoken", gaps.pop(0), None))
        out.append(Match(block.op, block.article, block.spoken))
    return (*out, *(Match("not_spoken", gap, None) for gap in gaps))


def _coverage(matches: Sequence[Match], expected: Sequence[int], spoken: int) -> Coverage:
    """Shares of the words that agree; runs shorter than ``RUN`` prove nothing."""
    heard: set[int] = set()
    written: set[int] = set()
    for run in _runs(matches):
        count = sum(len(m.spoken) for m in run if m.spoken)
        if count < RUN:
            continue
        for match in run:
            if match.spoken and match.article:
                heard.update(range(match.spoken.start, match.spoken.end))
                written.update(range(match.article.start, match.article.end))
    known = set(expected)
    return Coverage(
        speech_in_article=len(heard) / spoken if spoken else 0.0,
        article_in_speech=len(written & known) / len(known) if known else 0.0,
    )


def _runs(matches: Sequence[Match]) -> list[list[Match]]:
    """Agreeing matches that follow each other in the speech and in the article."""
    runs: list[list[Match]] = []
    end: int | None = None
    for match in matches:
        if match.op not in ("same", "respelled") or not match.article:
            end = None
            continue
        if end is not None and 0 <= match.article.start - end <= 1:
            runs[-1].append(match)
        else:
            runs.append([match])
        end = match.article.end
    return runs


def _with_dashes(
    words: Sequence[CaptionWord], written: Sequence[SurfaceWord], paragraphs: Sequence[Span]
) -> list[CaptionWord]:
    """A dash between two of a paragraph's words that follow each other goes with the first."""
    starts = {span.start for span in paragraphs}
    out: list[CaptionWord] = []
    for word in words:
        before = out[-1].article_word if out else None
        if before is not None and word.article_word is not None:
            marks = [written[i].text for i in range(before + 1, word.article_word)]
            inside = starts.isdisjoint(range(before + 1, word.article_word + 1))
            if marks and inside and all(map(DASHES.fullmatch, marks)):
                out[-1] = replace(out[-1], text=" ".join((out[-1].text, *marks)))
        out.append(word)
    return out


def _rising(words: Sequence[CaptionWord]) -> tuple[CaptionWord, ...]:
    """The words in order of time: the recogniser's times may overlap by some ms."""
    return tuple(sorted(words, key=lambda w: w.start_ms))
