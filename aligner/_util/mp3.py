"""Reads the beginning of an MP3 file: its ID3v2 tags, and the header that declares its length."""

from __future__ import annotations

import os
import re
from typing import Protocol

ID3_HEADER = 10
"""Bytes of a tag's header, and of its footer (ID3v2.4, sections 3.1 and 3.4)."""
MAX_TAGS = 8
SEARCHED = 1 << 16
"""Bytes after the tags in which the first frame is looked for."""
FRAME = re.compile(rb"\xff[\xe2-\xff].{42}", re.DOTALL)
"""A frame's sync word, header, and what its side information and a length header may take."""
LENGTH_HEADER = re.compile(rb"(?:Xing|Info)\0\0\0[\x01\x03\x05\x07\x09\x0b\x0d\x0f]|VBRI")
"""A header that counts the frames: bit 0 of the flags says so in Xing's."""


HAS_BYTES = 2
"""The flag of Xing's header that the number of bytes follows that of frames."""
JOINED_FROM = 17 / 16
"""A file that is larger than declared by more than this has something joined to it, for libav."""


class Reader(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...


def id3_size(data: bytes) -> int:
    """Returns the size of the ID3v2 tag at the beginning of ``data``; 0 if there is none."""
    header = data[:ID3_HEADER]
    if len(header) < ID3_HEADER or not header.startswith(b"ID3") or max(header[6:]) > 0x7F:
        return 0
    size = sum(byte << shift for byte, shift in zip(header[6:], (21, 14, 7, 0), strict=True))
    has_footer = header[5] & 0x10
    return size + ID3_HEADER * (2 if has_footer else 1)


def skip_tags(file: Reader) -> int:
    """Returns the offset after the ID3v2 tags at the beginning of a file.

    Raises what reading the file raises.
    """
    at = 0
    for _ in range(MAX_TAGS):
        at += id3_size(_read_at(file, at, ID3_HEADER))
    return at


def declares_length(file: Reader) -> bool:
    """Returns whether the first frame is a header (Xing, Info, VBRI) with the number of frames.

    The length of other MP3 files is estimated from the bit rate at their beginning, and so is that
    of files that are larger than the header says, to which others were joined.
    """
    begin = skip_tags(file)
    data = _read_at(file, begin, SEARCHED)
    frame = FRAME.search(data)
    header = frame and LENGTH_HEADER.search(frame[0])
    if not frame or not header:
        return False
    fields = data[frame.start() + header.end() :]
    if header[0] == b"VBRI":
        declared_bytes = int.from_bytes(fields[6:10], "big")
    else:
        declared_bytes = int.from_bytes(fields[4:8], "big") if header[0][-1] & HAS_BYTES else 0
    size = file.seek(0, os.SEEK_END) - begin
    return not declared_bytes or size <= declared_bytes * JOINED_FROM


def _read_at(file: Reader, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)
