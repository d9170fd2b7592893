"""What an HLS playlist says (RFC 8216, and draft-pantos-hls-rfc8216bis). ``reader`` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aligner.discovery.manifest import AUDIO_CODECS

ROUNDED_S = 0.5
"""By so much a duration in whole seconds may be too long (RFC 8216, section 4.3.2.1)."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file, or a byte range of one."""

    url: str
    start: int = 0
    length: int | None = None
    """None for the whole file."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of data that is encrypted with AES-128."""

    url: str
    iv: str | None
    """Hexadecimal, with "0x"; None where the segment's sequence number is the vector."""


@dataclass(frozen=True, slots=True)
class Map:
    """A media initialization section (EXT-X-MAP)."""

    resource: Resource
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment."""

    resource: Resource
    duration_s: float = 0.0
    is_rounded: bool = False
    """Whether the duration is written in whole seconds."""
    sequence: int = 0
    """The media sequence number."""
    discontinuity: int = 0
    """How many discontinuities precede the segment."""
    map: Map | None = None
    key: Key | None = None
    is_gap: bool = False
    """Whether the server does not have the segment, so that its time is silent (EXT-X-GAP)."""


@dataclass(frozen=True, slots=True)
class AudioRendition:
    """One of several alternative sound tracks (EXT-X-MEDIA)."""

    url: str | None
    """Its media playlist; None if its sound is in the variant streams."""
    group: str
    is_default: bool = False
    """Whether players choose it unless the viewer asks for another one."""
    is_autoselect: bool = False
    is_description: bool = False
    """Whether it describes the pictures for people who do not see them."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant stream of a multivariant playlist."""

    url: str
    bandwidth: int = 0
    """Bits a second; 0 if not declared."""
    codecs: str = ""
    has_picture: bool = False
    audio_group: str | None = None

    @property
    def is_sound_likely(self) -> bool:
        """Whether the codecs name sound, or are not declared; some playlists name pictures only."""
        return not self.codecs or any(codec in self.codecs for codec in AUDIO_CODECS)


@dataclass(frozen=True, slots=True)
class Playlist:
    """The contents of a multivariant playlist (variants) or a media playlist (segments)."""

    url: str
    variants: tuple[Variant, ...] = ()
    renditions: tuple[AudioRendition, ...] = ()
    segments: tuple[Segment, ...] = ()
    named: tuple[str, ...] = ()
    """All addresses in the playlist, resolved."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The values of EXT-X-DEFINE, which media playlists may import."""
    has_ended: bool = False
    """Whether no segments will be added; otherwise it is a live stream."""
    is_protected: bool = False
    """Whether decryption needs a licence (DRM)."""
    has_only_i_frames: bool = False
    is_delta_update: bool = False
    """Whether segments of an earlier answer are left out (EXT-X-SKIP)."""

    @property
    def duration_ms(self) -> int:
        """The sum of the durations of all segments, gaps too."""
        return round(1000 * sum(segment.duration_s for segment in self.segments))

    @property
    def least_duration_ms(self) -> int:
        """How long the stream is at least: durations may be rounded to whole seconds.

        Such a playlist may also give the last segment the length of the others.
        """
        if not all(segment.is_rounded for segment in self.segments):
            return self.duration_ms
        least = (max(0.0, segment.duration_s - ROUNDED_S) for segment in self.segments[:-1])
        return round(1000 * sum(least))
