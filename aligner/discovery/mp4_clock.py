"""Moves the time stamps of fragmented MP4 files (ISO 14496-12), in place.

A stream's fragments have the clock of the stream, or of a period of it. Moved to the clock of the
player (``_util.player_clock``), the file plays alike everywhere. Players of streams take the time
stamps of the fragments alone: Chromium ignores an empty edit, which would delay a track.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

CONTAINERS = (b"moov", b"trak", b"mdia", b"edts", b"moof", b"traf")
"""Boxes that hold boxes."""
EMPTY_EDIT = -1
"""The media time of an edit before which nothing is played."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    at: int
    """The offset of its type."""
    body: int
    """The offset of what follows size and type."""
    end: int


@dataclass(slots=True)
class _Moving:
    data: mmap.mmap
    by_s: float
    ticks: dict[int, int] = field(default_factory=dict)
    """Units of time stamps a second, by the numbers of the tracks."""
    track: int = 0
    """The number of the track that the last boxes belong to."""


def move(path: Path, by_s: float) -> bool:
    """Add ``by_s`` seconds to all time stamps of a fragmented MP4 file; none gets below 0.

    Empty edits are removed. Returns whether it is an MP4 file; others stay as they are.
    """
    if not path.stat().st_size:
        return False
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        if data[4:8] not in (b"ftyp", b"styp", b"moov"):
            return False
        moving = _Moving(data, by_s)
        with suppress(struct.error, IndexError):  # a damaged file: what is before it counts
            for box in _boxes(data, 0, len(data)):
                if step := STEPS.get(box.kind):
                    step(moving, box)
    return True


def _boxes(data: mmap.mmap, at: int, end: int) -> Iterator[_Box]:
    """Yield the boxes of a range, and what is in them."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if size == 1 and at + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            body = at + 16
        if size == 0:
            size = end - at
        if size < body - at:
            return
        box_end = min(at + size, end)
        yield _Box(kind, at + 4, body, box_end)
        if kind in CONTAINERS:
            yield from _boxes(data, body, box_end)
        at = box_end


# ---------------------------------------------------------------- one function a box


def _track_header(moving: _Moving, box: _Box) -> None:
    is_long = moving.data[box.body] == 1
    (moving.track,) = struct.unpack_from(">I", moving.data, box.body + (20 if is_long else 12))


def _media_header(moving: _Moving, box: _Box) -> None:
    is_long = moving.data[box.body] == 1
    (ticks,) = struct.unpack_from(">I", moving.data, box.body + (20 if is_long else 12))
    moving.ticks[moving.track] = ticks


def _edit_list(moving: _Moving, box: _Box) -> None:
    """Take the time from an empty edit."""
    data, at = moving.data, box.body + 8
    form = ">Qq" if data[box.body] == 1 else ">Ii"
    if at + struct.calcsize(form) <= box.end:
        _, start = struct.unpack_from(form, data, at)
        if start == EMPTY_EDIT:
            struct.pack_into(form, data, at, 0, EMPTY_EDIT)


def _fragment_header(moving: _Moving, box: _Box) -> None:
    (moving.track,) = struct.unpack_from(">I", moving.data, box.body + 4)


def _fragment_time(moving: _Moving, box: _Box) -> None:
    form = ">Q" if moving.data[box.body] == 1 else ">I"
    (time,) = struct.unpack_from(form, moving.data, box.body + 4)
    moved = max(0, time + round(moving.by_s * moving.ticks.get(moving.track, 1)))
    if moved < 1 << 8 * struct.calcsize(form):  # else the decoder goes on with the clock before
        struct.pack_into(form, moving.data, box.body + 4, moved)


def _index(moving: _Moving, box: _Box) -> None:
    """Remove an index, whose times libav prefers to those of the fragments."""
    moving.data[box.at : box.at + 4] = b"free"


STEPS = {
    b"tkhd": _track_header,
    b"mdhd": _media_header,
    b"elst": _edit_list,
    b"tfhd": _fragment_header,
    b"tfdt": _fragment_time,
    b"sidx": _index,
}
