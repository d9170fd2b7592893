"""A folder of results as the server shows it: its results, pages, waveforms and jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from aligner.captions import store
from aligner.captions.profiles import Profile
from aligner.net.guard import is_http_url
from aligner.review import exports
from aligner.review.intake import RecordingIntake, Services
from aligner.review.page import PageContext, build
from aligner.review.playback import RemoteRecordings, direct_address, origin
from aligner.review.refused import Refused
from aligner.review.result_index import ResultIndex
from aligner.review.results import has_result, recording
from aligner.review.waveform import Waveform
from aligner.types import CaptionResult


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What a server needs."""

    folder: Path
    """The folder of results; an absolute path without links."""
    profile: Profile
    """The captioning standard that the pages check cues against."""
    waveform: Callable[[Path], Waveform | None]
    """Decodes a recording to its waveform; None if it cannot be decoded."""
    services: Services = Services()  # noqa: RUF009  frozen


class ServedFolder:
    """The results of a folder, which are read in the background; threads may share it."""

    def __init__(self, config: ServerConfig) -> None:
        self.config, self.folder = config, config.folder
        self.save_lock = threading.Lock()
        """Held while a result's files are read or written."""
        self._waveform_lock = threading.Lock()
        self._waveforms: dict[tuple[str, int], Waveform | None] = {}
        """Waveforms by the recording's name and modification time."""
        self.index = ResultIndex(config.folder)
        piece = config.services.piece
        self.remote = RemoteRecordings(piece) if piece else None
        self.intake = RecordingIntake(config.folder, config.services, self.save_lock)
        self.index.start()

    def close(self) -> None:
        """Cancel all jobs, and wait for their end."""
        self.intake.jobs.close()
        self.index.close()

    def read(self, name: str) -> tuple[str, CaptionResult]:
        """Returns the text of a result's sidecar, and the result. Raises Refused."""
        if not has_result(self.folder, name):
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such result")
        try:
            with self.save_lock:
                return self.index.load(name)
        except ValueError as error:
            raise Refused(HTTPStatus.NOT_FOUND, f"not a result: {error}") from error

    def page(self, name: str) -> str:
        """Returns the review page of a result. Raises Refused."""
        text, outcome = self.read(name)
        kept = recording(self.folder, name, outcome)
        part = quote(name, safe="")
        media = self._media_addresses(outcome, part, kept)
        shown = PageContext(
            name=name,
            profile=self.config.profile,
            media=media[0] if media else None,
            media_from=origin(media[0]) if media and is_http_url(media[0]) else None,
            version=store.version_of(text),
            served={
                "list": "../",
                "save": f"../save/{part}",
                "sound": f"../sound/{part}" if kept else None,
                "exports": exports.offered(outcome, name, part),
                "media": media,
                **self.intake.offered(outcome, part),
            },
        )
        return build(outcome, shown)

    def _media_addresses(self, outcome: CaptionResult, part: str, kept: Path | None) -> list[str]:
        """Returns the addresses at which a page may find the recording, in the order to try.

        ``part`` is the result's name, quoted; ``kept`` is its recording in the folder, if any.
        """
        ours = f"../media/{part}"
        if kept:
            return [ours]
        link = outcome.media if outcome.captions else None
        direct = direct_address(link, self.config.services.allow_private)
        fetchable = link and is_http_url(link.url) and self.remote
        return [url for url in (direct, ours if fetchable else None) if url]

    def waveform_of(self, path: Path | None) -> Waveform | None:
        """Returns a recording's waveform; the recording is decoded only once."""
        if path is None:
            return None
        key = (path.name, path.stat().st_mtime_ns)
        with self._waveform_lock:
            if key not in self._waveforms:
                self._waveforms[key] = self.config.waveform(path)
            return self._waveforms[key]
