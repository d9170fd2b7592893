"""The plot of an alignment: the recording's time on the x axis, the article's words on the y axis.

A text that is read word for word is a straight diagonal. Omitted text is a step down, added speech
is a step to the right, and a moved or repeated passage lies off the diagonal. The picture consists
of simple shapes, which ``svg.py`` and ``png.py`` draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from aligner.review.article_view import ArticleView, runs, spoken_span
from aligner.types import CaptionResult, CaptionWord, Span

Style = Literal[
    "said", "guessed", "extra", "changed", "unspoken", "frame", "grid", "label", "title"
]

WIDTH, HEIGHT = 880, 520
LEFT, TOP, RIGHT, BOTTOM = 64, 46, 18, 62
"""The margins around the plotting area; sizes are in the picture's units, one pixel on a page."""
MIN_SIDE = 1.5
"""The least width and height of a rectangle, so that a single word is visible."""
MAX_GAP_WORDS, MAX_GAP_MS = 3, 2500
"""Matched words are drawn as one line if they are at most this far apart."""
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
STEPS_WORDS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""The possible distances of grid lines, in seconds and in words."""
MAX_TICKS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    style: Style
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle."""

    style: Style
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Label:
    """A short text; ``anchor`` says which part of it is at ``x``."""

    style: Style
    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"


Shape = Line | Rect | Label


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes, in the order in which they are drawn."""

    shapes: tuple[Shape, ...]
    caption: str
    """Describes the picture in one sentence."""
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class _Scale:
    """Converts times and words to coordinates."""

    ms: int
    words: int

    def x(self, ms: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(ms, self.ms) / self.ms, 2)

    def y(self, word: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * min(word, self.words) / self.words, 2)


def draw_alignment(outcome: CaptionResult, text: ArticleView) -> Picture:
    """Returns the plot of a result's alignment; without captions or article, only the axes."""
    words = outcome.captions.words if outcome.captions else ()
    end = max((w.end_ms for w in words), default=0)
    scale = _Scale(max(outcome.duration_ms or 0, end, 1), max(len(text.words), 1))
    shapes = (
        *_frame(scale),
        *_unspoken(text, scale),
        *_divergences(outcome, words, scale),
        *_matched(words, scale),
        *_legend(),
    )
    return Picture(shapes, _caption(outcome))


def _caption(outcome: CaptionResult) -> str:
    if not outcome.captions or not outcome.captions.words:
        return "Nothing was matched"
    if not outcome.alignment:
        return "Nothing of the speech was matched with the article"
    share = outcome.alignment.coverage
    return (
        f"{share.speech_in_article:.0%} of the speech is in the article, "
        f"{share.article_in_speech:.0%} of the article is spoken"
    )


# ---------------------------------------------------------------- axes and legend


def _frame(scale: _Scale) -> Iterator[Shape]:
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM
    step = next((s for s in STEPS_S if scale.ms / 1000 / s <= MAX_TICKS), STEPS_S[-1])
    for second in range(0, scale.ms // 1000 + 1, step):
        x = scale.x(second * 1000)
        yield Line("grid", x, top, x, bottom)
        yield Label("label", x, bottom + 18, clock(second), "middle")
    step = next((s for s in STEPS_WORDS if scale.words / s <= MAX_TICKS), STEPS_WORDS[-1])
    for word in range(0, scale.words + 1, step):
        y = scale.y(word)
        yield Line("grid", left, y, right, y)
        yield Label("label", left - 8, y + 4, str(word), "end")
    for x1, y1, x2, y2 in ((left, top, left, bottom), (left, bottom, right, bottom)):
        yield Line("frame", x1, y1, x2, y2)
    yield Label("title", left - 52, top - 26, "word of the article")
    yield Label("title", right, bottom + 18 + 18, "time in the recording", "end")


def clock(seconds: int) -> str:
    """Formats seconds as m:ss, or as h:mm:ss from an hour on."""
    hours, rest = divmod(seconds, 3600)
    clear = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{clear}" if hours else clear.removeprefix("0")


LEGEND: tuple[tuple[Style, str], ...] = (
    ("said", "said as written"),
    ("changed", "in other words"),
    ("extra", "not in the article"),
    ("unspoken", "not spoken"),
)


def _legend() -> Iterator[Shape]:
    x, y = LEFT, HEIGHT - 14
    for style, name in LEGEND:
        if style == "said":
            yield Line(style, x, y, x + 16, y - 9)
        else:
            yield Rect(style, x, y - 10, 16, 11)
        yield Label("label", x + 22, y, name)
        x += 44 + round(6.4 * len(name))


# ---------------------------------------------------------------- the alignment


def _unspoken(text: ArticleView, scale: _Scale) -> Iterator[Shape]:
    for status, span in runs(text.statuses, Span(0, len(text.statuses))):
        if status == "not_spoken":
            y = scale.y(span.start)
            height = max(scale.y(span.end) - y, MIN_SIDE)
            yield Rect("unspoken", LEFT, y, WIDTH - LEFT - RIGHT, height)


def _divergences(
    outcome: CaptionResult, words: Sequence[CaptionWord], scale: _Scale
) -> Iterator[Shape]:
    """Yields extra speech over the whole height, and other wordings at the article's words."""
    starts = [w.start_ms for w in words]
    for place in outcome.alignment.divergence if outcome.alignment else ():
        spoken = spoken_span(place, starts)
        if not spoken or place.start_ms is None or place.end_ms is None:
            continue
        x = scale.x(place.start_ms)
        width = max(scale.x(place.end_ms) - x, MIN_SIDE)
        if place.kind == "changed" and place.article:
            y = scale.y(place.article.start)
            height = max(scale.y(place.article.end) - y, 2 * MIN_SIDE)
            yield Rect("changed", x - 2, y - 2, width + 4, height + 4)
        elif place.kind == "extra_speech":
            yield Rect("extra", x, TOP, width, HEIGHT - TOP - BOTTOM)


def _matched(words: Sequence[CaptionWord], scale: _Scale) -> Iterator[Shape]:
    """Yields a line for each run of matched words without a large gap."""
    run: list[CaptionWord] = []
    for word in words:
        if word.article_word is None:
            continue
        if run and not _continues(run[-1], word):
            yield _line(run, scale)
            run = []
        run.append(word)
    if run:
        yield _line(run, scale)


def _continues(last: CaptionWord, word: CaptionWord) -> bool:
    assert last.article_word is not None  # noqa: S101  only such words are put in a run
    step = (word.article_word or 0) - last.article_word
    same = (last.origin == "interpolated") == (word.origin == "interpolated")
    return same and 0 <= step <= MAX_GAP_WORDS and word.start_ms - last.end_ms <= MAX_GAP_MS


def _line(run: Sequence[CaptionWord], scale: _Scale) -> Line:
    first, last = run[0], run[-1]
    style: Style = "guessed" if first.origin == "interpolated" else "said"
    top, bottom = first.article_word or 0, (last.article_word or 0) + 1
    return Line(style, scale.x(first.start_ms), scale.y(top), scale.x(last.end_ms), scale.y(bottom))
