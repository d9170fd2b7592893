"""Selects the media playlist to caption among those of a multivariant playlist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aligner.discovery.hls.playlist import AudioRendition, Playlist


@dataclass(frozen=True, slots=True)
class Selection:
    """A media playlist."""

    url: str
    bandwidth: int
    """Bits a second of the variant stream; 0 if not declared."""
    is_rendition: bool
    """Whether it has the sound alone."""
    is_sound_likely: bool = True


def select(playlist: Playlist) -> Selection:
    """Select the sound that players play, alone if possible, else in the smallest variant stream.

    The playlist has at least one variant stream. Only the segments tell whether there is sound.
    """
    return min(
        _candidates(playlist),
        key=lambda s: (not s.is_rendition, not s.is_sound_likely, s.bandwidth),
    )


def _candidates(playlist: Playlist) -> Iterator[Selection]:
    groups: dict[str, list[AudioRendition]] = {}
    for rendition in playlist.renditions:
        groups.setdefault(rendition.group, []).append(rendition)
    for variant in playlist.variants:
        preferred = _preferred(groups.get(variant.audio_group or "", []))
        if preferred and preferred.url:
            yield Selection(preferred.url, variant.bandwidth, is_rendition=True)
        else:
            yield Selection(variant.url, variant.bandwidth, False, variant.is_sound_likely)
    used = {variant.audio_group for variant in playlist.variants}
    for group, renditions in groups.items():
        preferred = _preferred(renditions)
        if group not in used and preferred and preferred.url:
            yield Selection(preferred.url, 0, is_rendition=True)


def _preferred(group: list[AudioRendition]) -> AudioRendition | None:
    """Returns the rendition of a group that players choose by themselves."""
    return min(
        group,
        key=lambda r: (not r.is_default, r.is_description, not r.is_autoselect),
        default=None,
    )
