"""A DASH manifest (ISO 23009-1) -> whether it plays: its beginning of sound is tried."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin

from lxml import etree

from aligner.discovery.manifest import AUDIO_CODECS, expect_allowed
from aligner.discovery.probe.base import HEAD, Ask, ProbeTarget, verdict, whole_text
from aligner.discovery.probe.container import PROTECTED, look
from aligner.discovery.probe.http_errors import explain
from aligner.types import MediaInfo, ProbeResult

DURATION = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d{1,9})?)S)?)?"
)


@dataclass(frozen=True, slots=True)
class Rendition:
    """One representation, by what its own and its set's attributes say."""

    kind: str
    """"audio", "video", or "" where nothing says it."""
    has_sound: bool
    address: str | None
    """Of its first bytes; None if it is named in a way that is not read here."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says."""

    renditions: tuple[Rendition, ...]
    addresses: tuple[str, ...]
    live: bool
    protected: bool
    duration_ms: int | None


def attempt(known: ProbeTarget, ask: Ask) -> ProbeResult:
    """A manifest -> its state. Raises MediaUnavailable, PageUnavailable, Spent."""
    manifest = read(whole_text(known, ask), known.first.url)
    if manifest is None:
        return ProbeResult("not_media", "a DASH manifest that is not proper XML")
    if manifest.protected:
        return ProbeResult("drm", "the stream is protected (DRM)")
    for address in manifest.addresses:
        expect_allowed(known.link.url, address, known.allow_private)
    if manifest.live:
        return ProbeResult("live", "a live stream, which has no recording to caption")
    if not manifest.renditions:
        return ProbeResult("not_media", "a DASH manifest that lists nothing")
    return _tried(manifest, ask)


def _tried(manifest: Manifest, ask: Ask) -> ProbeResult:
    probed = MediaInfo(
        duration_ms=manifest.duration_ms,
        has_audio=any(r.has_sound for r in manifest.renditions),
        has_video=any(r.kind == "video" for r in manifest.renditions),
        container="dash",
    )
    best = sorted(manifest.renditions, key=lambda r: not r.has_sound)
    address = next((r.address for r in best if r.address), None)
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
    """A manifest's text -> what it says; None if it is not XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = cast("etree._Element | None", etree.fromstring(text.encode(), parser))
    except etree.XMLSyntaxError:
        return None
    if root is None:  # nothing could be made of a damaged text
        return None
    named = [e for e in root.iter("{*}BaseURL") if (e.text or "").strip()]
    bases = tuple(_join(base, (e.text or "").strip()) for e in named)
    renditions = tuple(_renditions(root, base))
    firsts = tuple(r.address for r in renditions if r.address)
    return Manifest(
        renditions=renditions,
        addresses=tuple(dict.fromkeys((*bases, *firsts))),
        live=root.get("type") == "dynamic",
        protected=next(root.iter("{*}ContentProtection"), None) is not None,
        duration_ms=duration_ms(root.get("mediaPresentationDuration") or ""),
    )


def _renditions(root: etree._Element, base: str) -> Iterator[Rendition]:
    for one in root.iter("{*}Representation"):
        around = (one, *one.iterancestors("{*}AdaptationSet"))
        said = " ".join(e.get(n, "") for e in around for n in ("mimeType", "contentType"))
        codecs = " ".join(e.get("codecs", "") for e in around).lower()
        kind = next((k for k in ("audio", "video") if k in said), "")
        sound = kind == "audio" or any(codec in codecs for codec in AUDIO_CODECS)
        yield Rendition(kind, sound, _first_address(one, _base_of(one, base)))


def _base_of(element: etree._Element, base: str) -> str:
    """What a representation's addresses resolve against: all BaseURLs around it, one by one."""
    for around in (*reversed(list(element.iterancestors())), element):
        inner = around.find("{*}BaseURL")
        if inner is not None and inner.text:
            base = _join(base, inner.text.strip())
    return base


def _first_address(one: etree._Element, base: str) -> str | None:
    """Where a representation's header is."""
    for around in (one, *one.iterancestors()):
        template = around.find("{*}SegmentTemplate")
        if template is not None and (pattern := template.get("initialization")):
            name = pattern.replace("$RepresentationID$", one.get("id", ""))
            return _join(base, name.replace("$Bandwidth$", one.get("bandwidth", "")))
        for way in ("SegmentList", "SegmentBase"):
            header = around.find(f"{{*}}{way}/{{*}}Initialization")
            if header is not None and (source := header.get("sourceURL")):
                return _join(base, source)
    return base if one.find("{*}BaseURL") is not None else None


def duration_ms(text: str) -> int | None:
    """An ISO 8601 duration in milliseconds; None if it is none, or 0."""
    found = DURATION.fullmatch(text.strip())
    if not found:
        return None
    d, h, m, s = (float(part or 0) for part in found.groups())
    return round((((d * 24 + h) * 60 + m) * 60 + s) * 1000) or None


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
