"""Parse SubRip: a number, a timing line and text for each cue, then a blank line.

There is no standard; a violation is what some players stumble over. Files are read also where
numbers or blank lines are missing. What could be read in two ways, or not at all, is marked as not
understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from aligner.captions.lint.base import LINE_END, CaptionFile, ParsedCue, SyntaxViolation
from aligner.captions.lint.timing_lines import (
    NUMBER,
    Timing,
    has_text,
    seems_timing,
    starts_block,
    timing_at,
)

_STANDARD_TIMES = re.compile(
    r"\d{2,}:[0-5]\d:[0-5]\d,\d{3} --> \d{2,}:[0-5]\d:[0-5]\d,\d{3}(?: [XY]\d:.*)?", re.ASCII
)
_TAG = re.compile(r"</?(?:[bius]|font)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)


def read(text: str) -> CaptionFile:
    """Returns the parsed SubRip file with its syntax violations."""
    reader, file = _SubRipParser(text), parse(text)
    found = [breach for cue in file.cues for breach in reader.faults(cue, file.cues)]
    found += [SyntaxViolation(at + 1, what, not_understood=True) for at, what in reader.unclear()]
    return replace(file, breaches=tuple(found))


def parse(text: str) -> CaptionFile:
    """Returns the parsed SubRip file; its syntax is not checked."""
    reader = _SubRipParser(text)
    counters = frozenset(at + 1 for at in reader.numbers if at is not None)
    return CaptionFile("srt", text, tuple(reader.cues()), (), counters=counters)


def plain(line: str) -> str:
    """Returns a line of a SubRip cue as it is shown."""
    return _TAG.sub("", line) if "<" in line or "{" in line else line


def _value(line: str) -> int | None:
    """The number that a line holds; None if it holds anything else."""
    found = NUMBER.fullmatch(line)
    return int(found[1]) if found else None


class _SubRipParser:
    """Finds the cues among the lines of a file. Indexes of lines are from 0."""

    def __init__(self, text: str) -> None:
        self.raw = LINE_END.split(text)
        self.given = [line.replace("\ufeff", "").strip() for line in self.raw]
        self.timings = dict(self.timing_lines())
        self.places = tuple(self.timings)

    def timing_lines(self) -> Iterator[tuple[int, Timing]]:
        """The indexes of timing lines, and what they say.

        A line such as 1:20 -> 1:24 has a number above it, unless the first one has none either.
        """
        first, usual = True, True
        for at in range(len(self.given)):
            timing = timing_at(self.given, at, NUMBER)
            if timing is None:
                continue
            numbered = timing.arrow or (at > 0 and _value(self.given[at - 1]) is not None)
            first, usual = False, numbered if first else usual
            if numbered or not usual:
                yield at, timing

    # ------------------------------------------------------------ numbers and text

    @cached_property
    def numbers(self) -> tuple[int | None, ...]:
        """The line with the number of each cue; None where it has none.

        In a file with a blank line after every line the number is not directly above the times.
        """
        direct = tuple(
            at - 1 if at and _value(self.given[at - 1]) is not None else None for at in self.places
        )
        if any(at is not None for at in direct):
            return direct
        spaced = tuple(map(self.number_before_blank, self.places))
        return spaced if self.consecutive(spaced) else direct

    def number_before_blank(self, at: int) -> int | None:
        above = at - 1
        while above >= 0 and not self.given[above]:
            above -= 1
        return above if above >= 0 and _value(self.given[above]) is not None else None

    def consecutive(self, numbers: Sequence[int | None]) -> bool:
        """Whether every cue has a number, each one more than that before."""
        values = [None if at is None else _value(self.given[at]) for at in numbers]
        first = values[0] if values else None
        return first is not None and values == list(range(first, first + len(values)))

    def text_end(self, k: int) -> int:
        """The index after the text of a cue."""
        if k + 1 == len(self.places):
            return len(self.given)
        number = self.numbers[k + 1]
        return self.places[k + 1] if number is None else number

    def cues(self) -> Iterator[ParsedCue]:
        for k, (at, timing) in enumerate(self.timings.items()):
            raw = self.raw[at + 1 : self.text_end(k)]
            while raw and not raw[-1].strip():
                raw.pop()
            yield ParsedCue(
                k + 1, at + 1, timing.start_ms, timing.end_ms,
                tuple(raw), tuple(map(plain, raw)), timing.settings,
            )  # fmt: skip

    # ------------------------------------------------------------ violations

    def faults(self, cue: ParsedCue, cues: Sequence[ParsedCue]) -> Iterator[SyntaxViolation]:
        """What players stumble over in a cue."""
        at, number = cue.line - 1, self.numbers[cue.number - 1]
        if number is None or _value(self.given[number]) != cue.number:
            above = self.given[at - 1] if at else ""
            what = f"not numbered {cue.number}: {above[:20]!r} stands above it"
            yield SyntaxViolation(cue.line, what)
        if not _STANDARD_TIMES.fullmatch(self.given[at]):
            what = "bad cue timing: it should be hh:mm:ss,ttt --> hh:mm:ss,ttt"
            yield SyntaxViolation(cue.line, what)
        if cue.end_ms <= cue.start_ms:
            yield SyntaxViolation(cue.line, "the cue does not end after it starts")
        if cue.number > 1 and cue.start_ms < cues[cue.number - 2].start_ms:
            yield SyntaxViolation(cue.line, "the cue starts before one above it")
        for offset, line in enumerate(cue.raw, start=1):
            if not line.strip():
                yield SyntaxViolation(cue.line + offset, "a blank line within a cue")
            if "\0" in line:
                yield SyntaxViolation(cue.line + offset, "a NUL character")

    def unclear(self) -> Iterator[tuple[int, str]]:
        """The lines that are not understood, and why."""
        odd = list(self.odd_lines())
        if self.places:
            number = self.numbers[0]
            first = min(odd[0][0] if odd else len(self.given), self.places[0])
            before = range(first if number is None else min(first, number))
            yield from ((at, "text before the first cue") for at in before if self.given[at])
        elif not odd:
            yield 0, "no cue in it: no line has times that can be read"
        yield from odd
        yield from self.unclear_numbers()

    def odd_lines(self) -> Iterator[tuple[int, str]]:
        """The lines that seem to be times or the number of a cue, and are not."""
        timed, counters = set(self.places), {at for at in self.numbers if at is not None}
        expected = 1
        for at, line in enumerate(self.given):
            if at in timed and has_text(self.timings[at].settings):
                yield at, "text after the times"
            if at in timed or not line:
                continue
            if at in counters:
                expected = (_value(line) or 0) + 1
            elif seems_timing(line, starts_block(self.given, at, NUMBER)):
                yield at, "it seems to be a timing line, but its times cannot be read"
            elif _value(line) == expected and self.stands_alone(at):
                yield at, "the number of a cue that has no times"

    def stands_alone(self, at: int) -> bool:
        """Whether a number begins a block without a timing line, or ends the file."""
        if not self.after_blank(at):
            return False
        below = self.given[at + 1] if at + 1 < len(self.given) else ""
        if below:
            return not seems_timing(below, at_start=True)
        return not any(self.given[at + 1 :])

    def unclear_numbers(self) -> Iterator[tuple[int, str]]:
        """Numbers above timing lines that could be text of the cue before."""
        numbers, consecutive = self.numbers, self.consecutive(self.numbers)
        after_blank = [at is not None and self.after_blank(at) for at in numbers]
        mostly = 2 * sum(after_blank) > len(numbers)
        for k, at in enumerate(numbers):
            if at is None or (k == 0 and after_blank[0]):
                continue
            before = numbers[k - 1] if k else None
            expected = k + 1 if before is None else (_value(self.given[before]) or 0) + 1
            empty = self.without_text(k)
            in_form = mostly and after_blank[k]
            if in_form and (not empty or _value(self.given[at]) == expected):
                continue
            if empty or not consecutive:
                yield at, "it can be the number of a cue or the text of the one above"

    def after_blank(self, at: int) -> bool:
        return at == 0 or not self.given[at - 1]

    def without_text(self, k: int) -> bool:
        """Whether the cue before the k-th has no text if the number above the k-th is no text."""
        at = self.numbers[k]
        if k == 0 or at is None:
            return False
        return not any(self.given[self.places[k - 1] + 1 : at])
