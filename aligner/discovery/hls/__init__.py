"""HLS: playlists, the segments that they lead to, and one file of all parts of a stream.

The probe and yt-dlp's downloader both get their segments here, because yt-dlp does not know
EXT-X-DEFINE, EXT-X-GAP and repeated EXT-X-MAP.
"""

from aligner.discovery.hls.joining import join
from aligner.discovery.hls.parts import Part
from aligner.discovery.hls.playlist import Key, Map, Playlist, Resource, Segment
from aligner.discovery.hls.reader import read
from aligner.discovery.hls.selection import select
from aligner.discovery.hls.stream import Fetch, Stream, follow

__all__ = [
    "Fetch",
    "Key",
    "Map",
    "Part",
    "Playlist",
    "Resource",
    "Segment",
    "Stream",
    "follow",
    "join",
    "read",
    "select",
]
