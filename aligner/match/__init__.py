"""Article + Transcript -> Alignment: what was spoken, what was not, and in which words.

``chain`` finds the places, ``judge`` decides what may stand for what, ``spelling`` makes the words
to show; this file is the stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from rapidfuzz.distance import Levenshtein

from aligner import languages
from aligner.languages import Language, Written, fold
from aligner.match.chain import Costs, pair
from aligner.match.judge import Gain, Judge, Side
from aligner.match.spelling import Block, blocks, caption_words
from aligner.nouns import (
    Alignment,
    Article,
    CaptionWord,
    Coverage,
    Divergence,
    Match,
    Span,
    Transcript,
)

LIKENESS = 0.6
"""Two atoms that share so much of their letters may be one word, heard and written."""
RUN = 4
"""Agreeing words in a row that prove a passage; shorter runs may be chance."""
SPEECH_SHARE, ARTICLE_SHARE = 0.3, 0.5
"""The speech is this article if so much of it is in the article, or so much of the article in it.

Unrelated news reports share 0 to 2 % of their words in runs of four; readings of an article with
a third of its sentences reworded share 60 %.
"""


def align(article: Article, transcript: Transcript, gain: Gain | None = None) -> Alignment:
    """What was said, matched with what was written; ``gain`` is a second hearing (``judge.py``).

    Words of photo captions are never matched: nobody reads them aloud. They keep their place in
    the count of the article's words.
    """
    language = languages.get(transcript.language)
    written, roles = words_of(article, language)
    read = [
        Written("") if role == "caption" else word
        for word, role in zip(written, roles, strict=True)
    ]
    ours = Side.of(read, language)
    heard = transcript.words
    theirs = Side.of([Written(w.text, w.space_before) for w in heard], language)
    pairs = pair([a.text for a in ours.atoms], [a.text for a in theirs.atoms], _costs(language))
    judge = Judge(language, ours, theirs, [w.score for w in heard], gain)
    found = blocks(ours, theirs, pairs, judge)
    speakers: dict[int, list[int]] = {}
    for k, i in enumerate(pairs):
        if i is not None:
            speakers.setdefault(ours.atoms[i].word, []).append(theirs.atoms[k].word)
    words = caption_words(found, ours, heard, lambda i: speakers.get(i, []))
    expected = [i for i in range(len(written)) if i in ours.by_word]
    matches = _with_unspoken(found, expected)
    coverage = _coverage(matches, expected, len(heard))
    return Alignment(matches, coverage, _rising(words), _divergence(matches, written, transcript))


def unaligned(transcript: Transcript) -> Alignment:
    """The speech by itself, for a recording that is not this article's or that has no article."""
    words = tuple(
        CaptionWord(w.text, w.start_ms, w.end_ms, "spoken", w.score, None, w.space_before)
        for w in transcript.words
    )
    spoken = Span(0, len(words))
    matches = (Match("extra_speech", None, spoken),) if words else ()
    return Alignment(
        matches, Coverage(0.0, 0.0), _rising(words), _divergence(matches, (), transcript)
    )


def belongs(alignment: Alignment) -> bool:
    """Whether the speech is this article, read, cut, mixed with more, or reworded."""
    coverage = alignment.coverage
    return coverage.speech_in_article >= SPEECH_SHARE or coverage.article_in_speech >= ARTICLE_SHARE


def words_of(article: Article, language: Language) -> tuple[tuple[Written, ...], tuple[str, ...]]:
    """All words of the article in order, and the role of the paragraph that each stands in."""
    words: list[Written] = []
    roles: list[str] = []
    for paragraph in article.paragraphs:
        split = language.split(paragraph.text)
        words += split
        roles += [paragraph.role] * len(split)
    return tuple(words), tuple(roles)


def paragraph_starts(article: Article, tag: str) -> tuple[int, ...]:
    """The indices, among all words of the article, of those that begin a paragraph."""
    language = languages.get(tag)
    counts = [len(language.split(paragraph.text)) for paragraph in article.paragraphs]
    return tuple(accumulate(counts, initial=0))[:-1]


def _costs(language: Language) -> Costs:
    def weight(atom: str) -> float:
        return 1.0 if atom in language.function_words or len(atom) < 2 else 2.0

    @lru_cache(maxsize=200_000)
    def likeness(ours: str, theirs: str) -> float:
        if min(len(ours), len(theirs)) < 3 or {ours, theirs} & language.guarded:
            return 0.0
        value = Levenshtein.normalized_similarity(ours, theirs)
        return value if value >= LIKENESS else 0.0

    return Costs(weight, likeness)


def _with_unspoken(found: Sequence[Block], expected: Sequence[int]) -> tuple[Match, ...]:
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


def _divergence(
    matches: Sequence[Match], written: Sequence[Written], transcript: Transcript
) -> tuple[Divergence, ...]:
    """Where speech and article part, for people and for the sidecar."""
    out: list[Divergence] = []
    for match in matches:
        if match.op == "not_spoken" and match.article:
            span = match.article
            out.append(
                Divergence("not_spoken", span, None, None, _text(written[span.start : span.end]))
            )
        elif (match.op == "extra_speech" or match.op == "changed") and match.spoken:
            words = transcript.words[match.spoken.start : match.spoken.end]
            text = _text([Written(w.text, w.space_before) for w in words])
            start, end = words[0].start_ms, max(w.end_ms for w in words)
            out.append(Divergence(match.op, match.article, start, end, text))
    return tuple(out)


def _text(words: Sequence[Written]) -> str:
    return "".join((" " if w.space_before else "") + w.text for w in words if fold(w.text)).strip()


def _rising(words: Sequence[CaptionWord]) -> tuple[CaptionWord, ...]:
    """The words in order of time: the recogniser's times may overlap by some ms."""
    return tuple(sorted(words, key=lambda w: w.start_ms))
