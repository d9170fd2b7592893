"""The state of a recording, found by requests for parts of it."""

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

"""The state of an article's media, as `aligner check` reports it."""

MEDIA_STATES: tuple[MediaState, ...] = get_args(MediaState)


@dataclass(frozen=True, slots=True)
class PartialContent:
    """The response to a request for a range of bytes."""

    url: str
    """The address after redirects."""
    status: int
    content_type: str
    """In lower case, without parameters; "" if the server sent none."""
    data: bytes
    """The bytes from ``start`` on; for an error response, the beginning of its body."""
    start: int = 0
    total: int | None = None
    """The size of the whole in bytes, if the server said so."""
    in_parts: bool = False
    """Whether the server supports range requests."""
    broadcast: bool = False
    """Whether the response is a live radio stream, which never ends."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Properties of a recording, found by probing."""

    duration_ms: int | None = None
    declares_duration: bool = False
    """Whether the recording itself says how long it is; otherwise that is an estimate."""
    bytes: int | None = None
    bitrate: int | None = None
    """Bits per second."""
    has_audio: bool = False
    has_video: bool = False
    container: str | None = None
    fps: float | None = None
    """Frames per second, if they were probed."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The outcome of probing a recording."""

    state: MediaState
    reason: str
    """A clause for people."""
    probed: MediaInfo | None = None
    http_status: int | None = None
    """The status of the error response, if there was one."""
