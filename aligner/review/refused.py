"""What the server says no to."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """A request that is not answered as asked; the status and a sentence say why."""

    status: HTTPStatus
    reason: str
    version: str | None = None
    """Of what is there now, where that is the reason."""
