"""Decompresses bodies step by step, so that a decompression bomb is never expanded in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""The Accept-Encoding header; both codings can be decompressed step by step."""
CODINGS = ("gzip", "x-gzip", "deflate")
OTHER_CODINGS = ("br", "zstd", "compress", "x-compress", "dcb", "dcz")
"""Further codings of IANA's registry, which are not asked for and cannot be decompressed here."""
MAX_CODINGS = 5
"""Codings of one body, as in curl; servers use one."""
MAX_MEMBERS = 10_000
"""Members of one gzip body; programs that compress in blocks make one for each 64 KB."""
GZIP_MAGIC = b"\x1f\x8b"
CHUNK_BYTES = 1 << 16
"""Bytes that are unpacked at a time."""
INPUT_BYTES = 1 << 12
"""Bytes that zlib gets at a time: it copies what it has not used, for each part of its output."""


class DecompressionError(Exception):
    """A body that cannot be decompressed."""


def decompress(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Yield a body without its Content-Encoding, in small parts.

    A name that is no coding (UTF-8, aws-chunked, none) changes nothing, as in browsers. Raises
    DecompressionError, also if a packed form of the body has more than ``max_bytes``.
    """
    names = codings(encoding)
    if len(names) > MAX_CODINGS:
        raise DecompressionError(f"it is packed {len(names)} times, one in another")
    for name in reversed(names):
        if name not in CODINGS:
            raise DecompressionError(f"it is packed as {name}, which was not asked for")
        chunks = _unpacked(_bounded(chunks, max_bytes), name)
    yield from chunks


def codings(encoding: str) -> list[str]:
    """Returns the codings that a Content-Encoding header names, in the order of their use."""
    names = (part.strip() for part in encoding.lower().split(","))
    return [name for name in names if name in CODINGS or name in OTHER_CODINGS]


def gunzip(body: bytes, max_bytes: int) -> bytes:
    """Returns a body without its gzip compression, if it has any.

    Raises DecompressionError, also for more than ``max_bytes``.
    """
    if not body.startswith(GZIP_MAGIC):
        return body
    parts, size = [], 0
    for part in _unpacked([body], "gzip"):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise DecompressionError(f"it unpacks to more than {max_bytes / 1e6:.0f} MB")
    return b"".join(parts)


def _bounded(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield the chunks of a packed body. Raises DecompressionError beyond ``max_bytes``."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise DecompressionError(f"it has more than {max_bytes / 1e6:.1f} MB while packed")
        yield chunk


def _sliced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), INPUT_BYTES):
            yield chunk[start : start + INPUT_BYTES]


def _unpacked(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the contents of a packed body; whatever follows its end is neither read nor kept."""
    try:
        yield from _inflated(chunks) if name == "deflate" else _gunzipped(chunks)
    except zlib.error as error:
        raise DecompressionError(str(error)) from error


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unzip = None
    for data in _sliced(chunks):
        if unzip is None:  # "deflate" means zlib's format; some servers send it raw
            is_zlib = data[0] & 15 == zlib.DEFLATED
            unzip = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        yield from _steps(unzip, data)
        if unzip.eof:
            return
    if unzip:
        yield unzip.flush()  # of a body that breaks off


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the contents of all members of a gzip body (RFC 1952, section 2.2)."""
    unzip, members, beginning = _gzip_member(), 1, b""
    """``beginning``: bytes after a member, too few to say whether another one follows."""
    for data in _sliced(chunks):
        if unzip.eof:
            data = beginning + data
        else:
            yield from _steps(unzip, data)
            data = unzip.unused_data
        while unzip.eof and len(data) >= len(GZIP_MAGIC):
            if not data.startswith(GZIP_MAGIC):
                return
            if members == MAX_MEMBERS:
                raise DecompressionError(f"it has more than {MAX_MEMBERS} gzip members")
            unzip, members = _gzip_member(), members + 1
            yield from _steps(unzip, data)
            data = unzip.unused_data
        beginning = data if unzip.eof else b""
    if not unzip.eof:
        yield unzip.flush()  # of a body that breaks off


def _gzip_member() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _steps(unzip: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield what some input unpacks to, a part at a time."""
    while data and not unzip.eof:
        yield unzip.decompress(data, CHUNK_BYTES)
        data = unzip.unconsumed_tail
