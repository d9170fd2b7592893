"""Probes a DASH stream (ISO 23009-1): its manifest, and the beginning of one rendition."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import cast
from urllib.parse import urljoin

from lxml import etree

from aligner.discovery.durations import duration_ms
from aligner.discovery.manifest import AUDIO_CODECS, expect_allowed
from aligner.discovery.probe.base import HEAD, Ask, ProbeTarget, verdict, whole_text
from aligner.discovery.probe.container import PROTECTED, look
from aligner.discovery.probe.http_errors import explain
from aligner.types import MediaInfo, ProbeResult

MOST_RENDITIONS = 2_000
FIRST_CHILDREN = 50
"""Children among which an address is looked for: it stands before sets and representations."""


@dataclass(frozen=True, slots=True)
class Representation:
    """A representation, by its attributes and those of its adaptation set."""

    kind: str
    """"audio", "video", or "" if not declared."""
    has_sound: bool
    address: str | None
    """Of its initialization; None if the manifest gives it in a form that is not supported."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a manifest."""

    renditions: tuple[Representation, ...]
    addresses: tuple[str, ...]
    is_live: bool
    is_protected: bool
    duration_ms: int | None


def attempt(known: ProbeTarget, ask: Ask) -> ProbeResult:
    """Probe a manifest of which the first bytes are known.

    Raises MediaUnavailable, PageUnavailable, BudgetExceeded.
    """
    manifest = read(whole_text(known, ask), known.first.url)
    if manifest is None:
        return ProbeResult("not_media", "a DASH manifest that is not proper XML")
    if manifest.is_protected:
        return ProbeResult("drm", "the stream is protected (DRM)")
    for address in manifest.addresses:
        expect_allowed(known.link.url, address, known.allow_private)
    if manifest.is_live:
        return ProbeResult("live", "a live stream, which has no recording to caption")
    if not manifest.renditions:
        return ProbeResult("not_media", "a DASH manifest that lists nothing")
    return _look_into(manifest, ask)


def _look_into(manifest: Manifest, ask: Ask) -> ProbeResult:
    """Read the beginning of a rendition, with sound if possible."""
    probed = MediaInfo(
        duration_ms=manifest.duration_ms,
        declares_duration=True,
        has_audio=any(r.has_sound for r in manifest.renditions),
        has_video=any(r.kind == "video" for r in manifest.renditions),
        container="dash",
    )
    by_sound = sorted(manifest.renditions, key=lambda r: not r.has_sound)
    address = next((r.address for r in by_sound if r.address), None)
    if probed.has_audio and address:
        piece = ask(address, 0, HEAD)
        if piece.status >= 400:
            return explain(piece)
        if PROTECTED.search(piece.data):
            return ProbeResult("drm", "the stream is protected (DRM)", probed)
        look(io.BytesIO(piece.data), address)  # raises if it is no media
    return verdict(probed, "a DASH stream")


# ---------------------------------------------------------------- the XML


def read(text: str, base: str) -> Manifest | None:
    """Read a manifest that was fetched from ``base``; returns None if it is not XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = cast("etree._Element | None", etree.fromstring(text.encode(), parser))
    except etree.XMLSyntaxError:
        return None
    if root is None:  # the parser recovered nothing
        return None
    base_elements = [e for e in root.iter("{*}BaseURL") if (e.text or "").strip()]
    bases = tuple(_join(base, (e.text or "").strip()) for e in base_elements)
    renditions = tuple(_renditions(root, base))
    initializations = tuple(r.address for r in renditions if r.address)
    return Manifest(
        renditions=renditions,
        addresses=tuple(dict.fromkeys((*bases, *initializations))),
        is_live=root.get("type") == "dynamic",
        is_protected=next(root.iter("{*}ContentProtection"), None) is not None,
        duration_ms=duration_ms(root.get("mediaPresentationDuration") or ""),
    )


def _renditions(root: etree._Element, base: str) -> Iterator[Representation]:
    for representation in islice(root.iter("{*}Representation"), MOST_RENDITIONS):
        elements = (representation, *representation.iterancestors("{*}AdaptationSet"))
        types = " ".join(e.get(n, "") for e in elements for n in ("mimeType", "contentType"))
        codecs = " ".join(e.get("codecs", "") for e in elements).lower()
        kind = next((k for k in ("audio", "video") if k in types), "")
        has_sound = kind == "audio" or any(codec in codecs for codec in AUDIO_CODECS)
        address = _initialization(representation, _base_of(representation, base))
        yield Representation(kind, has_sound, address)


def _base_of(element: etree._Element, base: str) -> str:
    """Returns the base of an element's addresses, by its BaseURL and those of its ancestors."""
    for ancestor in (*reversed(list(element.iterancestors())), element):
        found = _child(ancestor, "BaseURL")
        if found is not None and found.text:
            base = _join(base, found.text.strip())
    return base


def _initialization(representation: etree._Element, base: str) -> str | None:
    """Returns the address of a representation's initialization segment."""
    for element in (representation, *representation.iterancestors()):
        template = _child(element, "SegmentTemplate")
        if template is not None and (pattern := template.get("initialization")):
            name = pattern.replace("$RepresentationID$", representation.get("id", ""))
            return _join(base, name.replace("$Bandwidth$", representation.get("bandwidth", "")))
        for form in ("SegmentList", "SegmentBase"):
            segments = _child(element, form)
            found = None if segments is None else _child(segments, "Initialization")
            if found is not None and (source := found.get("sourceURL")):
                return _join(base, source)
    return base if _child(representation, "BaseURL") is not None else None


def _child(element: etree._Element, name: str) -> etree._Element | None:
    """Returns a child of that name in any namespace, if it is one of the first."""
    first = (child for child in islice(element, FIRST_CHILDREN) if isinstance(child.tag, str))
    return next((child for child in first if str(child.tag).rpartition("}")[2] == name), None)


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
