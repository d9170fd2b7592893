"""What downloads of HLS and DASH streams share: fetching manifests, and counting bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from aligner.discovery.manifest import MANIFEST_BYTES
from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from aligner.discovery.ytdlp.client import Client


@dataclass(frozen=True, slots=True)
class Fetched:
    """A recording that was downloaded."""

    path: Path
    declared_ms: int | None = None
    """How long it is at least, by its manifest; None if there is none."""
    unreadable_ms: int = 0
    """The length of the parts of a stream that could not be read, and are silent."""


class Meter(Protocol):
    """Counts the bytes of a download of several files."""

    def next_file(self, earlier_bytes: int) -> None: ...


def fetcher(client: Client, entry: dict[str, Any]) -> Callable[[str], tuple[str, str]]:
    """Returns the function that fetches a manifest: its text, and its address after redirects."""
    from yt_dlp.networking import Request

    def fetch(url: str) -> tuple[str, str]:
        with client.urlopen(Request(url, headers=entry.get("http_headers"))) as answer:
            data: bytes = answer.read(MANIFEST_BYTES)
            final_url: str = answer.url
        if len(data) >= MANIFEST_BYTES:
            raise MediaUnavailable(url, "not_media", "a manifest that is far too long")
        return data.decode("utf-8-sig", "replace"), final_url

    return fetch
