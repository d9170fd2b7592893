"""Captions for the recordings of news articles, in the publisher's spelling.

>>> import aligner
>>> result = aligner.caption("https://example.com/news/story.html")  # doctest: +SKIP
>>> result.status  # doctest: +SKIP
'captioned'

Importing this package is cheap: its names are loaded when they are first used. No call changes the
environment, signal handlers, logging or memory allocator of the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from aligner import errors as errors
    from aligner.captions import store as store
    from aligner.discovery.documents import from_html as from_html
    from aligner.discovery.documents import from_text as from_text
    from aligner.errors import AddressRefused as AddressRefused
    from aligner.errors import AlignerError as AlignerError
    from aligner.errors import BadSource as BadSource
    from aligner.errors import Cancelled as Cancelled
    from aligner.errors import CorrectionsKept as CorrectionsKept
    from aligner.errors import DisallowedByRobots as DisallowedByRobots
    from aligner.errors import EarlierCaptionsKept as EarlierCaptionsKept
    from aligner.errors import EngineUnavailable as EngineUnavailable
    from aligner.errors import FeedGiven as FeedGiven
    from aligner.errors import InvalidCaptions as InvalidCaptions
    from aligner.errors import MachineFault as MachineFault
    from aligner.errors import MediaUnavailable as MediaUnavailable
    from aligner.errors import NameTaken as NameTaken
    from aligner.errors import NoAudio as NoAudio
    from aligner.errors import NoMedia as NoMedia
    from aligner.errors import NoSpeech as NoSpeech
    from aligner.errors import OtherRecording as OtherRecording
    from aligner.errors import OutputError as OutputError
    from aligner.errors import PageUnavailable as PageUnavailable
    from aligner.errors import SitemapGiven as SitemapGiven
    from aligner.jobs import BatchOptions as BatchOptions
    from aligner.net.options import NetworkOptions as NetworkOptions
    from aligner.pipeline.captioner import Captioner as Captioner
    from aligner.pipeline.captioner import GivenSource as GivenSource
    from aligner.pipeline.options import Options as Options
    from aligner.pipeline.progress import CancelToken as CancelToken
    from aligner.pipeline.progress import Progress as Progress
    from aligner.review.extras import Extras as Extras
    from aligner.types import CaptionResult as CaptionResult
    from aligner.types import CheckResult as CheckResult
    from aligner.types import Document as Document
    from aligner.types import FeedItem as FeedItem
    from aligner.types import Listed as Listed
    from aligner.types import Source as Source

    __version__: str

_MODULE_OF = {
    "BatchOptions": "jobs",
    "CancelToken": "pipeline.progress",
    "CaptionResult": "types:CaptionResult",
    "Captioner": "pipeline.captioner",
    "CheckResult": "types:CheckResult",
    "Document": "types",
    "Extras": "review.extras",
    "FeedItem": "types",
    "GivenSource": "pipeline.captioner",
    "Listed": "types",
    "NetworkOptions": "net.options",
    "Options": "pipeline.options",
    "Progress": "pipeline.progress",
    "Source": "types",
    "__version__": "_util.distribution:VERSION",
    "from_html": "discovery.documents",
    "from_text": "discovery.documents",
}
"""Public names, and the modules that define them, as MODULE or MODULE:NAME."""
_MODULES = {"errors": "errors", "store": "captions.store"}
_ERRORS = (
    *("AddressRefused", "AlignerError", "BadSource", "Cancelled", "OutputError", "CorrectionsKept"),
    *("EngineUnavailable", "InvalidCaptions", "FeedGiven", "MediaUnavailable", "NoAudio"),
    *("NoMedia", "NoSpeech", "PageUnavailable", "DisallowedByRobots", "SitemapGiven"),
    *("EarlierCaptionsKept", "MachineFault", "NameTaken", "OtherRecording"),
)

__all__ = [
    "AddressRefused",
    "AlignerError",
    "BadSource",
    "BatchOptions",
    "CancelToken",
    "Cancelled",
    "CaptionResult",
    "Captioner",
    "CheckResult",
    "CorrectionsKept",
    "DisallowedByRobots",
    "Document",
    "EarlierCaptionsKept",
    "EngineUnavailable",
    "Extras",
    "FeedGiven",
    "FeedItem",
    "GivenSource",
    "InvalidCaptions",
    "Listed",
    "MachineFault",
    "MediaUnavailable",
    "NameTaken",
    "NetworkOptions",
    "NoAudio",
    "NoMedia",
    "NoSpeech",
    "Options",
    "OtherRecording",
    "OutputError",
    "PageUnavailable",
    "Progress",
    "SitemapGiven",
    "Source",
    "__version__",
    "align",
    "batch",
    "caption",
    "check",
    "errors",
    "from_html",
    "from_text",
    "store",
]


if not TYPE_CHECKING:  # type checkers must report unknown names

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"aligner.{_MODULES[name]}")
        if name in _ERRORS:
            found: object = getattr(import_module("aligner.errors"), name)
        elif name in _MODULE_OF:
            module, _, other_name = _MODULE_OF[name].partition(":")
            found = getattr(import_module(f"aligner.{module}"), other_name or name)
        else:
            raise AttributeError(f"module 'aligner' has no attribute {name!r}")
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def caption(
    source: GivenSource,
    options: Options | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CaptionResult:
    """Caption the recording of one article.

    ``source`` is an address, a saved page, a text file, an entry of a feed, or a Document. Returns
    the captions with all that is known about the article and its recording. An expected failure
    is a result too: see its ``status`` and ``reason``.

    Raises BadSource if the source cannot be used, FeedGiven if it is a feed (each of the error's
    ``items`` can be captioned), Cancelled after ``cancel.cancel()``, and whatever ``progress``
    raises. Nothing is written in these cases.
    """
    from aligner.pipeline import captioner, steps
    from aligner.pipeline.options import Options

    given = captioner.source_of(source)
    return steps.caption(given, options or Options(), progress, cancel)


def align(
    text: str | bytes | os.PathLike[str] | Document,
    audio: str | os.PathLike[str],
    options: Options | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CaptionResult:
    """Caption a recording in which a given text is read.

    ``text`` is the text itself (str or bytes), or the Path of a file that holds it. ``audio`` is
    the path or http(s) address of the recording. Raises the same errors as ``caption``.
    """
    from aligner.pipeline import captioner, steps
    from aligner.pipeline.options import Options

    how = captioner.with_media(options or Options(), audio)
    return steps.caption(captioner.text_of(text), how, progress, cancel)


def check(
    source: GivenSource,
    options: Options | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CheckResult:
    """Find out whether an article has playable media; nothing is downloaded whole.

    Raises PageUnavailable if the page cannot be read, BadSource if the source cannot be used,
    FeedGiven if it is a feed, Cancelled, and whatever ``progress`` raises.
    """
    from aligner.pipeline import captioner
    from aligner.pipeline import check as checking
    from aligner.pipeline.options import Options

    given, how = captioner.source_of(source), options or Options()
    return checking.check(given, how, progress, cancel=cancel)


def batch(
    sources: Iterable[GivenSource | Listed],
    how: BatchOptions,
    options: Options | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[CaptionResult]:
    """Caption many articles, and yield each result as it is done.

    Files and a job database are written to ``how.folder``. After an interruption the same call
    continues; results of the earlier call are not yielded again. Every source ends with a result.

    Raises OutputError if files cannot be written, EngineUnavailable without a recogniser, BadSource
    for a ``Document``, which a later call could not read again, and Cancelled.

    >>> from pathlib import Path
    >>> import aligner
    >>> addresses = Path("addresses.txt").read_text().split()  # doctest: +SKIP
    >>> how = aligner.BatchOptions(Path("captions"))  # doctest: +SKIP
    >>> for result in aligner.batch(addresses, how):  # doctest: +SKIP
    ...     print(result.status, result.source)
    """
    from aligner import jobs
    from aligner.pipeline import captioner
    from aligner.pipeline.options import Options

    with jobs.Batch(options or Options(), how) as run:
        run.cancel = cancel
        run.enter(map(captioner.listed, sources))
        for done in run.results():
            yield done.outcome
        run.write_reports()
