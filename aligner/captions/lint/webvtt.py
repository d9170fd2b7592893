"""Parse WebVTT as leniently as players do, and a little more: hand-written times are read too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape

from aligner.captions.formats.vtt_check import header_end, notes, numbered
from aligner.captions.lint.base import LINE_END, CaptionFile, ParsedCue, SyntaxViolation
from aligner.captions.lint.timing_lines import has_text, seems_timing, starts_block, timing_at

_TAG = re.compile(r"<[^<>]*>")
_REFERENCE = re.compile(r"&(?:#\d{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,40});")
_LANGUAGE = re.compile(
    r"^(?:language|lang|srclang)\s*[:=]\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*)\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_HEADER_LINES = 20
_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_IDENTIFIER = re.compile(r"[\w.-]{1,60}")
"""What may stand above times in a loose form."""


def read(text: str) -> CaptionFile:
    """Returns the parsed WebVTT file with its syntax violations."""
    file, given = parse(text), LINE_END.split(text)
    found = [SyntaxViolation(number, what) for number, what in numbered(text)]
    found += [SyntaxViolation(number, what, minor=True) for number, what in notes(text)]
    found += _unclear(given, file.cues)
    head = given[: min(_HEADER_LINES, file.cues[0].line if file.cues else _HEADER_LINES)]
    declared = _LANGUAGE.search("\n".join(head))
    language = declared[1].replace("_", "-") if declared else None
    return replace(file, breaches=tuple(found), language=language)


def parse(text: str) -> CaptionFile:
    """Returns the parsed WebVTT file; its syntax is not checked."""
    return CaptionFile("vtt", text, tuple(_cues(LINE_END.split(text))), ())


def _cues(given: Sequence[str]) -> Iterator[ParsedCue]:
    """Cues end at a blank line or at the next timing line; comments hold none."""
    number, at, after_blank = 0, 0, True
    while at < len(given):
        if after_blank and _COMMENT.match(given[at]):
            at = _block_end(given, at)
            continue
        after_blank = not given[at]
        timing = timing_at(given, at, _IDENTIFIER)
        at += 1
        if timing is None:
            continue
        end = at
        while end < len(given) and given[end] and timing_at(given, end, _IDENTIFIER) is None:
            end += 1
        number += 1
        raw = tuple(given[at:end])
        yield ParsedCue(
            number, at, timing.start_ms, timing.end_ms,
            raw, tuple(map(plain, raw)), timing.settings,
        )  # fmt: skip
        at = end


def _block_end(given: Sequence[str], at: int) -> int:
    while at < len(given) and given[at]:
        at += 1
    return at


def _unclear(given: Sequence[str], cues: Sequence[ParsedCue]) -> Iterator[SyntaxViolation]:
    """The lines that seem to be the times of a cue and are not, outside comments."""
    timed = {cue.line - 1 for cue in cues}
    for cue in cues:
        if has_text(cue.settings):
            yield SyntaxViolation(cue.line, "text after the times", not_understood=True)
    end = header_end(given)
    under_header = (end, end + 1)
    at = 0
    while at < len(given):
        starts = at in under_header or starts_block(given, at, _IDENTIFIER)
        if _COMMENT.match(given[at]) and (at == 0 or not given[at - 1]):
            at = _block_end(given, at)
        elif at not in timed and seems_timing(given[at], starts):
            what = "it seems to be a timing line, but its times cannot be read"
            yield SyntaxViolation(at + 1, what, not_understood=True)
        at += 1


def plain(line: str) -> str:
    """Returns a line of a WebVTT cue as it is shown."""
    return unescaped(_TAG.sub("", line) if "<" in line else line)


def unescaped(line: str) -> str:
    """Returns a line with its character references replaced by what they stand for."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), line) if "&" in line else line
