"""Aligns a transcript with its article: what was spoken, what was not, and in which words.

This file is the stage; its steps, in their order:

transliteration.py         finds words that the two sides write in different scripts
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
from aligner.alignment.matching.affine_gap import GapCosts, Matrix
from aligner.alignment.matching.anchors import Pairs, pair
from aligner.alignment.matching.substitution_policy import (
    RescoreFn,
    SubstitutionPolicy,
    TokenizedText,
)
from aligner.alignment.matching.surface_forms import (
    AlignedSpan,
    ExtraSpeech,
    PairedSpan,
    align_spans,
    caption_words,
)
from aligner.alignment.matching.transliteration import in_one_script
from aligner.alignment.matching.verbalization_choice import (
    VerbalizationState,
    choose_verbalizations,
)
from aligner.languages import Language, SurfaceWord
from aligner.languages.capitals import names
from aligner.types import (
    NOT_READ_ALOUD,
    Alignment,
    Article,
    CaptionWord,
    Coverage,
    Match,
    Span,
    Transcript,
)

MIN_SIMILARITY = 0.6
"""Least share of equal letters at which two different tokens may be one word, misheard."""
MIN_RUN = 4
"""Least number of agreeing words in a row that count as coverage; shorter runs may be chance."""
DASHES = re.compile("[-‐-―−…]+")
"""Words of dashes alone, which are printed between words and not spoken."""
SPEECH_SHARE, ARTICLE_SHARE = 0.3, 0.5
"""Least shares of the speech in the article, or of the article in the speech, of a same story.

Unrelated news reports share 0 to 2 % of their words in runs of four; readings of an article with
a third of its sentences reworded share 60 %.
"""


@dataclass(frozen=True, slots=True)
class TokenAlignment:
    """An article and a transcript, and which of their spoken tokens pair."""

    transcript: Transcript
    language: Language
    written: tuple[SurfaceWord, ...]
    """All words of the article."""
    spans: Sequence[Span]
    """The spans of these words that are paragraphs which may be read aloud."""
    article: TokenizedText
    speech: TokenizedText
    pairs: Pairs


def align(
    article: Article,
    transcript: Transcript,
    rescore: RescoreFn | None = None,
    acoustic_rescore: RescoreFn | None = None,
) -> Alignment:
    """Aligns a transcript with its article; see ``align_tokens`` and ``resolve``."""
    return resolve(align_tokens(article, transcript), rescore, acoustic_rescore)


def align_tokens(article: Article, transcript: Transcript) -> TokenAlignment:
    """Chooses the readings that were spoken and pairs the spoken tokens of both sides.

    Words of photo captions are never paired, as nobody reads them aloud. They keep their indices
    among the words of the article.
    """
    language = languages.get(transcript.language)
    written, spans = words_of(article, language)
    readable = {i for span in spans for i in range(span.start, span.end)}
    read = [word if i in readable else SurfaceWord("") for i, word in enumerate(written)]
    heard = [SurfaceWord(w.text, w.space_before) for w in transcript.words]
    printed, recognised = (language.read([word.text for word in side]) for side in (read, heard))
    text = VerbalizationState.of(printed)
    speech = VerbalizationState.of(in_one_script(printed, recognised, language))
    costs = _costs(language)

    def pair_tokens() -> tuple[TokenizedText, TokenizedText, Pairs]:
        """Returns both sides in the chosen readings, and their pairs."""
        article_tokens = TokenizedText.of(read, text.tokens())
        speech_tokens = TokenizedText.of(heard, speech.tokens())
        pairs = pair(article_tokens.texts, speech_tokens.texts, costs)
        return article_tokens, speech_tokens, pairs

    article_tokens, speech_tokens, pairs = pair_tokens()
    if choose_verbalizations(text, speech, pairs):
        article_tokens, speech_tokens, pairs = pair_tokens()
    return TokenAlignment(
        transcript, language, written, spans, article_tokens, speech_tokens, pairs
    )


def resolve(
    of: TokenAlignment, rescore: RescoreFn | None = None, acoustic_rescore: RescoreFn | None = None
) -> Alignment:
    """Decides where the words of the article replace the recognised ones.

    ``rescore`` asks the recogniser, ``acoustic_rescore`` an acoustic model; see
    ``substitution_policy``.
    """
    heard, article, speech = of.transcript.words, of.article, of.speech
    starts = frozenset(span.start for span in of.spans)
    policy = SubstitutionPolicy(
        of.language, article, speech, [w.score for w in heard], rescore, acoustic_rescore,
        names(article.words, starts, of.language), starts,
    )  # fmt: skip
    found = align_spans(article, speech, of.pairs, policy)
    speakers: dict[int, list[int]] = {}
    for k, i in enumerate(of.pairs):
        if i is not None:
            speakers.setdefault(article.tokens[i].word, []).append(speech.tokens[k].word)
    words = caption_words(found, article, heard, lambda i: speakers.get(i, []))
    expected = [i for i in range(len(of.written)) if i in article.by_word]
    matches = _with_unspoken(found, expected)
    text = divergence.Paragraphs(of.written, of.spans, frozenset(expected))
    return Alignment(
        matches,
        _coverage(matches, expected, len(heard)),
        _sorted_by_start(_with_dashes(words, of.written, of.spans)),
        divergence.divergence(matches, of.written, heard),
        divergence.sentences(matches, text, heard, of.language),
        divergence.speech_regions(matches, heard),
    )


def unaligned(transcript: Transcript) -> Alignment:
    """Returns the alignment of a recording without an article, or with another article."""
    words = tuple(
        CaptionWord(w.text, w.start_ms, w.end_ms, "spoken", w.score, None, w.space_before)
        for w in transcript.words
    )
    spoken = Span(0, len(words))
    matches = (Match("extra_speech", None, spoken),) if words else ()
    return Alignment(
        matches,
        Coverage(0.0, 0.0),
        _sorted_by_start(words),
        divergence.divergence(matches, (), transcript.words),
        stretches=divergence.speech_regions(matches, transcript.words),
    )


def is_same_story(alignment: Alignment) -> bool:
    """Whether the speech is of this article: read, cut, mixed with other speech, or reworded."""
    coverage = alignment.coverage
    return coverage.speech_in_article >= SPEECH_SHARE or coverage.article_in_speech >= ARTICLE_SHARE


def words_of(article: Article, language: Language) -> tuple[tuple[SurfaceWord, ...], list[Span]]:
    """Returns the words of the article, and the spans of paragraphs that may be read aloud."""
    words: list[SurfaceWord] = []
    spans: list[Span] = []
    for paragraph in article.paragraphs:
        split = language.split(paragraph.text)
        if paragraph.role not in NOT_READ_ALOUD:
            spans.append(Span(len(words), len(words) + len(split)))
        words += split
    return tuple(words), spans


def paragraph_starts(article: Article, tag: str) -> tuple[int, ...]:
    """Returns the indices of the words of the article that begin a paragraph."""
    language = languages.get(tag)
    counts = [len(language.split(paragraph.text)) for paragraph in article.paragraphs]
    return tuple(accumulate(counts, initial=0))[:-1]


def _costs(language: Language) -> GapCosts:
    def weight(token: str) -> float:
        return 1.0 if token in language.function_words or len(token) < 2 else 2.0

    def similarity(article: Sequence[str], speech: Sequence[str]) -> Matrix:
        found: Matrix = cdist(
            article,
            speech,
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=MIN_SIMILARITY - 1e-6,
        ).astype(float)
        found[[k for k, token in enumerate(article) if plain(token)], :] = 0.0
        found[:, [k for k, token in enumerate(speech) if plain(token)]] = 0.0
        return found

    def plain(token: str) -> bool:
        return len(token) < 3 or token in language.protected

    return GapCosts(weight, similarity)


def _with_unspoken(found: Sequence[AlignedSpan], expected: Sequence[int]) -> tuple[Match, ...]:
    """Returns the spans as matches, with the unspoken words of the article between them.

    ``expected`` are the words of the article that have a sound and may be read aloud.
    """
    paired = [span.article for span in found if isinstance(span, PairedSpan)]
    said = {i for article in paired for i in range(article.start, article.end)}
    gaps: list[Span] = []
    for i in expected:
        if i in said:
            continue
        if gaps and not any(k in said for k in range(gaps[-1].end, i)):
            gaps[-1] = Span(gaps[-1].start, i + 1)
        else:
            gaps.append(Span(i, i + 1))
    out: list[Match] = []
    for span in found:
        if isinstance(span, ExtraSpeech):
            out.append(Match("extra_speech", None, span.spoken))
            continue
        while gaps and gaps[0].end <= span.article.start:
            out.append(Match("not_spoken", gaps.pop(0), None))
        out.append(Match(span.op, span.article, span.spoken))
    return (*out, *(Match("not_spoken", gap, None) for gap in gaps))


def _coverage(matches: Sequence[Match], expected: Sequence[int], spoken: int) -> Coverage:
    """Returns the shares of words that agree, without runs shorter than ``MIN_RUN``."""
    heard: set[int] = set()
    written: set[int] = set()
    for run in _runs(matches):
        count = sum(len(m.spoken) for m in run if m.spoken)
        if count < MIN_RUN:
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
    """Groups agreeing matches that follow each other in the speech and in the article."""
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
    """Appends dashes of the article to the caption word before them, within a paragraph."""
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


def _sorted_by_start(words: Sequence[CaptionWord]) -> tuple[CaptionWord, ...]:
    """Sorts words by start: the times of a recogniser may overlap by some milliseconds."""
    return tuple(sorted(words, key=lambda w: w.start_ms))
