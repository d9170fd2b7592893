"""Reports where speech and article differ: by place, by sentence and by region of speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from aligner.languages import Language, SurfaceWord, normalise
from aligner.languages.sentences import ends_sentence
from aligner.types import Divergence, Match, Sentence, SentenceKind, Span, SpeechRegion, Word

SPOKEN_SHARE, REWORDED_SHARE = 0.8, 0.25
"""Least share of the words of a sentence that are spoken as written for "spoken", and that have a
place in the speech for "reworded". They serve the report alone."""
MIN_REGION = 4
"""Least words of a region of its own inside speech of the other kind."""


def divergence(
    matches: Sequence[Match], written: Sequence[SurfaceWord], heard: Sequence[Word]
) -> tuple[Divergence, ...]:
    """Returns the places where speech and article differ."""
    out: list[Divergence] = []
    for match in matches:
        if match.op == "not_spoken" and match.article:
            span = match.article
            out.append(
                Divergence("not_spoken", span, None, None, _text(written[span.start : span.end]))
            )
        elif (match.op == "extra_speech" or match.op == "changed") and match.spoken:
            start, end = _times(match.spoken, heard)
            text = _heard_text(match.spoken, heard)
            out.append(Divergence(match.op, match.article, start, end, text))
    return tuple(out)


# ---------------------------------------------------------------- sentences of the article


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """The words of the article, and the spans of the paragraphs that may be read aloud."""

    words: Sequence[SurfaceWord]
    spans: Sequence[Span]
    sounding: frozenset[int]
    """Indices of words that have a sound; a dash has none."""


def sentences(
    matches: Sequence[Match], text: Paragraphs, heard: Sequence[Word], language: Language
) -> tuple[Sentence, ...]:
    """Returns for each sentence of the article whether it is spoken, in order."""
    by_word: dict[int, list[Match]] = {}
    for match in matches:
        if match.article and match.spoken:
            for i in range(match.article.start, match.article.end):
                by_word.setdefault(i, []).append(match)
    return tuple(
        _sentence(span, text, by_word, heard)
        for paragraph in text.spans
        for span in split_sentences(text.words, paragraph, language)
        if not text.sounding.isdisjoint(range(span.start, span.end))
    )


def split_sentences(words: Sequence[SurfaceWord], within: Span, language: Language) -> list[Span]:
    """Returns the sentences of a paragraph, each as a span of words; see ``ends_sentence``."""
    out: list[Span] = []
    start = within.start
    for i in range(within.start, within.end):
        after = words[i + 1].text if i + 1 < within.end else None
        if after is None or ends_sentence(words[i].text, after, language):
            out.append(Span(start, i + 1))
            start = i + 1
    return out


def _sentence(
    span: Span, text: Paragraphs, by_word: dict[int, list[Match]], heard: Sequence[Word]
) -> Sentence:
    known = [i for i in range(span.start, span.end) if i in text.sounding]
    ops = [{m.op for m in by_word.get(i, ())} for i in known]
    share = sum(not found.isdisjoint(("same", "respelled")) for found in ops) / len(known)
    placed = sum(map(bool, ops)) / len(known)
    kind: SentenceKind = (
        "spoken"
        if share >= SPOKEN_SHARE
        else "reworded"
        if placed >= REWORDED_SHARE
        else "not_spoken"
    )
    start = end = None
    if kind != "not_spoken":
        reading = _fullest(span, by_word)
        spoken = Span(
            min(m.spoken.start for m in reading if m.spoken),
            max(m.spoken.end for m in reading if m.spoken),
        )
        start, end = _times(spoken, heard)
    words = text.words[span.start : span.end]
    return Sentence(span, kind, share, start, end, _text(words))


def _fullest(span: Span, by_word: dict[int, list[Match]]) -> list[Match]:
    """Returns the matches of the fullest reading of a sentence that is read several times."""
    found = {
        m.spoken.start: m
        for i in range(span.start, span.end)
        for m in by_word.get(i, ())
        if m.spoken
    }
    readings: list[list[Match]] = []
    reached = 0
    for _, match in sorted(found.items()):
        place = match.article.start if match.article else 0
        if not readings or place < reached:
            readings.append([])
        readings[-1].append(match)
        reached = place
    return max(readings, key=lambda r: sum(len(m.article) for m in r if m.article))


# ---------------------------------------------------------------- regions of speech


def speech_regions(matches: Sequence[Match], heard: Sequence[Word]) -> tuple[SpeechRegion, ...]:
    """Divides the speech into regions that are in the article or extra."""
    found = [(m.op != "extra_speech", m.spoken) for m in matches if m.spoken]
    runs = _joined(sorted(found, key=lambda part: part[1].start))
    if len(runs) > 1:
        large = [run for run in runs if len(run[1]) >= MIN_REGION]
        runs = _joined(_absorbed(runs)) if large else runs
    return tuple(
        SpeechRegion(span, inside, *_times(span, heard), _heard_text(span, heard))
        for inside, span in runs
    )


def _joined(runs: Sequence[tuple[bool, Span]]) -> list[tuple[bool, Span]]:
    """Joins neighbouring runs of one kind."""
    out: list[tuple[bool, Span]] = []
    for inside, group in groupby(runs, key=lambda run: run[0]):
        spans = [span for _, span in group]
        out.append((inside, Span(spans[0].start, spans[-1].end)))
    return out


def _absorbed(runs: Sequence[tuple[bool, Span]]) -> list[tuple[bool, Span]]:
    """Gives short runs the kind of the long run before them; the first ones that of the next."""
    first = next(inside for inside, span in runs if len(span) >= MIN_REGION)
    kind, out = first, []
    for inside, span in runs:
        if len(span) >= MIN_REGION:
            kind = inside
        out.append((kind, span))
    return out


# ---------------------------------------------------------------- times and texts


def _times(spoken: Span, heard: Sequence[Word]) -> tuple[int, int]:
    words = heard[spoken.start : spoken.end]
    return words[0].start_ms, max(w.end_ms for w in words)


def _heard_text(spoken: Span, heard: Sequence[Word]) -> str:
    words = heard[spoken.start : spoken.end]
    return _text([SurfaceWord(w.text, w.space_before) for w in words])


def _text(words: Sequence[SurfaceWord]) -> str:
    return "".join(
        (" " if w.space_before else "") + w.text for w in words if normalise(w.text)
    ).strip()
