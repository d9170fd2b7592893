"""The state of a media link, found by requests for parts of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

MediaState = Literal[
    "playable",
    "audio_only",
    "no_audio",
    "live",
    "drm",
    "geo_blocked",
    "login",
    "gone",
    "expired",
    "refused",
    "unreachable",
    "not_media",
    "embed_only",
    "already_captioned",
    "not_yet",
    "needs_script",
    "consent",
    "no_address",
    "none",
]

"""What `aligner check` says of an article's media."""

MEDIA_STATES: tuple[MediaState, ...] = get_args(MediaState)


@dataclass(frozen=True, slots=True)
class PartialContent:
    """Some bytes of what an address holds, as a request for a range of them gave it."""

    url: str
    """The address after redirects."""
    status: int
    content_type: str
    """In lower case, without parameters; "" if the server says none."""
    data: bytes
    """From ``start`` on; for a refusal, the beginning of what it says."""
    start: int = 0
    total: int | None = None
    """Bytes of the whole, where the server says so."""
    in_parts: bool = False
    """Whether the server gives any range that it is asked for."""
    broadcast: bool = False
    """Whether the server is a radio station's, whose answers never end."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What trying a media address showed."""

    duration_ms: int | None = None
    bytes: int | None = None
    bitrate: int | None = None
    """Bits a second."""
    has_audio: bool = False
    has_video: bool = False
    container: str | None = None
    fps: float | None = None
    """Pictures a second, where they were looked for."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What became of trying a media address."""

    state: MediaState
    reason: str
    """A clause for people."""
    probed: MediaInfo | None = None
    http_status: int | None = None
    """Of the answer that refused it."""
