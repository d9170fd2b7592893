"""Checks sources one by one, over shared connections."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from aligner.discovery import page_worker, sitemap_crawl
from aligner.discovery.sitemap_crawl import UnreadableSitemap
from aligner.discovery.sources import FindOptions
from aligner.errors import AlignerError, BadSource, FeedGiven, MediaUnavailable, PageUnavailable
from aligner.net import client
from aligner.net.budget import limited
from aligner.pipeline.check.candidates import probe_candidates
from aligner.pipeline.check.options import CheckOptions
from aligner.pipeline.check.results import failed_candidate, failed_check, known_of_page
from aligner.pipeline.options import Options
from aligner.pipeline.progress import NullProgress, Progress
from aligner.pipeline.recordings import declared_with, find_recordings
from aligner.pipeline.resources import page_limits, trial_limits
from aligner.pipeline.source import find_options, is_address, name_of, read_page
from aligner.types import CheckResult, DateRange, FeedItem, MediaLink, MediaState, Page, Source

logger = logging.getLogger(__name__)


def open_session(options: Options, web: client.WebOptions) -> client.Session:
    """Returns the connections that checks share, with the network options of ``options``."""
    return client.Session(replace(web, allow_private=options.allow_private, net=options.net))


class SourceChecker:
    """Checks sources one by one, with shared options and connections."""

    def __init__(
        self, options: Options, check_options: CheckOptions, session: client.Session
    ) -> None:
        self.options, self.check_options, self.session = options, check_options, session
        self._read_feed = page_worker.feed_reader(session.fetch)

    def articles(self, sitemap: str) -> Iterator[FeedItem | UnreadableSitemap]:
        """Yields a sitemap's entries within the window."""

        def read(source: str) -> Page:
            if is_address(source):
                return self.session.fetch_list(source)
            return client.load_list(Path(source))

        return sitemap_crawl.articles(sitemap, read, self.check_options.window)

    def result_of(self, source: Source) -> CheckResult | tuple[FeedItem, ...]:
        """Returns the result for a source, or a feed's articles; errors become results."""
        try:
            return self.at(source, NullProgress())
        except FeedGiven as many:
            if items := within(many, self.check_options.window):
                return items if isinstance(source, str) else failed_check(source, many)
            return failed_check(source, BadSource(name_of(source), "a feed without such articles"))
        except (PageUnavailable, BadSource) as error:
            return failed_check(source, error)
        except AlignerError:
            raise
        except Exception as error:  # a library may raise anything; the other sources go on
            logger.debug("%s", name_of(source), exc_info=True)
            why = f"unexpected: {type(error).__name__}: {error}".splitlines()[0]
            return failed_check(source, AlignerError(why))

    def at(self, source: Source, watching: Progress) -> CheckResult:
        """Check one source. Raises BadSource, FeedGiven, PageUnavailable."""
        with limited(page_limits(self.check_options.web.timeout_s)):
            return self._within_limits(source, watching)

    def _within_limits(self, source: Source, watching: Progress) -> CheckResult:
        watching.stage("page")
        page = read_page(source, self.options, self.session.fetch)
        article = page_worker.article_of(page)
        known = known_of_page(source, article, page)
        watching.stage("find")
        try:
            name, how = known.source, self._how(source)
            links, why_none = find_recordings(name, page, article, self.options, how)
        except MediaUnavailable as error:
            return failed_candidate(known, error)
        own = tuple(link for link in links if link.relation == "article")
        known = replace(known, candidates=links if self.check_options.all_candidates else own)
        if why_none:
            return failed_candidate(known, why_none)
        known = replace(known, declared=declared_with(known.declared, own[0]))
        if self.check_options.probe:
            watching.stage("probe")
            with limited(trial_limits(self.check_options.web.timeout_s)):
                return probe_candidates(known, own, self.options, self.check_options, self.session)
        reason = f"linked, not tried: {own[0].why}"
        return replace(known, media=own[0], state=_linked(own[0]), reason=reason)

    def _how(self, source: Source) -> FindOptions:
        how = find_options(source, self.options, self.session.fetch)
        return replace(
            how,
            ask_network=how.ask_network and self.check_options.embeds,
            read_feed=how.read_feed and self._read_feed,
            throttle=self.session.throttle,
        )


def within(many: FeedGiven, window: DateRange) -> tuple[FeedItem, ...]:
    """Returns the articles of a feed that were published within a range of time."""
    return tuple(item for item in many.items if window.has(item.published))


def _linked(link: MediaLink) -> MediaState:
    return "playable" if link.kind == "video" else "audio_only"
