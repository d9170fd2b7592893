"""Finds the recordings that were joined to one file.

libav reads only the first of them, or takes the others for damage. Each part has headers of its
own, and can be opened by itself.

| format | a part begins at | its timestamps |
|---|---|---|
| Ogg (RFC 3533) | a page that begins a stream, after pages that do not | start anew |
| FLAC | a stream marker with its STREAMINFO block | start anew |
| MP4 | another ``ftyp`` or ``moov`` box | go on, unless they jump |
| Matroska, WebM | an EBML header | go on, unless they jump |
| MPEG-TS | a program map that names other streams | go on, unless they jump |

Fragments of MP4 that are joined without their ``moov`` are no part: libav reads them with those
before, and ``libav_decoder`` takes what libav discards there.

To add a format, write a function from the file's bytes to offsets, and add it to ``FINDERS``.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MAX_PARTS = 2000
"""More are not believed; what is left then counts for the last one."""
STARTS_ANEW = ("ogg", "flac")


@dataclass(frozen=True, slots=True)
class FilePart:
    """A recording within a file."""

    start: int
    """Its first byte."""
    end: int
    starts_anew: bool
    """Whether its timestamps have nothing to do with those of the part before it."""


def find_parts(path: Path, container: str) -> tuple[FilePart, ...]:
    """A file, and libav's name of its format -> the recordings in it, in order; at least one."""
    size = path.stat().st_size
    name = container.partition(",")[0]
    finder = FINDERS.get(name)
    starts = [0]
    if finder and size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            starts += [at for at in finder(data) if 0 < at < size][: MAX_PARTS - 1]
    ends = [*starts[1:], size]
    return tuple(FilePart(a, b, name in STARTS_ANEW) for a, b in zip(starts, ends, strict=True))


# ---------------------------------------------------------------- one function a format

BEGINS_STREAM = 2
"""The flag of an Ogg page that begins a logical stream."""


def _ogg(data: mmap.mmap) -> Iterator[int]:
    at, within_headers = data.find(b"OggS"), True
    while at >= 0 and at + 27 <= len(data):
        segments = data[at + 26]
        sizes = data[at + 27 : at + 27 + segments]
        begins = bool(data[at + 5] & BEGINS_STREAM)
        if begins and not within_headers:
            yield at
        within_headers = begins
        at += 27 + segments + sum(sizes)
        if data[at : at + 4] != b"OggS":  # damaged: search for the next page
            at = data.find(b"OggS", at)


def _flac(data: mmap.mmap) -> Iterator[int]:
    for found in re.finditer(rb"fLaC[\x00\x80]\x00\x00\x22", data):
        yield found.start()


def _mp4(data: mmap.mmap) -> Iterator[int]:
    has_index = False
    begun: int | None = None
    """The offset of an ``ftyp`` box whose ``moov`` is not yet seen."""
    for kind, at, _ in mp4_boxes(data):
        if kind == b"ftyp":
            begun = at
        elif kind == b"moov":
            if has_index:
                yield at if begun is None else begun
            has_index, begun = True, None


def mp4_boxes(data: mmap.mmap | bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, offset and end of the top boxes of an MP4 file (ISO 14496-12, section 4.2)."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1 and at + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if size == 0:  # up to the end of the file
            size = len(data) - at
        if size < 8:
            return
        yield kind, at, at + size
        at += size


EBML_HEADER = rb"\x1a\x45\xdf\xa3.{0,60}?\x42\x82.(?:webm|matroska)"
"""It names the document's type (RFC 8794, section 11.2.4)."""


def _matroska(data: mmap.mmap) -> Iterator[int]:
    for found in re.finditer(EBML_HEADER, data, re.DOTALL):
        yield found.start()


TS_PACKET = 188
SYNC = 0x47


def _mpegts(data: mmap.mmap) -> Iterator[int]:
    packets = np.frombuffer(data, np.uint8, len(data) // TS_PACKET * TS_PACKET)
    try:
        yield from _program_changes(packets.reshape(-1, TS_PACKET))
    finally:
        del packets  # the map cannot be closed while it is in use


def _program_changes(packets: np.ndarray) -> Iterator[int]:
    """Yield the offsets at which the streams of the first program change.

    The offset is that of the program association before the new program map.
    """
    if not len(packets) or (packets[:3, 0] != SYNC).any():
        return
    pids = (packets[:, 1] & 0x1F).astype(np.uint16) << 8 | packets[:, 2]
    begins = (packets[:, 1] & 0x40) != 0
    maps: set[int] = set()
    streams: bytes | None = None
    association = 0
    table = np.flatnonzero(begins & ((pids == 0) | np.isin(pids, _map_pids(packets, pids, begins))))
    for number in table:
        section = _section(packets[number].tobytes())
        if pids[number] == 0:
            association, maps = int(number), _named_maps(section)
        elif int(pids[number]) in maps:
            named = _streams(section)
            if named and streams is not None and named != streams:
                yield association * TS_PACKET
            streams = named or streams


def _map_pids(packets: np.ndarray, pids: np.ndarray, begins: np.ndarray) -> list[int]:
    """Returns the packet identifiers of all first program maps of a file."""
    tables = {packets[n].tobytes() for n in np.flatnonzero(begins & (pids == 0))}
    return sorted({pid for table in tables for pid in _named_maps(_section(table))})


def _section(packet: bytes) -> bytes:
    """Returns the section that begins in a transport packet, as far as it lies in it."""
    at = 4
    if packet[3] & 0x20:  # an adaptation field
        at += 1 + packet[4]
    if at >= len(packet):
        return b""
    return packet[at + 1 + packet[at] :]


def _named_maps(section: bytes) -> set[int]:
    """Returns the packet identifier of the first program's map (ISO 13818-1, section 2.4.4.3)."""
    for at in range(8, min(_section_end(section), len(section)) - 3, 4):
        program, pid = struct.unpack_from(">HH", section, at)
        if program:
            return {pid & 0x1FFF}
    return set()


def _streams(section: bytes) -> bytes:
    """Returns types and packet identifiers of a program map's streams; b"" if it is damaged."""
    if len(section) < 12 or section[0] != 2:
        return b""
    at = 12 + (struct.unpack_from(">H", section, 10)[0] & 0xFFF)
    end = min(_section_end(section), len(section))
    named = []
    while at + 5 <= end:
        kind, pid, size = struct.unpack_from(">BHH", section, at)
        named.append(struct.pack(">BH", kind, pid & 0x1FFF))
        at += 5 + (size & 0xFFF)
    return b"".join(named)


def _section_end(section: bytes) -> int:
    """Returns the offset of a section's checksum."""
    return (struct.unpack_from(">H", section, 1)[0] & 0xFFF) - 1 if len(section) > 2 else 0


Finder = Callable[[mmap.mmap], Iterable[int]]

FINDERS: dict[str, Finder] = {
    "ogg": _ogg,
    "flac": _flac,
    "mov": _mp4,
    "matroska": _matroska,
    "mpegts": _mpegts,
}
"""The functions by the first of libav's names of a format."""
