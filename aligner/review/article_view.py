"""An article and what was said -> the article's words, and what became of each."""

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
"""What became of an article's word; silent: a photo's caption, or a sign without sound."""


@dataclass(frozen=True, slots=True)
class ArticleParagraph:
    """A paragraph of the article, by its words."""

    role: Role
    words: Span


@dataclass(frozen=True, slots=True)
class Text:
    """The article's words, in paragraphs, with the fate of each."""

    words: tuple[SurfaceWord, ...]
    fates: tuple[WordStatus, ...]
    passages: tuple[ArticleParagraph, ...]

    def between(self, span: Span) -> str:
        """The words of a span, as printed."""
        return joined(self.words[span.start : span.end])


def joined(words: Sequence[SurfaceWord | CaptionWord]) -> str:
    """Words -> text, spaces where the script writes them."""
    return "".join(f" {w.text}" if w.space_before else w.text for w in words).strip()


def text_of(outcome: CaptionResult) -> Text:
    """What a sidecar tells -> its article. One without the article's text is pieced together."""
    captions, alignment = outcome.captions, outcome.alignment
    words = captions.words if captions else ()
    divergence = alignment.divergence if alignment else ()
    if outcome.article and outcome.article.paragraphs:
        written, passages = _split(outcome, captions.language if captions else None)
    else:
        written = _pieced(words, divergence)
        passages = (ArticleParagraph("body", Span(0, len(written))),) if written else ()
    return Text(written, _fates(len(written), words, divergence), passages)


def _split(
    outcome: CaptionResult, code: str | None
) -> tuple[tuple[SurfaceWord, ...], tuple[ArticleParagraph, ...]]:
    """The article's paragraphs, split as the matching splits them."""
    assert outcome.article  # noqa: S101  the caller has seen it
    language = languages.get(code or outcome.article.language)
    words: list[SurfaceWord] = []
    passages: list[ArticleParagraph] = []
    for paragraph in outcome.article.paragraphs:
        split = language.split(paragraph.text)
        passages.append(ArticleParagraph(paragraph.role, Span(len(words), len(words) + len(split))))
        words += split
    return tuple(words), tuple(passages)


UNKNOWN = SurfaceWord("…")


def _pieced(
    words: Sequence[CaptionWord], divergence: Sequence[Divergence]
) -> tuple[SurfaceWord, ...]:
    """What the sidecar's words and divergences tell of the article's words."""
    known = {w.article_word: SurfaceWord(w.text, w.space_before) for w in words}
    for place in divergence:
        if place.article and place.kind == "not_spoken":
            parts = place.text.split()
            numbers = range(place.article.start, place.article.end)
            known.update(zip(numbers, map(SurfaceWord, parts), strict=False))
    last = max((n for n in known if n is not None), default=-1)
    return tuple(known.get(n, UNKNOWN) for n in range(last + 1))


def _fates(
    count: int, words: Sequence[CaptionWord], divergence: Sequence[Divergence]
) -> tuple[WordStatus, ...]:
    fates: list[WordStatus] = ["silent"] * count
    for place in divergence:
        if place.article and place.kind != "extra_speech":
            for n in range(place.article.start, min(place.article.end, count)):
                fates[n] = "changed" if place.kind == "changed" else "not_spoken"
    for word in words:
        if word.article_word is not None and word.article_word < count:
            fates[word.article_word] = "said"
    return tuple(fates)


def spoken_span(place: Divergence, starts: Sequence[int]) -> Span | None:
    """The words that a divergence speaks of, by their starts (in order); None if it has no time."""
    if place.start_ms is None or place.end_ms is None:
        return None
    first = bisect_left(starts, place.start_ms)
    return Span(first, max(bisect_left(starts, place.end_ms), first))


# ---------------------------------------------------------------- cues and their words


def words_of_cues(cues: Sequence[Cue], words: Sequence[CaptionWord]) -> tuple[Span, ...]:
    """Each cue's words: by their letters where the cues hold the words one after another."""
    sizes = [sum(len("".join(line.split())) for line in cue.lines) for cue in cues]
    letters = ["".join(w.text.split()) for w in words]
    shown = "".join("".join(line.split()) for cue in cues for line in cue.lines)
    if shown == "".join(letters):
        return tuple(_by_letters(sizes, [len(w) for w in letters]))
    return tuple(_by_time(cues, words))


def _by_letters(sizes: Sequence[int], lengths: Sequence[int]) -> Iterator[Span]:
    """A word that goes over several cues belongs to the one in which it begins."""
    at = word = until = 0
    for size in sizes:
        first, until = word, until + size
        while word < len(lengths) and at < until:
            at += lengths[word]
            word += 1
        yield Span(first, word)


def _by_time(cues: Sequence[Cue], words: Sequence[CaptionWord]) -> Iterator[Span]:
    """Each word goes to the last cue that has started; those before all cues to the first."""
    starts = [w.start_ms for w in words]
    first = 0
    for k, _ in enumerate(cues):
        last = k + 1 == len(cues)
        end = len(words) if last else max(bisect_left(starts, cues[k + 1].start_ms), first)
        yield Span(first, end)
        first = end


def runs(fates: Sequence[WordStatus], within: Span) -> Iterator[tuple[WordStatus, Span]]:
    """A paragraph -> its runs of words with one fate."""
    at = within.start
    for fate, group in groupby(fates[within.start : within.end]):
        length = sum(1 for _ in group)
        yield fate, Span(at, at + length)
        at += length
