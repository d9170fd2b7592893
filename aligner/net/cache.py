"""Pages on the disk that a server may say are as they were: a small cache of validators.

Nothing is used without asking: each request names the ETag or the date of the page that is kept,
and an answer of 304 (RFC 9110, section 15.4.5) brings the kept page back. The folder is bounded;
what was used longest ago goes first.
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

MOST_BYTES = 100_000_000
MOST_CHARS = 4_000_000
"""Longer pages are not kept."""
PRIVATE = ("no-store", "private")
"""What Cache-Control says of pages that are for one reader's eyes."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A page as it was, and how to ask whether it still is so."""

    page: Page
    conditions: dict[str, str]
    """Headers of a request."""


class Cache:
    """A folder of pages, which the threads of a run share. Its troubles are nobody's errors."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        self._lock = threading.Lock()
        self._bytes = sum(size for _, size, _ in self._files())

    def get(self, url: str) -> CacheEntry | None:
        """The page of an address, if it is kept."""
        path = self._path(url)
        try:
            kept = _kept(strict_json.read(gzip.decompress(path.read_bytes())))
            os.utime(path)
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
            return None
        return kept if kept.page.url == url else None

    def put(self, page: Page, headers: Mapping[str, str]) -> None:
        """Keep a page, if its server says how to ask for changes and has nothing against it."""
        conditions = _conditions(headers)
        control = headers.get("Cache-Control", "").lower()
        if not conditions or any(word in control for word in PRIVATE) or page.url is None:
            return
        if len(page.html) > MOST_CHARS:
            return
        made = json.dumps({"page": asdict(page), "conditions": conditions}).encode()
        self._write(self._path(page.url), gzip.compress(made, 5, mtime=0))

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
            if self._bytes > self.most_bytes:
                self._make_room()

    def _make_room(self) -> None:
        """Take the pages away that were used longest ago, until a fifth is free."""
        files = sorted(self._files())
        self._bytes = sum(size for _, size, _ in files)
        for _, size, path in files:
            if self._bytes <= self.most_bytes * 4 // 5:
                return
            path.unlink(missing_ok=True)
            self._bytes -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each file was last used, its size and its place."""
        found = []
        for path in self.folder.glob("*.gz"):
            try:
                stat = path.stat()
            except OSError:  # another run took it away
                continue
            found.append((stat.st_mtime, stat.st_size, path))
        return found


def _kept(said: Any) -> CacheEntry:
    """What a file of the cache says. Raises ValueError, KeyError, TypeError."""
    kept = CacheEntry(Page(**said["page"]), dict(said["conditions"]))
    page = kept.page
    texts = (
        page.url,
        page.final_url or "",
        page.html,
        page.content_type,
        *kept.conditions.values(),
    )
    if not all(isinstance(text, str) for text in texts) or not isinstance(page.status, int):
        raise ValueError("not a page")
    return kept


def _conditions(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer -> those that ask for changes since."""
    names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {asks: headers[says] for says, asks in names.items() if headers.get(says)}
