"""A recording for a result that has none: uploaded, named by its address, or fetched from there.

An article without captions is captioned with it, and they are written where the result lies. What
has captions is never captioned again here, so that nothing that a person did can be lost.
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
from aligner.review.jobs import Captioning, Downloading, Failed, Job, Jobs
from aligner.review.playing import AskPiece
from aligner.review.refused import Refused
from aligner.review.results import keep, recording
from aligner.types import CaptionResult, Json

MOST_UPLOADED = 4_000_000_000
"""Bytes; a download takes no more either."""
ROOM = 500_000_000
"""Bytes that stay free on the disk: decoding takes some of them."""
CHUNK = 1 << 18
SUFFIXES = tuple(sorted(AUDIO_SUFFIXES | VIDEO_SUFFIXES))
FORMATS = ("vtt", "json", "txt")
LONGEST_ADDRESS = 8000


@dataclass(frozen=True, slots=True)
class Services:
    """What takes more than a folder: it is handed in by the command. Without one, the pages do not
    offer what it is for."""

    caption: Captioning | None = None
    download: Downloading | None = None
    piece: AskPiece | None = None
    """How parts of a recording are fetched from its address."""
    allow_private: bool = False
    """Whether pages may play recordings from addresses of private networks."""
    small_bytes: int = 0
    """A recording that was fetched for captioning is kept if it is not larger."""


class Intake:
    """Takes recordings for the results of a folder."""

    def __init__(self, folder: Path, services: Services, saving_: threading.Lock) -> None:
        self._folder, self._services, self._saving = folder, services, saving_
        self.jobs = Jobs(folder)

    def offered(self, outcome: CaptionResult, part: str) -> Json:
        """What a result's page is told that it may ask for; ``part`` is its name in addresses."""
        offered: Json = {"job": f"../job/{part}", "cancel": f"../cancel/{part}"}
        if outcome.captions is None and self._services.caption:
            offered |= {
                "upload": f"../upload/{part}",
                "caption": f"../caption/{part}",
                "most_bytes": MOST_UPLOADED,
                "suffixes": SUFFIXES,
            }
        elif outcome.media and is_http_url(outcome.media.url) and self._services.download:
            offered["fetch"] = f"../fetch/{part}"
        return offered

    # ------------------------------------------------------------ what is asked for

    def take_file(self, name: str, kind: str, length: int, read: Callable[[int], bytes]) -> None:
        """An upload -> a job that captions with it. Raises Refused, OutputError, ConnectionError.

        ``kind`` is its suffix without the dot, ``read`` gives at most so many bytes.
        """
        suffix = f".{kind.lower()}"
        if suffix not in SUFFIXES:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"{suffix} is no recording's suffix")
        if length > MOST_UPLOADED:
            why = f"larger than {MOST_UPLOADED / 1e9:.0f} GB"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)
        if shutil.disk_usage(self._folder).free < length + ROOM:
            raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, "the disk has no room for it")
        if (self._folder / f"{name}{suffix}").exists():
            why = f"there is another {name}{suffix} in the folder; move it away first"
            raise Refused(HTTPStatus.CONFLICT, why)
        job = self._captioning(name)
        place = job.folder / f"recording{suffix}"
        try:
            _pour(read, length, place)
        except BaseException:
            self.jobs.drop(job)
            raise
        self.jobs.start(job, partial(self._caption, media=place))

    def take_address(self, name: str, posted: object) -> None:
        """A recording's address, as a page posts it -> a job. Raises Refused."""
        address = posted.get("address") if isinstance(posted, dict) else None
        if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
            raise Refused(HTTPStatus.BAD_REQUEST, "no address was given")
        if not is_http_url(address := address.strip()):
            raise Refused(HTTPStatus.BAD_REQUEST, "that is not an http(s) address")
        self.jobs.start(self._captioning(name), partial(self._caption, media=address))

    def fetch(self, name: str) -> None:
        """Have a job fetch a result's recording into the folder. Raises Refused."""
        known, _ = self._known(name)
        if not (known.media and is_http_url(known.media.url) and self._services.download):
            raise Refused(HTTPStatus.CONFLICT, "this result names no recording's address")
        if recording(self._folder, name, known):
            raise Refused(HTTPStatus.CONFLICT, "its recording is in the folder")
        self.jobs.start(self._reserved(name), self._fetch)

    def _captioning(self, name: str) -> Job:
        known, _ = self._known(name)
        if known.captions or self._services.caption is None:
            raise Refused(HTTPStatus.CONFLICT, "this result has captions")
        return self._reserved(name)

    def _reserved(self, name: str) -> Job:
        try:
            job = self.jobs.reserve(name)
        except OSError as error:
            raise OutputError(self._folder, error.strerror or str(error)) from error
        if job is None:
            raise Refused(HTTPStatus.CONFLICT, "something is being done for this result already")
        return job

    def _known(self, name: str) -> tuple[CaptionResult, str]:
        """A result, and its version. Raises Refused."""
        with self._saving:
            text = edits.load(self._folder, name)
        try:
            return sidecar_reader.read(text)[0], edits.version_of(text)
        except ValueError as error:
            raise Refused(HTTPStatus.NOT_FOUND, f"not a result: {error}") from error

    # ------------------------------------------------------------ doing it

    def _caption(self, job: Job, progress: Progress, media: Path | str) -> None:
        """Raises Failed, AlignerError."""
        known, version = self._known(job.name)
        caption = self._services.caption
        assert caption  # noqa: S101  it was looked at before
        made = caption(known, media, job.folder, progress, job.cancel)
        if made.captions is None:
            raise Failed(made.reason)
        with self._saving:
            if edits.version_of(edits.load(self._folder, job.name)) != version:
                raise Failed("the result was made anew meanwhile; load the page again")
            made = self._with_recording(made, job, isinstance(media, Path))
            store.write_outcome(made, self._folder, job.name, FORMATS)

    def _with_recording(self, made: CaptionResult, job: Job, uploaded: bool) -> CaptionResult:
        """An outcome whose recording is kept beside it, if that was uploaded or is small."""
        found = made.file
        if found is None or not found.is_relative_to(job.folder):
            return made
        if not uploaded and found.stat().st_size > self._services.small_bytes:
            return made
        kept = keep(found, self._folder, job.name, move=True)
        if kept and uploaded and made.media:
            return replace(made, media=replace(made.media, url=kept.name))
        return made

    def _fetch(self, job: Job, progress: Progress) -> None:
        """Raises Failed, AlignerError."""
        known, _ = self._known(job.name)
        download = self._services.download
        assert download  # noqa: S101  it was looked at before
        assert known.media  # noqa: S101
        with watched(progress, job.cancel) as telling:
            telling.stage("download")
            file = download(known.media, job.folder, telling.advance)
        if keep(file.path, self._folder, job.name, move=True) is None:
            raise Failed(f"there is another {job.name}{file.path.suffix} in the folder")


def _pour(read: Callable[[int], bytes], length: int, place: Path) -> None:
    """Bytes from a connection -> a file. Raises OutputError, ConnectionError."""
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
