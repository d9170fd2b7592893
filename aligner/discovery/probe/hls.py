"""Probes an HLS stream: its playlists, and the beginning of the segments with its sound."""

from __future__ import annotations

import io
from dataclasses import replace

from aligner.discovery import hls
from aligner.discovery.probe.base import HEAD, Ask, ProbeTarget, kind_state, verdict, whole_text
from aligner.discovery.probe.container import look
from aligner.discovery.probe.http_errors import explain
from aligner.errors import MediaUnavailable
from aligner.types import MediaInfo, MediaLink, PartialContent, ProbeResult

MAX_PARTS = 3
"""Parts of a stream that are searched for sound."""
NEAR = HEAD // 2
"""Bytes between an initialization section and a segment that are fetched in one request."""


def attempt(known: ProbeTarget, ask: Ask) -> ProbeResult:
    """Probe a playlist of which the first bytes are known.

    Raises MediaUnavailable, PageUnavailable, BudgetExceeded.
    """

    def fetch(url: str) -> tuple[str, str]:
        first = known.first if url == known.link.url else _expect_success(url, ask(url, 0, HEAD))
        target = ProbeTarget(MediaLink(url, known.link.kind, "hls"), first, known.allow_private)
        return whole_text(target, ask), first.url

    stream = hls.follow(known.link.url, fetch, known.allow_private)
    probed = MediaInfo(
        duration_ms=stream.media.duration_ms or None,
        declares_duration=True,
        container="hls",
        bitrate=stream.bandwidth,
    )
    longest = sorted((p for p in stream.parts if not p.is_gap), key=lambda p: -p.duration_s)
    if longest[0].segments[0].key:
        is_video = known.link.kind == "video"
        probed = replace(probed, has_audio=True, has_video=is_video)
        reason = "an HLS stream with a key, not looked into"
        return ProbeResult(kind_state(known.link.kind), reason, probed)
    distinct = {part.segments[0].resource: part for part in longest}
    for part in list(distinct.values())[:MAX_PARTS]:
        inside = _look_into(part, ask)
        probed = replace(
            probed,
            has_audio=probed.has_audio or inside.has_audio,
            has_video=probed.has_video or inside.has_video or stream.has_picture,
        )
        if probed.has_audio:
            break
    return verdict(probed, "an HLS stream")


def _look_into(part: hls.Part, ask: Ask) -> MediaInfo:
    """Read the properties of a part from the beginning of its first segment."""
    segment = part.segments[0]
    resource, section = segment.resource, segment.map and segment.map.resource
    header = b""
    if section and section.url == resource.url and 0 <= resource.start - section.start < NEAR:
        resource = hls.Resource(section.url, section.start)
    elif section:
        header = _beginning(section, ask).data
    piece = _beginning(resource, ask)
    return look(io.BytesIO(header + piece.data), piece.url)


def _beginning(resource: hls.Resource, ask: Ask) -> PartialContent:
    length = HEAD if resource.length is None else min(HEAD, resource.length)
    return _expect_success(resource.url, ask(resource.url, resource.start, length))


def _expect_success(url: str, piece: PartialContent) -> PartialContent:
    """Returns an answer. Raises MediaUnavailable with the reason if it has an error status."""
    if piece.status >= 400:
        result = explain(piece)
        raise MediaUnavailable(url, result.state, result.reason, http_status=piece.status)
    return piece
