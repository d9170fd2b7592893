"""The body as sent -> as meant, never more of it than asked for, whatever a few bytes unpack to."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
"""What is asked for; both can be unpacked a little at a time."""
STEP = 1 << 16


class DecompressionError(Exception):
    """A body that cannot be unpacked."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """A body and its Content-Encoding -> the body, in small parts. Raises Damaged."""
    names = [name for part in encoding.lower().split(",") if (name := part.strip())]
    for name in reversed([n for n in names if n != "identity"]):
        if name not in ("gzip", "x-gzip", "deflate"):
            raise DecompressionError(f"it is packed as {name}, which was not asked for")
        chunks = _inflated(chunks, name)
    yield from chunks


def unzipped(body: bytes, most: int) -> bytes:
    """A file that may be packed with gzip -> as it was before. Raises Damaged, also of bombs."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    parts, size = [], 0
    for part in _inflated([body], "gzip"):
        parts.append(part)
        size += len(part)
        if size > most:
            raise DecompressionError(f"it unpacks to more than {most / 1e6:.0f} MB")
    return b"".join(parts)


def _inflated(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    unzip = None if name == "deflate" else zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in filter(None, chunks):
            if unzip is None:  # "deflate" means zlib's format, yet some servers send it bare
                is_zlib = chunk[0] & 15 == zlib.DEFLATED
                unzip = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
            while chunk:
                yield unzip.decompress(chunk, STEP)
                chunk = unzip.unconsumed_tail
        if unzip is not None:
            yield unzip.flush()
    except zlib.error as error:
        raise DecompressionError(str(error)) from error
