"""The times of TTML: the attributes begin, end and dur of the elements that are cues.

lxml tells which elements are cues (``lint.ttml``), expat where their tags stand in the text. Times
of spans within a cue count from its begin, and stay. Times of the elements around cues are taken
away, so that those of the cues count from the start of the recording.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.parsers import expat
from xml.sax.saxutils import escape

from aligner.captions.lint.base import CaptionFile
from aligner.captions.lint.ttml import (
    TimingParameters,
    cue_elements,
    parse_xml,
    timing_parameters,
)
from aligner.captions.retiming.base import (
    AddedCue,
    CueMove,
    EditableCue,
    EditableFile,
    TextEdit,
    TimeSlot,
)
from aligner.errors import BadSource
from aligner.types import Span

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAG = re.compile(r"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_VALUE = re.compile(r"""\s(begin|end|dur)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_LOOK = re.compile(r"""\s(?:region|style)\s*=\s*(?:"[^"]*"|'[^']*')""")
_NAME = re.compile(r"<[^\s/>]+")
_FRAMES = re.compile(r"(\d{2,}):\d\d:\d\d:(\d{2,})(?:\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"(\d{2,}):\d\d:\d\d(?:\.\d+)?", re.ASCII)
_OFFSET = re.compile(r"[\d.]+(h|ms|m|s|f|t)", re.ASCII)
_TIME_BASE = re.compile(r"\{[^{}]*#parameter\}timeBase")
_TIMED = ("begin", "end", "dur")


def parse(file: CaptionFile, name: str) -> EditableFile:
    """Returns a TTML file with the places of its times.

    Raises BadSource for a time base other than media, and where elements around the cues are a
    sequence: then the time of a cue depends on that of others.
    """
    root = parse_xml(file.text, name)
    for key, value in root.items():
        if _TIME_BASE.fullmatch(str(key)) and value != "media":
            raise BadSource(name, f"its time base is {value}; only media is retimed")
    elements = cue_elements(root)
    if len(elements) != len(file.cues):
        raise BadSource(name, "its cues cannot be told apart")
    places = _places(root, file.text)
    times = timing_parameters(root, [])
    slots: list[TimeSlot] = []
    timed: dict[_Element, None] = {}
    for at, element in enumerate(elements):
        around = _timed_around(element, name)
        timed.update(dict.fromkeys(around))
        slots += _slots(file.text, places[element].start, at, times, bool(around))
    settled = [
        edit
        for element in timed
        for edit in _without_times(file.text, places[element].start, times)
    ]
    cues = tuple(
        EditableCue(c.number, c.line, c.start_ms, c.end_ms, c.lines, places[_paragraph(e)].start)
        for c, e in zip(file.cues, elements, strict=True)
    )
    slots.sort(key=lambda slot: slot.start)
    return EditableFile(file.kind, file.text, cues, tuple(slots), file.language, tuple(settled))


def insertions(file: EditableFile, added: Sequence[tuple[int, AddedCue]]) -> list[TextEdit]:
    """Returns the edits that put new paragraphs before those of the cues of the given indexes.

    A new one has the name, the region, the style and the form of times of the paragraph beside it.
    """
    root = parse_xml(file.text, "")
    places, times = _places(root, file.text), timing_parameters(root, [])
    paragraphs = [_paragraph(element) for element in cue_elements(root)]
    edits = []
    for at, cue in added:
        beside = places[paragraphs[min(at, len(paragraphs) - 1)]]
        made = _element(file.text, beside, cue, times)
        indent = indent_of(file.text, beside.start)
        if at < len(paragraphs):
            edits.append(TextEdit(beside.start, beside.start, made + file.newline + indent))
        else:
            edits.append(TextEdit(beside.end, beside.end, file.newline + indent + made))
    return edits


def indent_of(text: str, place: int) -> str:
    """Returns the blanks between the start of the line and a place; "" if there is more."""
    before = text[text.rfind("\n", 0, place) + 1 : place]
    return "" if before.strip() else before


def _paragraph(element: _Element) -> _Element:
    """Returns the element around the text of a cue that may stand beside others like it."""
    around = [element, *element.iterancestors()]
    return next((e for e in around if str(e.tag).rpartition("}")[2] == "p"), element)


def _element(text: str, beside: Span, cue: AddedCue, times: TimingParameters) -> str:
    """Returns a new paragraph in the manner of the one beside it."""
    tag = _TAG.match(text, beside.start)
    assert tag  # noqa: S101  expat found it
    name = tag[0][1:].split(maxsplit=1)[0].rstrip("/>")
    known = {time.key: time.text for time in _times_of(text, beside.start)}
    form = _Form(times)
    attributes = "".join(
        f' {key}="{form.written(known.get(key) or known.get("begin"), ms)}"'
        for key, ms in (("begin", cue.time.start), ("end", cue.time.end))
    )
    attributes += "".join(found[0] for found in _LOOK.finditer(tag[0]))
    broken = f"<{name.rpartition(':')[0] + ':' if ':' in name else ''}br/>"
    return f"<{name}{attributes}>{broken.join(map(escape, cue.lines))}</{name}>"


def _places(root: _Element, text: str) -> dict[_Element, Span]:
    """Returns where each element stands, in characters: from its start tag to its end."""
    return dict(zip(root.iter("*"), _element_places(text), strict=True))


def _element_places(text: str) -> Sequence[Span]:
    """Returns the places of all elements, in document order of their start tags."""
    data = text.encode("utf-8", "surrogatepass")
    starts: list[int] = []
    ends: dict[int, int] = {}
    opened: list[int] = []
    parser = expat.ParserCreate("utf-8")

    def start(_name: str, _attributes: object) -> None:
        opened.append(parser.CurrentByteIndex)
        starts.append(parser.CurrentByteIndex)

    def end(_name: str) -> None:
        ends[opened.pop()] = parser.CurrentByteIndex

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)  # lxml has read it: it is well-formed and declares no entities
    at = _characters(data, sorted({*starts, *ends.values()}))
    return [Span(at[s], _tag_end(text, at[ends[s]])) for s in starts]


def _tag_end(text: str, place: int) -> int:
    """Returns the end of an end tag; of an empty element's only tag, where expat tells that."""
    tag = _TAG.match(text, place)
    return tag.end() if tag else text.index(">", place) + 1


def _characters(data: bytes, places: Sequence[int]) -> dict[int, int]:
    """Returns for each place in bytes, in increasing order, its place in characters."""
    found, at, characters = {}, 0, 0
    for byte in places:
        characters += len(data[at:byte].decode("utf-8", "surrogatepass"))
        at = byte
        found[byte] = characters
    return found


def _timed_around(element: _Element, name: str) -> list[_Element]:
    """Returns the elements around a cue that have times. Raises BadSource."""
    found = []
    for around in element.iterancestors():
        if around.get("timeContainer") == "seq":
            line = around.sourceline or 1
            raise BadSource(name, f"line {line}: the cues of a sequence are not retimed")
        if any(around.get(key) for key in _TIMED):
            found.append(around)
    return found


@dataclass(frozen=True, slots=True)
class _TimeAttribute:
    """A begin, end or dur in a tag, and where it and its value stand in the text."""

    key: str
    text: str
    whole: tuple[int, int]
    value: tuple[int, int]


def _times_of(text: str, place: int) -> Iterator[_TimeAttribute]:
    """Yields the times in the tag at a place."""
    tag = _TAG.match(text, place)
    assert tag  # noqa: S101  expat found it
    for found in _VALUE.finditer(text, tag.start(), tag.end()):
        group = 2 if found[2] is not None else 3
        yield _TimeAttribute(found[1], found[group], found.span(), found.span(group))


def _without_times(text: str, place: int, times: TimingParameters) -> Iterator[TextEdit]:
    """Yields the edits that let an element begin with the recording and last as long as it."""
    for time in _times_of(text, place):
        if time.key == "begin":
            yield TextEdit(*time.value, _Form(times).written(time.text, 0))
        else:
            yield TextEdit(*time.whole, "")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a time is written."""

    times: TimingParameters

    def written(self, old: str | None, ms: int) -> str:
        """Returns a time in the form of an old one; as a clock with milliseconds without one."""
        old = (old or "").strip()
        if found := _FRAMES.fullmatch(old):
            return self._frames(ms, found)
        if found := _OFFSET.fullmatch(old):
            return self._offset(ms, found[1])
        clock = _CLOCK.fullmatch(old)
        return f"{_clock(ms // 1000, len(clock[1]) if clock else 2)}.{ms % 1000:03d}"

    def _frames(self, ms: int, old: re.Match[str]) -> str:
        # Frames count from each full second, as in the times that are read.
        rate = self.times.frame_rate
        seconds, rest = divmod(ms, 1000)
        frames = round(rest * rate / 1000)
        if frames >= rate:
            seconds, frames = seconds + 1, 0
        return f"{_clock(seconds, len(old[1]))}:{frames:0{len(old[2])}d}"

    def _offset(self, ms: int, unit: str) -> str:
        match unit:
            case "f":
                return f"{round(Fraction(ms) * self.times.frame_rate / 1000)}f"
            case "t":
                return f"{round(Fraction(ms) * self.times.tick_rate / 1000)}t"
            case "ms":
                return f"{ms}ms"
        return f"{ms // 1000}.{ms % 1000:03d}s"


def _clock(seconds: int, width: int) -> str:
    return f"{seconds // 3600:0{width}d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _slots(
    text: str, place: int, cue: int, times: TimingParameters, depends: bool
) -> Iterator[TimeSlot]:
    """Yields the times of a cue's tag; a begin or an end that it lacks is put into it.

    ``depends`` is ``TimeSlot.depends``.
    """
    form, seen = _Form(times), set()
    for time in _times_of(text, place):
        seen.add(time.key)
        written = _value(form, time.text, _OF[time.key], depends)
        yield TimeSlot(*time.value, cue, written, depends)
    after_name = _NAME.match(text, place)
    assert after_name  # noqa: S101
    lacking = [key for key in ("begin", "end") if key not in seen]
    if "dur" in seen and "end" in lacking:
        lacking.remove("end")
    if lacking:
        yield TimeSlot(after_name.end(), after_name.end(), cue, _added(form, lacking), depends)


_OF: dict[str, Callable[[CueMove], int]] = {
    "begin": lambda move: move.new.start,
    "end": lambda move: move.new.end,
    "dur": lambda move: len(move.new),
}
"""What each attribute tells of a cue's time, in milliseconds."""


def _value(
    form: _Form, old: str, of: Callable[[CueMove], int], depends: bool
) -> Callable[[CueMove], str]:
    def written(move: CueMove) -> str:
        is_equal = not depends and of(move) == of(CueMove(move.old, move.old))
        return old if is_equal else form.written(old, of(move))

    return written


def _added(form: _Form, keys: Sequence[str]) -> Callable[[CueMove], str]:
    return lambda move: "".join(f' {key}="{form.written(None, _OF[key](move))}"' for key in keys)
