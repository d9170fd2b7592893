"""Source -> Finding: whether its article has playable media, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from aligner import probe, sources, web
from aligner.article import extract
from aligner.errors import (
    AddressRefused,
    AlignerError,
    BadSource,
    MediaUnavailable,
    PageUnavailable,
    RobotsRefuse,
)
from aligner.nouns import Declared, Finding, MediaLink, MediaState, Relation
from aligner.parallel import in_threads
from aligner.pipeline import (
    OWN,
    Options,
    Progress,
    Quiet,
    candidates,
    is_address,
    no_media_sentence,
    sentence,
)
from aligner.statuses import meaning

PLAYS: tuple[MediaState, ...] = ("playable", "audio_only", "already_captioned")
MOST_TRIES = 4
"""How many of an article's candidates are tried before the best one's failure is reported."""
ASKING = web.WebOptions(attempts=3)


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


DEFAULT_LOOK = Looking()
ANYBODYS: tuple[Relation, ...] = ("article", "page", "other")


def check(
    source: str,
    options: Options,
    progress: Progress | None = None,
    looking: Looking = DEFAULT_LOOK,
) -> Finding:
    """One source -> whether its article has playable media, and why not.

    Raises BadSource, PageUnavailable.
    """
    with _session(options, looking) as session:
        return _checked(source, options, progress or Quiet(), looking, session)


def check_all(
    sources: Iterable[str], options: Options, looking: Looking = DEFAULT_LOOK
) -> Iterator[Finding]:
    """Sources -> their findings, several at a time, in the order of their completion.

    A source that cannot be read is a finding too: see its ``answered``.
    """
    with _session(options, looking) as session:

        def checked(source: str) -> Finding:
            try:
                return _checked(source, options, Quiet(), looking, session)
            except (PageUnavailable, BadSource) as error:
                return unreadable(source, error)

        yield from in_threads(checked, sources, looking.jobs)


def _session(options: Options, looking: Looking) -> web.Session:
    return web.Session(replace(looking.asking, allow_private=options.allow_private))


def _checked(
    source: str, options: Options, telling: Progress, looking: Looking, session: web.Session
) -> Finding:
    telling.stage("page")
    page = session.fetch(source) if is_address(source) else web.load(Path(source), options.url)
    article = extract(page)
    said = sources.declared(page)
    known = Finding(source, article.url, article.title, article.language, "none", "", said)
    telling.stage("find")
    try:
        links = candidates(
            page,
            article,
            options,
            ask_network=looking.embeds and is_address(source),
            relations=ANYBODYS if looking.all_candidates else OWN,
        )
    except MediaUnavailable as error:
        return replace(known, state=error.state, reason=error.why)
    known = replace(known, candidates=links)
    own = [link for link in links if link.relation == "article"]
    if not own:
        return replace(known, reason=no_media_sentence(known))
    if looking.probe and is_address(own[0].url):
        telling.stage("probe")
        return tried(known, own, options, looking, session)
    reason = f"linked, not tried: {own[0].why}"
    return replace(known, media=own[0], state=_linked(own[0]), reason=reason)


def tried(
    known: Finding, links: list[MediaLink], options: Options, looking: Looking, session: web.Session
) -> Finding:
    """The first candidate that plays, else what trying the best one showed."""
    how = probe.ProbeOptions(
        allow_private=options.allow_private,
        ask_others=looking.embeds,
        network=looking.asking.network,
    )
    first: Finding | None = None
    for link in links[:MOST_TRIES]:
        shown = probe.probe(link, session.piece, how)
        found = replace(
            known, media=link, state=shown.state, reason=shown.reason, probed=shown.probed
        )
        if found.state in PLAYS:
            return _captioned(_after(first, found), session)
        first = first or found
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


def unreadable(source: str, error: AlignerError) -> Finding:
    """A source whose page cannot be read, among others that can."""
    url = source if is_address(source) else None
    state: MediaState = "unreachable"
    if isinstance(error, AddressRefused | RobotsRefuse):
        state = "refused"
    elif isinstance(error, BadSource):
        state = "not_media"
    elif isinstance(error, PageUnavailable):
        state = _of_page(error.http_status)
    return Finding(source, url, None, None, state, sentence(error), Declared(), answered=False)


def _of_page(status: int | None) -> MediaState:
    """The state of a source by its page's HTTP status; None without an answer."""
    if status is None:
        return "unreachable"
    return meaning(status)[0] if status >= 400 else "not_media"


def _linked(link: MediaLink) -> MediaState:
    return "playable" if link.kind == "video" else "audio_only"
