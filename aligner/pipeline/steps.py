"""Source -> Outcome: the order of the stages, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin

from aligner import defaults
from aligner._util.concurrency import BackgroundLazy
from aligner.audio import decode as audio
from aligner.audio import vad
from aligner.audio.decode import decode
from aligner.audio.ffmpeg import ffmpeg_or_none
from aligner.captions.profiles import PROFILES, Profile
from aligner.discovery import download, probe, sources
from aligner.discovery.article import extract
from aligner.discovery.html import parse, refresh_target, text_of
from aligner.discovery.sources.base import PAGE_TYPE, ReadFeed
from aligner.discovery.sources.renditions import is_manifest
from aligner.errors import (
    AlignerError,
    BadSource,
    FeedGiven,
    MediaUnavailable,
    NoAudio,
    NoMedia,
    NoSpeech,
    PageUnavailable,
    SitemapGiven,
)
from aligner.net import client
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.net.politeness import HostThrottle
from aligner.net.third_party import configured
from aligner.pipeline.diagnosis import PLAYS, diagnose, failure
from aligner.pipeline.progress import CancelToken, NullProgress, Progress, watched
from aligner.pipeline.streaming import StreamingTranscriber
from aligner.types import (
    Article,
    Audio,
    AudioSoFar,
    CaptionResult,
    Cue,
    Document,
    FeedItem,
    MediaFile,
    MediaLink,
    MediaState,
    Page,
    PartialContent,
    Source,
    SpeechSegments,
    Transcript,
)

if TYPE_CHECKING:
    from aligner import asr
    from aligner.alignment.acoustic import TimingPrecision
    from aligner.alignment.matching.substitution_policy import RescoreFn

__all__ = ["NullProgress", "Options", "Progress", "caption"]

Thing = TypeVar("Thing")
Fetch = Callable[[str], Page]


@dataclass(frozen=True, slots=True)
class Options:
    """How to go about it; the same for every source of a run."""

    url: str | None = None
    """The address of a saved page, against which its links resolve."""
    media: str | Path | None = None
    """A recording, a file or an address, in place of what the page links."""
    language: str | None = None
    """Of the speech, BCP 47; None to hear it."""
    engine: str = defaults.ENGINE
    model: str | Path = defaults.MODEL
    """A model's name, or the path of its folder or file."""
    device: asr.Device = defaults.DEVICE
    """What the recogniser computes on: "cpu", "cuda"; "auto" takes a GPU where it can."""
    profile: Profile = PROFILES[defaults.PROFILE]
    follow: Callable[[Cue], None] | None = None
    """Whom to tell cues while the rest is being heard; see ``incremental``."""
    timing: TimingPrecision = defaults.TIMING
    """How exact words' times are to be."""
    draft: bool = True
    """Whether the recogniser takes the article for a draft of what is said."""
    sounds: bool = False
    """Whether music and silence are labelled where nobody speaks."""
    allow_private: bool = False
    net: NetworkOptions = NET
    """As whom, through which proxy and how often to ask; for all that is asked."""
    workplace: Path | None = None
    """A folder for the recording, which stays there; None for one that goes with the run."""


def asking_many() -> client.WebOptions:
    """How sites are asked where there are many sources: robots.txt is heeded, pages are kept."""
    return client.WebOptions(robots=True, cache=page_cache())


def page_cache() -> Path:
    """Where pages are kept: $ALIGNER_CACHE/pages, else in the user's cache."""
    from aligner.asr.models.base import cache_dir

    return cache_dir() / "pages"


def caption(
    source: Source,
    options: Options,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CaptionResult:
    """One article's address, saved page or text -> what became of it. Foreseen errors are outcomes.

    Raises BadSource if the source itself cannot be used as given, FeedGiven if it is a feed,
    Cancelled, and what ``progress`` raises.
    """
    shared = resources(options)
    try:
        return caption_with(shared, initial_state(source), options, progress, cancel)
    finally:
        shared.settle()


def caption_with(
    shared: Resources,
    work: PipelineState,
    options: Options,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> CaptionResult:
    """The same with tools that several articles share, from where a work stands on."""
    names = list(STEPS)
    steps = [STEPS[name] for name in names[names.index("download") if work.links else 0 :]]
    with watched(progress, cancel) as telling, _workplace(options) as folder:
        return _carried_out(work, steps, StepContext(options, Path(folder), shared, telling))


def _carried_out(work: PipelineState, steps: Sequence[Step], desk: StepContext) -> CaptionResult:
    """What becomes of a work after some steps; nobody listens any more then."""
    try:
        for step in steps:
            work = step_or_end(step, work, desk)
            if work.ended:
                break
    finally:
        if work.ear:
            work.ear.close()
    return work.known


def with_recording(known: CaptionResult, media: str | Path) -> PipelineState:
    """An article that is known, and a recording for it -> a work from the download on."""
    article = known.article or Article(known.url, None, None, ())
    fresh = CaptionResult(
        "error", "", known.source, known.url, article, known.declared, media=_given(media)
    )
    return PipelineState(known.source, fresh, links=(_given(media),))


def fetched(
    known: CaptionResult,
    options: Options,
    folder: Path,
    progress: Progress | None = None,
    shared: Resources | None = None,
) -> MediaFile:
    """The recording of an article that was captioned before, once more, in a folder.

    ``shared`` are the tools of a run over many articles. Raises MediaUnavailable, also where it is
    not the recording that was captioned; NoMedia.
    """
    link = _given(options.media) if options.media else known.media
    if link is None:
        raise NoMedia(known.source, "no recording is known; give --media")
    with watched(progress, None) as telling:
        telling.stage("download")
        media = _download(link, StepContext(options, folder, shared or resources(options), telling))
    if known.sha256 and media.sha256 != known.sha256:
        why = "it is another recording than the one that was captioned; --force captions it"
        raise MediaUnavailable(link.url, "not_media", why)
    return media


# ---------------------------------------------------------------- the main job, read aloud


@dataclass(frozen=True, slots=True)
class Resources:
    """What the steps work with, which a run over many articles shares."""

    fetch: Fetch
    read_feed: ReadFeed
    engine: Callable[[], asr.Engine]
    """The recogniser; loaded when it is first asked for."""
    throttle: HostThrottle | None = None
    """Whose turns all requests wait for."""
    soon: Callable[[], None] = lambda: None
    """Told that the recogniser will be asked for: it may be loaded meanwhile."""
    meanwhile: bool = False
    """Whether a recording is listened to while it is still being decoded."""
    settle: Callable[[], None] = lambda: None
    """Waits for what was begun to be loaded."""
    piece: probe.Ask | None = None
    """Who asks for parts of recordings; None for nobody."""


def resources(options: Options) -> Resources:
    """The tools for one article."""
    asking = client.WebOptions(options.allow_private, net=options.net)
    throttle = client.throttle_for(asking)
    fetch = partial(client.fetch, options=asking, throttle=throttle)
    return held(
        options, fetch, partial(client.fetch_range, options=asking, throttle=throttle), throttle
    )


def held(
    options: Options, fetch: Fetch, piece: probe.Ask, throttle: HostThrottle | None = None
) -> Resources:
    """Tools with a recogniser that is loaded once, and ways to fetch pages and parts of media."""
    others = BackgroundLazy(_load_stages)

    def load() -> asr.Engine:
        found = load_engine(options)
        others.begin()  # not before: it would keep others from the interpreter
        return found

    engine = BackgroundLazy(load)

    def settle() -> None:
        engine.settle()
        others.settle()

    read_feed = sources.feeds.reader(fetch)
    return Resources(
        fetch, read_feed, engine, throttle, engine.begin, meanwhile=True, settle=settle,
        piece=reading(piece),
    )  # fmt: skip


def reading(ask: probe.Ask) -> probe.Ask:
    """Who asks addresses for pieces -> the same for files of this machine too."""

    def piece(place: str, start: int, length: int) -> PartialContent:
        if is_address(place):
            return ask(place, start, length)
        return client.load_range(Path(place), start, length)

    return piece


def load_engine(options: Options) -> asr.Engine:
    """The recogniser; its model is downloaded if it is not here.

    Raises EngineUnavailable, BadSource, WeightsMismatch.
    """
    from aligner import asr
    from aligner.asr import models

    model, at_hand = str(options.model), models.at_hand
    is_here = at_hand(model, "ctranslate2")
    with nullcontext() if is_here else configured(options.net):
        return asr.load(options.engine, model, models.resolve, options.device, at_hand)


def _load_stages() -> None:
    """The stages that come after decoding are loaded while ffmpeg works: that takes 0.2 s."""
    from aligner.pipeline import incremental  # noqa: F401  with all that it needs


@dataclass(frozen=True, slots=True)
class StepContext:
    """Where a step does its work: how, where to put files, with what, and whom to tell."""

    options: Options
    folder: Path
    tools: Resources
    progress: Progress


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """What listening gives."""

    transcript: Transcript
    speech: SpeechSegments
    gain: RescoreFn | None
    """A second hearing, where the recogniser has one."""
    fit: RescoreFn | None = None
    """How much better other words fit the sound, where there is an acoustic model."""


@dataclass(frozen=True, slots=True)
class PipelineState:
    """An article on its way: what is known of it, and what the next steps need."""

    source: Source
    known: CaptionResult
    page: Page | None = None
    links: tuple[MediaLink, ...] = ()
    """The recordings that are still to be tried, best first."""
    media: MediaFile | None = None
    sound: Audio | None = None
    ear: StreamingTranscriber[RecognitionResult] | None = None
    """Who listens to the sound already."""
    heard: RecognitionResult | None = None
    trouble: AlignerError | None = None
    """What was wrong with the best recording, where another is tried."""
    ended: bool = False
    """Whether ``known`` is what became of the article."""


Step = Callable[[PipelineState, StepContext], PipelineState]


def initial_state(source: Source) -> PipelineState:
    """An article of which nothing is known yet."""
    return PipelineState(source, CaptionResult("error", "", name_of(source)))


def step_or_end(step: Step, work: PipelineState, desk: StepContext) -> PipelineState:
    """Do a step; a foreseen error is the end. Raises BadSource."""
    try:
        return step(work, desk)
    except BadSource:
        raise
    except AlignerError as error:
        return failed(work, error)


def failed(work: PipelineState, error: AlignerError) -> PipelineState:
    """What an error makes of an article on its way."""
    said = diagnose(error)
    known = replace(
        work.known, status=said.status, reason=said.reason,
        state=said.state or work.known.state,
        http_status=said.http_status or work.known.http_status,
        article=None if isinstance(error, PageUnavailable) else work.known.article,
    )  # fmt: skip
    return replace(work, known=known, ended=True)


def read_page(work: PipelineState, desk: StepContext) -> PipelineState:
    """What the publisher wrote. Raises BadSource, FeedGiven, PageUnavailable."""
    desk.progress.stage("page")
    page = read(work.source, desk.options, desk.tools.fetch)
    article = extract(page)
    declared = sources.declared(page)
    known = replace(
        work.known, url=article.url, article=article, declared=declared,
        http_status=answered(work.source, page),
    )  # fmt: skip
    return replace(work, known=known, page=page)


def find_media(work: PipelineState, desk: StepContext) -> PipelineState:
    """The recordings that the page links. Raises NoMedia, MediaUnavailable, PageUnavailable."""
    page, article = require(work.page), require(work.known.article)
    how = find_options(work.source, desk.options, desk.tools.fetch)
    how = replace(
        how, read_feed=how.read_feed and desk.tools.read_feed, throttle=desk.tools.throttle
    )
    found, why_none = search(work.known.source, page, article, desk.options, how)
    if why_none:
        raise why_none
    links = tuple(link for link in found if link.relation == "article")
    return replace(work, known=replace(work.known, media=links[0]), links=links, page=None)


def get_recording(work: PipelineState, desk: StepContext) -> PipelineState:
    """The first recording that can be had. Raises what the best one raised."""
    desk.progress.stage("download")
    trouble = work.trouble
    for place, link in enumerate(work.links, start=1):
        try:
            media = _download(link, desk)
            return replace(work, media=media, links=work.links[place:], trouble=trouble)
        except MediaUnavailable as error:
            trouble = trouble or as_tried(link, error, desk)
    raise require(trouble)  # there was a link, or there was trouble with one


def get_sound(work: PipelineState, desk: StepContext) -> PipelineState:
    """The sound of the first recording that has any. Raises what the best one raised."""
    desk.tools.soon()
    while True:
        desk.progress.stage("decode")
        media = require(work.media)
        try:
            sound, ear = _decoded(media, require(work.known.article), desk)
            break
        except (MediaUnavailable, NoAudio) as error:
            trouble = work.trouble or as_tried(media.link, error, desk)
            work = get_recording(replace(work, trouble=trouble), desk)
    known = replace(
        work.known, media=media.link, sha256=media.sha256, duration_ms=sound.duration_ms,
        file=media.path if desk.options.workplace else None,
        state=state_of(media, require(work.known.article), desk),
    )  # fmt: skip
    return replace(work, known=known, sound=sound, ear=ear)


def transcribe(work: PipelineState, desk: StepContext) -> PipelineState:
    """What is said. Raises NoSpeech, EngineUnavailable."""
    desk.progress.stage("listen")
    sound, article, media = require(work.sound), require(work.known.article), require(work.media)
    if work.ear:
        heard = work.ear.whole(sound)
    else:
        heard = recognise(article, media, desk, [vad.run(sound)], desk.progress.advance)
    known = replace(work.known, engine=heard.transcript.engine)
    return replace(work, known=known, heard=heard, ear=None)


def align(work: PipelineState, desk: StepContext) -> PipelineState:
    """What of the article is said, and how the publisher writes it. Raises NoSpeech."""
    desk.progress.stage("match")
    from aligner.pipeline import align_step

    heard = require(work.heard)
    alignment, status, reason = align_step.align_and_classify(
        require(work.known.article), heard.transcript, heard.gain, heard.fit
    )
    if not alignment.words:
        raise NoSpeech(require(work.media).link.url, "what sounds like speech in it has no words")
    known = replace(work.known, status=status, reason=reason, alignment=alignment)
    return replace(work, known=known, heard=replace(heard, gain=None, fit=None))


def make_cues(work: PipelineState, desk: StepContext) -> PipelineState:
    """The captions: exact times, then cues."""
    from aligner.alignment import acoustic
    from aligner.pipeline import align_step

    heard, sound = require(work.heard), require(work.sound)
    language, speech = heard.transcript.language, heard.speech
    desk.progress.stage("timing")
    care = acoustic.TimingOptions(desk.options.timing, desk.progress.advance)
    alignment = align_step.refine_timestamps(
        require(work.known.alignment), sound, speech, language, care
    )
    recording = align_step.Recording(require(work.media), sound, speech, language)
    article, options = require(work.known.article), desk.options
    captions = align_step.make_captions(
        alignment.words, article, recording, options.profile, options.sounds
    )
    lost = align_step.not_understood(speech, captions.words)
    known = replace(work.known, alignment=alignment, captions=captions, not_understood=lost)
    return replace(work, known=known, ended=True)


STEPS: dict[str, Step] = {
    "page": read_page,
    "find": find_media,
    "download": get_recording,
    "decode": get_sound,
    "listen": transcribe,
    "match": align,
    "timing": make_cues,
}
"""The main job in its order. A step needs what those before it left in the work."""


def require(thing: Thing | None) -> Thing:
    """What an earlier step has left."""
    assert thing is not None  # noqa: S101
    return thing


def _workplace(options: Options) -> AbstractContextManager[str | Path]:
    """The folder in which the recording and its sound lie."""
    if options.workplace:
        return nullcontext(options.workplace)
    return tempfile.TemporaryDirectory(prefix="aligner-")


# ---------------------------------------------------------------- the stages, with their options


def read(source: Source, options: Options, fetch: Fetch) -> Page:
    """An address, a saved page, a text or a feed's item -> the article's page.

    Raises FeedGiven for a feed, BadSource, PageUnavailable.
    """
    name = name_of(source)
    if isinstance(source, FeedItem):
        page = _item_page(source, fetch)
    elif isinstance(source, Document):
        page = source.page
    else:
        is_there = is_address(source)
        page = _followed(source, fetch) if is_there else client.load(Path(source), options.url)
    if sources.feeds.is_feed(page):
        items = sources.feeds.items(page)
        raise FeedGiven(name, tuple(replace(i, listed_in=i.listed_in or name) for i in items))
    if sources.sitemaps.is_sitemap(page):
        raise SitemapGiven(name)
    return page


MOST_MOVES = 3
"""Pages that only send readers on to the next one are followed so often."""
MOVED_CHARS = 2_000
"""A page with more text in its markup than this is meant to be read."""


def _followed(url: str, fetch: Fetch) -> Page:
    """The page at an address, or the one to which it only sends readers on, as browsers do.

    Raises BadSource, PageUnavailable.
    """
    page = fetch(url)
    for _ in range(MOST_MOVES):
        target = refresh_target(page.html)
        if target is None or len(text_of(parse(page.html))) > MOVED_CHARS:
            break
        there = urljoin(page.final_url or url, target)
        if not is_address(there) or there.partition("#")[0] == page.final_url:
            break
        page = replace(fetch(there), url=url)
    return page


def _item_page(item: FeedItem, fetch: Fetch) -> Page:
    """The page of a feed's item; without one, what the feed says of an item with a recording."""
    try:
        return _followed(item.url, fetch) if item.url else sources.feeds.as_page(item)
    except PageUnavailable as error:
        if not item.media:
            raise
        return replace(sources.feeds.as_page(item), status=error.http_status or 0)


def name_of(source: Source) -> str:
    """What a source is called: as it was given, or by its page."""
    return source if isinstance(source, str) else source.name


def find_options(source: Source, options: Options, fetch: Fetch) -> sources.FindOptions:
    """What finding may do for a source: ask the network only for what stands there."""
    how = sources.FindOptions(options.allow_private, net=options.net)
    if isinstance(source, FeedItem):
        return replace(how, ask_network=bool(source.url), named=source.media)
    if isinstance(source, Document) or not is_address(source):
        return how
    return replace(how, ask_network=True, read_feed=sources.feeds.reader(fetch))


def search(
    name: str, page: Page, article: Article, options: Options, how: sources.FindOptions
) -> tuple[tuple[MediaLink, ...], AlignerError | None]:
    """All recordings that a page links, best first, and why none is the article's, if so.

    With ``options.media`` only the one that was given. ``name`` is the source's. Raises
    MediaUnavailable where yt-dlp says that the page's recording cannot be had.
    """
    if options.media:
        return (_given(options.media),), None
    document = sources.Document(page, article, how)
    links = sources.survey(document)
    if any(link.relation == "article" for link in links):
        return links, None
    return links, sources.absent(document, name, links)


def _given(media: str | Path) -> MediaLink:
    """The recording that was given; a Path is a file, whatever it looks like."""
    return MediaLink(str(media), "audio", "given", why="given with --media")


def answered(source: Source, page: Page) -> int | None:
    """The HTTP status with which a source's page came; None for a file, and for a feed's text."""
    is_asked = is_address(source) if isinstance(source, str) else _has_page(source)
    return (page.status or None) if is_asked else None


def _has_page(source: FeedItem | Document) -> bool:
    return isinstance(source, FeedItem) and source.url is not None


def is_embed(link: MediaLink) -> bool:
    """Whether a link leads to the page of a player, which only yt-dlp reads."""
    return any(quality.mime == PAGE_TYPE for quality in link.qualities)


def as_tried(link: MediaLink, error: AlignerError, desk: StepContext) -> AlignerError:
    """The error of a recording that failed, in the words of `aligner check`.

    Its address is tried as `check` tries it. Where it plays then, the first error stands.
    """
    ask = desk.tools.piece
    if ask is None or is_embed(link):
        return error
    tried = probe.probe(link, ask, probing(desk))
    return error if tried.state in PLAYS else failure(link.url, tried)


def probing(desk: StepContext) -> probe.ProbeOptions:
    """How recordings are tried for an article."""
    options = desk.options
    return probe.ProbeOptions(options.allow_private, throttle=desk.tools.throttle, net=options.net)


def state_of(media: MediaFile, article: Article, desk: StepContext) -> MediaState:
    """The state of a recording that is here and has sound, as `aligner check` says it."""
    link, ask = media.link, desk.tools.piece
    if ask and link.tracks and probe.captions_of(link, article.language, ask):
        return "already_captioned"
    if audio.probe(media.path).has_video:
        return "playable"
    if ask and is_address(link.url) and is_manifest(link.url):  # only its sound was taken
        tried = probe.probe(link, ask, probing(desk))
        return tried.state if tried.state in PLAYS else "playable"
    return "audio_only"


def _download(link: MediaLink, desk: StepContext) -> MediaFile:
    if not is_address(link.url):
        here = download.local(Path(link.url))
        return here if link.found_by == "given" else replace(here, link=link)
    how = download.DownloadOptions(
        desk.options.allow_private,
        ffmpeg_or_none(),
        throttle=desk.tools.throttle,
        net=desk.options.net,
    )
    return download.download(link, desk.folder, how, desk.progress.advance)


def _decoded(
    media: MediaFile, article: Article, desk: StepContext
) -> tuple[Audio, StreamingTranscriber[RecognitionResult] | None]:
    """A recording's sound, and who listens to it already."""
    if not desk.tools.meanwhile:
        return decode(media, desk.folder, desk.progress.advance), None
    ear = StreamingTranscriber(partial(recognise, article, media, desk), desk.progress.advance)
    try:
        return decode(media, desk.folder, desk.progress.advance, ear.more), ear
    except BaseException:
        ear.close()
        raise


def recognise(
    article: Article,
    media: MediaFile,
    desk: StepContext,
    arrivals: Iterable[AudioSoFar],
    progress: Callable[[int, int], None],
) -> RecognitionResult:
    """Sound as it comes in -> what was said. Raises NoSpeech if nobody speaks."""
    options = desk.options
    coming = iter(arrivals)
    there = next(one for one in coming if one.windows or one.whole)
    if not there.windows:
        raise NoSpeech(media.link.url)
    engine = desk.tools.engine()  # not before there is something to hear
    from aligner.alignment import acoustic
    from aligner.alignment.matching.draft_text import draft
    from aligner.asr import ListenOptions
    from aligner.pipeline import incremental

    def noted() -> Iterator[AudioSoFar]:
        nonlocal there
        yield there
        for there in coming:
            yield there

    def again(transcript: Transcript, arrived: AudioSoFar) -> RescoreFn | None:
        hearing = engine.rescorer(arrived, transcript)
        return hearing.gain if hearing else None

    follow = None
    if options.follow:
        known = incremental.Context(article, media, options.profile)
        follow = incremental.IncrementalCaptioner(known, again, options.follow).heard
    written = draft(article, options.language) if options.draft else ()
    how = ListenOptions(options.language, written, witness=acoustic.word_spotter, follow=follow)
    transcript = engine.transcribe(noted(), options=how, progress=progress)
    if not transcript.words:
        raise NoSpeech(media.link.url, "no words were heard in the recording")
    fit = acoustic.fit(there.audio, transcript)
    return RecognitionResult(transcript, there.speech, again(transcript, there), fit)


def expect_source(source: str) -> None:
    """Look at a source before any work is done. Raises BadSource."""
    if not is_address(source) and not Path(source).is_file():
        raise BadSource(source, "no such file, and not an http(s) address")


def is_address(source: str) -> bool:
    """Whether a source is an http(s) address rather than a file."""
    return source.lower().startswith(("http://", "https://"))
