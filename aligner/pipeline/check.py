"""Checks whether articles have playable media, without downloading it whole."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain, count
from pathlib import Path
from typing import Self

from aligner import defaults
from aligner._util.concurrency import imap_unordered
from aligner.discovery import probe, sitemap_crawl, sources
from aligner.discovery.article import extract
from aligner.discovery.sitemap_crawl import UnreadableSitemap
from aligner.discovery.sources import FindOptions
from aligner.errors import AlignerError, BadSource, FeedGiven, MediaUnavailable, PageUnavailable
from aligner.net import client
from aligner.net.budget import limited
from aligner.pipeline.check_store import Findings, StoredCheck
from aligner.pipeline.diagnosis import PLAYS, diagnose, failure, is_temporary, shorter_than_page
from aligner.pipeline.options import Options, polite_web_options
from aligner.pipeline.progress import CancelToken, NullProgress, Progress, watched
from aligner.pipeline.recordings import declared_with, find_recordings
from aligner.pipeline.resources import (
    MOST_TRIES,
    asking_for,
    page_limits,
    trial_limits,
    with_local_files,
)
from aligner.pipeline.source import find_options, http_status, is_address, name_of, read_page
from aligner.types import (
    Article,
    CheckResult,
    DateRange,
    FeedItem,
    Listed,
    MediaInfo,
    MediaLink,
    MediaState,
    Page,
    PlayerMetadata,
    Source,
)

logger = logging.getLogger(__name__)

ALWAYS = DateRange()


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How articles are checked."""

    probe: bool = True
    """Whether to request parts of the candidate recordings."""
    all_candidates: bool = False
    """Whether to list recordings of the page and of other stories too."""
    embeds: bool = True
    """Whether yt-dlp may request the sites of embedded players, and pages without other media."""
    web: client.WebOptions = field(default_factory=polite_web_options)
    """The web options; ``allow_private`` and ``net`` are taken from ``Options``."""
    jobs: int = defaults.JOBS
    """Sources checked at the same time."""
    sitemaps: tuple[str, ...] = ()
    """Sitemaps whose articles are checked too."""
    window: DateRange = ALWAYS
    """When articles of feeds and sitemaps must have been published."""


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
    with _session(options, web) as session:
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
        return _Checker(options, check_options or CheckOptions(), session).at(source, watching)


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
        self.session = _session(options, check_options.web)
        self._checker = _Checker(options, check_options, self.session)
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


def _session(options: Options, web: client.WebOptions) -> client.Session:
    return client.Session(replace(web, allow_private=options.allow_private, net=options.net))


class _Checker:
    """Checks sources one by one, with shared options and connections."""

    def __init__(
        self, options: Options, check_options: CheckOptions, session: client.Session
    ) -> None:
        self.options, self.check_options, self.session = options, check_options, session
        self._read_feed = sources.feeds.reader(session.fetch)

    def articles(self, sitemap: str) -> Iterator[FeedItem | UnreadableSitemap]:
        """Yields a sitemap's entries within the window."""

        def read(source: str) -> Page:
            if is_address(source):
                return self.session.fetch_list(source)
            return client.load_list(Path(source))

        return sitemap_crawl.articles(sitemap, read, self.check_options.window)

    def result_of(self, source: Source | UnreadableSitemap) -> CheckResult | tuple[FeedItem, ...]:
        """Returns the result for a source, or a feed's articles; errors become results."""
        if isinstance(source, UnreadableSitemap):
            return failed_check(source.source, source.error)
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
        article = extract(page)
        known = _known(source, article, page)
        watching.stage("find")
        try:
            name, how = known.source, self._how(source)
            links, why_none = find_recordings(name, page, article, self.options, how)
        except MediaUnavailable as error:
            return _failed(known, error)
        own = tuple(link for link in links if link.relation == "article")
        known = replace(known, candidates=links if self.check_options.all_candidates else own)
        if why_none:
            return _failed(known, why_none)
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


def _known(source: Source, article: Article, page: Page) -> CheckResult:
    """Returns what a page by itself tells about a source."""
    title, listed_in = article.title, None
    if isinstance(source, FeedItem):
        title, listed_in = title or source.title, source.listed_in
    return CheckResult(
        name_of(source), article.url, title, article.language, "none", "",
        sources.declared(page), listed_in=listed_in, http_status=http_status(source, page),
    )  # fmt: skip


def _failed(known: CheckResult, error: AlignerError) -> CheckResult:
    """Returns the result of a source whose recording is not available because of an error."""
    diagnosis = diagnose(error)
    if isinstance(error, PageUnavailable):  # what was read is not the article
        known = replace(known, title=None, language=None, answered=False)
    return replace(
        known, state=diagnosis.state or "none", reason=diagnosis.reason,
        http_status=diagnosis.http_status or known.http_status,
    )  # fmt: skip


def probe_candidates(
    known: CheckResult,
    links: Sequence[MediaLink],
    options: Options,
    check_options: CheckOptions,
    session: client.Session,
) -> CheckResult:
    """Returns the result for the first playable candidate, else the failure of the best one."""
    how = probe.ProbeOptions(
        allow_private=options.allow_private,
        ask_others=check_options.embeds,
        network=check_options.web.network,
        throttle=session.throttle,
        net=options.net,
    )
    first: CheckResult | None = None
    fetch_part = with_local_files(session.fetch_range)
    for link in links[:MOST_TRIES]:
        ask = asking_for(link, fetch_part)
        probed = probe.probe(link, ask, how)
        found = replace(known, media=link, probed=probed.probed)
        if probed.state in PLAYS:
            why = _why_part(link, probed.probed)
            reason = f"{probed.reason}; {why}" if why else probed.reason
            found = replace(found, state=probed.state, reason=reason)
            return _captioned(_after(first, found), ask)
        first = first or _failed(found, failure(link.url, probed))
    assert first is not None  # noqa: S101  there is at least one link
    return first


def _why_part(link: MediaLink, probed: MediaInfo | None) -> str | None:
    """Returns why a recording is only part of what its page declares; None if it is not sure."""
    if probed is None or not probed.declares_duration or not probed.duration_ms:
        return None
    return shorter_than_page(probed.duration_ms, link)


def _after(first: CheckResult | None, found: CheckResult) -> CheckResult:
    """Adds the failure of the best candidate to the result for a playable one."""
    assert found.media  # noqa: S101
    if found.state == "audio_only":
        found = replace(found, media=replace(found.media, kind="audio"))
    if first is None:
        return found
    return replace(found, reason=f"{found.reason}; the best candidate does not: {first.reason}")


def _captioned(found: CheckResult, ask: probe.Ask) -> CheckResult:
    """Marks a playable recording as captioned if the page offers captions with it."""
    assert found.media  # noqa: S101
    track = probe.captions_of(found.media, found.language, ask)
    if track is None:
        return found
    language = f" in {track.language}" if track.language else ""
    reason = f"captions{language} are there already, at {track.url}; {found.reason}"
    return replace(found, state="already_captioned", reason=reason)


def failed_check(source: Source, error: AlignerError) -> CheckResult:
    """Returns the result of a source whose page cannot be read."""
    name, listed_in = name_of(source), source.listed_in if isinstance(source, FeedItem) else None
    url = name if is_address(name) else None
    diagnosis = diagnose(error)
    return CheckResult(
        name, url, None, None, diagnosis.state or "unreachable", diagnosis.reason, PlayerMetadata(),
        answered=False, listed_in=listed_in, http_status=diagnosis.http_status,
    )  # fmt: skip


def _linked(link: MediaLink) -> MediaState:
    return "playable" if link.kind == "video" else "audio_only"
