"""Text of TTML (W3C Timed Text, also IMSC and DFXP) -> CaptionFile, through lxml.

No entity is expanded, no DTD and nothing from the network is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from aligner.errors import BadSource
from aligner.lint.base import Breach, CaptionFile, Shown

if TYPE_CHECKING:
    from lxml.etree import _Element

PARAMETER = "http://www.w3.org/ns/ttml#parameter"
XML = "{http://www.w3.org/XML/1998/namespace}"
TIMED = ("body", "div", "p", "span")

_CLOCK = re.compile(r"(\d{2,9}):(\d\d):(\d\d)(?:\.(\d{1,9})|:(\d{2,})(?:\.\d+)?)?", re.ASCII)
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

    def ms(self, text: str) -> Fraction:
        """A time expression -> ms. Raises _BadTime."""
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
    """The text of a TTML file -> its root. Raises BadSource; XMLSyntaxError if it is no XML."""
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
    """The text of a TTML file -> its cues. Raises BadSource."""
    from lxml import etree

    try:
        root = parse(text, name)
    except etree.XMLSyntaxError as error:
        what = f"not well-formed XML: {error.msg}"
        return CaptionFile("ttml", text, (), (Breach(error.lineno or 1, what),), whole=False)
    found: list[Breach] = []
    if local(root) != "tt":
        found.append(Breach(1, f"the root element is {local(root)}, not tt"))
    cues: list[Shown] = []
    for place in timed(root, found):
        lines, line = _shown(place.element), place.element.sourceline or 1
        cues.append(Shown(len(cues) + 1, line, place.start_ms, place.end_ms, lines, lines))
        if place.end_ms <= place.start_ms:
            found.append(Breach(line, "the cue does not end after it starts"))
    if not cues:
        found.append(Breach(1, "no cue in it"))
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


def timed(root: _Element, found: list[Breach] | None = None) -> Iterator[Place]:
    """A document -> its cues in order; what cannot be read is added to ``found``."""
    found = [] if found is None else found
    clock = _clock(root, found)
    for element in _elements(root):
        line = element.sourceline or 1
        around = element.getparent()
        try:
            start, end = _interval(element, clock)
            origin = Fraction(0) if around is None else _interval(around, clock)[0]
        except _BadTime as error:
            found.append(Breach(line, f"bad time {str(error)[:40]!r}"))
            continue
        if end is None:
            found.append(Breach(line, "a cue without an end"))
        elif _has_times(element) or _shown(element):
            yield Place(element, round(start), round(end), round(origin))


def _elements(root: _Element) -> Iterator[_Element]:
    """What is a cue: each p, or the spans of one that has no times of its own."""
    for p in (e for e in root.iter() if local(e) == "p"):
        spans = [e for e in p.iter() if local(e) == "span" and _has_times(e)]
        if spans and not _has_times(p):
            yield from spans
        else:
            yield p


def _has_times(element: _Element) -> bool:
    return any(element.get(name) is not None for name in ("begin", "end", "dur"))


def _interval(element: _Element, clock: _Clock) -> tuple[Fraction, Fraction | None]:
    """An element's times; they count from the start of what is around it, which may cut them."""
    if local(element) not in TIMED:
        return Fraction(0), None
    around = element.getparent()
    start, last = Fraction(0), None
    if around is not None:
        start, last = _interval(around, clock)
    begin, end, length = (element.get(name) for name in ("begin", "end", "dur"))
    first = start + (clock.ms(begin.strip()) if begin else 0)
    ends = [] if last is None else [last]
    if end:
        ends.append(start + clock.ms(end.strip()))
    if length:
        ends.append(first + clock.ms(length.strip()))
    return first, min(ends, default=None)


def _clock(root: _Element, found: list[Breach]) -> _Clock:
    def number(name: str) -> Fraction | None:
        text = root.get(f"{{{PARAMETER}}}{name}")
        if text is None:
            return None
        parts = text.split()
        if not 1 <= len(parts) <= 2 or not all(re.fullmatch(r"[1-9]\d{0,8}", p) for p in parts):
            found.append(Breach(root.sourceline or 1, f"bad {name} {text[:40]!r}"))
            return None
        return Fraction(int(parts[0]), int(parts[-1]) if len(parts) > 1 else 1)

    frames = (number("frameRate") or Fraction(30)) * (number("frameRateMultiplier") or 1)
    return _Clock(frames, number("tickRate") or frames)


def _shown(element: _Element) -> tuple[str, ...]:
    """An element's lines as they are shown: white space is one space, br is a new line."""
    text = "".join(_pieces(element))
    return tuple(line for part in text.split("\n") if (line := part.strip()))


def _pieces(element: _Element) -> Iterator[str]:
    if local(element) == "br":
        yield "\n"
    elif isinstance(element.tag, str) and local(element) != "metadata":
        yield _SPACE.sub(" ", element.text or "")
        for child in element:
            yield from _pieces(child)
            yield _SPACE.sub(" ", child.tail or "")
