"""Renders NAME.report.md: where speech and article differ, for people.

The first table says of each sentence of the article whether it is spoken, spoken in other words,
or not spoken. The second says of each region of speech whether it is in the article or extra.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from aligner.captions.formats.base import PLAIN, Format, Look, clock, one_line, provenance
from aligner.types import Alignment, CaptionResult, Sentence, SentenceKind

KIND_NAMES: dict[SentenceKind, str] = {
    "spoken": "spoken",
    "reworded": "in other words",
    "not_spoken": "**not spoken**",
}
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&])")


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns the report in GitHub's Markdown."""
    article = outcome.article
    title = article.title if article and article.title else outcome.source
    lines = [f"# {escaped(title)}", "", f"{escaped(outcome.status)}: {escaped(outcome.reason)}", ""]
    lines += [f"- {escaped(key)}: {escaped(what)}" for key, what in provenance(outcome)]
    if outcome.alignment:
        lines += ["", *_figures(outcome.alignment)]
        lines += _sentences(outcome.alignment.sentences)
        lines += _stretches(outcome.alignment)
    return "\n".join([*lines, ""])


def escaped(text: str) -> str:
    """Returns a text on one line, escaped for Markdown."""
    return _MARKUP.sub(r"\\\1", one_line(text))


def _figures(alignment: Alignment) -> Iterator[str]:
    counts = Counter(sentence.kind for sentence in alignment.sentences)
    coverage = alignment.coverage
    extra = sum(s.end_ms - s.start_ms for s in alignment.stretches if not s.in_article)
    yield f"- Words of the speech that are in the article: {coverage.speech_in_article:.0%}"
    yield f"- Words of the article that are spoken: {coverage.article_in_speech:.0%}"
    yield (
        f"- Sentences of the article: {counts.total()}, of which {counts['spoken']} spoken, "
        f"{counts['reworded']} in other words, {counts['not_spoken']} not spoken"
    )
    yield f"- Speech that is not in the article: {extra / 1000:.1f} s"


def _sentences(sentences: tuple[Sentence, ...]) -> Iterator[str]:
    if not sentences:
        return
    yield from ("", "## The article, sentence by sentence", "")
    yield from ("| became | when | heard as written | sentence |", "|---|---|---|---|")
    for sentence in sentences:
        when = _when(sentence.start_ms, sentence.end_ms)
        share = f"{sentence.share:.0%}" if sentence.kind != "not_spoken" else ""
        text = escaped(sentence.text)
        yield f"| {KIND_NAMES[sentence.kind]} | {when} | {share} | {text} |"


def _stretches(alignment: Alignment) -> Iterator[str]:
    if not alignment.stretches:
        return
    yield from ("", "## The speech, stretch by stretch", "")
    yield from ("| is | when | as heard |", "|---|---|---|")
    for stretch in alignment.stretches:
        kind = "in the article" if stretch.in_article else "**extra**"
        when = _when(stretch.start_ms, stretch.end_ms)
        yield f"| {kind} | {when} | {escaped(stretch.text)} |"


def _when(start_ms: int | None, end_ms: int | None) -> str:
    if start_ms is None or end_ms is None:
        return ""
    return f"{clock(start_ms)} to {clock(end_ms)}"


REPORT = Format(
    name="report", suffix=".report.md", render=render, needs_cues=False,
    about="where speech and article part, in Markdown",
)  # fmt: skip
