"""Paired atoms -> the words to show: the publisher's where he was heard, the speaker's elsewhere.

A *block* is a run of spoken words against a run of the article's. Blocks whose atoms agree are
shown as printed. Blocks that differ are shown as printed only if the difference is one of
spelling (``substitution_policy.py``); otherwise the speaker's words stand and the place is
reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aligner.alignment.matching.substitution_policy import (
    REPAIR_WORDS,
    SubstitutionPolicy,
    TokenizedText,
)
from aligner.types import AlignmentOp, CaptionWord, Origin, Span, Word

STEADY = 4
"""Agreeing blocks on either side of a place that show a speaker who reads."""
EDGE = 2
"""Agreeing blocks beside a passage that show that it is read."""
MORE_HEARD = 1
"""A recogniser makes of a name that it does not know at most so many words more."""
UNHEARD_WORDS = 3
"""Longest run of words that a recogniser may have dropped between two that it heard."""


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """A run of spoken words and the article's words in its place; one of them may be None."""

    op: AlignmentOp
    article: Span | None
    spoken: Span | None


def blocks(
    article: TokenizedText,
    speech: TokenizedText,
    pairs: Sequence[int | None],
    judge: SubstitutionPolicy,
) -> list[AlignedSpan]:
    """Atom pairs -> blocks that cover every spoken word once, in order of the speech."""
    raw = _grouped(article, speech, pairs, judge)
    return _repaired(raw, len(article.words), judge)


# ---------------------------------------------------------------- blocks


def _grouped(
    article: TokenizedText,
    speech: TokenizedText,
    pairs: Sequence[int | None],
    judge: SubstitutionPolicy,
) -> list[AlignedSpan]:
    """Blocks as the pairs have them: words that share an atom's word on the other side join."""
    partners: list[list[int]] = [[] for _ in speech.words]
    for k, i in enumerate(pairs):
        if i is not None:
            partners[speech.atoms[k].word].append(article.atoms[i].word)
    out: list[AlignedSpan] = []
    for j, theirs in enumerate(partners):
        last = out[-1] if out else None
        if not theirs:
            out.append(AlignedSpan("extra_speech", None, Span(j, j + 1)))
        elif last and last.article and last.spoken and last.article.end - 1 == min(theirs):
            span = Span(last.article.start, max(theirs) + 1)
            out[-1] = AlignedSpan("changed", span, Span(last.spoken.start, j + 1))
        elif joined := _across_and(out, min(theirs), judge):
            out[-2:] = [
                AlignedSpan("changed", Span(joined[0], max(theirs) + 1), Span(joined[1], j + 1))
            ]
        else:
            span = Span(min(theirs), max(theirs) + 1)
            out.append(AlignedSpan("changed", span, Span(j, j + 1)))
    return [
        replace(b, op=judge.same_speech(b.article, b.spoken) or "changed")
        if b.article and b.spoken
        else b
        for b in out
    ]


def _across_and(
    out: list[AlignedSpan], partner: int, judge: SubstitutionPolicy
) -> tuple[int, int] | None:
    """Starts of the block before an unpaired "and" inside a spoken number, if there is one."""
    if len(out) < 2 or out[-1].article or not out[-2].article or not out[-2].spoken:
        return None
    spoken = out[-1].spoken
    if spoken is None or judge.speech.said(spoken) != ["and"]:
        return None
    same = out[-2].article.end - 1 == partner
    return (out[-2].article.start, out[-2].spoken.start) if same else None


def _repaired(
    raw: list[AlignedSpan], article_size: int, judge: SubstitutionPolicy
) -> list[AlignedSpan]:
    """Join what differs between two agreeing blocks, and see whether only the spelling does."""
    out: list[AlignedSpan] = []
    k = 0
    while k < len(raw):
        if agrees(raw[k]):
            if out and (longer := _with_unheard(out[-1], raw[k], judge)):
                out[-1] = longer
            out.append(raw[k])
            k += 1
            continue
        end = k
        while end < len(raw) and not agrees(raw[end]):
            end += 1
        out += _region(raw, Span(k, end), article_size, judge)
        k = end
    return out


def agrees(block: AlignedSpan) -> bool:
    """Whether the article's words may be shown for the block."""
    return block.op in ("same", "respelled")


def _steady(raw: list[AlignedSpan], place: Span) -> bool:
    """Whether the speaker follows the article word by word on both sides of a place."""
    before, after = raw[max(0, place.start - STEADY) : place.start], raw[place.end :][:STEADY]
    return len(before) == len(after) == STEADY and all(map(agrees, before + after))


def _with_unheard(
    last: AlignedSpan, block: AlignedSpan, judge: SubstitutionPolicy
) -> AlignedSpan | None:
    """The first of two neighbours with the article's few words between them, if those were spoken.

    Recognisers drop short words. Words found again share the time of the word before them.
    """
    if not (agrees(last) and last.article and last.spoken and block.article):
        return None
    if not 0 < block.article.start - last.article.end <= UNHEARD_WORDS:
        return None
    unheard = Span(last.article.end, block.article.start)
    if not judge.heard_again(unheard, Span(last.spoken.end, last.spoken.end), steady=False):
        return None
    return AlignedSpan("respelled", Span(last.article.start, unheard.end), last.spoken)


def _region(
    raw: list[AlignedSpan], place: Span, article_size: int, judge: SubstitutionPolicy
) -> list[AlignedSpan]:
    """Blocks that differ, between two that agree -> one respelled block, or what differs."""
    differing = raw[place.start : place.end]
    before, after = raw[place.start - 1] if place.start else None, raw[place.end :][:1]
    heard = [b.spoken for b in differing if b.spoken]
    spoken = Span(heard[0].start, heard[-1].end)
    start = before.article.end if before and before.article else 0
    end = after[0].article.start if after and after[0].article else article_size
    if end - start > REPAIR_WORDS and not any(b.article for b in differing):
        return _at_edges(Gap(Span(start, end), spoken, before, after), raw, place, judge)
    if not 0 < end - start <= REPAIR_WORDS or not (before or after):
        return _joined_extra(differing)
    article = Span(start, end)
    if op := judge.same_speech(article, spoken):
        return [AlignedSpan(op, article, spoken)]
    if judge.heard_again(article, spoken, steady=_steady(raw, place)):
        return [AlignedSpan("respelled", article, spoken)]
    if any(b.article for b in differing) or len(spoken) > REPAIR_WORDS:
        return _joined_extra(differing)
    return [AlignedSpan("changed", article, spoken)]


@dataclass(frozen=True, slots=True)
class Gap:
    """Words of the article, and others that were spoken, between two blocks that agree."""

    article: Span
    spoken: Span
    before: AlignedSpan | None
    after: list[AlignedSpan]


def _at_edges(
    gap: Gap, raw: list[AlignedSpan], place: Span, judge: SubstitutionPolicy
) -> list[AlignedSpan]:
    """Extra speech beside unspoken text -> the words that open the sentence with which the speech
    goes on, and those that close the one before, paired with what was said in their place.

    So a name that opens a paragraph and was misheard has its place, whatever was left out before.
    """
    spoken, out, last = gap.spoken, [], []
    going_on = raw[place.end :][:EDGE]
    if len(going_on) == EDGE and all(map(agrees, going_on)):
        opening = judge.opening(gap.article)
        if opening and (said := _likely(opening, spoken, judge, from_end=True)):
            last = [_paired(opening, said, judge, following=raw[place.end :][:STEADY])]
            spoken = Span(spoken.start, said.start)
    coming = raw[max(0, place.start - EDGE) : place.start]
    if len(spoken) and len(coming) == EDGE and all(map(agrees, coming)):
        closing = judge.closing(gap.article)
        if closing and (said := _likely(closing, spoken, judge, from_end=False)):
            before = raw[max(0, place.start - STEADY) : place.start]
            out = [_paired(closing, said, judge, following=before)]
            spoken = Span(said.end, spoken.end)
    rest = [AlignedSpan("extra_speech", None, spoken)] if len(spoken) else []
    return [*out, *rest, *last]


def _likely(
    written: Span, spoken: Span, judge: SubstitutionPolicy, *, from_end: bool
) -> Span | None:
    """The spoken words at one end of a run that say some of the article's; None if none do.

    All of a short run; of a longer one as many as are written, if they sound alike.
    """
    if len(spoken) <= len(written) + MORE_HEARD:
        return spoken
    size = len(written)
    said = (
        Span(spoken.end - size, spoken.end) if from_end else Span(spoken.start, spoken.start + size)
    )
    return said if judge.sounds_alike(written, said) else None


def _paired(
    article: Span, spoken: Span, judge: SubstitutionPolicy, following: list[AlignedSpan]
) -> AlignedSpan:
    """A block of the article's words and what was said in their place."""
    op = judge.same_speech(article, spoken)
    steady = len(following) == STEADY and all(map(agrees, following))
    if op is None and judge.heard_again(article, spoken, steady=steady):
        op = "respelled"
    return AlignedSpan(op or "changed", article, spoken)


def _joined_extra(differing: list[AlignedSpan]) -> list[AlignedSpan]:
    """Neighbouring words of extra speech become one block."""
    out: list[AlignedSpan] = []
    for block in differing:
        last = out[-1].spoken if out and out[-1].op == "extra_speech" else None
        if block.op == "extra_speech" and last and block.spoken:
            out[-1] = AlignedSpan("extra_speech", None, Span(last.start, block.spoken.end))
        else:
            out.append(block)
    return out


# ---------------------------------------------------------------- the words to show


def caption_words(
    found: Sequence[AlignedSpan],
    article: TokenizedText,
    heard: Sequence[Word],
    pairs_of: Callable[[int], list[int]],
) -> tuple[CaptionWord, ...]:
    """Blocks -> every spoken word once, in the spelling to show.

    ``pairs_of`` gives the spoken words that say an article word.
    """
    out: list[CaptionWord] = []
    for block in found:
        if block.op in ("same", "respelled") and block.article and block.spoken:
            origin: Origin = "verified" if block.op == "same" else "respelled"
            out += _as_written((block.article, block.spoken), origin, article, heard, pairs_of)
        elif block.spoken:
            out += (_as_heard(heard[j]) for j in range(block.spoken.start, block.spoken.end))
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
    """A block's article words with times from the spoken words that say them."""
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
    """Words as the recogniser gave them, joined."""
    return "".join(f" {w.text}" if w.space_before else w.text for w in words).strip()


def _times(
    sounding: list[int],
    spoken: Span,
    heard: Sequence[Word],
    pairs_of: Callable[[int], list[int]],
    article: TokenizedText,
) -> list[tuple[int, int]]:
    """Start and end of each article word, in ms; words that share spoken ones share their time."""
    owners = [[j for j in pairs_of(i) if spoken.start <= j < spoken.end] for i in sounding]
    alone = [len(o) > 0 and all(set(o).isdisjoint(p) for p in owners if p is not o) for o in owners]
    if all(alone):
        return [(heard[min(o)].start_ms, heard[max(o)].end_ms) for o in owners]
    if len(spoken) == len(sounding):
        return [(w.start_ms, w.end_ms) for w in heard[spoken.start : spoken.end]]
    start, end = heard[spoken.start].start_ms, heard[spoken.end - 1].end_ms
    sizes = [sum(len(article.atoms[k].text) for k in article.by_word[i]) for i in sounding]
    done, total, out = 0, sum(sizes), []
    for size in sizes:
        left = start + (end - start) * done // total
        done += size
        out.append((left, start + (end - start) * done // total))
    return out
