"""The error with which the server refuses a request."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """The server refuses a request."""

    status: HTTPStatus
    reason: str
    """A clause that the page shows."""
    version: str | None = None
    """The sidecar's present version, if the request was refused for an older one."""
