"""What the server does while a page waits: getting a recording, and captioning it.

One after the other, in a thread. Everything lies in a folder of its own within the served one, so
that nothing is written elsewhere and a rename puts it in its place; that folder goes with the job.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from aligner.errors import AlignerError, Cancelled
from aligner.pipeline.progress import CancelToken, Progress
from aligner.types import CaptionResult, Json, MediaFile, MediaLink

logger = logging.getLogger(__name__)

State = Literal["waiting", "working", "done", "failed"]
PREFIX = ".aligner-job-"
STALE_S = 24 * 3600
"""A job's folder that is older was left by a server that was killed."""


class Captioning(Protocol):
    """Who captions; handed in by the command, since it takes all stages."""

    def __call__(
        self,
        known: CaptionResult,
        media: str | Path,
        folder: Path,
        progress: Progress,
        cancel: CancelToken,
    ) -> CaptionResult:
        """An outcome without captions and its recording -> a new outcome.

        What is fetched lies in ``folder``. Raises AlignerError.
        """  # fmt: skip
        ...


class Downloading(Protocol):
    """Who downloads."""

    def __call__(
        self, link: MediaLink, folder: Path, progress: Callable[[int, int | None], None]
    ) -> MediaFile:
        """A recording's address -> its file in ``folder``. Raises AlignerError."""
        ...


class Failed(Exception):
    """A job came to nothing; the text says why."""


@dataclass(slots=True)
class Job:
    """Something that is being done for a result."""

    name: str
    folder: Path
    """Of the job; what is uploaded and fetched lies there."""
    state: State = "waiting"
    stage: str = ""
    done: int = 0
    total: int | None = None
    reason: str = ""
    cancel: CancelToken = field(default_factory=CancelToken)

    @property
    def record(self) -> Json:
        """What the page is told of it."""
        return {
            "state": self.state,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "reason": self.reason,
        }


class _Telling:
    """Progress that a job keeps."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def stage(self, name: str) -> None:
        self._job.stage, self._job.done, self._job.total = name, 0, None

    def advance(self, done: int, total: int | None) -> None:
        self._job.done, self._job.total = done, total


Work = Callable[[Job, Progress], None]


class Jobs:
    """The jobs of a served folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._futures: list[Future[None]] = []
        self._closed = False
        _sweep(folder)

    def reserve(self, name: str) -> Job | None:
        """A new job for a result; None while another one of it goes on. Raises OSError."""
        with self._lock:
            going = self._jobs.get(name)
            if self._closed or (going and going.state in ("waiting", "working")):
                return None
            place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._folder))
            self._jobs[name] = job = Job(name, place)
            return job

    def start(self, job: Job, work: Work) -> None:
        """Do a reserved job, when those before it are done."""
        with self._lock:
            self._futures = [future for future in self._futures if not future.done()]
            self._futures.append(self._pool.submit(self._do, job, work))

    def drop(self, job: Job) -> None:
        """Forget a reserved job that will not be done."""
        with self._lock:
            self._jobs.pop(job.name, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def of(self, name: str) -> Job | None:
        """The latest job of a result."""
        return self._jobs.get(name)

    def close(self) -> None:
        """Cancel all jobs, and wait until they have ended."""
        with self._lock:
            self._closed = True
            for job in self._jobs.values():
                job.cancel.cancel()
        self._pool.shutdown(cancel_futures=True)
        for job in self._jobs.values():
            shutil.rmtree(job.folder, ignore_errors=True)

    def _do(self, job: Job, work: Work) -> None:
        """A job, whatever comes of it."""
        job.state = "working"
        ended: State = "failed"
        try:
            work(job, _Telling(job))
            ended = "done"
        except (AlignerError, Failed) as error:
            cancelled = isinstance(error, Cancelled)
            job.reason = "cancelled" if cancelled else str(error)
        except Exception as error:  # a library may raise anything, and the server goes on
            logger.debug("%s", job.name, exc_info=True)
            job.reason = f"unexpected: {type(error).__name__}: {error}".splitlines()[0]
        finally:
            shutil.rmtree(job.folder, ignore_errors=True)
            job.state = ended


def _sweep(folder: Path) -> None:
    """Remove what servers that were killed have left."""
    with suppress(OSError):
        for place in folder.glob(f"{PREFIX}*"):
            stale = time.time() - place.stat().st_mtime > STALE_S
            if stale and place.is_dir() and not place.is_symlink():
                shutil.rmtree(place, ignore_errors=True)
