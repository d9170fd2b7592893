"""Has yt-dlp read pages of sites that it does not know in a process with limits.

Its generic extractor searches pages, and what their players answer, with patterns that 100 kB can
hold for minutes. The process (``extraction_program.py``) has no connections: each request is made
by this one, with its guard, its budget and its cookies.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aligner._util.helper_process import HelperProcesses
from aligner.discovery.ytdlp import extraction_program
from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from aligner.discovery.ytdlp.client import Client

LONGEST_ANSWER = 32_000_000
MOST_READ = 1 << 20
"""Bytes of a body that are read at a time."""
UNKNOWN_TO_JSON = ("logger", "retry_sleep_functions")
"""Parameters of yt-dlp that are no data: the process has its own logger, and repeats nothing."""


@dataclass(frozen=True, slots=True)
class ExtractionLimits:
    """Limits of one address; outside Linux and macOS only ``wall_s`` takes effect."""

    memory_bytes: int = 1 << 30
    cpu_s: int = 20
    wall_s: float = 120.0
    """Time without that of requests."""


LIMITS = ExtractionLimits()
CANNOT_START = (
    "yt-dlp cannot start; perhaps memory or computing time of processes is limited here "
    "(ulimit -v, ulimit -t)"
)
_processes = HelperProcesses(
    extraction_program.__name__, longest_answer=LONGEST_ANSWER, cannot_start=CANNOT_START
)


class ExtractionFailed(Exception):
    """yt-dlp failed in the process; ``unavailable`` is its error."""

    def __init__(self, unavailable: MediaUnavailable) -> None:
        self.unavailable = unavailable
        super().__init__(unavailable.why)


def extract(client: Client, url: str) -> dict[str, Any] | None:
    """Returns yt-dlp's description of an address, with the requests of ``client``.

    Raises ExtractionFailed, MachineFault.
    """
    params = {k: v for k, v in client.params.items() if k not in UNKNOWN_TO_JSON}
    request = {
        "url": url,
        "params": params,
        "memory_bytes": LIMITS.memory_bytes,
        "cpu_s": LIMITS.cpu_s,
    }
    data = json.dumps(request, default=str).encode()
    answer = _processes.ask(url, data, LIMITS.wall_s, _Requests(client), counts_giving=False)
    try:
        made = json.loads(answer) if answer else {}
        if "info" in made:
            info: dict[str, Any] | None = made["info"]
            return info
        error = MediaUnavailable(url, made["state"], made["why"], made["http_status"])
    except (ValueError, RecursionError, KeyError, TypeError):
        why = f"yt-dlp takes more than {LIMITS.cpu_s} s of computing for it, or crashes"
        error = MediaUnavailable(url, "not_media", why)
    raise ExtractionFailed(error)


class _Requests:
    """Makes the requests of a process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: list[Any] = []

    def __call__(self, asked: bytes) -> bytes:
        wanted = json.loads(asked)
        if "read" in wanted:
            return self._part(self._answers[wanted["read"]], wanted["size"])
        return json.dumps(self._answer(wanted)).encode()

    def _part(self, answer: Any, size: int) -> bytes:
        """Returns the next bytes of an answer after a zero byte, or why there are none after 1."""
        from yt_dlp.networking.exceptions import RequestError

        try:
            return b"\0" + bytes(answer.read(min(size, MOST_READ) if size >= 0 else MOST_READ))
        except (RequestError, OSError) as error:
            return b"\1" + str(error).encode("utf-8", "replace")

    def _answer(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Returns the head of the answer to a request, or why there is none."""
        from yt_dlp.networking import Request
        from yt_dlp.networking.exceptions import HTTPError, RequestError

        data = wanted["data"] and base64.b64decode(wanted["data"])
        request = Request(wanted["url"], data, wanted["headers"], method=wanted["method"])
        try:
            answer = self._client.urlopen(request)
        except HTTPError as error:
            answer = error.response
        except (RequestError, OSError) as error:
            return {"error": str(error)}
        self._answers.append(answer)
        return {
            "number": len(self._answers) - 1,
            "status": answer.status,
            "url": answer.url,
            "headers": list(answer.headers.items()),
        }
