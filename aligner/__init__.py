"""From a news article's address to captions in the publisher's spelling.

>>> import aligner
>>> outcome = aligner.caption("https://example.com/news/story.html")  # doctest: +SKIP
>>> outcome.status  # doctest: +SKIP
'captioned'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aligner.batching import BatchOptions
    from aligner.nouns import Finding, Outcome, Source
    from aligner.pipeline import Options, Progress

__all__ = ["batch", "caption", "check"]


def caption(
    source: Source, options: Options | None = None, progress: Progress | None = None
) -> Outcome:
    """One article's address, saved page or text -> what became of it, captions included.

    Foreseen failures are outcomes; raises BadSource if the source itself cannot be used, and
    ManyArticles, with the articles as ``items`` to go on with, if it is a feed.
    """
    from aligner import pipeline

    return pipeline.caption(source, options or pipeline.Options(), progress)


def check(
    source: Source, options: Options | None = None, progress: Progress | None = None
) -> Finding:
    """One source -> whether its article has playable media, and why not.

    Raises PageUnavailable if the page cannot be read, BadSource if the source cannot be used,
    and ManyArticles if it is a feed.
    """
    from aligner import checking, pipeline

    return checking.check(source, options or pipeline.Options(), progress)


def batch(
    sources: Iterable[Source], how: BatchOptions, options: Options | None = None
) -> Iterator[Outcome]:
    """Sources -> what became of each, in the order of completion, files and ledger in a folder.

    The same call goes on where an earlier one stopped: what that one has done is not given again.
    Every source ends in an outcome; raises CannotWrite where nothing can be written any more, and
    EngineUnavailable without a recogniser.

    >>> from pathlib import Path
    >>> from aligner.batching import BatchOptions
    >>> addresses = Path("addresses.txt").read_text().split()  # doctest: +SKIP
    >>> for outcome in aligner.batch(addresses, BatchOptions(Path("captions"))):  # doctest: +SKIP
    ...     print(outcome.status, outcome.source)
    """
    from aligner import batching, pipeline

    with batching.Batch(options or pipeline.Options(), how) as run:
        run.enter(sources)
        for done in run.results():
            yield done.outcome
        run.write_reports()
