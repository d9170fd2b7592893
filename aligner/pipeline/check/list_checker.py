"""Checks the entries of lists, with the results of earlier runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, count
from typing import Self

from aligner._util.concurrency import imap_unordered
from aligner.discovery.sitemap_crawl import UnreadableSitemap
from aligner.errors import BadSource
from aligner.pipeline.check.options import CheckOptions
from aligner.pipeline.check.results import failed_check
from aligner.pipeline.check.source_checker import SourceChecker, open_session
from aligner.pipeline.check.store import Findings, StoredCheck
from aligner.pipeline.diagnosis import is_temporary
from aligner.pipeline.options import Options
from aligner.pipeline.source import name_of
from aligner.types import CheckResult, Listed


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """The result for one entry of a list."""

    finding: CheckResult
    entry: Listed
    number: int
    """The entry's position in the input, from 0; articles of feeds come after all others."""
    at: float
    """When the source was checked, in seconds since 1970."""
    remembered: bool = False
    """Whether the result is from an earlier run."""


class ListChecker:
    """Checks the entries of lists in parallel, and may reuse the results of earlier runs.

    with ListChecker(options, check_options, findings) as run:
        for checked in run.results(entries):
            ...

    """

    def __init__(
        self,
        options: Options,
        check_options: CheckOptions | None = None,
        memory: Findings | None = None,
        recheck_after: timedelta | None = None,
    ) -> None:
        """With a ``memory``, sources with a stored result are not checked again.

        Exceptions are temporary failures, and results older than ``recheck_after``.
        """
        check_options = check_options or CheckOptions()
        self.session = open_session(options, check_options.web)
        self._checker = SourceChecker(options, check_options, self.session)
        self._options, self._memory = check_options, memory
        self._stale = time.time() - recheck_after.total_seconds() if recheck_after else None
        self._numbers = count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.session.__exit__(*error)

    def results(self, entries: Iterable[Listed]) -> Iterator[CheckedEntry]:
        """Check the entries, and yield the results in the order of completion.

        The articles of the options' sitemaps follow the entries; the articles of feeds come last.
        An unreadable entry gives a result with ``answered`` False. A result is stored in the
        memory before it is yielded. Raises BadSource and PageUnavailable for a sitemap that cannot
        be read, and OutputError if a result cannot be stored.
        """
        listed = map(self._of_sitemap, self._options.sitemaps)
        todo: Iterable[Listed | UnreadableSitemap] = chain(entries, *listed)
        while todo:
            articles: list[Listed] = []
            numbered = zip(self._numbers, todo, strict=False)
            for found in imap_unordered(self._one, numbered, self._options.jobs):
                if isinstance(found, CheckedEntry):
                    yield self._kept(found)
                else:
                    articles += found
            todo = articles

    def _of_sitemap(self, sitemap: str) -> Iterator[Listed | UnreadableSitemap]:
        for article in self._checker.articles(sitemap):
            yield article if isinstance(article, UnreadableSitemap) else Listed(article, sitemap)

    def _one(self, numbered: tuple[int, Listed | UnreadableSitemap]) -> CheckedEntry | list[Listed]:
        """Returns the result for an entry, or a feed's articles."""
        number, entry = numbered
        if isinstance(entry, UnreadableSitemap):
            found = failed_check(entry.source, entry.error)
            return CheckedEntry(found, Listed(entry.source), number, time.time())
        if entry.trouble:
            wrong = BadSource(entry.place or name_of(entry.source), entry.trouble)
            found = replace(failed_check(wrong.source, wrong), source=name_of(entry.source))
            return CheckedEntry(found, entry, number, time.time())
        if kept := self._remembered(name_of(entry.source)):
            return CheckedEntry(kept.finding, entry, number, kept.at, remembered=True)
        look = self._checker.result_of(entry.source)
        if not isinstance(look, CheckResult):
            return [replace(entry, source=article) for article in look]
        if entry.line and not look.answered and not look.url:  # a line that names no source
            look = replace(look, reason=f"{entry.place}: {look.reason}")
        return CheckedEntry(look, entry, number, time.time())

    def _remembered(self, name: str) -> StoredCheck | None:
        """Returns the stored result of a source, if it is still valid."""
        kept = self._memory.known(name) if self._memory else None
        if kept is None or (self._stale is not None and kept.at < self._stale):
            return None
        found = kept.finding
        passing = is_temporary("media_unavailable", found.state, found.http_status)
        return None if passing else kept

    def _kept(self, checked: CheckedEntry) -> CheckedEntry:
        """Store a new result in the memory, if the source was requested."""
        found = checked.finding
        if self._memory is None or checked.remembered or not (found.answered or found.url):
            return checked
        return replace(checked, at=self._memory.keep(found))
