"""Results of checks: what a page alone tells, and what an error tells."""

from __future__ import annotations

from dataclasses import replace

from aligner.discovery import page_worker
from aligner.errors import AlignerError, PageUnavailable
from aligner.pipeline.diagnosis import diagnose
from aligner.pipeline.source import http_status, is_address, name_of
from aligner.types import Article, CheckResult, FeedItem, Page, PlayerMetadata, Source


def known_of_page(source: Source, article: Article, page: Page) -> CheckResult:
    """Returns what a page by itself tells about a source. Raises PageUnavailable."""
    title, listed_in = article.title, None
    if isinstance(source, FeedItem):
        title, listed_in = title or source.title, source.listed_in
    return CheckResult(
        name_of(source), article.url, title, article.language, "none", "",
        page_worker.declared(page), listed_in=listed_in, http_status=http_status(source, page),
    )  # fmt: skip


def failed_candidate(known: CheckResult, error: AlignerError) -> CheckResult:
    """Returns the result of a source whose recording is not available because of an error."""
    diagnosis = diagnose(error)
    if isinstance(error, PageUnavailable):  # what was read is not the article
        known = replace(known, title=None, language=None, answered=False)
    return replace(
        known, state=diagnosis.state or "none", reason=diagnosis.reason,
        http_status=diagnosis.http_status or known.http_status,
    )  # fmt: skip


def failed_check(source: Source, error: AlignerError) -> CheckResult:
    """Returns the result of a source whose page cannot be read."""
    name, listed_in = name_of(source), source.listed_in if isinstance(source, FeedItem) else None
    url = name if is_address(name) else None
    diagnosis = diagnose(error)
    return CheckResult(
        name, url, None, None, diagnosis.state or "unreachable", diagnosis.reason, PlayerMetadata(),
        answered=False, listed_in=listed_in, http_status=diagnosis.http_status,
    )  # fmt: skip
