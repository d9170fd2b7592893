"""Parse TTML (W3C Timed Text, also IMSC and DFXP) with lxml.

No entity is expanded, no DTD and nothing from the network is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from aligner.captions.lint.base import CaptionFile, ParsedCue, SyntaxViolation
from aligner.errors import BadSource

if TYPE_CHECKING:
    from lxml.etree import _Element

PARAMETER = "http://www.w3.org/ns/ttml#parameter"
XML = "{http://www.w3.org/XML/1998/namespace}"
TIMED = ("body", "div", "p", "span")

_CLOCK = re.compile(r"(\d{2,9}):(\d\d):(\d\d)(?:\.(\d{1,9})|:(\d{2,})(?:\.\d+)?)?", re.ASCII)
_MOST_COMMON = re.compile(r"(\d{2,9}):(\d\d):(\d\d)\.(\d{3})", re.ASCII)
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)", re.ASCII)
DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_SPACE = re.compile(r"[ \t\r\n]+")


class _BadTime(Exception):
    """A time expression that TTML does not have."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """How frames and ticks count."""

    frame_rate: Fraction
    tick_rate: Fraction

    def ms(self, text: str) -> Fraction | int:
        """Returns a time expression in ms. Raises _BadTime."""
        if found := _MOST_COMMON.fullmatch(text):
            return ((int(found[1]) * 60 + int(found[2])) * 60 + int(found[3])) * 1000 + int(
                found[4]
            )
        if found := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames = found.groups()
            whole = Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds))
            if fraction:
                whole += Fraction(int(fraction), 10 ** len(fraction))
            return (whole + Fraction(int((frames or "0")[:9])) / self.frame_rate) * 1000
        if found := _OFFSET.fullmatch(text):
            return Fraction(found[1]) * self._unit_ms(found[2])
        raise _BadTime(text)

    def _unit_ms(self, unit: str) -> Fraction:
        match unit:
            case "f":
                return 1000 / self.frame_rate
            case "t":
                return 1000 / self.tick_rate
            case _:
                return Fraction({"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}[unit])


def parse(text: str, name: str) -> _Element:
    """Returns the root of a TTML file. Raises BadSource; XMLSyntaxError if it is no XML."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    # The text is decoded already, whatever its declaration says of its encoding; the line stays.
    bare = DECLARATION.sub("", text, count=1)
    root = etree.fromstring(bare.encode("utf-8", "replace"), parser)
    document = root.getroottree().docinfo
    if document.internalDTD is not None and list(document.internalDTD.iterentities()):
        raise BadSource(name, "it declares entities, which no TTML file needs: not read")
    return root


def read(text: str, name: str) -> CaptionFile:
    """Returns the parsed TTML file. Raises BadSource."""
    from lxml import etree

    try:
        root = parse(text, name)
    except etree.XMLSyntaxError as error:
        what = f"not well-formed XML: {error.msg}"
        return CaptionFile("ttml", text, (), (SyntaxViolation(error.lineno or 1, what),))
    found: list[SyntaxViolation] = []
    if local(root) != "tt":
        found.append(SyntaxViolation(1, f"the root element is {local(root)}, not tt"))
    cues: list[ParsedCue] = []
    for place in timed(root, found):
        lines, line = _shown(place.element), _line(place.element)
        cues.append(ParsedCue(len(cues) + 1, line, place.start_ms, place.end_ms, lines, lines))
        if place.end_ms <= place.start_ms:
            found.append(SyntaxViolation(line, "the cue does not end after it starts"))
    if not cues:
        found.append(SyntaxViolation(1, "no cue in it"))
    return CaptionFile("ttml", text, tuple(cues), tuple(found), root.get(f"{XML}lang") or None)


def local(element: _Element) -> str:
    """An element's name without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """An element that is a cue."""

    element: _Element
    start_ms: int
    end_ms: int
    from_ms: int
    """What its own times count from."""


@dataclass(frozen=True, slots=True)
class _Around:
    """The times of what an element lies in."""

    start: Fraction | int = 0
    last: Fraction | int | None = None


def timed(root: _Element, found: list[SyntaxViolation] | None = None) -> Iterator[Place]:
    """Yields a document's cues in order; what cannot be read is added to ``found``."""
    found = [] if found is None else found
    reader = _Reader(_clock(root, found), found)
    for body in root:
        if local(body) == "body":
            yield from reader.within(body, _Around())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks down a document; times count from the start of what is around, which may cut them."""

    clock: _Clock
    found: list[SyntaxViolation]

    def within(self, element: _Element, around: _Around) -> Iterator[Place]:
        """The cues in an element: a p, or the spans of one that has no times of its own."""
        try:
            mine = self.interval(element, around)
        except _BadTime as error:
            self.found.append(SyntaxViolation(_line(element), f"bad time {str(error)[:40]!r}"))
            return
        kind = local(element)
        if kind in ("p", "span") and (_has_times(element) or not _timed_spans(element)):
            if kind == "p" or _has_times(element):
                yield from self.cue(element, mine, around)
            return
        for child in element:
            if local(child) in TIMED:
                yield from self.within(child, mine)

    def cue(self, element: _Element, mine: _Around, around: _Around) -> Iterator[Place]:
        if mine.last is not None:
            yield Place(element, round(mine.start), round(mine.last), round(around.start))
        elif _has_times(element) or _shown(element):
            self.found.append(SyntaxViolation(_line(element), "a cue without an end"))

    def interval(self, element: _Element, around: _Around) -> _Around:
        """An element's own times. Raises _BadTime."""
        begin, end, length = (element.get(name) for name in ("begin", "end", "dur"))
        first = around.start + (self.clock.ms(begin.strip()) if begin else 0)
        ends = [] if around.last is None else [around.last]
        if end:
            ends.append(around.start + self.clock.ms(end.strip()))
        if length:
            ends.append(first + self.clock.ms(length.strip()))
        return _Around(first, min(ends, default=None))


def _line(element: _Element) -> int:
    return element.sourceline or 1


def _timed_spans(p: _Element) -> bool:
    return len(p) > 0 and any(local(e) == "span" and _has_times(e) for e in p.iterdescendants())


def _has_times(element: _Element) -> bool:
    return any(element.get(name) is not None for name in ("begin", "end", "dur"))


def _clock(root: _Element, found: list[SyntaxViolation]) -> _Clock:
    def number(name: str) -> Fraction | None:
        text = root.get(f"{{{PARAMETER}}}{name}")
        if text is None:
            return None
        parts = text.split()
        if not 1 <= len(parts) <= 2 or not all(re.fullmatch(r"[1-9]\d{0,8}", p) for p in parts):
            found.append(SyntaxViolation(_line(root), f"bad {name} {text[:40]!r}"))
            return None
        return Fraction(int(parts[0]), int(parts[-1]) if len(parts) > 1 else 1)

    frames = (number("frameRate") or Fraction(30)) * (number("frameRateMultiplier") or 1)
    return _Clock(frames, number("tickRate") or frames)


def _shown(element: _Element) -> tuple[str, ...]:
    """An element's lines as they are shown: white space is one space, br is a new line."""
    text = re.sub(" +", " ", "".join(_pieces(element)))
    return tuple(line for part in text.split("\n") if (line := part.strip()))


def _pieces(element: _Element) -> Iterator[str]:
    if local(element) == "br":
        yield "\n"
    elif isinstance(element.tag, str) and local(element) != "metadata":
        yield _SPACE.sub(" ", element.text or "")
        for child in element:
            yield from _pieces(child)
            yield _SPACE.sub(" ", child.tail or "")
