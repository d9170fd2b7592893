"""Parse WebVTT and SubRip. Both are lines: times, then text, then a blank line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

from aligner.captions.formats.vtt_check import notes, numbered
from aligner.captions.lint.base import CaptionFile, ParsedCue, SyntaxViolation

_STAMP = r"(?:(\d{1,9}):)?(\d{1,4}):(\d{1,4})[.,](\d{1,9})"
TIMES = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:[ \t]+(.*?))?\s*", re.ASCII)
"""A line of times as players forgive it."""
_ONE_TIME = re.compile(_STAMP, re.ASCII)
_SUBRIP = re.compile(
    r"\d{2,}:[0-5]\d:[0-5]\d,\d{3} --> \d{2,}:[0-5]\d:[0-5]\d,\d{3}(?: [XY]\d:.*)?", re.ASCII
)
_TAG = re.compile(r"<[^<>]*>")
_REFERENCE = re.compile(r"&(?:#\d{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,40});")
_SUBRIP_TAG = re.compile(r"</?(?:[bius]|font)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)
_LANGUAGE = re.compile(r"^Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\s*$", re.MULTILINE)
_HEADER_LINES = 20
NEW_LINE = re.compile(r"\r\n|\r|\n")

Times = tuple[int, int, str]
"""Start and end in ms, and the settings."""


def times(line: str) -> Times | None:
    """Returns the times of a timing line; None if it is no timing line."""
    found = TIMES.fullmatch(line) if "-->" in line else None
    if not found:
        return None
    parts = found.groups()
    return _ms(*parts[:4]), _ms(*parts[4:8]), parts[8] or ""


def ms_of(stamp: str) -> int:
    """Returns a time in ms; -1 if the text is no time."""
    found = _ONE_TIME.fullmatch(stamp)
    return _ms(*found.groups()) if found else -1


def _ms(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + round(float(f"0.{fraction}") * 1000)


def vtt(text: str) -> CaptionFile:
    """Returns the parsed WebVTT file."""
    given = NEW_LINE.split(text)
    found = [SyntaxViolation(number, what) for number, what in numbered(text)]
    found += [SyntaxViolation(number, what, minor=True) for number, what in notes(text)]
    declared = _LANGUAGE.search("\n".join(given[:_HEADER_LINES]))
    cues = tuple(_vtt_cues(given))
    return CaptionFile("vtt", text, cues, tuple(found), declared[1] if declared else None)


def _vtt_cues(given: Sequence[str]) -> Iterator[ParsedCue]:
    """Cues end at a blank line, or where the next one's times stand; comments hold none."""
    number, at, after_blank = 0, 0, True
    while at < len(given):
        line = given[at]
        if after_blank and re.match(r"(?:NOTE|STYLE|REGION)(?:\s|$)", line):
            at = _text_end(given, at, arrows=True)
            continue
        after_blank = not line
        at += 1
        stated = times(line)
        if stated is None:
            continue
        end = _text_end(given, at, arrows=False)
        number += 1
        raw = tuple(given[at:end])
        yield ParsedCue(number, at, *stated[:2], raw, tuple(map(plain_vtt, raw)), stated[2])
        at = end


def _text_end(given: Sequence[str], at: int, arrows: bool) -> int:
    """The next blank line (or line of times, unless ``arrows`` are text) from ``at`` on."""
    while at < len(given) and given[at] and (arrows or times(given[at]) is None):
        at += 1
    return at


def plain_vtt(line: str) -> str:
    """Returns a line of a WebVTT cue as it is shown."""
    if "<" in line:
        line = _TAG.sub("", line)
    return _REFERENCE.sub(lambda found: unescape(found[0]), line) if "&" in line else line


# ---------------------------------------------------------------- SubRip


def srt(text: str) -> CaptionFile:
    """Returns the parsed SubRip file.

    There is no standard; a breach is what some players stumble over.
    """
    given = NEW_LINE.split(text)
    places = [(at, stated) for at, line in enumerate(given) if (stated := times(line))]
    cues: list[ParsedCue] = []
    found: list[SyntaxViolation] = []
    for k, (at, stated) in enumerate(places):
        after = places[k + 1][0] if k + 1 < len(places) else len(given)
        raw = _srt_text(given[at + 1 : after], last=k + 1 == len(places))
        shown = tuple(map(plain_srt, raw))
        cues.append(ParsedCue(k + 1, at + 1, *stated[:2], raw, shown, stated[2]))
        found += _srt_breaches(given, at, cues)
    if not cues:
        found.append(SyntaxViolation(1, "no cue in it"))
    elif any(line.strip() for line in given[: max(0, cues[0].line - 2)]):
        found.append(SyntaxViolation(1, "text before the first cue"))
    return CaptionFile("srt", text, tuple(cues), tuple(found))


def _srt_text(between: Sequence[str], last: bool) -> tuple[str, ...]:
    """What stands between two lines of times, without the next cue's number."""
    kept = list(between)
    if not last and kept and re.fullmatch(r"\s*\d+\s*", kept[-1]):
        kept.pop()
    while kept and not kept[-1].strip():
        kept.pop()
    return tuple(kept)


def _srt_breaches(
    given: Sequence[str], at: int, cues: Sequence[ParsedCue]
) -> Iterator[SyntaxViolation]:
    cue, before = cues[-1], cues[-2] if len(cues) > 1 else None
    number = given[at - 1].strip() if at else ""
    if number != str(cue.number):
        yield SyntaxViolation(
            cue.line, f"not numbered {cue.number}: {number[:20]!r} stands above it"
        )
    if not _SUBRIP.fullmatch(given[at].strip()):
        yield SyntaxViolation(
            cue.line, "bad cue timing: it should be hh:mm:ss,ttt --> hh:mm:ss,ttt"
        )
    if cue.end_ms <= cue.start_ms:
        yield SyntaxViolation(cue.line, "the cue does not end after it starts")
    if before and cue.start_ms < before.start_ms:
        yield SyntaxViolation(cue.line, "the cue starts before one above it")
    for offset, line in enumerate(cue.raw, start=1):
        if not line.strip():
            yield SyntaxViolation(cue.line + offset, "a blank line within a cue")
        if "\0" in line:
            yield SyntaxViolation(cue.line + offset, "a NUL character")


def plain_srt(line: str) -> str:
    """Returns a line of a SubRip cue as it is shown."""
    return _SUBRIP_TAG.sub("", line) if "<" in line or "{" in line else line
