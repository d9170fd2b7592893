"""A program in which yt-dlp describes addresses, one after the other; ``extraction.py`` runs it.

``_util/helper_program.py`` says what messages are. A request (JSON) has "url", yt-dlp's "params",
"memory_bytes" and "cpu_s". Questions (JSON) are a request, which is answered with an answer's head
or {"error": ...}, or {"read": NUMBER, "size": N}, which is answered with a zero byte and the next
bytes of that answer, or another byte and a reason. The answer (JSON) is {"info": ...} or the fields
of MediaUnavailable.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aligner._util.helper_program import Parent, limit_cpu, limit_memory, resident_bytes, serve

if TYPE_CHECKING:
    from yt_dlp.networking import Response

HIGHEST_MEMORY = 1 << 30
LARGE = 400 << 20
"""A process that has taken more is not used again: it may keep the memory."""


STARTS_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")
"""Python's audit events of what starts programs."""


def main() -> None:
    sys.addaudithook(_refuse_programs)
    serve(_answer, _prepare, HIGHEST_MEMORY)


def _refuse_programs(event: str, _: object) -> None:
    if event in STARTS_PROGRAMS:
        raise PermissionError("yt-dlp starts no programs")


def _prepare() -> None:
    from aligner.discovery.ytdlp import client

    client.knows("https://example.com/")  # makes the extractors


def _answer(data: bytes, parent: Parent) -> tuple[bytes, bool]:
    request = json.loads(data)
    limit_memory(request["memory_bytes"], HIGHEST_MEMORY)
    limit_cpu(request["cpu_s"])
    made = _described(request["url"], request["params"], parent)
    return json.dumps(made).encode(), resident_bytes() <= LARGE


def _described(url: str, params: dict[str, Any], parent: Parent) -> dict[str, Any]:
    from aligner.discovery.ytdlp.client import remote_client
    from aligner.discovery.ytdlp.errors import as_unavailable
    from aligner.discovery.ytdlp.log import ErrorLog

    log = ErrorLog()
    try:
        with remote_client(params | {"logger": log}, functools.partial(_sent, parent)) as client:
            return {"info": client.sanitize_info(client.extract_info(url, download=False))}
    except Exception as error:  # an extractor of yt-dlp may raise anything
        failed = as_unavailable(url, error, log.errors)
        return {"state": failed.state, "why": failed.why, "http_status": failed.http_status}


def _sent(parent: Parent, request: Any) -> Response:
    """Returns the parent's answer to a request. Raises yt-dlp's errors, NotGiven."""
    from yt_dlp.networking import Response
    from yt_dlp.networking.exceptions import HTTPError, TransportError

    data = request.data
    if isinstance(data, Iterable) and not isinstance(data, bytes):
        data = b"".join(data)
    asked = {
        "url": request.url,
        "method": request.method,
        "headers": dict(request.headers),
        "data": data and base64.b64encode(data).decode(),
    }
    head = json.loads(parent.ask(json.dumps(asked).encode()))
    if "error" in head:
        raise TransportError(head["error"])
    body = io.BufferedReader(_RemoteBody(parent, head["number"]))
    answer = Response(body, head["url"], dict(head["headers"]), head["status"])
    if answer.status >= 400:
        raise HTTPError(answer)
    return answer


class _RemoteBody(io.RawIOBase):
    """The body of an answer that the parent has. Reading raises yt-dlp's TransportError."""

    def __init__(self, parent: Parent, number: int) -> None:
        self._parent, self._number = parent, number

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        from yt_dlp.networking.exceptions import TransportError

        asked = {"read": self._number, "size": len(buffer)}
        given = self._parent.ask(json.dumps(asked).encode())
        if given[:1] != b"\0":
            raise TransportError(given[1:].decode("utf-8", "replace"))
        buffer[: len(given) - 1] = given[1:]
        return len(given) - 1
