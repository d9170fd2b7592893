"""Parse TTML (W3C Timed Text, also IMSC and DFXP) with lxml.

No entity is expanded, no DTD and nothing from the network is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from aligner.captions.lint.base import CaptionFile, ParsedCue, SyntaxViolation
from aligner.errors import BadSource

if TYPE_CHECKING:
    from lxml.etree import _Element

_PARAMETER = re.compile(r"\{http://www\.w3\.org/(?:ns/ttml|\d{4}/\d{2}/ttaf1)#parameter\}(\w+)")
"""A parameter of the document, in the namespace of TTML or of one of its drafts from 2004 on."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TIMED = ("body", "div", "p", "span")

_CLOCK = re.compile(r"(\d{2,9}):(\d\d):(\d\d)(?:\.(\d{1,9})|:(\d{2,9})(?:\.(\d{1,9}))?)?", re.ASCII)
_MOST_COMMON = re.compile(r"(\d{2,9}):(\d\d):(\d\d)\.(\d{3})", re.ASCII)
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)", re.ASCII)
_DECLARATION = re.compile(r"<\?xml[^<>]*\?>")
_SPACE = re.compile(r"[ \t\r\n]+")


Ms = Fraction | int
"""Milliseconds, exact."""
_FRAME_RATE = Fraction(30)
"""Where a document does not give one."""


class _BadTime(Exception):
    """A time expression that TTML does not have."""


@dataclass(frozen=True, slots=True)
class TimingParameters:
    """How frames and ticks count."""

    frame_rate: Fraction
    """Frames in a second."""
    sub_frame_rate: Fraction
    """Sub-frames in a frame."""
    tick_rate: Fraction
    """Ticks in a second."""

    def ms(self, text: str) -> Ms:
        """Returns a time expression in ms. Raises _BadTime."""
        if found := _MOST_COMMON.fullmatch(text):
            return ((int(found[1]) * 60 + int(found[2])) * 60 + int(found[3])) * 1000 + int(
                found[4]
            )
        if found := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames, parts = found.groups()
            whole = Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds))
            if fraction:
                whole += Fraction(int(fraction), 10 ** len(fraction))
            counted = int(frames or 0) + int(parts or 0) / self.sub_frame_rate
            return (whole + counted / self.frame_rate) * 1000
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


def parse_xml(text: str, name: str) -> _Element:
    """Returns the root of a TTML file. Raises BadSource; XMLSyntaxError if it is no XML."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    # The text is decoded already, whatever its declaration says of its encoding; the line stays.
    bare = _DECLARATION.sub("", text, count=1)
    root = etree.fromstring(bare.encode("utf-8", "replace"), parser)
    document = root.getroottree().docinfo
    if document.internalDTD is not None and list(document.internalDTD.iterentities()):
        raise BadSource(name, "it declares entities, which no TTML file needs: not read")
    return root


def read(text: str, name: str) -> CaptionFile:
    """Returns the parsed TTML file. Raises BadSource."""
    from lxml import etree

    try:
        root = parse_xml(text, name)
    except etree.XMLSyntaxError as error:
        what = f"not well-formed XML: {error.msg}"
        return CaptionFile("ttml", text, (), (SyntaxViolation(error.lineno or 1, what),))
    found: list[SyntaxViolation] = []
    if _local(root) != "tt":
        found.append(SyntaxViolation(1, f"the root element is {_local(root)}, not tt"))
    reader = _TtmlParser(timing_parameters(root, found), found)
    for body in root:
        if _local(body) == "body":
            reader.read(body, _Interval())
    if not reader.cues:
        found.append(SyntaxViolation(1, "no cue in it"))
    language = root.get(_LANGUAGE) or None
    return CaptionFile("ttml", text, tuple(reader.cues), tuple(found), language)


def cue_elements(root: _Element) -> list[_Element]:
    """Returns the element of each cue that ``read`` finds, in the same order."""
    found: list[SyntaxViolation] = []
    reader = _TtmlParser(timing_parameters(root, found), found)
    for body in root:
        if _local(body) == "body":
            reader.read(body, _Interval())
    return reader.elements


def _local(element: _Element) -> str:
    """An element's name without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


@dataclass(frozen=True, slots=True)
class _Interval:
    """When an element is active, in ms."""

    start: Ms = 0
    last: Ms | None = None
    """None for as long as the presentation lasts."""


@dataclass(frozen=True, slots=True)
class _TtmlParser:
    """Reads the cues of a document, and the interval in which each element is active."""

    clock: TimingParameters
    found: list[SyntaxViolation]
    cues: list[ParsedCue] = field(default_factory=list)
    elements: list[_Element] = field(default_factory=list)
    """The element of each cue."""

    def read(self, element: _Element, around: _Interval) -> Ms:
        """Read the cues in an element. Returns when the element ends.

        ``around`` starts where the element's times count from: at the start of its parent or, in a
        sequence, at the end of the element before it.
        """
        try:
            mine = self.interval(element, around)
        except _BadTime as error:
            self.found.append(SyntaxViolation(_line(element), f"bad time {str(error)[:40]!r}"))
            return around.start
        if _is_cue(element):
            self.cue(element, mine)
            return mine.start if mine.last is None else mine.last
        return self.children(element, mine)

    def children(self, element: _Element, mine: _Interval) -> Ms:
        """Read the children of an element, at once or one after the other. Returns its end."""
        in_sequence = element.get("timeContainer") == "seq"
        reached = mine.start
        for child in element:
            if _local(child) in _TIMED:
                start = reached if in_sequence else mine.start
                end = self.read(child, replace(mine, start=start))
                reached = end if in_sequence else max(reached, end)
        return reached if mine.last is None else mine.last

    def cue(self, element: _Element, mine: _Interval) -> None:
        line = _line(element)
        if mine.last is not None:
            lines, start, end = _shown(element), round(mine.start), round(mine.last)
            self.cues.append(ParsedCue(len(self.cues) + 1, line, start, end, lines, lines))
            self.elements.append(element)
            if end <= start:
                self.found.append(SyntaxViolation(line, "the cue does not end after it starts"))
        elif _has_times(element) or _shown(element):
            self.found.append(SyntaxViolation(line, "a cue without an end"))

    def interval(self, element: _Element, around: _Interval) -> _Interval:
        """Returns when an element is active. Raises _BadTime."""
        begin, end, length = (element.get(name) for name in ("begin", "end", "dur"))
        first = around.start + (self.clock.ms(begin.strip()) if begin else 0)
        ends = [] if around.last is None else [around.last]
        if end:
            ends.append(around.start + self.clock.ms(end.strip()))
        if length:
            ends.append(first + self.clock.ms(length.strip()))
        return _Interval(first, min(ends, default=None))


def _line(element: _Element) -> int:
    return element.sourceline or 1


def _is_cue(element: _Element) -> bool:
    """Whether an element is one cue: a p, or a span with times in a p that has no end itself."""
    if _local(element) == "span":
        return _has_times(element)
    if _local(element) != "p":
        return False
    ends = element.get("end") is not None or element.get("dur") is not None
    return ends or not any(_local(e) == "span" and _has_times(e) for e in element.iterdescendants())


def _has_times(element: _Element) -> bool:
    return any(element.get(name) is not None for name in ("begin", "end", "dur"))


def timing_parameters(root: _Element, found: list[SyntaxViolation]) -> TimingParameters:
    """Returns how the parameters of a document count frames and ticks."""
    given = {
        match[1]: value for name, value in root.items() if (match := _PARAMETER.fullmatch(name))
    }

    def number(name: str) -> Fraction | None:
        text = given.get(name)
        if text is None:
            return None
        parts = re.split(r"[\s:]+", text.strip())  # the drafts put a colon into the multiplier
        if not 1 <= len(parts) <= 2 or not all(re.fullmatch(r"[1-9]\d{0,8}", p) for p in parts):
            found.append(SyntaxViolation(_line(root), f"bad {name} {text[:40]!r}"))
            return None
        return Fraction(int(parts[0]), int(parts[-1]) if len(parts) > 1 else 1)

    rate, parts = number("frameRate"), number("subFrameRate") or Fraction(1)
    frames = (rate or _FRAME_RATE) * (number("frameRateMultiplier") or 1)
    return TimingParameters(
        frames, parts, number("tickRate") or (frames * parts if rate else Fraction(1))
    )


def _shown(element: _Element) -> tuple[str, ...]:
    """An element's lines as they are shown: white space is one space, br is a new line."""
    text = re.sub(" +", " ", "".join(_pieces(element)))
    return tuple(line for part in text.split("\n") if (line := part.strip()))


def _pieces(element: _Element) -> Iterator[str]:
    if _local(element) == "br":
        yield "\n"
    elif isinstance(element.tag, str) and _local(element) != "metadata":
        yield _SPACE.sub(" ", element.text or "")
        for child in element:
            yield from _pieces(child)
            yield _SPACE.sub(" ", child.tail or "")
