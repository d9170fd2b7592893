"""Renders NAME.txt: the words of the captions, or without captions the article's text.

Each paragraph is one line; blank lines separate them. Spoken words are divided into paragraphs
where the article is, and at long pauses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby

from aligner.captions.formats.base import PLAIN, Format, Look, one_line
from aligner.captions.formats.voices import label_of
from aligner.types import Article, CaptionResult, CaptionWord, Paragraph

LONG_PAUSE_MS = 2000
"""A silence longer than this begins a new paragraph."""
SHORT_ASIDE = 4
"""Fewer words than this that are not in the article do not end the paragraph around them."""

PHOTO = "[Photo caption] "
SPOKEN = -1
"""The paragraph number of words that are not in the article."""


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns plain text; empty if there are neither captions nor an article."""
    if outcome.captions and outcome.captions.words:
        labels = {voice.id: label_of(voice) for voice in outcome.captions.voices}
        paragraphs = list(_spoken(outcome.captions.words, outcome.article, labels))
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
    """Yields the title, the text, and last the captions of photos."""
    if article.title and not any(p.role == "title" for p in article.paragraphs):
        yield one_line(article.title)
    yield from (_labelled(p) for p in article.paragraphs if p.role != "caption")
    captions = dict.fromkeys(one_line(p.text) for p in article.paragraphs if p.role == "caption")
    yield from (PHOTO + text for text in captions if text)


def _labelled(paragraph: Paragraph) -> str:
    """Returns a paragraph with the label of its speaker, if a script has one."""
    text = one_line(paragraph.text)
    return f"{one_line(paragraph.speaker)}: {text}" if paragraph.speaker else text


# ---------------------------------------------------------------- what was said


def _spoken(
    words: tuple[CaptionWord, ...], article: Article | None, labels: Mapping[str, str]
) -> Iterator[str]:
    """Yields the paragraphs of the words; the first of each turn has the label of its speaker."""
    numbers = _paragraph_numbers(words, article)
    voices = [labels.get(word.speaker or "") for word in words]
    first, shown = 0, None
    for k in range(1, len(words) + 1):
        if (
            k == len(words)
            or numbers[k] != numbers[k - 1]
            or voices[k] != voices[k - 1]
            or _long_pause(words[k - 1], words[k])
        ):
            who = voices[first]
            yield (f"{who}: " if who and who != shown else "") + _joined(words[first:k])
            first, shown = k, who


def _long_pause(before: CaptionWord, after: CaptionWord) -> bool:
    return after.start_ms - before.end_ms > LONG_PAUSE_MS


def _joined(words: Sequence[CaptionWord]) -> str:
    parts = (f" {w.text}" if w.space_before else w.text for w in words)
    return one_line("".join(parts))


def _paragraph_numbers(words: tuple[CaptionWord, ...], article: Article | None) -> list[int]:
    """Returns the number of each word's paragraph; ``SPOKEN`` outside the article."""
    found = [w.article_word for w in words]
    counts = [len(p.text.split()) for p in article.paragraphs] if article else []
    ends = list(accumulate(counts))
    known = [index for index in found if index is not None]
    if not known or not ends or max(known) >= ends[-1]:
        # In scripts without spaces, words are not what spaces separate: paragraphs are unknown.
        return [SPOKEN] * len(words)
    numbers = [SPOKEN if index is None else bisect_right(ends, index) for index in found]
    return _with_asides(numbers)


def _with_asides(numbers: list[int]) -> list[int]:
    """Adds words outside the article to a paragraph if they are few or it goes on after them."""
    runs = [(number, len(list(run))) for number, run in groupby(numbers)]
    out: list[int] = []
    for k, (number, length) in enumerate(runs):
        before = runs[k - 1][0] if k else None
        after = runs[k + 1][0] if k + 1 < len(runs) else None
        if number == SPOKEN and (before == after or length < SHORT_ASIDE):
            around = before if before is not None else after
            number = SPOKEN if around is None else around
        out += [number] * length
    return out


TXT = Format(
    name="txt", suffix=".txt", render=render, needs_cues=False,
    about="the transcript, in the article's paragraphs",
)  # fmt: skip
