"""Decompresses bodies step by step, so that a decompression bomb is never expanded in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""The Accept-Encoding header; both codings can be decompressed step by step."""
CODINGS = ("gzip", "x-gzip", "deflate")
OTHER_CODINGS = ("br", "zstd", "compress", "x-compress", "dcb", "dcz")
"""Further codings of IANA's registry, which are not asked for and cannot be decompressed here."""
CHUNK_BYTES = 1 << 16


class DecompressionError(Exception):
    """A body that cannot be decompressed."""


def decompress(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield a body without its Content-Encoding, in small parts. Raises DecompressionError.

    A name that is no coding (UTF-8, aws-chunked, none) changes nothing, as in browsers.
    """
    for name in reversed(codings(encoding)):
        if name not in CODINGS:
            raise DecompressionError(f"it is packed as {name}, which was not asked for")
        chunks = _inflated(chunks, name)
    yield from chunks


def codings(encoding: str) -> list[str]:
    """Returns the codings that a Content-Encoding header names, in the order of their use."""
    names = (part.strip() for part in encoding.lower().split(","))
    return [name for name in names if name in CODINGS or name in OTHER_CODINGS]


def gunzip(body: bytes, max_bytes: int) -> bytes:
    """Returns a body without its gzip compression, if it has any.

    Raises DecompressionError, also for more than ``max_bytes``.
    """
    if not body.startswith(b"\x1f\x8b"):
        return body
    parts, size = [], 0
    for part in _inflated([body], "gzip"):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise DecompressionError(f"it unpacks to more than {max_bytes / 1e6:.0f} MB")
    return b"".join(parts)


def _inflated(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    unzip = None if name == "deflate" else zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in filter(None, chunks):
            if unzip is None:  # "deflate" means zlib's format; some servers send it raw
                is_zlib = chunk[0] & 15 == zlib.DEFLATED
                unzip = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
            while chunk:
                yield unzip.decompress(chunk, CHUNK_BYTES)
                chunk = unzip.unconsumed_tail
        if unzip is not None:
            yield unzip.flush()
    except zlib.error as error:
        raise DecompressionError(str(error)) from error
