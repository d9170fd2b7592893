"""Source -> Finding: whether its article has playable media, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from aligner import listing, probe, sources, web
from aligner.article import extract
from aligner.diagnosis import PLAYS, diagnose, failure
from aligner.errors import (
    AlignerError,
    BadSource,
    ManyArticles,
    MediaUnavailable,
    NoMedia,
    PageUnavailable,
)
from aligner.listing import Lost
from aligner.nouns import (
    Article,
    Declared,
    FeedItem,
    Finding,
    MediaLink,
    MediaState,
    Page,
    Relation,
    Source,
    Window,
)
from aligner.parallel import in_threads
from aligner.pipeline import (
    OWN,
    Options,
    answered,
    candidates,
    find_options,
    is_address,
    name_of,
    no_media_sentence,
    read,
)
from aligner.progress import CancelToken, Progress, Quiet, watched
from aligner.sources import FindOptions

MOST_TRIES = 4
"""How many of an article's candidates are tried before the best one's failure is reported."""
ASKING = web.WebOptions(attempts=3)
ALWAYS = Window()


@dataclass(frozen=True, slots=True)
class Looking:
    """How thoroughly to check."""

    probe: bool = True
    """Try the candidates' addresses; nothing is downloaded whole."""
    all_candidates: bool = False
    """Also list what belongs to the page or to other stories."""
    embeds: bool = True
    """Let yt-dlp ask the sites of embeds, and look into pages where nothing else is found."""
    asking: web.WebOptions = ASKING
    """How sites are asked; ``Options`` decide about private addresses."""
    jobs: int = 8
    """How many sources are checked at the same time."""
    sitemaps: tuple[str, ...] = ()
    """Sitemaps whose articles are checked too."""
    window: Window = ALWAYS
    """Of which time articles of feeds and sitemaps must be."""


DEFAULT_LOOK = Looking()
ANYBODYS: tuple[Relation, ...] = ("article", "page", "other")


def check(
    source: Source,
    options: Options,
    progress: Progress | None = None,
    looking: Looking = DEFAULT_LOOK,
    cancel: CancelToken | None = None,
) -> Finding:
    """One source -> whether its article has playable media, and why not.

    robots.txt is not asked for a single source. Raises BadSource, PageUnavailable, and
    ManyArticles for a feed; and Cancelled, and what ``progress`` raises.
    """
    asking = replace(looking.asking, robots=False)
    with _session(options, asking) as session:
        looking = replace(looking, asking=asking)
        return check_with(session, source, options, progress, looking, cancel)


def check_with(
    session: web.Session,
    source: Source,
    options: Options,
    progress: Progress | None = None,
    looking: Looking = DEFAULT_LOOK,
    cancel: CancelToken | None = None,
) -> Finding:
    """The same with connections that several sources share."""
    with watched(progress, cancel) as telling:
        return _Look(options, looking, session).at(source, telling)


def checked(source: Source, options: Options, looking: Looking = DEFAULT_LOOK) -> Finding:
    """As ``check``; a source that cannot be read is a finding too: see its ``answered``.

    Raises ManyArticles for a feed.
    """
    try:
        return check(source, options, looking=looking)
    except ManyArticles:
        raise
    except (PageUnavailable, BadSource) as error:
        return unreadable(source, error)


def check_all(
    sources: Iterable[Source], options: Options, looking: Looking = DEFAULT_LOOK
) -> Iterator[Finding]:
    """Sources -> their findings, several at a time, in the order of their completion.

    The articles of feeds among them come last, those of ``looking.sitemaps`` after the sources.
    A source that cannot be read is a finding too: see its ``answered``. Raises BadSource and
    PageUnavailable for a sitemap that cannot be read.
    """
    with _session(options, looking.asking) as session:
        look = _Look(options, looking, session)
        todo: Iterable[Source | Lost] = chain(sources, *map(look.articles, looking.sitemaps))
        while todo:
            listed: list[FeedItem] = []
            for found in in_threads(look.or_said_why, todo, looking.jobs):
                if isinstance(found, Finding):
                    yield found
                else:
                    listed += found
            todo = listed


def _session(options: Options, asking: web.WebOptions) -> web.Session:
    return web.Session(replace(asking, allow_private=options.allow_private))


class _Look:
    """What a run's looks at its sources share."""

    def __init__(self, options: Options, looking: Looking, session: web.Session) -> None:
        self.options, self.looking, self.session = options, looking, session
        self._read_feed = sources.feeds.reader(session.fetch)

    def articles(self, sitemap: str) -> Iterator[FeedItem | Lost]:
        """What a sitemap lists within the window."""

        def read(source: str) -> Page:
            if is_address(source):
                return self.session.fetch_list(source)
            return web.load_list(Path(source))

        return listing.articles(sitemap, read, self.looking.window)

    def or_said_why(self, source: Source | Lost) -> Finding | tuple[FeedItem, ...]:
        """The finding of a source; the articles of one that is a feed."""
        if isinstance(source, Lost):
            return unreadable(source.source, source.error)
        try:
            return self.at(source, Quiet())
        except ManyArticles as many:
            if items := within(many, self.looking.window):
                return items if isinstance(source, str) else unreadable(source, many)
            return unreadable(source, BadSource(name_of(source), "a feed without such articles"))
        except (PageUnavailable, BadSource) as error:
            return unreadable(source, error)

    def at(self, source: Source, telling: Progress) -> Finding:
        """Raises BadSource, PageUnavailable."""
        telling.stage("page")
        page = read(source, self.options, self.session.fetch)
        article = extract(page)
        known = _known(source, article, page)
        telling.stage("find")
        try:
            links = candidates(page, article, self.options, self._how(source))
        except MediaUnavailable as error:
            return _failed(known, error)
        known = replace(known, candidates=links)
        own = [link for link in links if link.relation == "article"]
        if not own:
            return _failed(known, NoMedia(known.source, no_media_sentence(known)))
        if self.looking.probe and is_address(own[0].url):
            telling.stage("probe")
            return tried(known, own, self.options, self.looking, self.session)
        reason = f"linked, not tried: {own[0].why}"
        return replace(known, media=own[0], state=_linked(own[0]), reason=reason)

    def _how(self, source: Source) -> FindOptions:
        how = find_options(source, self.options, self.session.fetch)
        return replace(
            how,
            ask_network=how.ask_network and self.looking.embeds,
            relations=ANYBODYS if self.looking.all_candidates else OWN,
            read_feed=how.read_feed and self._read_feed,
            manners=self.session.manners,
        )


def within(many: ManyArticles, window: Window) -> tuple[FeedItem, ...]:
    """The articles of a feed that are of a span of time."""
    return tuple(item for item in many.items if window.has(item.published))


def _known(source: Source, article: Article, page: Page) -> Finding:
    """What is known of a source by its page alone."""
    title, listed_in = article.title, None
    if isinstance(source, FeedItem):
        title, listed_in = title or source.title, source.listed_in
    return Finding(
        name_of(source), article.url, title, article.language, "none", "",
        sources.declared(page), listed_in=listed_in, http_status=answered(source, page),
    )  # fmt: skip


def _failed(known: Finding, error: AlignerError) -> Finding:
    """What is known of a source, and the error that says why its recording cannot be had."""
    said = diagnose(error)
    return replace(
        known, state=said.state or "none", reason=said.reason,
        http_status=said.http_status or known.http_status,
    )  # fmt: skip


def tried(
    known: Finding, links: list[MediaLink], options: Options, looking: Looking, session: web.Session
) -> Finding:
    """The first candidate that plays, else what trying the best one showed."""
    how = probe.ProbeOptions(
        allow_private=options.allow_private,
        ask_others=looking.embeds,
        network=looking.asking.network,
        manners=session.manners,
    )
    first: Finding | None = None
    for link in links[:MOST_TRIES]:
        shown = probe.probe(link, session.piece, how)
        found = replace(known, media=link, probed=shown.probed)
        if shown.state in PLAYS:
            found = replace(found, state=shown.state, reason=shown.reason)
            return _captioned(_after(first, found), session)
        first = first or _failed(found, failure(link.url, shown))
    assert first is not None  # noqa: S101  there is at least one link
    return first


def _after(first: Finding | None, found: Finding) -> Finding:
    """A candidate that plays, with what became of a better one."""
    assert found.media  # noqa: S101
    if found.state == "audio_only":
        found = replace(found, media=replace(found.media, kind="audio"))
    if first is None:
        return found
    return replace(found, reason=f"{found.reason}; the best candidate does not: {first.reason}")


def _captioned(found: Finding, session: web.Session) -> Finding:
    """A recording that plays, and the captions that the page offers with it."""
    assert found.media  # noqa: S101
    track = probe.captions_of(found.media, found.language, session.piece)
    if track is None:
        return found
    language = f" in {track.language}" if track.language else ""
    reason = f"captions{language} are there already, at {track.url}; {found.reason}"
    return replace(found, state="already_captioned", reason=reason)


def unreadable(source: Source, error: AlignerError) -> Finding:
    """A source whose page cannot be read, among others that can."""
    name, listed_in = name_of(source), source.listed_in if isinstance(source, FeedItem) else None
    url = name if is_address(name) else None
    said = diagnose(error)
    return Finding(
        name, url, None, None, said.state or "unreachable", said.reason, Declared(),
        answered=False, listed_in=listed_in, http_status=said.http_status,
    )  # fmt: skip


def _linked(link: MediaLink) -> MediaState:
    return "playable" if link.kind == "video" else "audio_only"
