"""The class Captioner, which keeps a recogniser for many articles (the Python API)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Self

from aligner.audio.ffmpeg import ffmpeg_or_none
from aligner.discovery import download
from aligner.discovery.documents import from_text
from aligner.errors import BadSource
from aligner.net import client
from aligner.pipeline import check as checking
from aligner.pipeline import steps
from aligner.pipeline.options import Options
from aligner.pipeline.progress import CancelToken, NullProgress, Progress
from aligner.pipeline.recordings import given_link, with_recording
from aligner.pipeline.resources import Resources, streaming
from aligner.pipeline.state import initial_state
from aligner.types import (
    CaptionResult,
    CheckResult,
    Document,
    FeedItem,
    Listed,
    MediaFile,
    MediaLink,
    PartialContent,
    Source,
)

GivenSource = str | os.PathLike[str] | FeedItem | Document
"""A source as callers pass it: a str is an address or a path, a Path is always a file."""


def source_of(given: GivenSource | bytes) -> Source:
    """Returns the source that a caller passed. Raises BadSource for bytes."""
    if isinstance(given, os.PathLike):
        return os.fspath(given)
    if isinstance(given, bytes):
        raise BadSource("bytes", "pass aligner.from_html(...) or aligner.from_text(...) instead")
    return given


def listed(given: GivenSource | Listed) -> Source | Listed:
    """Returns the source that a caller passed to ``batch``. Raises BadSource for a Document."""
    if isinstance(given, Listed):
        return given
    if isinstance(given, Document):
        raise BadSource(
            given.name, "a batch may read its sources again: pass an address or a file instead"
        )
    return source_of(given)


class Captioner:
    """Captions and checks articles with one recogniser; all threads may share it.

    The first call that needs the recogniser loads it; ``close``, or the end of a ``with`` block,
    releases it. Connections and rate limits are shared too.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        web = client.WebOptions(self.options.allow_private, net=self.options.net)
        self._session = client.Session(web)
        self._open_resources: Resources | None = streaming(
            self.options, self._session.fetch, self._session.fetch_range, self._session.throttle
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def load(self) -> None:
        """Load the recogniser now. Raises EngineUnavailable, BadSource."""
        self._resources.prepare_model(NullProgress())
        self._resources.engine()

    def close(self) -> None:
        """Release the recogniser and the connections. No call may be in progress."""
        if self._open_resources is not None:
            self._open_resources.settle()
            self._open_resources = None
            self._session.__exit__()

    def caption(
        self,
        source: GivenSource,
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CaptionResult:
        """Caption one article, as ``aligner.caption`` does.

        ``options`` apply to this call only. They may differ from the Captioner's except in engine,
        model, device, allow_private and net; otherwise BadSource is raised.
        """
        how = self._checked_options(options)
        work = initial_state(source_of(source))
        return steps.caption_with(self._resources, work, how, progress, cancel)

    def align(
        self,
        text: str | bytes | os.PathLike[str] | Document,
        audio: str | os.PathLike[str],
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CaptionResult:
        """Caption a recording in which a text is read, as ``aligner.align`` does."""
        how = with_media(self._checked_options(options), audio)
        work = initial_state(text_of(text))
        return steps.caption_with(self._resources, work, how, progress, cancel)

    def add_recording(
        self,
        known: CaptionResult,
        media: str | os.PathLike[str],
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CaptionResult:
        """Caption an article that is known from an earlier result, with a given recording.

        The article is taken from ``known``; its page is not read again.
        """
        work = with_recording(known, given_link(_path_or_address(media)))
        return steps.caption_with(
            self._resources, work, self._checked_options(options), progress, cancel
        )

    def check(
        self,
        source: GivenSource,
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CheckResult:
        """Find out whether an article has playable media, as ``aligner.check`` does."""
        how, given = self._checked_options(options), source_of(source)
        self._resources  # noqa: B018  raises after ``close``
        return checking.check_with(self._session, given, how, progress, cancel=cancel)

    def download(
        self, link: MediaLink, folder: Path, progress: Callable[[int, int | None], None]
    ) -> MediaFile:
        """Download a recording into a folder. Raises MediaUnavailable, OutputError."""
        how = download.DownloadOptions(
            self.options.allow_private,
            ffmpeg_or_none(),
            throttle=self._resources.throttle,
            net=self.options.net,
        )
        return download.download(link, folder, how, progress)

    def piece(self, url: str, start: int, length: int) -> PartialContent:
        """Request a range of bytes of an address. Raises PageUnavailable, AddressRefused."""
        return self._session.fetch_range(url, start, length)

    @property
    def _resources(self) -> Resources:
        if self._open_resources is None:
            raise RuntimeError("this Captioner is closed")
        return self._open_resources

    def _checked_options(self, options: Options | None) -> Options:
        """Returns a call's options. Raises BadSource for options that are fixed per Captioner."""
        if options is None:
            return self.options
        for name in ("engine", "model", "device", "allow_private"):
            asked, held = getattr(options, name), getattr(self.options, name)
            if str(asked) != str(held):
                why = f"this Captioner has {held}; create another one for {asked}"
                raise BadSource(f"option {name}", why)
        if options.net != self.options.net:
            raise BadSource(
                "option net", "this Captioner has other network options; create another one"
            )
        return options


def with_media(options: Options, media: str | os.PathLike[str]) -> Options:
    """Returns the options with a given recording."""
    return replace(options, media=_path_or_address(media))


def _path_or_address(given: str | os.PathLike[str]) -> str | Path:
    return given if isinstance(given, str) else Path(given)


def text_of(text: str | bytes | os.PathLike[str] | Document) -> Source:
    """Returns the source for a text, or for the Path of a file; a str is the text itself."""
    if isinstance(text, os.PathLike):
        return os.fspath(text)
    return text if isinstance(text, Document) else from_text(text)
