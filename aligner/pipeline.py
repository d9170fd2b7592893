"""Source -> Outcome: the order of the stages, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from aligner import audio, download, engines, languages, match, sources, timing, vad, web, weights
from aligner.article import extract
from aligner.audio import decode, ffmpeg_path
from aligner.cues import CueOptions, find_sounds, make_cues
from aligner.errors import (
    AlignerError,
    BadSource,
    ManyArticles,
    MediaUnavailable,
    NoAudio,
    NoMedia,
    NoSpeech,
    PageUnavailable,
)
from aligner.match.draft import draft
from aligner.match.judge import Gain
from aligner.nouns import (
    Alignment,
    Article,
    Audio,
    Captions,
    Divergence,
    FeedItem,
    Finding,
    MediaFile,
    MediaLink,
    Outcome,
    Page,
    Relation,
    Sentence,
    Source,
    Speech,
    Status,
    Stretch,
    Transcript,
)
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
    draft: bool = True
    """Whether the recogniser takes the article for a draft of what is said."""
    sounds: bool = False
    """Whether music and silence are labelled where nobody speaks."""
    allow_private: bool = False
    workplace: Path | None = None
    """A folder for the recording, which stays there; None for one that goes with the run."""


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


def caption(source: Source, options: Options, progress: Progress | None = None) -> Outcome:
    """One article's address, saved page or text -> what became of it. Foreseen errors are outcomes.

    Raises BadSource if the source itself cannot be used as given, ManyArticles if it is a feed.
    """
    known = Outcome("error", "", name_of(source))
    try:
        for more in _stages(source, known, options, progress or Quiet()):
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


def _stages(
    source: Source, known: Outcome, options: Options, progress: Progress
) -> Iterator[Outcome]:
    """The main job, read aloud. Yields what is known, more of it after each stage."""
    progress.stage("page")
    fetch = partial(web.fetch, options=web.WebOptions(options.allow_private, attempts=ATTEMPTS))
    page = read(source, options, fetch)
    article = extract(page)
    known = replace(known, url=article.url, article=article, declared=sources.declared(page))
    yield known
    how = find_options(source, options, fetch)
    links = candidates(page, article, options, how)
    if not links:
        raise NoMedia(known.source, no_media_sentence(known))
    yield (known := replace(known, media=links[0]))
    with _workplace(options) as folder:
        media, sound = obtain(links, Path(folder), options, progress)
        known = replace(known, media=media.link, sha256=media.sha256, duration_ms=sound.duration_ms)
        known = replace(known, file=media.path if options.workplace else None)
        yield known
        heard = listen(sound, article, media, options, progress)
        transcript = heard.transcript
        yield (known := replace(known, engine=transcript.engine))
        progress.stage("match")
        alignment, status, reason = judge(article, transcript, heard.gain)
        alignment = timed(alignment, sound, heard.speech, transcript.language, progress)
        captions = set_cues(alignment, heard, article, Recording(media, sound), options)
    yield replace(known, status=status, reason=reason, alignment=alignment, captions=captions)


def _workplace(options: Options) -> AbstractContextManager[str | Path]:
    """The folder in which the recording and its sound lie."""
    if options.workplace:
        return nullcontext(options.workplace)
    return tempfile.TemporaryDirectory(prefix="aligner-")


# ---------------------------------------------------------------- the stages, with their options


ATTEMPTS = 3
"""How often a page is asked for where the connection fails or the site says to come again."""
Fetch = Callable[[str], Page]


def read(source: Source, options: Options, fetch: Fetch) -> Page:
    """An address, a saved page, a text or a feed's item -> the article's page.

    Raises ManyArticles for a feed, BadSource, PageUnavailable.
    """
    name = name_of(source)
    if isinstance(source, FeedItem):
        page = _item_page(source, fetch)
    else:
        page = fetch(source) if is_address(source) else web.load(Path(source), options.url)
    if sources.feeds.is_feed(page):
        items = sources.feeds.items(page)
        raise ManyArticles(name, tuple(replace(i, listed_in=i.listed_in or name) for i in items))
    if sources.sitemaps.is_sitemap(page):
        raise BadSource(name, "a sitemap, not an article; see `aligner check --sitemap`")
    return page


def _item_page(item: FeedItem, fetch: Fetch) -> Page:
    """The page of a feed's item; without one, what the feed says of an item with a recording."""
    try:
        return fetch(item.url) if item.url else sources.feeds.as_page(item)
    except PageUnavailable:
        if not item.media:
            raise
        return sources.feeds.as_page(item)


def name_of(source: Source) -> str:
    """What a source is called: as it was given, or by its page."""
    return source.name if isinstance(source, FeedItem) else source


OWN: tuple[Relation, ...] = ("article",)


def find_options(source: Source, options: Options, fetch: Fetch) -> sources.FindOptions:
    """What finding may do for a source: ask the network only for what stands there."""
    if isinstance(source, FeedItem):
        return sources.FindOptions(options.allow_private, bool(source.url), named=source.media)
    if not is_address(source):
        return sources.FindOptions(options.allow_private)
    reader = sources.feeds.reader(fetch)
    return sources.FindOptions(options.allow_private, ask_network=True, read_feed=reader)


def candidates(
    page: Page, article: Article, options: Options, how: sources.FindOptions
) -> tuple[MediaLink, ...]:
    """The recordings that the page links, best first; or the one that was given."""
    if options.media:
        return (MediaLink(options.media, "audio", "given", why="given with --media"),)
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
    text = draft(article, options.language) if options.draft else ()
    how = engines.ListenOptions(language=options.language, draft=text, speech=speech)
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
        reason = _not_this_article(article.language, transcript.language, share)
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


def _not_this_article(written: str | None, spoken: str, share: float) -> str:
    """Why the article's text is not used: another language, or another story."""
    if written and not languages.same(written, spoken):
        why = f"the speech is {languages.name(spoken)}, the article {languages.name(written)}"
    else:
        why = f"the speech is not this article ({share:.0%} of it is in the text)"
    return f"{why}: captions were written from the speech alone"


def timed(
    alignment: Alignment, sound: Audio, speech: Speech, language: str, progress: Progress
) -> Alignment:
    """An alignment with a recogniser's times -> the same with exact ones, where they can be had."""
    progress.stage("timing")
    words = timing.refine(sound, alignment.words, speech, language, progress.advance)
    starts = {old.start_ms: new.start_ms for old, new in zip(alignment.words, words, strict=True)}
    ends = {old.end_ms: new.end_ms for old, new in zip(alignment.words, words, strict=True)}
    return replace(
        alignment,
        words=words,
        divergence=tuple(_moved(place, starts, ends) for place in alignment.divergence),
        sentences=tuple(_moved(sentence, starts, ends) for sentence in alignment.sentences),
        stretches=tuple(_moved(stretch, starts, ends) for stretch in alignment.stretches),
    )


Placed = TypeVar("Placed", Divergence, Sentence, Stretch)


def _moved(place: Placed, starts: dict[int, int], ends: dict[int, int]) -> Placed:
    """A place with a recogniser's times -> the same with the exact times of its words."""
    if place.start_ms is None or place.end_ms is None:
        return place
    start = starts.get(place.start_ms, place.start_ms)
    return replace(
        place, start_ms=start, end_ms=max(ends.get(place.end_ms, place.end_ms), start + 1)
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, and its sound."""

    media: MediaFile
    sound: Audio


def set_cues(
    alignment: Alignment, heard: Heard, article: Article, recording: Recording, options: Options
) -> Captions:
    """The words to show -> captions, by the options' profile at the video's frame rate."""
    language, sound = heard.transcript.language, recording.sound
    profile = options.profile.at(audio.probe(recording.media.path).fps)
    how = CueOptions(
        paragraphs=frozenset(match.paragraph_starts(article, language)),
        sounds=find_sounds(sound, heard.speech, language) if options.sounds else (),
    )
    return make_cues(alignment.words, language, profile, sound.duration_ms, how)


def expect_source(source: str) -> None:
    """Look at a source before any work is done. Raises BadSource."""
    if not is_address(source) and not Path(source).is_file():
        raise BadSource(source, "no such file, and not an http(s) address")


def is_address(source: str) -> bool:
    """Whether a source is an http(s) address rather than a file."""
    return source.lower().startswith(("http://", "https://"))
