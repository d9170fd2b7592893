"""Downloads of large files that go on where they were broken off, also in a later process.

What has arrived is kept beside the target in ``NAME.partial``. Broken connections and failures of
the server are tried again; tries that bring new bytes do not count. Proxies and authorities are
those of the environment (``net/third_party.py``).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aligner.errors import OutputError, PageUnavailable, WeightsMismatch
from aligner.net.rate_limit import RETRY_STATUSES

if TYPE_CHECKING:
    import httpx

TRIES = 6
"""Tries that bring no new byte, one after the other, before a download fails."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 15.0
"""Waits between tries; each is twice the one before, from the first again after new bytes."""
TIMEOUT_S = 30.0
"""For connecting, and for each part of the body."""
HTTP_OK, HTTP_PARTIAL, HTTP_BEYOND, HTTP_SERVER_ERROR = 200, 206, 416, 500
PARTIAL = ".partial"
"""Ends the name of a file that is not whole yet."""

OnSize = Callable[[int, int | None], None]
"""Told how many bytes of the file are here, and how many there are."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to download."""

    url: str
    sha256: str | None = None
    """Of the whole file, to compare with; None if it is not known."""
    size: int | None = None
    """Bytes; None if it is not known."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent to the address's own host; redirects to other hosts do not get the credentials."""


class _BrokenError(Exception):
    """A try ended before the file was whole; another one may go on."""


def partial_path(target: Path) -> Path:
    """Returns where a file lies while it is not whole."""
    return target.with_name(target.name + PARTIAL)


def fetch_file(file: RemoteFile, target: Path, on_size: OnSize) -> None:
    """Downloads a file to a path; goes on with what an earlier call has left.

    Raises PageUnavailable if the server refuses it or tries bring nothing any more,
    WeightsMismatch if the content is another one (it is removed then), OutputError.
    """
    import httpx

    partial = partial_path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with httpx.Client(follow_redirects=True, timeout=TIMEOUT_S) as client:
            _until_whole(client, file, partial, on_size)
        _compare(file, partial)
        partial.replace(target)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error


def _until_whole(client: httpx.Client, file: RemoteFile, partial: Path, on_size: OnSize) -> None:
    failures, before = 0, _size(partial)
    while True:
        try:
            _once(client, file, partial, on_size)
            return
        except _BrokenError as error:
            have = _size(partial)
            failures = 0 if have > before else failures + 1
            before = have
            if failures >= TRIES:
                raise PageUnavailable(file.url, str(error)) from error
            time.sleep(min(FIRST_WAIT_S * 2**failures, LONGEST_WAIT_S))


def _once(client: httpx.Client, file: RemoteFile, partial: Path, on_size: OnSize) -> None:
    """Requests what is missing. Raises _BrokenError, PageUnavailable, OSError."""
    import httpx

    have = _size(partial)
    if file.size is not None and have >= file.size:
        if have == file.size:
            on_size(have, have)
            return
        partial.unlink()  # the beginning of another file
        have = 0
    headers = {**file.headers, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with client.stream("GET", file.url, headers=headers) as response:
            _write(response, file, partial, on_size)
    except (httpx.TransportError, httpx.TooManyRedirects) as error:
        raise _BrokenError(str(error) or type(error).__name__) from error


def _write(response: httpx.Response, file: RemoteFile, partial: Path, on_size: OnSize) -> None:
    """Adds the body to what is here. Raises _BrokenError, PageUnavailable, OSError."""
    status, have = response.status_code, _size(partial)
    if status in RETRY_STATUSES or status >= HTTP_SERVER_ERROR:
        raise _BrokenError(f"the server answers with status {status}")
    if status == HTTP_BEYOND and have:
        partial.unlink()
        raise _BrokenError("the server's file is shorter than what is here")
    if status not in (HTTP_OK, HTTP_PARTIAL):
        raise PageUnavailable(file.url, f"status {status}", status)
    if status == HTTP_PARTIAL and not _begins_at(response, have):
        partial.unlink(missing_ok=True)
        raise _BrokenError("the server sends another part than the one asked for")
    have = have if status == HTTP_PARTIAL else 0
    sent = response.headers.get("Content-Length", "")
    total = file.size if file.size is not None else have + int(sent) if sent.isdecimal() else None
    with partial.open("ab" if have else "wb", buffering=0) as out:  # killed, it loses nothing
        for chunk in response.iter_raw():  # with a size, a broken answer would lose its last bytes
            out.write(chunk)
            have += len(chunk)
            on_size(have, total)
    if total is not None and have != total:
        raise _BrokenError(f"{have} of {total} bytes were sent")


def _begins_at(response: httpx.Response, start: int) -> bool:
    found = str(response.headers.get("Content-Range", ""))
    return found.startswith(f"bytes {start}-")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _compare(file: RemoteFile, partial: Path) -> None:
    """Raises WeightsMismatch, and removes the file, if it is not the published one."""
    if file.sha256 is None:
        return
    with partial.open("rb") as whole:
        found = hashlib.file_digest(whole, "sha256").hexdigest()
    if found != file.sha256:
        partial.unlink()
        raise WeightsMismatch(partial, file.sha256, found)
