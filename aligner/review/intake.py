"""Takes recordings for results from their pages: an upload, an address, or the result's own link.

An article without captions is captioned with the recording, in a job, and the new result replaces
the old one. A result with captions is never captioned again here, so that no correction is lost.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

from aligner.captions import store
from aligner.captions.formats import sidecar_reader
from aligner.errors import OutputError
from aligner.net.guard import AUDIO_SUFFIXES, VIDEO_SUFFIXES, is_http_url
from aligner.pipeline.progress import Progress, watched
from aligner.review import edits
from aligner.review.jobs import (
    CaptionRecording,
    DownloadRecording,
    JobFailed,
    ReviewJob,
    ReviewJobs,
)
from aligner.review.playback import FetchPart
from aligner.review.refused import Refused
from aligner.review.results import keep, recording
from aligner.types import CaptionResult, Json

MAX_UPLOAD_BYTES = 4_000_000_000
"""The most bytes of an upload; a download has the same limit."""
MIN_FREE_BYTES = 500_000_000
"""Disk space that an upload must leave free; decoding needs some of it."""
CHUNK = 1 << 18
SUFFIXES = tuple(sorted(AUDIO_SUFFIXES | VIDEO_SUFFIXES))
FORMATS = ("vtt", "json", "txt")
MAX_ADDRESS_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Services:
    """What the command hands to the server. Pages do not offer what needs a missing service."""

    caption: CaptionRecording | None = None
    download: DownloadRecording | None = None
    piece: FetchPart | None = None
    """Fetches a part of a recording from its address."""
    allow_private: bool = False
    """Whether pages may play recordings from private network addresses."""
    small_bytes: int = 0
    """Recordings downloaded for captioning are kept up to this size."""


class RecordingIntake:
    """Takes recordings for the results of a folder."""

    def __init__(self, folder: Path, services: Services, save_lock: threading.Lock) -> None:
        self._folder, self._services, self._save_lock = folder, services, save_lock
        self.jobs = ReviewJobs(folder)

    def offered(self, outcome: CaptionResult, part: str) -> Json:
        """Returns the addresses of what a result's page may ask for.

        ``part`` is the result's name, quoted.
        """
        offered: Json = {"job": f"../job/{part}", "cancel": f"../cancel/{part}"}
        if outcome.captions is None and self._services.caption:
            offered |= {
                "upload": f"../upload/{part}",
                "caption": f"../caption/{part}",
                "most_bytes": MAX_UPLOAD_BYTES,
                "suffixes": SUFFIXES,
            }
        elif outcome.media and is_http_url(outcome.media.url) and self._services.download:
            offered["fetch"] = f"../fetch/{part}"
        return offered

    # ------------------------------------------------------------ requests

    def take_file(self, name: str, kind: str, length: int, read: Callable[[int], bytes]) -> None:
        """Store an uploaded recording, and start a job that captions the article with it.

        ``kind`` is the file's suffix without the dot, ``length`` its size in bytes, and ``read(n)``
        returns at most n bytes of it. Raises Refused, OutputError, ConnectionError.
        """
        suffix = f".{kind.lower()}"
        if suffix not in SUFFIXES:
            raise Refused(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"{suffix} is not the suffix of a recording"
            )
        if length > MAX_UPLOAD_BYTES:
            why = f"larger than {MAX_UPLOAD_BYTES / 1e9:.0f} GB"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)
        if shutil.disk_usage(self._folder).free < length + MIN_FREE_BYTES:
            raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, "the disk has too little free space")
        if (self._folder / f"{name}{suffix}").exists():
            why = f"there is another {name}{suffix} in the folder; move it away first"
            raise Refused(HTTPStatus.CONFLICT, why)
        job = self._reserve_captioning(name)
        place = job.folder / f"recording{suffix}"
        try:
            _receive(read, length, place)
        except BaseException:
            self.jobs.drop(job)
            raise
        self.jobs.start(job, partial(self._caption, media=place))

    def take_address(self, name: str, posted: object) -> None:
        """Start a job that captions the article with a recording's address.

        ``posted`` is the JSON that the page has sent, with the key "address". Raises Refused.
        """
        address = posted.get("address") if isinstance(posted, dict) else None
        if not isinstance(address, str) or len(address) > MAX_ADDRESS_CHARS:
            raise Refused(HTTPStatus.BAD_REQUEST, "no address was given")
        if not is_http_url(address := address.strip()):
            raise Refused(HTTPStatus.BAD_REQUEST, "that is not an http(s) address")
        self.jobs.start(self._reserve_captioning(name), partial(self._caption, media=address))

    def fetch(self, name: str) -> None:
        """Start a job that downloads a result's recording into the folder. Raises Refused."""
        known, _ = self._load(name)
        if not (known.media and is_http_url(known.media.url) and self._services.download):
            raise Refused(HTTPStatus.CONFLICT, "this result has no recording's address")
        if recording(self._folder, name, known):
            raise Refused(HTTPStatus.CONFLICT, "the recording is in the folder already")
        self.jobs.start(self._reserve(name), self._fetch)

    def _reserve_captioning(self, name: str) -> ReviewJob:
        known, _ = self._load(name)
        if known.captions or self._services.caption is None:
            raise Refused(HTTPStatus.CONFLICT, "this result has captions")
        return self._reserve(name)

    def _reserve(self, name: str) -> ReviewJob:
        try:
            job = self.jobs.reserve(name)
        except OSError as error:
            raise OutputError(self._folder, error.strerror or str(error)) from error
        if job is None:
            raise Refused(HTTPStatus.CONFLICT, "another job for this result is not finished")
        return job

    def _load(self, name: str) -> tuple[CaptionResult, str]:
        """Returns a result, and the version of its sidecar. Raises Refused."""
        with self._save_lock:
            text = edits.load(self._folder, name)
        try:
            return sidecar_reader.read(text)[0], store.version_of(text)
        except ValueError as error:
            raise Refused(HTTPStatus.NOT_FOUND, f"not a result: {error}") from error

    # ------------------------------------------------------------ the work of jobs

    def _caption(self, job: ReviewJob, progress: Progress, media: Path | str) -> None:
        """Caption the job's article, and replace its result. Raises JobFailed, AlignerError."""
        known, version = self._load(job.name)
        caption = self._services.caption
        assert caption  # noqa: S101  _reserve_captioning has checked it
        made = caption(known, media, job.folder, progress, job.cancel)
        if made.captions is None:
            raise JobFailed(made.reason)
        with self._save_lock:
            if store.version_of(edits.load(self._folder, job.name)) != version:
                raise JobFailed("the result has changed meanwhile; load the page again")
            made = self._with_recording(made, job, isinstance(media, Path))
            store.write_outcome(made, self._folder, job.name, FORMATS)

    def _with_recording(self, made: CaptionResult, job: ReviewJob, uploaded: bool) -> CaptionResult:
        """Keep the recording in the folder if it was uploaded or is small.

        Returns the result, which names an uploaded recording by its new name.
        """
        found = made.file
        if found is None or not found.is_relative_to(job.folder):
            return made
        if not uploaded and found.stat().st_size > self._services.small_bytes:
            return made
        kept = keep(found, self._folder, job.name, move=True)
        if kept and uploaded and made.media:
            return replace(made, media=replace(made.media, url=kept.name))
        return made

    def _fetch(self, job: ReviewJob, progress: Progress) -> None:
        """Download the job's recording into the folder. Raises JobFailed, AlignerError."""
        known, _ = self._load(job.name)
        download = self._services.download
        assert download  # noqa: S101  fetch has checked both
        assert known.media  # noqa: S101
        with watched(progress, job.cancel) as telling:
            telling.stage("download")
            file = download(known.media, job.folder, telling.advance)
        if keep(file.path, self._folder, job.name, move=True) is None:
            raise JobFailed(f"there is another {job.name}{file.path.suffix} in the folder")


def _receive(read: Callable[[int], bytes], length: int, place: Path) -> None:
    """Write bytes from a connection into a new file. Raises OutputError, ConnectionError."""
    left = length
    try:
        with place.open("xb") as file:
            while left:
                if not (chunk := read(min(CHUNK, left))):
                    raise ConnectionError("cut short")
                file.write(chunk)
                left -= len(chunk)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise OutputError(place, error.strerror or str(error)) from error
