"""Reads answers to requests for byte ranges (RFC 9110, section 14)."""

from __future__ import annotations

import re
from email.message import Message
from typing import TYPE_CHECKING

from aligner.net.decompress import codings, decompress
from aligner.types import PartialContent

if TYPE_CHECKING:
    import httpx

REFUSAL_BYTES = 1 << 14
"""Bytes read of an answer with an error status: enough for its explanation."""
PACKING_BYTES = 1 << 16
"""By how much a packed body may be larger than what it unpacks to."""
LENGTH = re.compile(r"[0-9]{1,18}")
CONTENT_RANGE = re.compile(r"bytes\s+(?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)", re.IGNORECASE)


def partial_content(response: httpx.Response, start: int, length: int) -> PartialContent:
    """Read the answer to a request for ``length`` bytes from ``start`` on.

    Raises DecompressionError.
    """
    status = response.status_code
    found = CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    in_parts = status == 206 and found is not None
    first = int(found[1] or 0) if in_parts and found else 0
    if status >= 400:
        length = REFUSAL_BYTES
    elif first > start or (start and not in_parts):
        length = 0  # without support for ranges the body begins at byte 0
    return PartialContent(
        url=str(response.url),
        status=status,
        content_type=media_type(response)[0],
        data=read_at_most(response, length),
        start=first,
        total=_total(response, found),
        in_parts=in_parts,
        broadcast=any(name.startswith("icy-") for name in response.headers),
    )


def _total(response: httpx.Response, found: re.Match[str] | None) -> int | None:
    """Returns the size of the whole by Content-Range, or by the length of a whole answer."""
    if found and found[2] != "*":
        return int(found[2])
    is_packed = bool(codings(response.headers.get("Content-Encoding", "")))
    is_whole = response.status_code == 200 and not is_packed
    return declared_length(response) if is_whole else None


def declared_length(response: httpx.Response) -> int | None:
    """Returns the Content-Length of a response; None without a valid one."""
    declared = response.headers.get("Content-Length", "")
    return int(declared) if LENGTH.fullmatch(declared) else None


def read_at_most(response: httpx.Response, length: int) -> bytes:
    """Returns the decompressed body up to a length.

    Raises DecompressionError, also for a body that is longer than that while it is packed.
    """
    parts: list[bytes] = []
    size = 0
    encoding = response.headers.get("Content-Encoding", "")
    body = decompress(response.iter_raw(), encoding, length + PACKING_BYTES)
    while size < length and (part := next(body, None)) is not None:
        parts.append(part)
        size += len(part)
    if declared_length(response) == size:
        next(body, None)  # at its end the connection can be used again
    return b"".join(parts)[:length]


def media_type(response: httpx.Response) -> tuple[str, str | None]:
    """Returns the media type, "" if none is declared, and the charset."""
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "")
    if not header["Content-Type"]:
        return "", None
    return header.get_content_type(), header.get_content_charset()
