"""Recognise the timing lines of WebVTT and SubRip, also those that people write by hand.

A line such as ``00:00:01,000 --> 00:00:02,500`` is a timing line wherever it stands. Looser forms
(``1:20 -> 1:24``) could be text too; they count only at the start of a block, which is after a
blank line, or after the cue's number or identifier that follows one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from aligner.captions.formats.vtt_check import ARROW
from aligner.types import Span

_CLOCK = r"(?:(\d{1,9}) ?: ?)?(\d{1,4}) ?: ?(\d{1,2})(?: ?(?:[.,;'] ?|:(?=\d{3}\b))(\d{1,9}))?"
"""Hours may be missing, and the fraction; editors and translators put spaces after colons. Three
digits after a third colon are milliseconds; two would be frames, of an unknown rate."""
_ARROW = r"(?:[-–—=]{1,4}(?: [-–—]{1,2})? ?(?:>|&gt;)|→)"
_TIMING = re.compile(rf"{_CLOCK}[ \t]*({_ARROW})[ \t]*{_CLOCK}(?:[ \t]+(.*))?", re.ASCII)
_ONE_CLOCK = re.compile(_CLOCK, re.ASCII)
_ANY_ARROW = re.compile(_ARROW)
_CLOCK_LIKE = re.compile(r"\d ?[:;] ?\d|\d\.\d{1,2}\.\d")
_TWO_CLOCKS = re.compile(
    r"[\d:;.,\s–—-]*?\d[:;.]\d\d[:;.]\d[\d:;.,\s–—-]*?\d[:;.]\d\d[:;.]\d[\d:;.,\s]*"
)
_SETTINGS = re.compile(r"(?:[A-Za-z]\w*:[ \t]*[^\s:]+(?:[ \t]+|$))*")
_LONGEST = 100
"""Characters of a line of times; what is longer is text."""
NUMBER = re.compile(r"\s*#?(\d{1,18})[.:)]?\s*", re.ASCII)
"""A line with the number of a SubRip cue."""
_MOST_LETTERS = 2
"""More letters than that before an arrow make a line text; fewer are typing errors in times."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What a timing line says."""

    start_ms: int
    end_ms: int
    settings: str
    exact: bool
    """Whether the line can be nothing else than a timing line."""
    arrow: bool
    """Whether the arrow is ``-->``."""


def times(line: str) -> Timing | None:
    """Returns what a timing line says; None if the line is no timing line in any form."""
    if ">" not in line and "→" not in line and "&gt;" not in line:
        return None
    line = line.strip()
    found = _TIMING.fullmatch(line)
    if not found and not line.isascii():
        found = _TIMING.fullmatch(unicodedata.normalize("NFKC", line))  # full-width, no-break space
    if not found:
        return None
    parts = found.groups()
    start, arrow, end = parts[:4], parts[4], parts[5:9]
    usual = arrow == ARROW
    exact = usual and all(hours or fraction for hours, *_, fraction in (start, end))
    return Timing(_ms(*start), _ms(*end), parts[9] or "", exact, usual)


def clock_spans(line: str) -> tuple[Span, Span] | None:
    """Returns where the two times of a timing line stand in it; None without digits in ASCII."""
    found = _TIMING.match(line, len(line) - len(line.lstrip()))
    if not found:
        return None
    starts = (found.start(1 if found[1] else 2), found.start(6 if found[6] else 7))
    ends = (found.end(4 if found[4] else 3), found.end(9 if found[9] else 8))
    return Span(starts[0], ends[0]), Span(starts[1], ends[1])


def timing_at(given: Sequence[str], at: int, above: re.Pattern[str]) -> Timing | None:
    """Returns what the line at an index says if it is a timing line in its place, else None.

    ``above`` matches the lines that may stand between a blank line and a cue's times.
    """
    found = times(given[at])
    return found if found and (found.exact or starts_block(given, at, above)) else None


def starts_block(given: Sequence[str], at: int, above: re.Pattern[str]) -> bool:
    """Whether the line at an index begins a block, or follows the one line that does."""
    if at == 0 or not given[at - 1]:
        return True
    return bool(above.fullmatch(given[at - 1])) and (at == 1 or not given[at - 2])


def seems_timing(line: str, at_start: bool) -> bool:
    """Whether a line that is no timing line was probably meant as one.

    ``at_start``: whether it stands where a block begins, so that weaker signs suffice.
    """
    arrow = _ANY_ARROW.search(line)
    if not arrow:
        short = at_start and len(line) <= _LONGEST
        return short and _TWO_CLOCKS.fullmatch(line) is not None
    before, after = line[: arrow.start()], line[arrow.end() :]
    if sum(map(str.isalpha, before)) > _MOST_LETTERS:
        return False
    if _CLOCK_LIKE.search(before) or _CLOCK_LIKE.search(after):
        return at_start or arrow[0] == ARROW
    return at_start and arrow[0] == ARROW and any(map(str.isdigit, before + after))


def has_text(settings: str) -> bool:
    """Whether there is text after the times of a timing line, rather than settings."""
    return not _SETTINGS.fullmatch(settings)


def ms_of(stamp: str) -> int:
    """Returns a time in ms; -1 if the text is no time."""
    found = _ONE_CLOCK.fullmatch(stamp)
    return _ms(*found.groups()) if found else -1


def _ms(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + round(float(f"0.{fraction or 0}") * 1000)
