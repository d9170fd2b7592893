"""The periods of a DASH manifest (ISO 23009-1), each as a manifest of its own."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from lxml import etree

from aligner.discovery.durations import duration_ms
from aligner.errors import MediaUnavailable

SEGMENT_INFO = ("SegmentTemplate", "SegmentList", "SegmentBase")
MAX_PERIODS = 1_000
MAX_SEGMENTS = 100_000


@dataclass(frozen=True, slots=True)
class Period:
    """One period, alone in a copy of the manifest."""

    manifest: ET.Element
    start_s: float | None
    """Where it begins on the player's clock; None if the manifest does not say so."""
    duration_s: float | None

    def offset_s(self, representation: str) -> float:
        """Returns the time stamp with which a representation begins (presentationTimeOffset)."""
        for levels in _levels(self.manifest):
            if levels[-1].get("id") == representation:
                scale = Fraction(_inherited(levels, "timescale") or "1")
                return float(Fraction(_inherited(levels, "presentationTimeOffset") or "0") / scale)
        return 0.0


def read(text: str, url: str) -> tuple[Period, ...]:
    """A manifest's text -> its periods, in order. Raises MediaUnavailable naming ``url``."""
    try:
        safe = etree.XMLParser(resolve_entities=False, no_network=True)
        root = ET.fromstring(etree.tostring(etree.fromstring(text.encode(), safe)))  # noqa: S314
        return tuple(_periods(root))
    except (etree.XMLSyntaxError, ValueError, ZeroDivisionError) as error:
        why = f"its DASH manifest cannot be read: {error}"
        raise MediaUnavailable(url, "not_media", why) from error


def _periods(root: ET.Element) -> Iterator[Period]:
    all_periods = root.findall("{*}Period")
    if len(all_periods) > MAX_PERIODS:
        raise ValueError(f"it has more than {MAX_PERIODS} periods")
    starts = list(_starts(all_periods))
    others = frozenset(all_periods)
    whole_s = _seconds(root, "mediaPresentationDuration")
    for number, start_s in enumerate(starts):
        period = all_periods[number]
        manifest = ET.Element(root.tag, root.attrib)
        manifest.extend(child for child in root if child is period or child not in others)
        end_s = starts[number + 1] if number + 1 < len(starts) else whole_s
        duration_s = _seconds(period, "duration")
        if duration_s is None and start_s is not None and end_s is not None:
            duration_s = end_s - start_s
        if duration_s is not None:
            period.set("duration", f"PT{duration_s:.6f}S")
        _unroll(manifest, duration_s)
        first_s = starts[0] or 0.0
        yield Period(manifest, None if start_s is None else start_s - first_s, duration_s)


def _starts(periods: list[ET.Element]) -> Iterator[float | None]:
    """Yield the periods' starts in seconds; the first one is 0 unless it says otherwise."""
    due: float | None = 0.0
    for period in periods:
        start_s = _seconds(period, "start")
        start_s = due if start_s is None else start_s
        yield start_s
        duration_s = _seconds(period, "duration")
        due = None if start_s is None or duration_s is None else start_s + duration_s


def _seconds(element: ET.Element, attribute: str) -> float | None:
    text = element.get(attribute)
    if not text:
        return None
    ms = duration_ms(text)
    return (ms or 0) / 1000


def _levels(manifest: ET.Element) -> Iterator[tuple[ET.Element, ...]]:
    """Yield each representation after its adaptation set and its period."""
    for period in manifest.findall("{*}Period"):
        for adaptation in period.findall("{*}AdaptationSet"):
            for representation in adaptation.findall("{*}Representation"):
                yield period, adaptation, representation


def _inherited(levels: tuple[ET.Element, ...], attribute: str) -> str | None:
    """Returns an attribute of the segment information that is nearest to a representation."""
    for level in reversed(levels):
        for name in SEGMENT_INFO:
            found = level.find(f"{{*}}{name}")
            if found is not None and (value := found.get(attribute)):
                return value
    return None


def _unroll(manifest: ET.Element, duration_s: float | None) -> None:
    """Replace "repeated to the end" (r="-1"), which yt-dlp does not know, by numbers."""
    for info in manifest.iter():
        timeline = info.find("{*}SegmentTimeline")
        if timeline is None:
            continue
        scale = Fraction(info.get("timescale") or "1")
        first = Fraction(info.get("presentationTimeOffset") or "0")
        end = None if duration_s is None else first + Fraction(duration_s) * scale
        at = first
        segments = timeline.findall("{*}S")
        for number, segment in enumerate(segments):
            at = Fraction(segment.get("t") or at)
            length, repeats = Fraction(segment.get("d") or "0"), int(segment.get("r") or "0")
            if repeats < 0:
                following = segments[number + 1].get("t") if number + 1 < len(segments) else None
                until = Fraction(following) if following else end
                count = -(-(until - at) // length) if until is not None else 1
                repeats = max(0, min(int(count), MAX_SEGMENTS) - 1)
                segment.set("r", str(repeats))
            at += length * (repeats + 1)
