"""A recogniser that is held for many articles, and what one call needs: sources of every kind."""

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
from aligner.pipeline.progress import CancelToken, Progress
from aligner.pipeline.recordings import with_recording
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
"""A source as a caller gives it. A str is an address or a file's path, a Path is always a file."""


def source_of(given: GivenSource | bytes) -> Source:
    """A source as a caller gives it -> a source. Raises BadSource for anything else."""
    if isinstance(given, os.PathLike):
        return os.fspath(given)
    if isinstance(given, bytes):
        raise BadSource(
            "bytes", "say what they are: aligner.from_html(...), aligner.from_text(...)"
        )
    return given


def listed(given: GivenSource | Listed) -> Source | Listed:
    """A source as a caller gives it to ``batch``. Raises BadSource for one in memory alone."""
    if isinstance(given, Listed):
        return given
    if isinstance(given, Document):
        raise BadSource(given.name, "a batch reads its sources again: give an address or a file")
    return source_of(given)


class Captioner:
    """Captions and checks articles with one recogniser, from any number of threads.

    It is loaded at the first call that needs it, and let go of by ``close``, or at the end of a
    ``with`` block. Connections and the turns that sites are given are shared too.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        how = client.WebOptions(self.options.allow_private, net=self.options.net)
        self._session = client.Session(how)
        self._shared: Resources | None = streaming(
            self.options, self._session.fetch, self._session.fetch_range, self._session.throttle
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def load(self) -> None:
        """Load the recogniser now. Raises EngineUnavailable, BadSource."""
        self._tools.engine()

    def close(self) -> None:
        """Let go of the recogniser and the connections; not while calls are going on."""
        if self._shared is not None:
            self._shared.settle()
            self._shared = None
            self._session.__exit__()

    def caption(
        self,
        source: GivenSource,
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CaptionResult:
        """As ``aligner.caption``; ``options`` are for this call alone.

        They may differ in all but the recogniser (engine, model, device) and allow_private, which
        are held: BadSource otherwise.
        """
        how = self._fitting(options)
        work = initial_state(source_of(source))
        return steps.caption_with(self._tools, work, how, progress, cancel)

    def align(
        self,
        text: str | bytes | os.PathLike[str] | Document,
        audio: str | os.PathLike[str],
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CaptionResult:
        """As ``aligner.align``, with the recogniser that is held."""
        how = with_media(self._fitting(options), audio)
        work = initial_state(text_of(text))
        return steps.caption_with(self._tools, work, how, progress, cancel)

    def add_recording(
        self,
        known: CaptionResult,
        media: str | os.PathLike[str],
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CaptionResult:
        """An outcome without captions, and the recording for it -> captions.

        The article is taken from the outcome: its page is not read again.
        """
        work = with_recording(known, _path_or_address(media))
        return steps.caption_with(self._tools, work, self._fitting(options), progress, cancel)

    def check(
        self,
        source: GivenSource,
        options: Options | None = None,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
    ) -> CheckResult:
        """As ``aligner.check``, with the connections that are held."""
        how, given = self._fitting(options), source_of(source)
        self._tools  # noqa: B018  not after ``close``
        return checking.check_with(self._session, given, how, progress, cancel=cancel)

    def download(
        self, link: MediaLink, folder: Path, progress: Callable[[int, int | None], None]
    ) -> MediaFile:
        """A recording's address -> its file in a folder. Raises MediaUnavailable, OutputError."""
        how = download.DownloadOptions(
            self.options.allow_private,
            ffmpeg_or_none(),
            throttle=self._tools.throttle,
            net=self.options.net,
        )
        return download.download(link, folder, how, progress)

    def piece(self, url: str, start: int, length: int) -> PartialContent:
        """Some bytes of what an address holds. Raises PageUnavailable, AddressRefused."""
        return self._session.fetch_range(url, start, length)

    @property
    def _tools(self) -> Resources:
        if self._shared is None:
            raise RuntimeError("this Captioner is closed")
        return self._shared

    def _fitting(self, options: Options | None) -> Options:
        """The options of a call. Raises BadSource if they ask for what is not held."""
        if options is None:
            return self.options
        for name in ("engine", "model", "device", "allow_private"):
            asked, held = getattr(options, name), getattr(self.options, name)
            if str(asked) != str(held):
                why = f"this Captioner holds {held}; make another one for {asked}"
                raise BadSource(f"option {name}", why)
        if options.net != self.options.net:
            raise BadSource("option net", "this Captioner holds other ones; make another for them")
        return options


def with_media(options: Options, media: str | os.PathLike[str]) -> Options:
    """Options -> the same for a recording."""
    return replace(options, media=_path_or_address(media))


def _path_or_address(given: str | os.PathLike[str]) -> str | Path:
    return given if isinstance(given, str) else Path(given)


def text_of(text: str | bytes | os.PathLike[str] | Document) -> Source:
    """A text, or the path of a file with one -> a source. A str is the text itself."""
    if isinstance(text, os.PathLike):
        return os.fspath(text)
    return text if isinstance(text, Document) else from_text(text)
