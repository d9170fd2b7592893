"""Downloads HLS streams with yt-dlp's downloader.

The playlist is read by ``discovery.hls``. yt-dlp gets, for each part of the stream, a plain list
of addresses, byte ranges and keys, and never hands a playlist to ffmpeg, whose connections are not
guarded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aligner._util.inspector import OF_WHOLE_FILES, inspect
from aligner.discovery import hls, mp4_clock
from aligner.discovery.ytdlp.manifests import Fetched, Meter, fetcher
from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from aligner.discovery.ytdlp.client import Client

GENERIC = ("generic", "html5")
"""yt-dlp's extractors that know no site, and hand on the variant streams as they are."""


def download(
    client: Client, entry: dict[str, Any], folder: Path, allow_private: bool, meter: Meter
) -> Fetched:
    """Download the sound of a stream, which yt-dlp describes with ``entry``, to one file.

    A stream of several parts is joined on the clock that a player shows. Raises MediaUnavailable
    and yt-dlp's errors.
    """
    stream = hls.follow(_address(entry), fetcher(client, entry), allow_private)
    files: list[tuple[hls.Part, Path | None]] = []
    earlier_bytes = 0
    for number, part in enumerate(stream.parts):
        if part.is_gap:
            files.append((part, None))
            continue
        if earlier_bytes:
            meter.next_file(earlier_bytes)
        path = folder / f"part-{number}.mp4"
        listed = {"url": stream.media.url, "hls_media_playlist_data": _playlist(part)}
        client.dl(str(path), entry | listed)
        if not path.is_file():
            why = "yt-dlp downloads nothing, and gives no reason"
            raise MediaUnavailable(entry["url"], "unreachable", why)
        earlier_bytes += path.stat().st_size
        files.append((part, path))
    declared_ms = stream.media.least_duration_ms
    if len(stream.parts) == 1 and files[0][1]:
        return Fetched(_at_zero(files[0][1], entry["url"]), declared_ms)
    joined = folder / "joined.ts"
    unreadable_s = hls.join(files, joined, entry["url"])
    return Fetched(joined, declared_ms, round(1000 * unreadable_s))


def _at_zero(path: Path, name: str) -> Path:
    """Move the clock of MP4 fragments: a player starts a stream at 0, whatever they say."""
    if not mp4_clock.move(path, 0):
        return path
    start_s = (inspect(path, name, OF_WHOLE_FILES).start_us or 0) / 1_000_000
    mp4_clock.move(path, -start_s)
    return path


def _address(entry: dict[str, Any]) -> str:
    """Returns the playlist to follow: the multivariant one, unless a site's extractor chose."""
    manifest, url = entry.get("manifest_url"), str(entry["url"])
    is_raw = entry.get("extractor") in GENERIC or "{$" in url
    return str(manifest) if manifest and is_raw else url


def _playlist(part: hls.Part) -> str:
    """Returns the playlist of a part, with tags that yt-dlp reads correctly."""
    lines = ["#EXTM3U"]
    section = part.segments[0].map
    if section:
        lines += _listed(section.resource, section.key, part.segments[0].sequence)
    for segment in part.segments:
        lines += _listed(segment.resource, segment.key, segment.sequence)
    return "\n".join(lines)


def _listed(resource: hls.Resource, key: hls.Key | None, sequence: int) -> Iterator[str]:
    if key:
        iv = key.iv or f"{sequence:#034x}"
        yield f'#EXT-X-KEY:METHOD=AES-128,URI="{key.url}",IV={iv}'
    else:
        yield "#EXT-X-KEY:METHOD=NONE"
    if resource.length is not None:
        yield f"#EXT-X-BYTERANGE:{resource.length}@{resource.start}"
    yield resource.url
