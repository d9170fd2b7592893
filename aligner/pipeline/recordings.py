"""The recordings of an article: those that its page links, their download, and their state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from aligner.audio import decode as audio
from aligner.audio.ffmpeg import ffmpeg_or_none
from aligner.discovery import download, page_worker, probe, sources
from aligner.discovery.sources.base import PAGE_TYPE
from aligner.discovery.sources.renditions import is_manifest
from aligner.errors import AlignerError, MediaUnavailable, NoMedia
from aligner.net.budget import limited
from aligner.pipeline.diagnosis import PLAYS, failure
from aligner.pipeline.options import Options
from aligner.pipeline.progress import Progress, watched
from aligner.pipeline.resources import Resources, asking_for, for_one_article, trial_limits
from aligner.pipeline.source import is_address
from aligner.pipeline.state import PipelineState, StepContext
from aligner.types import (
    Article,
    CaptionResult,
    MediaFile,
    MediaLink,
    MediaState,
    Page,
    PlayerMetadata,
    Referrer,
)


def find_recordings(
    name: str, page: Page, article: Article, options: Options, how: sources.FindOptions
) -> tuple[tuple[MediaLink, ...], AlignerError | None]:
    """Find all recordings that a page links, best first.

    Returns them, and the error that says why none of them is the article's own, if none is. With
    ``options.media`` that recording is the only one. ``name`` is the source's. Raises
    MediaUnavailable where yt-dlp says that the page's recording cannot be had, PageUnavailable.
    """
    if options.media:
        referrer = page_worker.referrer_of(page, article)
        return (replace(given_link(options.media), referrer=referrer),), None
    return page_worker.find_recordings(name, page, article, how)


def declared_with(declared: PlayerMetadata, link: MediaLink) -> PlayerMetadata:
    """Returns what the page declares, with the length that it gives this very recording."""
    return replace(declared, duration_ms=link.declared_duration_ms or declared.duration_ms)


def given_link(media: str | Path) -> MediaLink:
    """Returns the link of a recording given with --media."""
    return MediaLink(str(media), "audio", "given", why="given with --media")


def with_recording(result: CaptionResult, link: MediaLink) -> PipelineState:
    """Returns the state before the download of a recording of a known article."""
    article = result.article or Article(result.url, None, None, ())
    fresh = CaptionResult(
        "error", "", result.source, result.url, article, result.declared, media=link
    )
    return PipelineState(result.source, fresh, links=(link,))


def download_recording(
    link: MediaLink, context: StepContext, page: Page | None = None
) -> MediaFile:
    """Download a recording, or take the local file. Raises MediaUnavailable, OutputError.

    ``page`` is the page that links it, where yt-dlp may ask for that again.
    """
    if not is_address(link.url):
        local = download.local(Path(link.url))
        return local if link.found_by == "given" else replace(local, link=link)
    how = download.DownloadOptions(
        context.options.allow_private,
        ffmpeg_or_none(),
        throttle=context.resources.throttle,
        net=context.options.net,
        page=page,
    )
    return download.download(link, context.folder, how, context.progress.advance)


def download_again(
    result: CaptionResult,
    options: Options,
    folder: Path,
    progress: Progress | None = None,
    resources: Resources | None = None,
) -> MediaFile:
    """Download the recording of an article that was captioned before.

    ``resources`` are those of a run over many articles. Raises MediaUnavailable, also if the
    recording is not the one that was captioned, and NoMedia.
    """
    link = given_link(options.media) if options.media else result.media
    if link is None:
        raise NoMedia(result.source, "no recording is known; give --media")
    if link.referrer is None and result.url and result.url != link.url:
        link = replace(link, referrer=Referrer(result.url))
    with watched(progress, None) as watching:
        watching.stage("download")
        shared = resources or for_one_article(options)
        media = download_recording(link, StepContext(options, folder, shared, watching))
    is_file = not (options.media or is_address(link.url))  # which others may have named
    if media.sha256 != result.sha256 and (result.sha256 or is_file):
        why = "it is another recording than the one that was captioned; --force captions it"
        raise MediaUnavailable(link.url, "not_media", why)
    return media


def probed_error(link: MediaLink, error: AlignerError, context: StepContext) -> AlignerError:
    """Returns why a recording failed, as `aligner check` says it.

    The recording is probed as `check` does it; if it plays then, ``error`` is returned.
    """
    fetch_part = context.resources.fetch_part
    if fetch_part is None or _is_embed(link):
        return error
    with limited(trial_limits(context.resources.timeout_s)):
        probed = probe.probe(link, asking_for(link, fetch_part), _probe_options(context))
    return error if probed.state in PLAYS else failure(link.url, probed)


def media_state(media: MediaFile, article: Article, context: StepContext) -> MediaState:
    """Returns the state of a downloaded recording that has audio, as `aligner check` says it."""
    with limited(trial_limits(context.resources.timeout_s)):
        return _media_state(media, article, context)


def _media_state(media: MediaFile, article: Article, context: StepContext) -> MediaState:
    link, fetch_part = media.link, context.resources.fetch_part
    ask = fetch_part and asking_for(link, fetch_part)
    if ask and link.tracks and probe.captions_of(link, article.language, ask):
        return "already_captioned"
    if audio.probe(media.path).has_video:
        return "playable"
    if ask and is_address(link.url) and is_manifest(link.url):  # only audio was downloaded
        probed = probe.probe(link, ask, _probe_options(context))
        return probed.state if probed.state in PLAYS else "playable"
    return "audio_only"


def _is_embed(link: MediaLink) -> bool:
    """Whether a link leads to a player's page, which only yt-dlp can read."""
    return any(rendition.mime == PAGE_TYPE for rendition in link.qualities)


def _probe_options(context: StepContext) -> probe.ProbeOptions:
    options, throttle = context.options, context.resources.throttle
    return probe.ProbeOptions(options.allow_private, throttle=throttle, net=options.net)
