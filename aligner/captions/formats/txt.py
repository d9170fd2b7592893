"""Render NAME.txt: the words of the captions, or without captions the article's text.

One paragraph a line, blank lines between. What was said breaks where the article's paragraphs
break, and at long pauses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

from aligner.captions.formats.base import PLAIN, Format, Look, one_line
from aligner.types import Article, CaptionResult, CaptionWord

LONG_PAUSE_MS = 2000
"""A silence longer than this begins a new paragraph."""
SHORT_ASIDE = 4
"""Fewer words than this that are not the article's stay in the paragraph around them."""

PHOTO = "[Photo caption] "
SPOKEN = -1
"""The paragraph of what is not the article's."""


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns plain text; empty if there are neither captions nor an article."""
    if outcome.captions and outcome.captions.words:
        paragraphs = list(_spoken(outcome.captions.words, outcome.article))
    elif outcome.article:
        paragraphs = list(_written(outcome.article))
    else:
        paragraphs = []
    return "".join(f"{text}\n" for text in _spaced([p for p in paragraphs if p]))


def _spaced(paragraphs: Sequence[str]) -> Iterator[str]:
    for number, text in enumerate(paragraphs):
        if number:
            yield ""
        yield text


# ---------------------------------------------------------------- what was written


def _written(article: Article) -> Iterator[str]:
    """The title, the text, and the photo captions apart at the end."""
    if article.title and not any(p.role == "title" for p in article.paragraphs):
        yield one_line(article.title)
    yield from (one_line(p.text) for p in article.paragraphs if p.role != "caption")
    captions = dict.fromkeys(one_line(p.text) for p in article.paragraphs if p.role == "caption")
    yield from (PHOTO + text for text in captions if text)


# ---------------------------------------------------------------- what was said


def _spoken(words: tuple[CaptionWord, ...], article: Article | None) -> Iterator[str]:
    """Yields the paragraphs of the words."""
    places = _places(words, article)
    first = 0
    for k in range(1, len(words) + 1):
        if k == len(words) or places[k] != places[k - 1] or _long_pause(words[k - 1], words[k]):
            yield _joined(words[first:k])
            first = k


def _long_pause(before: CaptionWord, after: CaptionWord) -> bool:
    return after.start_ms - before.end_ms > LONG_PAUSE_MS


def _joined(words: Sequence[CaptionWord]) -> str:
    parts = (f" {w.text}" if w.space_before else w.text for w in words)
    return one_line("".join(parts))


def _places(words: tuple[CaptionWord, ...], article: Article | None) -> list[int]:
    """For each word the number of its paragraph, ``SPOKEN`` outside the article."""
    found = [w.article_word for w in words]
    counts = [len(p.text.split()) for p in article.paragraphs] if article else []
    ends = list(accumulate(counts))
    known = [index for index in found if index is not None]
    if not known or not ends or max(known) >= ends[-1]:
        # Scripts without spaces count their words otherwise: their paragraphs cannot be told here.
        return [SPOKEN] * len(words)
    places = [SPOKEN if index is None else bisect_right(ends, index) for index in found]
    return _asides_kept(places)


def _asides_kept(places: list[int]) -> list[int]:
    """An aside stays in its paragraph if it is short or the paragraph goes on after it."""
    runs = [(place, len(list(run))) for place, run in groupby(places)]
    kept: list[int] = []
    for k, (place, length) in enumerate(runs):
        before = runs[k - 1][0] if k else None
        after = runs[k + 1][0] if k + 1 < len(runs) else None
        if place == SPOKEN and (before == after or length < SHORT_ASIDE):
            around = before if before is not None else after
            place = SPOKEN if around is None else around
        kept += [place] * length
    return kept


TXT = Format(
    name="txt", suffix=".txt", render=render, needs_cues=False,
    about="the transcript, in the article's paragraphs",
)  # fmt: skip
