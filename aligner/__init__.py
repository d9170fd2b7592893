"""From a news article's address to captions in the publisher's spelling.

>>> import aligner
>>> outcome = aligner.caption("https://example.com/news/story.html")  # doctest: +SKIP
>>> outcome.status  # doctest: +SKIP
'captioned'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aligner.nouns import Finding, Outcome, Source
    from aligner.pipeline import Options, Progress

__all__ = ["caption", "check"]


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
