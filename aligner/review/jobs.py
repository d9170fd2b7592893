"""The server's jobs: downloading a recording, and captioning an article with it.

Jobs run one after the other in a thread; the page asks for their progress. Each job has a folder of
its own within the served folder, so that a rename is enough to put its files in place. The job's
folder is removed when the job ends.
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
FOLDER_PREFIX = ".aligner-job-"
STALE_S = 24 * 3600
"""A job's folder of this age was left behind by a server that was killed."""


class CaptionRecording(Protocol):
    """Captions an article with a recording. The command hands it in, since it needs all stages."""

    def __call__(
        self,
        known: CaptionResult,
        media: str | Path,
        folder: Path,
        progress: Progress,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Returns the result of captioning ``known``, which has no captions, with ``media``.

        A downloaded recording is put into ``folder``. Raises AlignerError.
        """  # fmt: skip
        ...


class DownloadRecording(Protocol):
    """Downloads a recording."""

    def __call__(
        self, link: MediaLink, folder: Path, progress: Callable[[int, int | None], None]
    ) -> MediaFile:
        """Download a recording into ``folder``. Raises AlignerError."""
        ...


class JobFailed(Exception):
    """A job failed; the text says why."""


@dataclass(slots=True)
class ReviewJob:
    """A download or captioning for one result, and how far it is."""

    name: str
    """The result's name."""
    folder: Path
    """The job's own folder, for uploads and downloads."""
    state: State = "waiting"
    stage: str = ""
    done: int = 0
    total: int | None = None
    reason: str = ""
    cancel: CancelToken = field(default_factory=CancelToken)

    @property
    def record(self) -> Json:
        """The job as the page receives it, in JSON."""
        return {
            "state": self.state,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "reason": self.reason,
        }


class _JobProgress:
    """Records progress in a job."""

    def __init__(self, job: ReviewJob) -> None:
        self._job = job

    def stage(self, name: str) -> None:
        self._job.stage, self._job.done, self._job.total = name, 0, None

    def advance(self, done: int, total: int | None) -> None:
        self._job.done, self._job.total = done, total


Work = Callable[[ReviewJob, Progress], None]


class ReviewJobs:
    """The jobs of a served folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[str, ReviewJob] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._futures: list[Future[None]] = []
        self._closed = False
        _remove_stale(folder)

    def reserve(self, name: str) -> ReviewJob | None:
        """Returns a new job for a result; None while it has an unfinished one. Raises OSError."""
        with self._lock:
            going = self._jobs.get(name)
            if self._closed or (going and going.state in ("waiting", "working")):
                return None
            place = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=self._folder))
            self._jobs[name] = job = ReviewJob(name, place)
            return job

    def start(self, job: ReviewJob, work: Work) -> None:
        """Run a reserved job after those started before it."""
        with self._lock:
            self._futures = [future for future in self._futures if not future.done()]
            self._futures.append(self._pool.submit(self._do, job, work))

    def drop(self, job: ReviewJob) -> None:
        """Forget a reserved job that will not be started."""
        with self._lock:
            self._jobs.pop(job.name, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def of(self, name: str) -> ReviewJob | None:
        """Returns the latest job of a result."""
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

    def _do(self, job: ReviewJob, work: Work) -> None:
        """Run a job, and record how it ended; no error leaves this method."""
        job.state = "working"
        ended: State = "failed"
        try:
            work(job, _JobProgress(job))
            ended = "done"
        except (AlignerError, JobFailed) as error:
            cancelled = isinstance(error, Cancelled)
            job.reason = "cancelled" if cancelled else str(error)
        except Exception as error:  # a library may raise anything, and the server must go on
            logger.debug("%s", job.name, exc_info=True)
            job.reason = f"unexpected: {type(error).__name__}: {error}".splitlines()[0]
        finally:
            shutil.rmtree(job.folder, ignore_errors=True)
            job.state = ended


def _remove_stale(folder: Path) -> None:
    """Remove the folders of jobs that killed servers have left behind."""
    with suppress(OSError):
        for place in folder.glob(f"{FOLDER_PREFIX}*"):
            stale = time.time() - place.stat().st_mtime > STALE_S
            if stale and place.is_dir() and not place.is_symlink():
                shutil.rmtree(place, ignore_errors=True)
