"""Downloads one model; a process of its own, so that it can be ended at any moment.

The job is JSON on standard input, in one line (``DownloadJob``). Standard output has reports in
JSON, a line each (``DownloadReport``), several a second; the last one has the path or the reason
why there is none. What has arrived stays on the disk, and the next process goes on with it.

A hub model's large files are downloaded by ``net/resumable.py`` to where the hub's client expects
them (``blobs/SHA256`` of its cache), and the rest by the client itself: it begins a file anew in
every process.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from aligner._util.telemetry import silence_huggingface_hub
from aligner.asr.models.download_messages import DownloadJob, DownloadReport
from aligner.errors import AlignerError
from aligner.net.options import NetworkOptions
from aligner.net.resumable import RemoteFile, fetch_file, partial_path
from aligner.net.third_party import configured

EVERY_S = 0.25
"""Between reports."""
SPARE_BYTES = 64_000_000
"""Disk space that stays free, and takes a model's small files."""
TRIES, WAIT_S = 3, 0.5
"""Of the hub client's own requests."""
WAITING = "another process is downloading it; waiting for that"

T = TypeVar("T")


class _Reporter:
    """Prints the state several times a second from a thread, so that the reader never waits."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        self.note: str | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._run, daemon=True).start()

    def say(self, note: str | None) -> None:
        with self._lock:
            self.note = note

    def end(self, **how: str) -> None:
        with self._lock:
            self._print(DownloadReport(self.done, self.total, self.note, **how))

    def _run(self) -> None:
        while True:
            with self._lock:
                self._print(DownloadReport(self.done, self.total, self.note))
                self.note = None
            time.sleep(EVERY_S)

    def _print(self, report: DownloadReport) -> None:
        try:
            sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
            sys.stdout.buffer.flush()
        except OSError:  # whoever wanted the model is gone
            os._exit(1)


class NoSpaceError(Exception):
    """The disk has too little space for the model."""


def _download_from_hub(job: DownloadJob, reporter: _Reporter) -> Path:
    """Returns the folder of a model of the hub, in the cache of the hub's client."""
    silence_huggingface_hub()
    import huggingface_hub
    from huggingface_hub import constants

    cache = Path(constants.HF_HUB_CACHE)
    name = job.name.replace("/", "--")
    with _only_one(cache / ".locks" / f"aligner--{name}.lock", reporter):
        found = _retried(lambda: huggingface_hub.HfApi().model_info(job.name, files_metadata=True))
        blobs = cache / f"models--{name}" / "blobs"
        wanted = [(file, target) for file, target in _large_files(job, found, blobs)]
        there = sum(_present(target) for _, target in wanted)
        reporter.done, reporter.total = there, sum(file.size or 0 for file, _ in wanted)
        reporter.say(space_note(reporter.done, reporter.total, cache))
        for file, target in wanted:
            if not target.is_file():
                before = reporter.done - _present(target)
                fetch_file(file, target, _counter(reporter, before))
        return Path(
            _retried(
                lambda: huggingface_hub.snapshot_download(job.name, allow_patterns=job.patterns)
            )
        )


def _large_files(job: DownloadJob, found: Any, blobs: Path) -> Iterator[tuple[RemoteFile, Path]]:
    """Yields a model's files in Git LFS, with their places in the client's cache."""
    from huggingface_hub import get_token, hf_hub_url

    token = get_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    by_name = {file.rfilename: file for file in found.siblings or ()}
    for name, file in by_name.items():
        large = file.lfs
        wanted = any(fnmatch(name, pattern) for pattern in job.patterns)
        if wanted and large and large.sha256:
            url = hf_hub_url(job.name, name, revision=found.sha)
            yield RemoteFile(url, large.sha256, large.size, headers), blobs / large.sha256


def _download_checkpoint(job: DownloadJob, reporter: _Reporter) -> Path:
    """Returns the file of a checkpoint that openai-whisper publishes, in its own folder."""
    import whisper

    url = whisper._MODELS[job.name]
    target = Path(job.target)
    file = RemoteFile(url, sha256=url.split("/")[-2], size=None)
    with _only_one(target.with_name(f".{target.name}.lock"), reporter):
        reporter.total = job.size
        reporter.done = _present(target)
        reporter.say(space_note(reporter.done, reporter.total, target.parent))
        if not target.is_file():
            fetch_file(file, target, _counter(reporter, 0))
    return target


def _counter(reporter: _Reporter, before: int) -> Callable[[int, int | None], None]:
    """Returns a function that counts a file's bytes after those of ``before``."""

    def count(have: int, total: int | None) -> None:
        reporter.done = before + have
        reporter.total = max(reporter.total, before + (total or 0))

    return count


def _present(target: Path) -> int:
    """Returns how many bytes of a file are here."""
    return next((p.stat().st_size for p in (target, partial_path(target)) if p.is_file()), 0)


def space_note(done: int, total: int, folder: Path) -> str | None:
    """Returns what is to be downloaded to a folder and what is free there; None if nothing is.

    ``done`` of ``total`` bytes are here. Raises NoSpaceError.
    """
    existing = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    free, needed = shutil.disk_usage(existing).free, total - done
    if needed <= 0:
        return None
    sizes = f"{_in_words(needed)} to {folder}, where {_in_words(free)} are free"
    if needed + SPARE_BYTES > free:
        raise NoSpaceError(
            f"it takes {sizes}: too little; make room, or name another folder with HF_HOME or "
            "XDG_CACHE_HOME"
        )
    begun = f"; {_in_words(done)} are here already" if done else ""
    return f"downloading {sizes}{begun}"


def _in_words(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


@contextmanager
def _only_one(place: Path, reporter: _Reporter) -> Iterator[None]:
    """For a block that one process runs at a time; others wait, and say so."""
    from filelock import FileLock, Timeout

    place.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        reporter.say(WAITING)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _retried(ask: Callable[[], T]) -> T:
    """Returns what a request of the hub's client gives; repeats it after lost connections."""
    import httpx

    for attempt in range(1, TRIES):
        try:
            return ask()
        except (OSError, httpx.TransportError) as error:
            refused = getattr(error, "response", None) is not None
            if refused or type(error).__name__ == "OfflineModeIsEnabled":
                raise
        time.sleep(WAIT_S * attempt)
    return ask()


def main() -> int:
    """Download the model of the job on standard input. Returns the exit code."""
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=DownloadJob)
    reporter = _Reporter()
    download = _download_checkpoint if job.kind == "checkpoint" else _download_from_hub
    try:
        with configured(NetworkOptions()):
            reporter.end(path=str(download(job, reporter)))
    except (AlignerError, NoSpaceError) as error:
        reporter.end(failed=str(error))
    except Exception as error:  # the hub's client raises errors of several libraries
        lines = str(error).strip().splitlines()
        reporter.end(failed=lines[0] if lines else type(error).__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
