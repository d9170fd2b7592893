"""A small cache of pages on the disk that are revalidated before each use.

Every request names the ETag or the date of the cached page, and an answer of 304 (RFC 9110,
section 15.4.5) allows its use. The size of the folder is bounded; the pages that were used longest
ago are evicted first.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aligner._util import strict_json
from aligner._util.atomic_write import atomic_write
from aligner.errors import OutputError
from aligner.types import Page

MAX_BYTES = 100_000_000
MAX_PAGE_CHARS = 4_000_000
"""Longer pages are not cached."""
UNCACHEABLE = ("no-store", "private")
"""Cache-Control directives of pages that are for one reader alone."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A page, and how to ask whether it has changed."""

    page: Page
    conditions: dict[str, str]
    """Headers of the conditional request."""


class Cache:
    """A folder of pages that threads may share. Its methods ignore errors of the disk."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self._lock = threading.Lock()
        self._bytes = sum(size for _, size, _ in self._files())

    def get(self, url: str) -> CacheEntry | None:
        """Return the cached page of an address; None if there is none that can be read."""
        path = self._path(url)
        try:
            entry = _entry_from(strict_json.read(gzip.decompress(path.read_bytes())))
            os.utime(path)
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
            return None
        return entry if entry.page.url == url else None

    def put(self, page: Page, headers: Mapping[str, str]) -> None:
        """Store a page if its headers hold a validator and do not forbid it."""
        conditions = _conditions(headers)
        control = headers.get("Cache-Control", "").lower()
        if not conditions or any(word in control for word in UNCACHEABLE) or page.url is None:
            return
        if len(page.html) > MAX_PAGE_CHARS:
            return
        record = json.dumps({"page": asdict(page), "conditions": conditions}).encode()
        self._write(self._path(page.url), gzip.compress(record, 5, mtime=0))

    def _path(self, url: str) -> Path:
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.gz"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic_write(path, data, durable=False)
        except (OSError, OutputError):
            return
        with self._lock:
            self._bytes += len(data)
            if self._bytes > self.max_bytes:
                self._evict()

    def _evict(self) -> None:
        """Evict the pages that were used longest ago, until a fifth of the space is free."""
        files = sorted(self._files())
        self._bytes = sum(size for _, size, _ in files)
        for _, size, path in files:
            if self._bytes <= self.max_bytes * 4 // 5:
                return
            path.unlink(missing_ok=True)
            self._bytes -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        """Returns the time of last use, the size and the path of each file."""
        found = []
        for path in self.folder.glob("*.gz"):
            try:
                stat = path.stat()
            except OSError:  # another run evicted it
                continue
            found.append((stat.st_mtime, stat.st_size, path))
        return found


def _entry_from(record: Any) -> CacheEntry:
    """Returns the entry of a file's JSON. Raises ValueError, KeyError, TypeError."""
    entry = CacheEntry(Page(**record["page"]), dict(record["conditions"]))
    page = entry.page
    texts = (
        page.url,
        page.final_url or "",
        page.html,
        page.content_type,
        page.referrer_policy or "",
        *entry.conditions.values(),
    )
    if not all(isinstance(text, str) for text in texts) or not isinstance(page.status, int):
        raise ValueError("not a page")
    return entry


def _conditions(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the request headers that ask for changes since a response."""
    names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {
        request_header: headers[response_header]
        for response_header, request_header in names.items()
        if headers.get(response_header)
    }
