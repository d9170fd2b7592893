"""Source -> Outcome: the order of the stages, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from aligner import download, engines, match, probe, sources, timing, vad, web, weights
from aligner.article import extract
from aligner.audio import decode, ffmpeg_path
from aligner.cues import make_cues
from aligner.errors import (
    AddressRefused,
    AlignerError,
    BadSource,
    MediaUnavailable,
    NoAudio,
    NoMedia,
    NoSpeech,
    PageUnavailable,
    RobotsRefuse,
)
from aligner.match.judge import Gain
from aligner.nouns import (
    Alignment,
    Article,
    Audio,
    Declared,
    Finding,
    MediaFile,
    MediaLink,
    MediaState,
    Outcome,
    Page,
    Relation,
    Speech,
    Status,
    Transcript,
)
from aligner.parallel import in_threads
from aligner.profiles import PROFILES, Profile


@dataclass(frozen=True, slots=True)
class Options:
    """How to go about it; the same for every source of a run."""

    url: str | None = None
    """The address of a saved page, against which its links resolve."""
    media: str | None = None
    """A recording, local or remote, in place of what the page links."""
    language: str | None = None
    """Of the speech, BCP 47; None to hear it."""
    engine: str = "auto"
    model: str = "base"
    profile: Profile = PROFILES["netflix"]
    allow_private: bool = False
    keep: Path | None = None
    """Where a recording that is fetched is kept, without the suffix; None to keep none."""


class Progress(Protocol):
    """Whom the pipeline tells how far it is."""

    def stage(self, name: str) -> None:
        """A stage begins."""

    def advance(self, done: int, total: int | None) -> None:
        """The stage has come so far: bytes, or milliseconds of sound."""


class Quiet:
    """Tells nobody."""

    def stage(self, name: str) -> None: ...

    def advance(self, done: int, total: int | None) -> None: ...


def caption(source: str, options: Options, progress: Progress | None = None) -> Outcome:
    """One article's address, saved page or text -> what became of it. Foreseen errors are outcomes.

    Raises BadSource if the source itself cannot be used as given.
    """
    known = Outcome("error", "", source)
    try:
        for more in _stages(known, options, progress or Quiet()):
            known = more
    except BadSource:
        raise
    except AlignerError as error:
        return replace(known, status=error.status, reason=sentence(error))
    return known


def sentence(error: AlignerError) -> str:
    """An error as the reason of an outcome, which names source and recording itself."""
    match error:
        case PageUnavailable():
            return f"the page cannot be read: {error.why}"
        case MediaUnavailable():
            return f"the recording cannot be had: {error.why}"
        case NoMedia() | NoAudio() | NoSpeech():
            return error.why
        case _:
            return str(error)


def _stages(known: Outcome, options: Options, progress: Progress) -> Iterator[Outcome]:
    """The main job, read aloud. Yields what is known, more of it after each stage."""
    progress.stage("page")
    page = read(known.source, options)
    article = extract(page)
    known = replace(known, url=article.url, article=article, declared=sources.declared(page))
    yield known
    links = find_media(page, article, known, options)
    yield (known := replace(known, media=links[0]))
    with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
        media, sound = obtain(links, Path(folder), options, progress)
        known = replace(known, media=media.link, sha256=media.sha256, duration_ms=sound.duration_ms)
        yield known
        if options.keep and media.path.is_relative_to(folder):  # it was fetched
            download.keep(media, options.keep)
        heard = listen(sound, article, media, options, progress)
        transcript = heard.transcript
        yield (known := replace(known, engine=transcript.engine))
        progress.stage("match")
        alignment, status, reason = judge(article, transcript, heard.gain)
        alignment = timed(alignment, sound, heard.speech, transcript.language, progress)
        captions = make_cues(
            alignment.words, transcript.language, options.profile, sound.duration_ms
        )
    yield replace(known, status=status, reason=reason, alignment=alignment, captions=captions)


# ---------------------------------------------------------------- the stages, with their options


def read(source: str, options: Options) -> Page:
    """An address, a saved page or a text -> the page."""
    if is_address(source):
        return web.fetch(source, web.WebOptions(allow_private=options.allow_private))
    return web.load(Path(source), options.url)


def find_media(
    page: Page, article: Article, known: Outcome | Finding, options: Options
) -> tuple[MediaLink, ...]:
    """The article's recordings, best first. Raises NoMedia if the page links none."""
    links = candidates(page, article, known.source, options)
    if not links:
        raise NoMedia(known.source, no_media_sentence(known))
    return links


OWN: tuple[Relation, ...] = ("article",)


def candidates(
    page: Page, article: Article, source: str, options: Options, looking: Looking | None = None
) -> tuple[MediaLink, ...]:
    """The recordings that the page links, best first: the article's, or all if looking so."""
    if options.media:
        return (MediaLink(options.media, "audio", "given", why="given with --media"),)
    how = sources.FindOptions(
        allow_private=options.allow_private,
        ask_network=is_address(source) and (looking is None or looking.embeds),
        relations=("article", "page", "other") if looking and looking.all_candidates else OWN,
    )
    return sources.find(page, article, how)


def no_media_sentence(known: Outcome | Finding) -> str:
    """Why there is nothing to caption, with what the page says of it."""
    said = known.declared
    sentence = "the page links no video or audio"
    if said.duration_ms:
        sentence += f"; it names a recording of {said.duration_ms / 1000:.0f} s"
    if said.says_no_media:
        sentence += ", and its player says that no media source is available"
    return sentence + "; give --media if you have the recording"


def obtain(
    links: tuple[MediaLink, ...], folder: Path, options: Options, progress: Progress
) -> tuple[MediaFile, Audio]:
    """The first recording that can be had and has sound. Raises what the best one raised."""
    first: AlignerError | None = None
    for link in links:
        try:
            progress.stage("download")
            media = _download(link, folder, options, progress)
            progress.stage("decode")
            return media, decode(media, folder, progress.advance)
        except (MediaUnavailable, NoAudio) as error:
            first = first or error
    assert first is not None  # noqa: S101  there is at least one link
    raise first


def _download(link: MediaLink, folder: Path, options: Options, progress: Progress) -> MediaFile:
    if link.found_by == "given" and not is_address(link.url):
        return download.local(Path(link.url))
    how = download.DownloadOptions(allow_private=options.allow_private, ffmpeg=ffmpeg_path())
    return download.download(link, folder, how, progress.advance)


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening gives."""

    transcript: Transcript
    speech: Speech
    gain: Gain | None
    """A second hearing, where the recogniser has one."""


def listen(
    sound: Audio, article: Article, media: MediaFile, options: Options, progress: Progress
) -> Heard:
    """Sound -> what was said. Raises NoSpeech if nobody speaks."""
    progress.stage("listen")
    speech = vad.find_speech(sound)
    if not speech.segments:
        raise NoSpeech(media.link.url)
    engine = engines.load(options.engine, options.model, weights.resolve)
    windows = vad.windows(speech, sound.duration_ms)
    how = engines.ListenOptions(language=options.language, draft=article, speech=speech)
    transcript = engine.transcribe(sound, windows, options=how, progress=progress.advance)
    if not transcript.words:
        raise NoSpeech(media.link.url, "no words were heard in the recording")
    again = engine.rehearing(sound, windows, transcript)
    return Heard(transcript, speech, again.gain if again else None)


def judge(
    article: Article, transcript: Transcript, gain: Gain | None
) -> tuple[Alignment, Status, str]:
    """The alignment, and whether the speech is this article's at all."""
    if not article.paragraphs:
        reason = "the page has no article text: captions were written from the speech alone"
        return match.unaligned(transcript), "speech_only", reason
    alignment = match.align(article, transcript)
    share = alignment.coverage.speech_in_article
    if not match.belongs(alignment):  # before a second hearing: another story costs none
        reason = (
            f"the speech is not this article ({share:.0%} of it is in the text): "
            "captions were written from the speech alone"
        )
        return (
            replace(match.unaligned(transcript), coverage=alignment.coverage),
            "speech_only",
            reason,
        )
    if gain:
        alignment = match.align(article, transcript, gain)
    share, spoken = alignment.coverage.speech_in_article, alignment.coverage.article_in_speech
    reason = f"{share:.0%} of the speech is in the article, {spoken:.0%} of the article is spoken"
    return alignment, "captioned", reason


def timed(
    alignment: Alignment, sound: Audio, speech: Speech, language: str, progress: Progress
) -> Alignment:
    """An alignment with a recogniser's times -> the same with exact ones, where they can be had."""
    progress.stage("timing")
    words = timing.refine(sound, alignment.words, speech, language, progress.advance)
    starts = {old.start_ms: new.start_ms for old, new in zip(alignment.words, words, strict=True)}
    ends = {old.end_ms: new.end_ms for old, new in zip(alignment.words, words, strict=True)}
    moved = []
    for place in alignment.divergence:
        if place.start_ms is not None and place.end_ms is not None:
            start = starts.get(place.start_ms, place.start_ms)
            end = max(ends.get(place.end_ms, place.end_ms), start + 1)
            place = replace(place, start_ms=start, end_ms=end)
        moved.append(place)
    return replace(alignment, words=words, divergence=tuple(moved))


def expect_source(source: str) -> None:
    """Look at a source before any work is done. Raises BadSource."""
    if not is_address(source) and not Path(source).is_file():
        raise BadSource(source, "no such file, and not an http(s) address")


def is_address(source: str) -> bool:
    """Whether a source is an http(s) address rather than a file."""
    return source.lower().startswith(("http://", "https://"))


# ---------------------------------------------------------------- check

STATE_OF_STATUS: dict[int, MediaState] = {
    200: "not_media",
    401: "login",
    402: "login",
    403: "refused",
    404: "gone",
    410: "gone",
    429: "refused",
    451: "geo_blocked",
}
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
        links = candidates(page, article, source, options, looking)
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
        state = STATE_OF_STATUS.get(error.http_status or 0, "unreachable")
    return Finding(source, url, None, None, state, sentence(error), Declared(), answered=False)


def _linked(link: MediaLink) -> MediaState:
    return "playable" if link.kind == "video" else "audio_only"
