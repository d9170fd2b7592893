"""Checks whether articles have playable media, without downloading it whole.

options.py          the options of checking
source_checker.py   checks one source: its page, its candidates
candidates.py       probes the candidate recordings of an article
results.py          the results of pages and of errors
list_checker.py     checks the entries of lists in parallel
store.py            stores the results of a run for the next
"""

from __future__ import annotations

from dataclasses import replace

from aligner.errors import BadSource, FeedGiven, PageUnavailable
from aligner.net import client
from aligner.pipeline.check.list_checker import CheckedEntry, ListChecker
from aligner.pipeline.check.options import CheckOptions
from aligner.pipeline.check.results import failed_check
from aligner.pipeline.check.source_checker import SourceChecker, open_session, within
from aligner.pipeline.options import Options
from aligner.pipeline.progress import CancelToken, Progress, watched
from aligner.types import CheckResult, Source

__all__ = [
    "CheckOptions",
    "CheckedEntry",
    "ListChecker",
    "check",
    "check_with",
    "checked",
    "failed_check",
    "within",
]


def check(
    source: Source,
    options: Options,
    progress: Progress | None = None,
    check_options: CheckOptions | None = None,
    cancel: CancelToken | None = None,
) -> CheckResult:
    """Check whether the article of one source has playable media.

    robots.txt is ignored for a single source. Raises BadSource, PageUnavailable, FeedGiven for a
    feed, Cancelled, and whatever ``progress`` raises.
    """
    check_options = check_options or CheckOptions()
    web = replace(check_options.web, robots=False)
    with open_session(options, web) as session:
        check_options = replace(check_options, web=web)
        return check_with(session, source, options, progress, check_options, cancel)


def check_with(
    session: client.Session,
    source: Source,
    options: Options,
    progress: Progress | None = None,
    check_options: CheckOptions | None = None,
    cancel: CancelToken | None = None,
) -> CheckResult:
    """Check one source, as ``check`` does, over shared connections."""
    with watched(progress, cancel) as watching:
        return SourceChecker(options, check_options or CheckOptions(), session).at(source, watching)


def checked(
    source: Source, options: Options, check_options: CheckOptions | None = None
) -> CheckResult:
    """Check one source, as ``check`` does; an unreadable source gives a result too.

    Such a result has ``answered`` False. Raises FeedGiven for a feed.
    """
    try:
        return check(source, options, check_options=check_options)
    except FeedGiven:
        raise
    except (PageUnavailable, BadSource) as error:
        return failed_check(source, error)
