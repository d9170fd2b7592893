"""The errors that aligner raises. Each carries its values as attributes, and an exit code.

    AlignerError                     exit 1
    ├── BadSource                    exit 2   a source or option that cannot be used as given
    │   ├── FeedGiven                exit 2   a feed, where one article was expected
    │   └── SitemapGiven             exit 2   a sitemap, where one article was expected
    ├── PageUnavailable              exit 1   the page cannot be read: unreachable, 404, too large
    │   ├── AddressRefused           exit 1   a private network address, which is not allowed
    │   └── DisallowedByRobots       exit 1   the site's robots.txt disallows the page
    ├── NoMedia                      exit 3   the page links no media
    ├── MediaUnavailable             exit 4   media is linked but not available; see ``state``
    ├── NoAudio                      exit 5   the recording has no audio
    ├── NoSpeech                     exit 5   the recording has audio, but nobody speaks
    ├── OtherRecording               exit 6   captions that are not those of the recording
    ├── EngineUnavailable            exit 1   the recogniser or its model is not installed
    │   └── WeightsMismatch          exit 1   a model file differs from the published one
    ├── OutputError                  exit 1   a file cannot be written: disk full, no permission
    │   └── MachineFault             exit 1   this machine lacks disk space or open files
    ├── NameTaken                    exit 1   another source's result has the name
    ├── Cancelled                    exit 130 the caller asked to stop
    ├── EditConflict                 exit 1   a result changed while a person was editing it
    ├── CorrectionsKept              exit 2   the result to be replaced has corrections by a person
    ├── EarlierCaptionsKept          exit 1   a run without captions may not replace captions
    └── InvalidCaptions              exit 1   the generated captions are invalid: a bug in aligner

Every message is one sentence that names the input and says what to do, if anything can be done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from aligner.types import FeedItem, MediaState, Status


class AlignerError(Exception):
    """The base class of all expected errors; ``str()`` gives a sentence for people."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[Status] = "error"
    http_status: int | None = None
    """The HTTP status of the failed response; None if there was no response or no request."""


class BadSource(AlignerError):
    """``source`` is a source, option or file that cannot be used as given; ``why`` says why."""

    exit_code = 2

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"{source}: {why}")


class FeedGiven(BadSource):
    """``source`` is a feed. Each of ``items``, its entries, can be passed to ``caption``."""

    def __init__(self, source: str, items: tuple[FeedItem, ...]) -> None:
        self.items = items
        super().__init__(source, f"a feed of {len(items)} articles, not one article")


class SitemapGiven(BadSource):
    """``source`` is a sitemap. ``aligner batch`` and ``aligner check --sitemap`` read it."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "a sitemap, not an article; see `aligner check --sitemap`")


class PageUnavailable(AlignerError):
    """The page at ``url`` cannot be read.

    ``state`` says what the page shows in the article's place; None if ``http_status`` says it.
    """

    def __init__(
        self,
        url: str,
        why: str,
        http_status: int | None = None,
        state: MediaState | None = None,
    ) -> None:
        self.url, self.why, self.http_status, self.state = url, why, http_status, state
        super().__init__(f"{url}: {why}")


class AddressRefused(PageUnavailable):
    """``url`` leads to ``address``, which is loopback, private or otherwise local."""

    def __init__(self, url: str, address: str) -> None:
        self.address = address
        super().__init__(
            url, f"{address} is not a public address; give --allow-private if you trust it"
        )


class DisallowedByRobots(PageUnavailable):
    """The site's robots.txt disallows ``url``."""

    def __init__(self, url: str) -> None:
        why = "the site's robots.txt asks programs not to read it; see --ignore-robots"
        super().__init__(url, why)


class NoMedia(AlignerError):
    """The article of ``source`` links no media."""

    exit_code = 3
    status = "no_media"

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"{source}: {why}")


class MediaUnavailable(AlignerError):
    """The recording at ``url`` is not available; ``state`` is never a playable one."""

    exit_code = 4
    status = "media_unavailable"

    def __init__(
        self, url: str, state: MediaState, why: str, http_status: int | None = None
    ) -> None:
        self.url, self.state, self.why, self.http_status = url, state, why, http_status
        super().__init__(f"{url}: {why}")


class NoAudio(AlignerError):
    """The recording at ``path``, a file or an address, has no audio."""

    exit_code = 5
    status = "no_audio"

    def __init__(self, path: str, why: str = "the recording has no sound") -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}")


class NoSpeech(AlignerError):
    """In the recording at ``path``, a file or an address, nobody speaks."""

    exit_code = 5
    status = "no_speech"

    def __init__(self, path: str, why: str = "nobody speaks in the recording") -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}")


class OtherRecording(AlignerError):
    """The captions in ``file`` are not those of the recording; ``why`` says how that is known."""

    exit_code = 6
    status = "speech_only"

    def __init__(self, file: str, why: str) -> None:
        self.file, self.why = file, why
        super().__init__(f"{file}: not the captions of this recording: {why}")


class EngineUnavailable(AlignerError):
    """The recogniser ``engine``, or its model, cannot be used."""

    def __init__(self, engine: str, why: str) -> None:
        self.engine, self.why = engine, why
        super().__init__(f"{engine}: {why}")


class WeightsMismatch(EngineUnavailable):
    def __init__(self, path: Path, expected: str, found: str) -> None:
        self.path, self.expected, self.found = path, expected, found
        super().__init__(
            str(path), f"not the published file: sha256 is {found}, it should be {expected}"
        )


class OutputError(AlignerError):
    """``path``, a file, a folder or an address, cannot be written."""

    def __init__(self, path: Path | str, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: cannot be written: {why}")


class MachineFault(OutputError):
    """The work on ``path``, a file or an address, fails for something that this machine lacks."""

    def __init__(self, path: Path | str, why: str) -> None:
        super().__init__(path, why)
        self.args = (f"{path}: failed on this machine: {why}",)


class NameTaken(AlignerError):
    """``place``, a path or an address, is that of another source's result."""

    def __init__(self, place: Path | str) -> None:
        self.place = place
        super().__init__(f"{place}: another source's result has this name; give another one")


class Cancelled(AlignerError):
    """The caller cancelled the work with a ``CancelToken``; nothing was written."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("cancelled")


class EditConflict(AlignerError):
    """The result ``name`` was saved by somebody else meanwhile; ``version`` is the new one."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version
        super().__init__(f"{name}: somebody else saved it meanwhile; look at it again")


class CorrectionsKept(AlignerError):
    """``place`` is the sidecar of a result that a person has corrected."""

    exit_code = 2

    def __init__(self, place: Path | str) -> None:
        self.place = place
        super().__init__(f"{place}: {KEPT}")


KEPT = (
    "somebody has corrected this result, so it is not made again;"
    " with --discard-edits it is, and the corrections are lost"
)


class EarlierCaptionsKept(AlignerError):
    """A result without captions was not written, because ``place`` is a sidecar with captions.

    Nothing that was there is changed. ``place`` is a path, or a name in a store.
    """

    def __init__(self, place: Path | str) -> None:
        self.place = place
        super().__init__(f"{place}: {EARLIER_KEPT}")


EARLIER_KEPT = "the captions of an earlier run are kept"


class InvalidCaptions(AlignerError):
    """The captions for ``path`` are not written, because they break the format's grammar."""

    def __init__(self, path: str, breaches: tuple[str, ...]) -> None:
        self.path, self.breaches = path, breaches
        super().__init__(f"{path}: not written, it would not be valid: {'; '.join(breaches[:3])}")
