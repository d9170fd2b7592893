"""The article's words and the status of each: said, changed, not spoken, or silent."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from aligner import languages
from aligner.languages import SurfaceWord
from aligner.types import CaptionResult, CaptionWord, Cue, Divergence, Role, Span

WordStatus = Literal["said", "changed", "not_spoken", "silent"]
"""The status of an article's word. "silent" is a photo's caption, or a sign without sound."""


@dataclass(frozen=True, slots=True)
class ArticleParagraph:
    """A paragraph of the article, as a span of its words."""

    role: Role
    words: Span


@dataclass(frozen=True, slots=True)
class ArticleView:
    """The article's words, with their statuses, and its paragraphs."""

    words: tuple[SurfaceWord, ...]
    statuses: tuple[WordStatus, ...]
    paragraphs: tuple[ArticleParagraph, ...]

    def between(self, span: Span) -> str:
        """Returns the text of a span of words, as printed."""
        return joined(self.words[span.start : span.end])


def joined(words: Sequence[SurfaceWord | CaptionWord]) -> str:
    """Returns words as text, with spaces where the script has them."""
    return "".join(f" {w.text}" if w.space_before else w.text for w in words).strip()


def view_of(outcome: CaptionResult) -> ArticleView:
    """Returns the article of a result; it is reconstructed if the sidecar lacks its text."""
    captions, alignment = outcome.captions, outcome.alignment
    words = captions.words if captions else ()
    divergence = alignment.divergence if alignment else ()
    if outcome.article and outcome.article.paragraphs:
        written, paragraphs = _split(outcome, captions.language if captions else None)
    else:
        written = _reconstructed(words, divergence)
        paragraphs = (ArticleParagraph("body", Span(0, len(written))),) if written else ()
    return ArticleView(written, _statuses(len(written), words, divergence), paragraphs)


def _split(
    outcome: CaptionResult, code: str | None
) -> tuple[tuple[SurfaceWord, ...], tuple[ArticleParagraph, ...]]:
    """Returns the article's words and paragraphs, split as alignment splits them."""
    assert outcome.article  # noqa: S101  the caller has seen it
    language = languages.get(code or outcome.article.language)
    words: list[SurfaceWord] = []
    paragraphs: list[ArticleParagraph] = []
    for paragraph in outcome.article.paragraphs:
        split = language.split(paragraph.text)
        paragraphs.append(
            ArticleParagraph(paragraph.role, Span(len(words), len(words) + len(split)))
        )
        words += split
    return tuple(words), tuple(paragraphs)


UNKNOWN = SurfaceWord("…")
"""Stands for an article's word that a sidecar does not have."""


def _reconstructed(
    words: Sequence[CaptionWord], divergence: Sequence[Divergence]
) -> tuple[SurfaceWord, ...]:
    """Returns the article's words as far as the captions' words and divergences have them."""
    known = {w.article_word: SurfaceWord(w.text, w.space_before) for w in words}
    for place in divergence:
        if place.article and place.kind == "not_spoken":
            parts = place.text.split()
            numbers = range(place.article.start, place.article.end)
            known.update(zip(numbers, map(SurfaceWord, parts), strict=False))
    last = max((n for n in known if n is not None), default=-1)
    return tuple(known.get(n, UNKNOWN) for n in range(last + 1))


def _statuses(
    count: int, words: Sequence[CaptionWord], divergence: Sequence[Divergence]
) -> tuple[WordStatus, ...]:
    statuses: list[WordStatus] = ["silent"] * count
    for place in divergence:
        if place.article and place.kind != "extra_speech":
            for n in range(place.article.start, min(place.article.end, count)):
                statuses[n] = "changed" if place.kind == "changed" else "not_spoken"
    for word in words:
        if word.article_word is not None and word.article_word < count:
            statuses[word.article_word] = "said"
    return tuple(statuses)


def spoken_span(place: Divergence, starts: Sequence[int]) -> Span | None:
    """Returns the caption words of a divergence; None if it has no time.

    ``starts``: the sorted start times of all caption words, in ms.
    """
    if place.start_ms is None or place.end_ms is None:
        return None
    first = bisect_left(starts, place.start_ms)
    return Span(first, max(bisect_left(starts, place.end_ms), first))


# ---------------------------------------------------------------- cues and their words


def words_of_cues(cues: Sequence[Cue], words: Sequence[CaptionWord]) -> tuple[Span, ...]:
    """Returns each cue's words: by letters if the cues hold all words in order, else by time."""
    sizes = [sum(len("".join(line.split())) for line in cue.lines) for cue in cues]
    letters = ["".join(w.text.split()) for w in words]
    shown = "".join("".join(line.split()) for cue in cues for line in cue.lines)
    if shown == "".join(letters):
        return tuple(_by_letters(sizes, [len(w) for w in letters]))
    return tuple(_by_time(cues, words))


def _by_letters(sizes: Sequence[int], lengths: Sequence[int]) -> Iterator[Span]:
    """Yields each cue's words; a word that is split over cues belongs to the first of them."""
    at = word = until = 0
    for size in sizes:
        first, until = word, until + size
        while word < len(lengths) and at < until:
            at += lengths[word]
            word += 1
        yield Span(first, word)


def _by_time(cues: Sequence[Cue], words: Sequence[CaptionWord]) -> Iterator[Span]:
    """Yields each cue's words: those that start before the next cue does."""
    starts = [w.start_ms for w in words]
    first = 0
    for k, _ in enumerate(cues):
        last = k + 1 == len(cues)
        end = len(words) if last else max(bisect_left(starts, cues[k + 1].start_ms), first)
        yield Span(first, end)
        first = end


def runs(statuses: Sequence[WordStatus], within: Span) -> Iterator[tuple[WordStatus, Span]]:
    """Yields the runs of words with the same status in a paragraph."""
    at = within.start
    for status, group in groupby(statuses[within.start : within.end]):
        length = sum(1 for _ in group)
        yield status, Span(at, at + length)
        at += length
