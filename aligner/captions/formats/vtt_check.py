"""Checks a text against the grammar of WebVTT files (W3C, "WebVTT file structure").

This is the grammar for authors; players accept more. The module follows the standard and shares
nothing with the writer, so that neither hides the other's mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.entities import html5

ARROW = "-->"

_STAMP = r"(?:(\d{2,12}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_STAMP}[ \t]+-->[ \t]+{_STAMP}(?:[ \t]+(.*))?", re.ASCII)
_PERCENT = r"(?:100(?:\.0+)?|0*\d{1,2}(?:\.\d+)?)%"
_SETTINGS = {
    "vertical": r"rl|lr",
    "line": rf"(?:-?\d+|{_PERCENT})(?:,(?:start|center|end))?",
    "position": rf"{_PERCENT}(?:,(?:line-left|center|line-right))?",
    "size": _PERCENT,
    "align": r"start|center|end|left|right",
    "region": r"\S+",
}
_REGION_SETTINGS = {
    "id": r"\S+",
    "width": _PERCENT,
    "lines": r"\d+",
    "regionanchor": rf"{_PERCENT},{_PERCENT}",
    "viewportanchor": rf"{_PERCENT},{_PERCENT}",
    "scroll": r"up",
}
_CLASSES = r"((?:\.[^\s.&<>]+)*)"
_START_TAG = re.compile(rf"(c|i|b|u|ruby|rt|v|lang){_CLASSES}(?:[ \t\n]([^<>]*))?")
_END_TAG = re.compile(r"/(c|i|b|u|ruby|rt|v|lang)")
_MARKUP = re.compile(r"<([^<>]*)>|<|&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|([A-Za-z][A-Za-z0-9]*));|&")
_NOTE = re.compile(r"NOTE(?:[ \t].*)?")
SIGNATURE = re.compile(r"WEBVTT(?:[ \t].*)?")
TIMESTAMP_MAP = "X-TIMESTAMP-MAP="
_TIMESTAMP_MAP = re.compile(
    rf"{TIMESTAMP_MAP}(?:MPEGTS:\d+,LOCAL:[\d:.]+|LOCAL:[\d:.]+,MPEGTS:\d+)"
)
"""The header line that RFC 8216 adds to segments for HTTP Live Streaming."""
_BLOCK = re.compile(r"(STYLE|REGION)[ \t]*")

MAX_CODE_DIGITS = 7
"""Digits of a character's number, leading zeros aside."""

Line = tuple[int, str]
"""A line's number in the file, from 1, and its text."""


def breaches(text: str) -> tuple[str, ...]:
    """Returns a text's violations of the grammar, each beginning with "line N:".

    They include the minor ones (``notes``), which files of aligner do not have either.
    """
    found = sorted((*numbered(text), *notes(text)), key=_number)
    return tuple(f"line {number}: {what}" for number, what in found)


def numbered(text: str) -> tuple[Line, ...]:
    """Returns a text's violations of the grammar with their line numbers, in order.

    Minor ones (``notes``) are left out.
    """
    check = _Check()
    text = text.removeprefix("\ufeff")
    lines = re.split(r"\r\n|\r|\n", text)
    check.header(lines)
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            check.wrong(number, "a NUL character")
    for block in _blocks(lines):
        check.block(block)
    return tuple(sorted(check.found, key=_number))


def notes(text: str) -> tuple[Line, ...]:
    """Returns the violations that every reader tolerates."""
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    header = enumerate(lines[1 : header_end(lines)], start=2)
    found = [
        (number, f"a header line that WebVTT does not define: {line[:40]}")
        for number, line in header
        if not line.startswith(TIMESTAMP_MAP)
    ]
    if lines[-1]:
        found.append((len(lines), "the last line has no line end"))
    return tuple(found)


def header_end(lines: Sequence[str]) -> int:
    """Returns the index after the header: the first line, and those that follow it directly.

    Players ignore these lines; X-TIMESTAMP-MAP of HLS is one. The header also ends at a cue or at
    another block.
    """
    if not SIGNATURE.fullmatch(lines[0]):
        return 1
    at = 1
    while at < len(lines) and lines[at] and ARROW not in lines[at]:
        if _NOTE.fullmatch(lines[at]) or _BLOCK.fullmatch(lines[at]):
            break
        at += 1
    return at


def _number(breach: tuple[int, str]) -> int:
    return breach[0]


def _blocks(lines: Sequence[str]) -> Iterator[list[Line]]:
    """Yields the blocks after the header; blank lines separate them."""
    block: list[Line] = []
    first = header_end(lines)
    for number, line in enumerate([*lines[first:], ""], start=first + 1):
        if line:
            block.append((number, line))
        elif block:
            yield block
            block = []


def _ms(hours: str | None, minutes: str, seconds: str, thousandths: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(thousandths)


@dataclass(slots=True)
class _Check:
    """The violations of a file, and what later checks of it need to know."""

    found: list[tuple[int, str]] = field(default_factory=list)
    identifiers: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    latest_start: int = -1
    cues: int = 0

    def wrong(self, number: int, what: str) -> None:
        self.found.append((number, what))

    def header(self, lines: Sequence[str]) -> None:
        """Check the header; the line that follows it must be blank."""
        if not SIGNATURE.fullmatch(lines[0]):
            self.wrong(1, 'the file does not begin with a line "WEBVTT"')
        elif ARROW in lines[0]:
            self.wrong(1, f'"{ARROW}" in the header')
        end = header_end(lines)
        for number, line in enumerate(lines[1:end], start=2):
            if line.startswith(TIMESTAMP_MAP) and not _TIMESTAMP_MAP.fullmatch(line):
                self.wrong(number, f"bad {line[:60]}")
        if len(lines) < end + 2 or lines[end]:
            self.wrong(min(end + 1, len(lines)), "no blank line after the header")

    # ------------------------------------------------------------ blocks

    def block(self, block: list[Line]) -> None:
        number, first = block[0]
        kind = _BLOCK.fullmatch(first)
        if _NOTE.fullmatch(first):
            self.no_arrows(block, "a comment")
        elif kind:
            if self.cues:
                self.wrong(number, f"{kind[1]} after the first cue")
            self.no_arrows(block, f"a {kind[1]} block")
            if kind[1] == "REGION":
                self.region(block)
        elif any(ARROW in line for _, line in block[:2]):
            self.cue(block)
        elif self.cues:
            self.wrong(number, "text after a blank line that belongs to no cue")
        else:
            self.wrong(number, "neither a cue nor a comment")

    def no_arrows(self, block: list[Line], where: str) -> None:
        for number, line in block:
            if ARROW in line:
                self.wrong(number, f'"{ARROW}" in {where}')

    def region(self, block: list[Line]) -> None:
        number = block[0][0]
        settings = [s for _, line in block[1:] for s in line.split()]
        self.settings(number, settings, _REGION_SETTINGS)
        for name in (s.removeprefix("id:") for s in settings if s.startswith("id:")):
            if name in self.regions:
                self.wrong(number, f"region {name} is defined twice")
            self.regions.add(name)

    def settings(self, number: int, settings: list[str], known: dict[str, str]) -> None:
        """Check that each setting is known, has a valid value and is given once."""
        seen = set()
        for setting in settings:
            name, _, value = setting.partition(":")
            if name not in known or not re.fullmatch(known[name], value, re.ASCII):
                self.wrong(number, f"bad setting {setting[:40]}")
            elif name in seen:
                self.wrong(number, f"setting {name} is given twice")
            seen.add(name)

    def cue(self, block: list[Line]) -> None:
        self.cues += 1
        if ARROW not in block[0][1]:
            number, name = block[0]
            if name in self.identifiers:
                self.wrong(number, f"identifier {name[:40]} is used twice")
            self.identifiers.add(name)
            block = block[1:]
        span = self.timing(*block[0])
        if span:
            self.payload(block[1:], *span)

    def timing(self, number: int, line: str) -> tuple[int, int] | None:
        """Returns start and end of a timing line in ms; None if it cannot be read."""
        match = _TIMING.fullmatch(line)
        if not match:
            self.wrong(number, f"bad cue timing {line[:60]}")
            return None
        parts = match.groups()
        start, end = _ms(*parts[:4]), _ms(*parts[4:8])
        if end <= start:
            self.wrong(number, "the cue does not end after it starts")
        if start < self.latest_start:
            self.wrong(number, "the cue starts before one above it")
        self.latest_start = max(self.latest_start, start)
        self.settings(number, (parts[8] or "").split(), _SETTINGS)
        return start, end

    # ------------------------------------------------------------ the text of a cue

    def payload(self, lines: list[Line], start: int, end: int) -> None:
        self.no_arrows(lines, "a cue's text")
        if not lines:
            return
        text = "\n".join(line for _, line in lines)
        number, reached = lines[0][0], 0
        payload = _Payload(start, end)
        for match in _MARKUP.finditer(text):
            if what := payload.markup(match):
                number += text.count("\n", reached, match.start())
                reached = match.start()
                self.wrong(number, what)
        if what := payload.unclosed(text):
            self.wrong(lines[-1][0], what)


@dataclass(slots=True)
class _Payload:
    """Checks a cue's text from tag to tag. Each method returns a violation, or ""."""

    after: int
    """The next timestamp must come later than this."""
    end: int
    open: list[str] = field(default_factory=list)

    def markup(self, match: re.Match[str]) -> str:
        """Check a tag or a character reference."""
        if match[0][0] == "&":
            return "" if _is_reference(match) else f"bare & ({match[0]})"
        inside = match[1]
        if inside is None:
            return "bare <"
        if stamp := re.fullmatch(_STAMP, inside, re.ASCII):
            return self.stamp(_ms(*stamp.groups()))
        if ending := _END_TAG.fullmatch(inside):
            return self.end_tag(ending[1])
        if starting := _START_TAG.fullmatch(inside):
            return self.start_tag(starting[1], starting[3])
        return f"bare < or unknown tag <{inside[:20]}>"

    def stamp(self, at: int) -> str:
        if not self.after < at < self.end:
            return "a timestamp outside its cue or out of order"
        self.after = at
        return ""

    def end_tag(self, name: str) -> str:
        if name == "ruby" and self.open[-1:] == ["rt"]:
            self.open.pop()  # the last </rt> may be left out
        if self.open[-1:] != [name]:
            return f"</{name}> without its start tag"
        self.open.pop()
        return ""

    def start_tag(self, name: str, annotation: str | None) -> str:
        inside_ruby = self.open[-1:] == ["ruby"]
        self.open.append(name)
        if name in ("v", "lang"):
            if not (annotation or "").strip():
                return f"<{name}> without an annotation"
            bare = re.search(r"&(?!#?\w+;)", annotation or "")
            return f"bare & in <{name}>" if bare else ""
        if (annotation or "").strip():
            return f"<{name}> with an annotation"
        return "<rt> outside <ruby>" if name == "rt" and not inside_ruby else ""

    def unclosed(self, text: str) -> str:
        """Check that no tag is left open; a voice may be, if it spans the whole text."""
        if not self.open or (self.open == ["v"] and text.startswith("<v")):
            return ""
        return f"<{self.open[-1]}> is not closed"


def _is_reference(match: re.Match[str]) -> bool:
    """Whether a match of the form ``&...;`` is a character reference of HTML."""
    decimal, hexadecimal, name = match[2], match[3], match[4]
    if name:
        return f"{name};" in html5
    digits = (decimal or hexadecimal or "").lstrip("0")
    if not digits or len(digits) > MAX_CODE_DIGITS:
        return False
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
