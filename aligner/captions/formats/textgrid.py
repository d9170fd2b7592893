"""Renders NAME.TextGrid, Praat's long text form, with tiers "words", "cues" and "origins"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aligner.captions.formats.base import PLAIN, Format, Look, lines_of, one_line
from aligner.types import CaptionResult

Labelled = tuple[int, int, str]
"""Start and end in ms, and a label."""


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns a TextGrid; empty if there are no words.

    The format allows neither overlapping nor empty intervals. Of two overlapping words the later
    begins where the earlier ends; a word without duration gets one millisecond.
    """
    captions = outcome.captions
    if not captions or not captions.words:
        return ""
    tiers = {
        "words": list(_apart((w.start_ms, w.end_ms, one_line(w.text)) for w in captions.words)),
        "cues": list(_apart((c.start_ms, c.end_ms, " ".join(lines_of(c))) for c in captions.cues)),
        "origins": list(_apart((w.start_ms, w.end_ms, w.origin) for w in captions.words)),
    }
    last = max(part[1] for tier in tiers.values() for part in tier)
    end = max(outcome.duration_ms or 0, last)
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0"]
    lines += [f"xmax = {_s(end)}", "tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, parts) in enumerate(tiers.items(), start=1):
        lines.append(f"    item [{number}]:")
        lines += _tier(name, list(_filled(parts, end)), end)
    return "\n".join(lines) + "\n"


def _apart(parts: Iterable[Labelled]) -> Iterator[Labelled]:
    """Yields intervals in order of time, made to be neither empty nor overlapping."""
    reached = 0
    for start, end, label in parts:
        begin = max(start, reached)
        reached = max(end, begin + 1)
        yield begin, reached, label


def _filled(parts: Iterable[Labelled], end: int) -> Iterator[Labelled]:
    """Yields the intervals, with unlabelled ones in the gaps between them."""
    reached = 0
    for part in parts:
        if part[0] > reached:
            yield reached, part[0], ""
        yield part
        reached = part[1]
    if end > reached:
        yield reached, end, ""


def _tier(name: str, parts: list[Labelled], end: int) -> Iterator[str]:
    yield '        class = "IntervalTier"'
    yield f'        name = "{name}"'
    yield "        xmin = 0"
    yield f"        xmax = {_s(end)}"
    yield f"        intervals: size = {len(parts)}"
    for number, (start, stop, label) in enumerate(parts, start=1):
        yield f"        intervals [{number}]:"
        yield f"            xmin = {_s(start)}"
        yield f"            xmax = {_s(stop)}"
        yield f"            text = {_quoted(label)}"


def _s(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def _quoted(label: str) -> str:
    doubled = label.replace('"', '""')
    return f'"{doubled}"'


TEXTGRID = Format(
    name="textgrid", suffix=".TextGrid", render=render, needs_cues=True, about="Praat TextGrid"
)
