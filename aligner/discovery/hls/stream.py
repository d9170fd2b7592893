"""Follows the playlists of a stream to the segments that have its sound.

The probe and the downloader use the same function, so that ``check`` and ``caption`` agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aligner._util.media_container import MAX_DURATION_S
from aligner.discovery.hls.parts import Part, divide
from aligner.discovery.hls.playlist import Playlist
from aligner.discovery.hls.reader import NO_VARIABLES, read
from aligner.discovery.hls.selection import select
from aligner.discovery.manifest import expect_allowed
from aligner.errors import MediaUnavailable

Fetch = Callable[[str], tuple[str, str]]
"""Takes a playlist's address, and returns its text and its address after redirects."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The media playlist with a stream's sound."""

    media: Playlist
    parts: tuple[Part, ...]
    """At least one of them is no gap."""
    bandwidth: int | None = None
    """Bits a second, if a multivariant playlist declares them."""
    has_picture: bool = False
    """Whether the multivariant playlist has variant streams with pictures."""


def follow(
    url: str, fetch: Fetch, allow_private: bool, imported: Mapping[str, str] = NO_VARIABLES
) -> Stream:
    """Read the playlist at an address, and the media playlist that it leads to.

    ``imported`` are the variables of a multivariant playlist. Raises MediaUnavailable with the
    state and the reason if there is no complete recording with sound, and what ``fetch`` raises.
    """
    playlist = _read(url, fetch, allow_private, imported)
    if not playlist.variants:
        return _stream(url, playlist)
    selection = select(playlist)
    media = _read(selection.url, fetch, allow_private, playlist.variables)
    if media.variants:
        raise MediaUnavailable(url, "not_media", "its playlist leads to lists without end")
    return _stream(
        url,
        media,
        None if selection.is_rendition else selection.bandwidth or None,
        any(variant.has_picture for variant in playlist.variants),
    )


def _read(
    url: str, fetch: Fetch, allow_private: bool, imported: Mapping[str, str] = NO_VARIABLES
) -> Playlist:
    """Read one playlist, and check the addresses in it."""
    text, final_url = fetch(url)
    playlist = read(text, final_url, imported)
    if playlist.is_protected:
        raise MediaUnavailable(url, "drm", "the stream is protected (DRM)")
    for address in playlist.named:
        expect_allowed(url, address, allow_private)
    return playlist


def _stream(
    url: str, media: Playlist, bandwidth: int | None = None, has_picture: bool = False
) -> Stream:
    if not media.has_ended:
        raise MediaUnavailable(url, "live", "a live stream, which has no recording to caption")
    if media.is_delta_update:
        why = "its playlist is an update that leaves out segments (EXT-X-SKIP)"
        raise MediaUnavailable(url, "not_media", why)
    if media.has_only_i_frames:
        raise MediaUnavailable(url, "no_audio", "its playlist lists single pictures without sound")
    if not media.segments:
        raise MediaUnavailable(url, "not_media", "a playlist that lists nothing")
    parts = divide(media.segments)
    if all(part.is_gap for part in parts):
        raise MediaUnavailable(url, "gone", "its playlist marks all segments as missing")
    if sum(part.duration_s for part in parts if part.is_gap) > MAX_DURATION_S:
        why = f"longer than {MAX_DURATION_S // 3600} hours"
        raise MediaUnavailable(url, "refused", why)
    return Stream(media, parts, bandwidth, has_picture)
