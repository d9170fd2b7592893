"""The one error tree. Errors carry values; the command line makes sentences and exit codes of them.

    AlignerError                     exit 1
    ├── BadSource                    exit 2   a source or option that cannot be used as given
    │   ├── FeedGiven                exit 2   a feed, where one article was expected
    │   └── SitemapGiven             exit 2   a sitemap, where one article was expected
    ├── PageUnavailable              exit 1   the page cannot be read: unreachable, 404, too large
    │   ├── AddressRefused           exit 1   an address on a private network, without leave
    │   └── DisallowedByRobots       exit 1   the site's robots.txt asks not to read the page
    ├── NoMedia                      exit 3   the page links none
    ├── MediaUnavailable             exit 4   linked, and not to be had; ``state`` says why
    ├── NoAudio                      exit 5   the recording has no sound
    ├── NoSpeech                     exit 5   it has sound, and nobody speaks
    ├── EngineUnavailable            exit 1   the recogniser or its weights are not here
    │   └── WeightsMismatch          exit 1   a weights file is not the published one
    ├── OutputError                  exit 1   disk full, no permission
    ├── Cancelled                    exit 130 the caller asked to stop
    ├── EditConflict             exit 1   a file that was corrected is not the one that is there
    ├── CorrectionsKept              exit 2   a person has corrected what is to be replaced
    ├── EarlierCaptionsKept          exit 1   a run without captions may not replace captions
    └── InvalidCaptions              exit 1   what we would have written is not valid: our fault

Every message is one sentence that names the input and, where there is something to do, says it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from aligner.types import FeedItem, MediaState, Status


class AlignerError(Exception):
    """Anything that aligner foresees; ``str()`` is a sentence for people."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[Status] = "error"
    http_status: int | None = None
    """Of the answer that failed; None where no answer came, or none was asked for."""


class BadSource(AlignerError):
    exit_code = 2

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"{source}: {why}")


class FeedGiven(BadSource):
    """``source`` is a feed; ``items`` are its articles, which those who can go on with."""

    def __init__(self, source: str, items: tuple[FeedItem, ...]) -> None:
        self.items = items
        super().__init__(source, f"a feed of {len(items)} articles, not one article")


class SitemapGiven(BadSource):
    """``source`` is a sitemap, which those who can go on with its articles read again."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "a sitemap, not an article; see `aligner check --sitemap`")


class PageUnavailable(AlignerError):
    """``state`` is what the page shows in the article's place; None where the status says it."""

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
    """``url`` leads to a loopback, private or otherwise local address."""

    def __init__(self, url: str, address: str) -> None:
        self.address = address
        super().__init__(
            url, f"{address} is not a public address; give --allow-private if you trust it"
        )


class DisallowedByRobots(PageUnavailable):
    """The site asks programs not to read ``url``, and nobody said to read it all the same."""

    def __init__(self, url: str) -> None:
        why = "the site's robots.txt asks programs not to read it; see --ignore-robots"
        super().__init__(url, why)


class NoMedia(AlignerError):
    exit_code = 3
    status = "no_media"

    def __init__(self, source: str, why: str) -> None:
        self.source, self.why = source, why
        super().__init__(f"{source}: {why}")


class MediaUnavailable(AlignerError):
    """``state`` is one of the nouns' MediaState, other than the playable ones."""

    exit_code = 4
    status = "media_unavailable"

    def __init__(
        self, url: str, state: MediaState, why: str, http_status: int | None = None
    ) -> None:
        self.url, self.state, self.why, self.http_status = url, state, why, http_status
        super().__init__(f"{url}: {why}")


class NoAudio(AlignerError):
    exit_code = 5
    status = "no_audio"

    def __init__(self, path: str, why: str = "the recording has no sound") -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}")


class NoSpeech(AlignerError):
    exit_code = 5
    status = "no_speech"

    def __init__(self, path: str, why: str = "nobody speaks in the recording") -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: {why}")


class EngineUnavailable(AlignerError):
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
    """``path`` is a file or folder of this machine, or an address."""

    def __init__(self, path: Path | str, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path}: cannot be written: {why}")


class Cancelled(AlignerError):
    """A ``CancelToken`` was used: the work ended before it was done, and nothing of it is left."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("cancelled")


class EditConflict(AlignerError):
    """``version`` is of what is there now."""

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
    def __init__(self, path: str, breaches: tuple[str, ...]) -> None:
        self.path, self.breaches = path, breaches
        super().__init__(f"{path}: not written, it would not be valid: {'; '.join(breaches[:3])}")
