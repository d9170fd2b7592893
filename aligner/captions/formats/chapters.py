"""Renders NAME.chapters.vtt: the article's headings, at the times when their text is spoken.

A chapter begins with the first spoken sentence of a heading or of the text under it. A heading
whose text is not spoken has no chapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from aligner.captions.formats.base import PLAIN, Format, Look, one_line
from aligner.captions.formats.vtt import caption, escaped, valid, whole
from aligner.types import NOT_READ_ALOUD, Article, CaptionResult, Cue, Sentence

SHORTEST_MS = 1000
"""Of two chapters that begin within this time, only the later one is written."""


@dataclass(frozen=True, slots=True)
class _Chapter:
    start_ms: int
    name: str


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns a WebVTT chapter track; it has no chapters if no text under a heading is spoken.

    Raises InvalidCaptions.
    """
    if not outcome.captions:
        return ""
    sentences = outcome.alignment.sentences if outcome.alignment else ()
    found = sorted(_chapters(outcome.article, sentences), key=_start) if outcome.article else []
    kept = [a for a, b in pairwise(found) if b.start_ms - a.start_ms >= SHORTEST_MS] + found[-1:]
    spoken = max((word.end_ms for word in outcome.captions.words), default=0)
    end = max(outcome.duration_ms or 0, spoken, *(c.start_ms + SHORTEST_MS for c in kept))
    times = pairwise([*(chapter.start_ms for chapter in kept), end])
    made = [
        caption(Cue(start, stop, (chapter.name,), "verified"), [escaped(chapter.name)], str(number))
        for number, ((start, stop), chapter) in enumerate(zip(times, kept, strict=True), start=1)
    ]
    return valid(whole(made, []), outcome)


def _start(chapter: _Chapter) -> int:
    return chapter.start_ms


def _chapters(article: Article, sentences: tuple[Sentence, ...]) -> Iterator[_Chapter]:
    """Yields the chapters of the article, in its order."""
    for name, section in _sections(article, sentences):
        starts = [sentence.start_ms for sentence in section if sentence.start_ms is not None]
        if starts and name:
            yield _Chapter(min(starts), name)


def _sections(
    article: Article, sentences: tuple[Sentence, ...]
) -> Iterator[tuple[str, list[Sentence]]]:
    """Yields each heading with the sentences up to the next heading."""
    name, section, at = "", list[Sentence](), 0
    for paragraph in article.paragraphs:
        if paragraph.role in ("title", "heading"):
            yield name, section
            name, section = one_line(paragraph.text), []
        rest = _letters(paragraph.text)
        while at < len(sentences) and paragraph.role not in NOT_READ_ALOUD:
            letters = _letters(sentences[at].text)
            if not rest.startswith(letters):
                break
            section.append(sentences[at])
            rest = rest[len(letters) :]
            at += 1
    yield name, section


def _letters(text: str) -> str:
    """Returns letters and digits, which are the same in a paragraph and in its sentences."""
    return "".join(char for char in text if char.isalnum())


CHAPTERS = Format(
    name="chapters", suffix=".chapters.vtt", render=render, needs_cues=True,
    about="WebVTT chapters from the article's headings",
)  # fmt: skip
