"""Makes the words of the captions: the publisher's where they were spoken, else the recognised.

Spoken words are grouped into spans, each with the words of the article in its place. A span whose
tokens agree is shown as printed. One that differs is shown as printed only if the difference is one
of spelling (``substitution_policy``); otherwise the recognised words stay, and the place is
reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from aligner.alignment.matching.substitution_policy import (
    MAX_SUBSTITUTED_WORDS,
    PairOp,
    SubstitutionPolicy,
    TokenizedText,
)
from aligner.types import CaptionWord, Origin, Span, Word

STEADY_SPANS = 4
"""Agreeing spans on either side of a place that show that the speaker reads word by word."""
EDGE_SPANS = 2
"""Agreeing spans beside a passage that show that it is read."""
MAX_EXTRA_WORDS = 1
"""Words by which the recognised form of an unknown name may be longer than the name."""
MAX_DROPPED_WORDS = 3
"""Longest run of words that a recogniser may have dropped between two recognised ones."""


@dataclass(frozen=True, slots=True)
class PairedSpan:
    """A run of spoken words and the article's words in its place."""

    op: PairOp
    article: Span
    spoken: Span


@dataclass(frozen=True, slots=True)
class ExtraSpeech:
    """A run of spoken words without counterpart in the article."""

    spoken: Span


AlignedSpan = PairedSpan | ExtraSpeech


def align_spans(
    article: TokenizedText,
    speech: TokenizedText,
    pairs: Sequence[int | None],
    policy: SubstitutionPolicy,
) -> list[AlignedSpan]:
    """Returns spans that cover every spoken word once, in the order of the speech.

    ``pairs`` has for each spoken token its partner in the article.
    """
    raw = _grouped(article, speech, pairs, policy)
    return _repaired(raw, len(article.words), policy)


# ---------------------------------------------------------------- spans


def _grouped(
    article: TokenizedText,
    speech: TokenizedText,
    pairs: Sequence[int | None],
    policy: SubstitutionPolicy,
) -> list[AlignedSpan]:
    """Returns a span for each word, and one for words that share a word of the other side."""
    partners: list[list[int]] = [[] for _ in speech.words]
    for k, i in enumerate(pairs):
        if i is not None:
            partners[speech.tokens[k].word].append(article.tokens[i].word)
    out: list[AlignedSpan] = []
    for j, partner_words in enumerate(partners):
        last = out[-1] if out else None
        if not partner_words:
            out.append(ExtraSpeech(Span(j, j + 1)))
            continue
        first, end = min(partner_words), max(partner_words) + 1
        if isinstance(last, PairedSpan) and last.article.end - 1 == first:
            out[-1] = _extended(last, end, j + 1)
        elif before := _before_and(out, first, policy):
            out[-2:] = [_extended(before, end, j + 1)]
        else:
            out.append(PairedSpan("changed", Span(first, end), Span(j, j + 1)))
    return [
        replace(span, op=policy.classify(span.article, span.spoken) or "changed")
        if isinstance(span, PairedSpan)
        else span
        for span in out
    ]


def _extended(span: PairedSpan, article_end: int, spoken_end: int) -> PairedSpan:
    """Returns a span with other ends on both sides."""
    article = Span(span.article.start, article_end)
    return PairedSpan("changed", article, Span(span.spoken.start, spoken_end))


def _before_and(
    out: list[AlignedSpan], partner: int, policy: SubstitutionPolicy
) -> PairedSpan | None:
    """Returns the span before an unpaired "and" inside a spoken number.

    None if the last span is no such "and". ``partner`` is the article word of the next word.
    """
    match out[-2:]:
        case [PairedSpan() as before, ExtraSpeech(spoken)]:
            is_and = policy.speech.said(spoken) == ["and"]
            return before if is_and and before.article.end - 1 == partner else None
    return None


def _repaired(
    raw: list[AlignedSpan], article_size: int, policy: SubstitutionPolicy
) -> list[AlignedSpan]:
    """Joins the spans that differ between two that agree, where only the spelling differs."""
    out: list[AlignedSpan] = []
    k = 0
    while k < len(raw):
        if agrees(span := raw[k]):
            if out and (longer := _with_dropped_words(out[-1], span, policy)):
                out[-1] = longer
            out.append(span)
            k += 1
            continue
        end = k
        while end < len(raw) and not agrees(raw[end]):
            end += 1
        out += _resolve_region(raw, Span(k, end), article_size, policy)
        k = end
    return out


def agrees(span: AlignedSpan) -> TypeGuard[PairedSpan]:
    """Whether the words of the article are shown for a span."""
    return isinstance(span, PairedSpan) and span.op != "changed"


def _steady(raw: list[AlignedSpan], place: Span) -> bool:
    """Whether the speaker reads the article word by word on both sides of a place."""
    before, after = (
        raw[max(0, place.start - STEADY_SPANS) : place.start],
        raw[place.end :][:STEADY_SPANS],
    )
    return len(before) == len(after) == STEADY_SPANS and all(map(agrees, before + after))


def _with_dropped_words(
    last: AlignedSpan, span: PairedSpan, policy: SubstitutionPolicy
) -> PairedSpan | None:
    """Extends a span by the words of the article before the next span, if they were spoken.

    Recognisers drop short words. Such words share the time of the word before them. None if there
    are no such words.
    """
    if not agrees(last) or not 0 < span.article.start - last.article.end <= MAX_DROPPED_WORDS:
        return None
    unheard = Span(last.article.end, span.article.start)
    if not policy.passes_rescoring(unheard, Span(last.spoken.end, last.spoken.end), steady=False):
        return None
    return PairedSpan("respelled", Span(last.article.start, unheard.end), last.spoken)


def _resolve_region(
    raw: list[AlignedSpan], place: Span, article_size: int, policy: SubstitutionPolicy
) -> list[AlignedSpan]:
    """Returns one respelled span for those that differ between two that agree, or those that do."""
    differing = raw[place.start : place.end]
    before = raw[place.start - 1] if place.start else None
    after = raw[place.end] if place.end < len(raw) else None
    spoken = Span(differing[0].spoken.start, differing[-1].spoken.end)
    start = before.article.end if isinstance(before, PairedSpan) else 0
    end = after.article.start if isinstance(after, PairedSpan) else article_size
    is_extra = all(isinstance(span, ExtraSpeech) for span in differing)
    if end - start > MAX_SUBSTITUTED_WORDS and is_extra:
        return _resolve_edges(Span(start, end), spoken, raw, place, policy)
    if not 0 < end - start <= MAX_SUBSTITUTED_WORDS or not (before or after):
        return _joined_extra(differing)
    article = Span(start, end)
    if op := policy.classify(article, spoken):
        return [PairedSpan(op, article, spoken)]
    if policy.passes_rescoring(article, spoken, steady=_steady(raw, place)):
        return [PairedSpan("respelled", article, spoken)]
    if not is_extra or len(spoken) > MAX_SUBSTITUTED_WORDS:
        return _joined_extra(differing)
    return [PairedSpan("changed", article, spoken)]


def _resolve_edges(
    unspoken: Span,
    spoken: Span,
    raw: list[AlignedSpan],
    place: Span,
    policy: SubstitutionPolicy,
) -> list[AlignedSpan]:
    """Pairs the edges of extra speech beside unspoken text with the text next to them.

    These are the words that open the sentence which is read next, and those that close the one
    before: a misrecognised name that opens a paragraph is found even where text before it is
    skipped. ``unspoken`` are the words of the article between two spans that agree.
    """
    out: list[AlignedSpan] = []
    last: list[AlignedSpan] = []
    going_on = raw[place.end :][:EDGE_SPANS]
    if len(going_on) == EDGE_SPANS and all(map(agrees, going_on)):
        opening = policy.opening(unspoken)
        if opening and (said := _spoken_candidate(opening, spoken, policy, from_end=True)):
            last = [_paired(opening, said, policy, following=raw[place.end :][:STEADY_SPANS])]
            spoken = Span(spoken.start, said.start)
    coming = raw[max(0, place.start - EDGE_SPANS) : place.start]
    if len(spoken) and len(coming) == EDGE_SPANS and all(map(agrees, coming)):
        closing = policy.closing(unspoken)
        if closing and (said := _spoken_candidate(closing, spoken, policy, from_end=False)):
            before = raw[max(0, place.start - STEADY_SPANS) : place.start]
            out = [_paired(closing, said, policy, following=before)]
            spoken = Span(said.end, spoken.end)
    rest = [ExtraSpeech(spoken)] if len(spoken) else []
    return [*out, *rest, *last]


def _spoken_candidate(
    written: Span, spoken: Span, policy: SubstitutionPolicy, *, from_end: bool
) -> Span | None:
    """Returns the words at one end of a spoken run that may say a run of the article.

    All of a short run; of a longer one as many as are written, if they sound alike; else None.
    """
    if len(spoken) <= len(written) + MAX_EXTRA_WORDS:
        return spoken
    size = len(written)
    said = (
        Span(spoken.end - size, spoken.end) if from_end else Span(spoken.start, spoken.start + size)
    )
    return said if policy.sounds_alike(written, said) else None


def _paired(
    article: Span, spoken: Span, policy: SubstitutionPolicy, following: list[AlignedSpan]
) -> PairedSpan:
    """Returns the span of a run of the article and of the words said in its place."""
    op = policy.classify(article, spoken)
    steady = len(following) == STEADY_SPANS and all(map(agrees, following))
    if op is None and policy.passes_rescoring(article, spoken, steady=steady):
        op = "respelled"
    return PairedSpan(op or "changed", article, spoken)


def _joined_extra(differing: list[AlignedSpan]) -> list[AlignedSpan]:
    """Joins neighbouring spans of extra speech."""
    out: list[AlignedSpan] = []
    for span in differing:
        last = out[-1] if out else None
        if isinstance(span, ExtraSpeech) and isinstance(last, ExtraSpeech):
            out[-1] = ExtraSpeech(Span(last.spoken.start, span.spoken.end))
        else:
            out.append(span)
    return out


# ---------------------------------------------------------------- caption words


def caption_words(
    found: Sequence[AlignedSpan],
    article: TokenizedText,
    heard: Sequence[Word],
    pairs_of: Callable[[int], list[int]],
) -> tuple[CaptionWord, ...]:
    """Returns the caption words of all spans, in the spelling to show.

    ``pairs_of`` returns the spoken words that are paired with a word of the article.
    """
    out: list[CaptionWord] = []
    for span in found:
        if agrees(span):
            origin: Origin = "verified" if span.op == "same" else "respelled"
            out += _as_written((span.article, span.spoken), origin, article, heard, pairs_of)
        else:
            out += (_as_heard(heard[j]) for j in range(span.spoken.start, span.spoken.end))
    return tuple(out)


def _as_heard(word: Word) -> CaptionWord:
    return CaptionWord(
        word.text, word.start_ms, word.end_ms, "spoken", word.score, None, word.space_before
    )


def _as_written(
    spans: tuple[Span, Span],
    origin: Origin,
    article: TokenizedText,
    heard: Sequence[Word],
    pairs_of: Callable[[int], list[int]],
) -> list[CaptionWord]:
    """Returns the article words of a span with the times of the spoken words paired with them.

    ``spans`` are its words in the article and in the speech.
    """
    printed, spoken = spans
    score = min(w.score for w in heard[spoken.start : spoken.end])
    sounding = [i for i in range(printed.start, printed.end) if article.by_word.get(i)]
    out: list[CaptionWord] = []
    times = _times(sounding, spoken, heard, pairs_of, article)
    otherwise = _heard(heard[spoken.start : spoken.end]) if origin == "respelled" else None
    for i, (start, end) in zip(sounding, times, strict=True):
        word, said = article.words[i], tuple(article.said(Span(i, i + 1)))
        made = CaptionWord(word.text, start, end, origin, score, i, word.space_before, said=said)
        out.append(replace(made, heard=otherwise))
        otherwise = otherwise and ""
    return out


def _heard(words: Sequence[Word]) -> str:
    """Joins recognised words into one text."""
    return "".join(f" {w.text}" if w.space_before else w.text for w in words).strip()


def _times(
    sounding: list[int],
    spoken: Span,
    heard: Sequence[Word],
    pairs_of: Callable[[int], list[int]],
    article: TokenizedText,
) -> list[tuple[int, int]]:
    """Returns start and end of each article word in milliseconds.

    Words that share spoken words divide their time by length.
    """
    owners = [[j for j in pairs_of(i) if spoken.start <= j < spoken.end] for i in sounding]
    alone = [len(o) > 0 and all(set(o).isdisjoint(p) for p in owners if p is not o) for o in owners]
    if all(alone):
        return [(heard[min(o)].start_ms, heard[max(o)].end_ms) for o in owners]
    if len(spoken) == len(sounding):
        return [(w.start_ms, w.end_ms) for w in heard[spoken.start : spoken.end]]
    start, end = heard[spoken.start].start_ms, heard[spoken.end - 1].end_ms
    sizes = [sum(len(article.tokens[k].text) for k in article.by_word[i]) for i in sounding]
    done, total, out = 0, sum(sizes), []
    for size in sizes:
        left = start + (end - start) * done // total
        done += size
        out.append((left, start + (end - start) * done // total))
    return out
