"""An HLS playlist (RFC 8216) -> whether it plays: from master to rendition to its first piece."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from aligner.discovery.probe.base import (
    AUDIO_CODECS,
    HEAD,
    Ask,
    ProbeTarget,
    expect_allowed,
    kind_state,
    verdict,
    whole_text,
)
from aligner.discovery.probe.container import look
from aligner.discovery.probe.http_errors import explain
from aligner.discovery.ytdlp import PROTECTED
from aligner.errors import MediaUnavailable
from aligner.types import MediaInfo, MediaLink, PartialContent, ProbeResult

ATTRIBUTE = re.compile(r"([A-Z0-9-]+)=(\"[^\"]*\"|[^,]*)")
FAR_TOO_LONG = 1_000_000.0
"""Seconds; no piece lasts eleven days."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One rendition that a master playlist lists."""

    url: str
    bandwidth: int = 0
    codecs: str = ""
    has_picture: bool = False
    is_sound: bool = False
    """Listed as sound to go with the others' pictures."""

    @property
    def has_sound(self) -> bool:
        """Whether it has sound as far as the playlist says."""
        return self.is_sound or not self.codecs or any(c in self.codecs for c in AUDIO_CODECS)


@dataclass(frozen=True, slots=True)
class Playlist:
    """What a playlist says."""

    variants: tuple[Variant, ...] = ()
    pieces: tuple[str, ...] = ()
    start: int = 0
    """Where in its file the first piece begins."""
    init: str | None = None
    others: tuple[str, ...] = ()
    """Further addresses that it names: keys, sections."""
    duration_ms: int = 0
    ended: bool = False
    protected: bool = False
    encrypted: bool = False
    """With a key that anybody can fetch."""

    @property
    def addresses(self) -> Iterator[str]:
        yield from (variant.url for variant in self.variants)
        yield from dict.fromkeys((*self.pieces, *self.others, *filter(None, (self.init,))))


def attempt(known: ProbeTarget, ask: Ask) -> ProbeResult:
    """A playlist -> its state. Raises MediaUnavailable, PageUnavailable, Spent."""
    playlist = _judged(known, ask)
    if not playlist.variants:
        return _media_playlist(playlist, known, ask)
    if playlist.protected:
        return ProbeResult("drm", "the stream is protected (DRM)")
    variant = choose(playlist.variants)
    if variant is None:
        return ProbeResult("no_audio", "a stream none of whose renditions has sound")
    piece = ask(variant.url, 0, HEAD)
    if piece.status >= 400:
        return explain(piece)
    chosen = replace(known, link=MediaLink(variant.url, known.link.kind, "hls"), first=piece)
    media = _judged(chosen, ask)
    if media.variants:
        return ProbeResult("not_media", "its playlist leads to lists without end")
    tried = _media_playlist(media, chosen, ask)
    if not tried.probed:
        return tried
    pictures = tried.probed.has_video or any(v.has_picture for v in playlist.variants)
    bitrate = tried.probed.bitrate or variant.bandwidth or None
    return verdict(replace(tried.probed, has_video=pictures, bitrate=bitrate), "an HLS stream")


def choose(variants: tuple[Variant, ...]) -> Variant | None:
    """The rendition to try: sound alone where there is such, else the smallest that has it."""
    return min(
        (v for v in variants if v.has_sound),
        key=lambda v: (not v.is_sound, v.bandwidth),
        default=None,
    )


def _judged(known: ProbeTarget, ask: Ask) -> Playlist:
    """What an address's playlist says. Raises MediaUnavailable if it names what is not allowed."""
    text = whole_text(known, ask)
    if not text.lstrip().startswith("#EXTM3U"):
        raise MediaUnavailable(known.link.url, "not_media", "its playlist leads to no playlist")
    playlist = read(text, known.first.url)
    for address in () if playlist.protected else playlist.addresses:
        expect_allowed(known.link.url, address, known.allow_private)
    return playlist


def _media_playlist(playlist: Playlist, known: ProbeTarget, ask: Ask) -> ProbeResult:
    if playlist.protected:
        return ProbeResult("drm", "the stream is protected (DRM)")
    if not playlist.ended:
        return ProbeResult("live", "a live stream, which has no recording to caption")
    if not playlist.pieces:
        return ProbeResult("not_media", "a playlist that lists nothing")
    known_of_it = MediaInfo(duration_ms=playlist.duration_ms or None, container="hls")
    one_file = playlist.init == playlist.pieces[0]  # whose header stands before its first piece
    piece = ask(playlist.pieces[0], 0 if one_file else playlist.start, HEAD)
    if piece.status >= 400:
        return explain(piece)
    if playlist.encrypted:
        sure = replace(known_of_it, has_audio=True, has_video=known.link.kind == "video")
        return ProbeResult(
            kind_state(known.link.kind), "an HLS stream with a key, not looked into", sure
        )
    inside = look(io.BytesIO(_beginning(playlist, ask) + piece.data), piece.url)
    probed = replace(known_of_it, has_audio=inside.has_audio, has_video=inside.has_video)
    return verdict(probed, "an HLS stream")


def _beginning(playlist: Playlist, ask: Ask) -> bytes:
    """The header of a stream of MP4 fragments; nothing where pieces stand for themselves."""
    if not playlist.init or playlist.init == playlist.pieces[0]:
        return b""
    piece: PartialContent = ask(playlist.init, 0, HEAD)
    if piece.status >= 400:
        raise MediaUnavailable(playlist.init, "gone", f"its header is not there ({piece.status})")
    return piece.data


# ---------------------------------------------------------------- the text


def read(text: str, base: str) -> Playlist:
    """A playlist's text -> what it says; tags that matter not are passed over."""
    lines = [line for raw in text.splitlines() if (line := raw.strip())]
    tags = [(tag, value.strip()) for tag, _, value in (line.partition(":") for line in lines)]
    streams, pieces = _listed(lines, base)
    named = [(t, a, a["URI"]) for t, v in tags if t in NAMING and "URI" in (a := attributes(v))]
    sounds = [
        Variant(_full(base, uri), is_sound=True)
        for tag, given, uri in named
        if tag == "#EXT-X-MEDIA" and given.get("TYPE") == "AUDIO"
    ]
    headers = [_full(base, uri) for tag, _, uri in named if tag == "#EXT-X-MAP"]
    others = [_full(base, uri) for _, _, uri in named if not uri.startswith("data:")]
    return Playlist(
        variants=(*sounds, *streams),
        pieces=tuple(pieces),
        start=_offset(next((v for t, v in tags if t == "#EXT-X-BYTERANGE"), "")),
        init=next(iter(headers), None),
        others=tuple(others),
        duration_ms=round(1000 * sum(_seconds(v) for t, v in tags if t == "#EXTINF")),
        ended=("#EXT-X-ENDLIST", "") in tags or ("#EXT-X-PLAYLIST-TYPE", "VOD") in tags,
        protected=bool(PROTECTED.search(text)),
        encrypted="METHOD=AES-128" in text,
    )


NAMING = (
    "#EXT-X-MEDIA",
    "#EXT-X-MAP",
    "#EXT-X-KEY",
    "#EXT-X-SESSION-KEY",
    "#EXT-X-SESSION-DATA",
    "#EXT-X-I-FRAME-STREAM-INF",
    "#EXT-X-PART",
    "#EXT-X-PRELOAD-HINT",
)
"""Tags that may name an address."""


def _listed(lines: list[str], base: str) -> tuple[list[Variant], list[str]]:
    """The addresses that stand on lines of their own: renditions, and pieces."""
    variants: list[Variant] = []
    pieces: list[str] = []
    stream: dict[str, str] | None = None
    for line in lines:
        if line.startswith("#EXT-X-STREAM-INF:"):
            stream = attributes(line)
        elif not line.startswith("#"):
            if stream is None:
                pieces.append(_full(base, line))
            else:
                variants.append(_variant(_full(base, line), stream))
            stream = None
    return variants, pieces


def _offset(byte_range: str) -> int:
    """A tag such as 75232@1024 -> where that begins."""
    found = re.fullmatch(r"\d+@(\d{1,15})", byte_range)
    return int(found[1]) if found else 0


def attributes(text: str) -> dict[str, str]:
    """An attribute list (RFC 8216, section 4.2) -> its names and values, without quotes."""
    return {name: value.strip().strip('"') for name, value in ATTRIBUTE.findall(text)}


def _variant(url: str, stream: dict[str, str]) -> Variant:
    codecs = stream.get("CODECS", "").lower()
    rate = stream.get("AVERAGE-BANDWIDTH") or stream.get("BANDWIDTH") or ""
    return Variant(
        url=url,
        bandwidth=int(rate) if re.fullmatch(r"\d{1,12}", rate) else 0,
        codecs=codecs,
        has_picture="RESOLUTION" in stream or bool(re.search(r"avc|hvc1|hev1|vp0?9|av01", codecs)),
    )


def _seconds(value: str) -> float:
    """The length in an EXTINF tag; 0 where it is none."""
    try:
        seconds = float(value.partition(",")[0])
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < FAR_TOO_LONG else 0.0


def _full(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
