"""A model hub on loopback, as the client of the Hugging Face hub asks one; it can break off.

with Hub({"own/model": folder}) as hub:
    hub.breaks = 10  # the next ten answers with a large file end early
    ...  # with hub.environment(cache) in the environment
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

COMMIT = "c" * 40
LARGE = 10_000
"""Bytes from which a file is in Git LFS."""


class Hub:
    """Serves models while its ``with`` block runs."""

    def __init__(self, models: Mapping[str, Path]) -> None:
        self.models = dict(models)
        self.breaks = 0
        """How many answers with a large file are still to be broken off."""
        self.share = 0.2
        """Share of what is left of a file that an answer has before it is broken off."""
        self.stalls = threading.Event()
        """While set, answers with a large file stop after some bytes, and stay open."""
        self.asked: list[tuple[str, str, str | None]] = []
        """Method, path and Range of each request."""
        self.sent = 0
        """Bytes of large files."""
        handler = type("Handler", (_HubHandler,), {"hub": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.stalls.clear()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def environment(self, cache: Path) -> dict[str, str]:
        """Variables with which the hub's client asks this server, and keeps files in ``cache``."""
        return {
            "HF_ENDPOINT": f"http://127.0.0.1:{self._http.server_address[1]}",
            "HF_HUB_CACHE": str(cache),
            "NO_PROXY": "*",
        }

    def ranges(self) -> list[str | None]:
        """Which part of a large file each request for one asked for."""
        return [part for method, path, part in self.asked if method == "GET" and "/model." in path]

    def listing(self, name: str) -> dict[str, object]:
        files = sorted(self.models[name].iterdir())
        siblings = [{"rfilename": f.name, "size": f.stat().st_size} | _sums(f) for f in files]
        return {"_id": "1", "id": name, "modelId": name, "sha": COMMIT, "siblings": siblings}

    def tree(self, name: str) -> list[dict[str, object]]:
        """What newer clients ask for: the files as git lists them."""
        found = []
        for file in sorted(self.models[name].iterdir()):
            sums, size = _sums(file), file.stat().st_size
            lfs = sums.get("lfs")
            more = {"lfs": lfs | {"oid": lfs["sha256"]}} if isinstance(lfs, dict) else {}
            found.append({"type": "file", "path": file.name, "size": size, "oid": sums["blobId"]})
            found[-1] |= more
        return found


def _sums(file: Path) -> dict[str, object]:
    data = file.read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324  as git does
    if len(data) < LARGE:
        return {"blobId": blob}
    lfs = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    return {"blobId": blob, "lfs": lfs}


class _HubHandler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path).path.strip("/").split("/")
        self.hub.asked.append((self.command, self.path, self.headers.get("Range")))
        if parts[:2] == ["api", "models"] and "/".join(parts[2:4]) in self.hub.models:
            say = self.hub.tree if parts[4:5] == ["tree"] else self.hub.listing
            self._give(json.dumps(say("/".join(parts[2:4]))).encode())
            return
        file = self.hub.models.get("/".join(parts[:2]), Path("nowhere")) / parts[-1]
        if len(parts) != 5 or parts[2] != "resolve" or not file.is_file():
            self._give(b"{}", 404)
            return
        sums = _sums(file)
        lfs = sums.get("lfs")
        tag = lfs["sha256"] if isinstance(lfs, dict) else sums["blobId"]
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{tag}"', "X-Linked-Etag": f'"{tag}"'}
        self._file(file.read_bytes(), headers, large=lfs is not None)

    def _file(self, data: bytes, headers: dict[str, str], *, large: bool) -> None:
        part = self.headers.get("Range", "")
        start = int(part.removeprefix("bytes=").rstrip("-")) if part else 0
        status = 206 if part else 200
        if part:
            headers |= {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        self._give(data[start:], status, headers, large=large)

    def _give(
        self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None,
        *, large: bool = False,
    ) -> None:  # fmt: skip
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if large and (self.hub.breaks or self.hub.stalls.is_set()):
            self.hub.breaks = max(0, self.hub.breaks - 1)
            body = body[: max(1, int(len(body) * self.hub.share))]
            self.close_connection = True
        self.hub.sent += len(body) if large else 0  # before the client may look
        self.wfile.write(body)
        self.wfile.flush()
        while large and self.hub.stalls.is_set():
            threading.Event().wait(0.02)
