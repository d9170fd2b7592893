"""Responses for yt-dlp whose bytes are counted (``net.budget``) as they leave the connection.

yt-dlp's own code unpacks a body at once, whatever its size; here it is unpacked while it is read.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterator
from typing import Any
from urllib.response import addinfourl

from aligner.net import budget
from aligner.net.decompress import DecompressionError, codings, decompress

CHUNK_BYTES = 1 << 16
LONGEST_PACKED = 1 << 40
"""The budget sets the limit."""
LONGEST_TIMEOUT_S = 24 * 3600.0
"""The limit of a read where yt-dlp sets none."""


class MeteredResponse(http.client.HTTPResponse):
    """A response that is read within the current budget's limits."""

    def __init__(self, sock: Any, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_Counted(sock, self.fp))


class _Counted(io.RawIOBase):
    """The bytes of a connection. Reading raises BudgetExceeded, OSError."""

    def __init__(self, sock: Any, inner: io.BufferedReader) -> None:
        self._sock, self._inner = sock, inner
        self._timeout_s = sock.gettimeout() or LONGEST_TIMEOUT_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            return self._read(buffer)
        except OSError:
            self._inner.close()  # nobody else closes the connection of a response that fails
            raise

    def _read(self, buffer: Any) -> int:
        shared = budget.current()
        self._sock.settimeout(shared.wait(self._timeout_s))
        try:
            size = self._inner.raw.readinto(buffer) or 0
        except TimeoutError:
            shared.expect_time()
            raise
        shared.receive(size)
        return size

    def close(self) -> None:
        self._inner.close()
        super().close()


def unpacked(response: Any) -> Any:
    """Returns a response without its Content-Encoding; its body is unpacked while it is read."""
    encoding = response.headers.get("Content-Encoding", "")
    if not codings(encoding):
        return response
    body = io.BufferedReader(_Unpacked(response, encoding))
    made = addinfourl(body, response.headers, response.url, response.code)
    made.msg = response.msg  # type: ignore[attr-defined]
    return made


class _Unpacked(io.RawIOBase):
    """A body without its Content-Encoding. Reading raises BudgetExceeded, OSError."""

    def __init__(self, response: Any, encoding: str) -> None:
        self._response = response
        self._parts = decompress(_chunks(response), encoding, LONGEST_PACKED)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            while not self._rest and (part := next(self._parts, None)) is not None:
                budget.current().receive(len(part))
                self._rest = memoryview(part)
        except DecompressionError as error:
            raise OSError(f"it cannot be unpacked: {error}") from error
        data = self._rest[: len(buffer)]
        self._rest = self._rest[len(data) :]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._response.close()
        super().close()


def _chunks(response: Any) -> Iterator[bytes]:
    while chunk := response.read(CHUNK_BYTES):
        yield chunk
