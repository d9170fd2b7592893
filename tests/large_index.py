"""A small media file that takes much memory."""

from __future__ import annotations

import struct


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, *numbers: int, more: bytes = b"") -> bytes:
    return box(kind, bytes(4) + struct.pack(f">{len(numbers)}I", *numbers) + more)


def large_index(samples: int = 20_000_000, tracks: int = 8, kind: str = "soun") -> bytes:
    """An MP4 file of a few kilobytes whose index declares many samples, all in one row."""
    sound = bytes(6) + struct.pack(">HIIHHHHI", 1, 0, 0, 1, 16, 0, 0, 16_000 << 16)
    film = bytes(6) + struct.pack(">H16xHH50x", 1, 64, 64)
    entry = box(b"mp4a", sound) if kind == "soun" else box(b"mp4v", film)
    table = (
        full(b"stsd", 1, more=entry)
        + full(b"stts", 1, samples, 1024)
        + full(b"stsc", 1, 1, samples, 1)
        + full(b"stsz", 4, samples)
        + full(b"stco", 1, 40)
    )
    handler = full(b"hdlr", 0, more=kind.encode() + bytes(13))
    media = full(b"mdhd", 0, 0, 16_000, 0xFFFFFFFF, 0x55C40000) + handler
    media += box(b"minf", full(b"smhd", 0) + box(b"stbl", table))
    head = full(b"mvhd", 0, 0, 1000, 0xFFFFFFFF, more=bytes(80))
    whole = b"".join(
        box(b"trak", full(b"tkhd", 0, 0, n, 0, 0xFFFFFFFF, more=bytes(60)) + box(b"mdia", media))
        for n in range(1, tracks + 1)
    )
    return box(b"ftyp", b"isom" + bytes(4) + b"isom") + box(b"moov", head + whole)
