"""What is audited: a caption file with its recording, or the captions that a page offers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aligner.captions import lint
from aligner.captions.retiming.files import open_captions
from aligner.discovery import probe, sources
from aligner.discovery.article import extract
from aligner.errors import AlignerError, BadSource, MediaUnavailable, PageUnavailable
from aligner.net.budget import limited
from aligner.pipeline import source as source_pages
from aligner.pipeline import text_source
from aligner.pipeline.audit.findings import AuditResult
from aligner.pipeline.audit.hearing import Hearing
from aligner.pipeline.audit.judge import audit
from aligner.pipeline.diagnosis import diagnose
from aligner.pipeline.options import Options
from aligner.pipeline.recordings import given_link
from aligner.pipeline.resources import Resources, asking_for, page_limits
from aligner.types import Article, MediaLink, Source


@dataclass(frozen=True, slots=True)
class AuditTask:
    """A source, and what belongs to it."""

    source: Source
    """A caption file; or an article's address, saved page or item in a feed, whose own captions are
    audited."""
    media: str | None = None
    """The recording: a file or an address; None for that of the page."""
    article: str | None = None
    """An address, a saved page or a text."""

    @property
    def name(self) -> str:
        """The name of the source in results."""
        return source_pages.name_of(self.source)


def is_caption_file(source: str) -> bool:
    """Whether a source is a caption file, by its name."""
    suffix = Path(source).suffix.lower()
    return not source_pages.is_address(source) and suffix in text_source.CAPTION_SUFFIXES


def audit_task(task: AuditTask, hearing: Hearing) -> AuditResult:
    """Audit a source.

    Raises BadSource, FeedGiven, SitemapGiven, PageUnavailable, MediaUnavailable, NoMedia, NoAudio,
    NoSpeech, EngineUnavailable.
    """
    options, resources = hearing.options, hearing.resources
    article, link = None, given_link(task.media or "")
    if is_caption_file(task.name):
        if not task.media:
            why = "no recording is given, and none of its name is beside it; see --media"
            raise BadSource(task.name, why)
        data = read_bytes(task.name)
        if task.article:
            article = _article(task.article, options, resources)
    else:
        hearing.progress.stage("page")
        article, of_page, track = _of_page(task, options, resources)
        data = _track_bytes(track, of_page, resources)
        link = link if task.media else of_page
    captions = open_captions(data, task.name, to_change=False)
    return audit(captions, data, link, hearing, article)


def failed_audit(task: AuditTask, error: AlignerError) -> AuditResult:
    """Returns the result of a source that could not be audited."""
    return AuditResult(task.name, task.media, "error", diagnose(error).reason)


def read_bytes(path: str) -> bytes:
    """Returns the bytes of a caption file. Raises BadSource."""
    try:
        with Path(path).open("rb") as file:
            return file.read(lint.LARGEST + 1)
    except OSError as error:
        raise BadSource(path, f"cannot be read: {error.strerror or error}") from error


def _article(source: str, options: Options, resources: Resources) -> Article:
    """Returns the article of an address, a saved page or a text. Raises PageUnavailable."""
    source_pages.expect_source(source)
    with limited(page_limits(resources.timeout_s)):
        return extract(source_pages.read_page(source, options, resources.fetch))


def _of_page(
    task: AuditTask, options: Options, resources: Resources
) -> tuple[Article, MediaLink, str]:
    """Returns a page's article, its recording and the address of the captions it offers.

    Raises BadSource, PageUnavailable, NoMedia, MediaUnavailable.
    """
    if isinstance(task.source, str):
        source_pages.expect_source(task.source)
    with limited(page_limits(resources.timeout_s)):
        page = source_pages.read_page(task.source, options, resources.fetch)
        article = extract(page)
        how = source_pages.find_options(task.source, options, resources.fetch)
        document = sources.ParsedPage(page, article, how)
        links = [link for link in sources.survey(document) if link.relation == "article"]
        if not links:
            raise sources.absent(document, task.name, ())
        fetch_part = resources.fetch_part
        assert fetch_part is not None  # noqa: S101  commands may request recordings
        for link in links:
            track = probe.captions_of(link, article.language, asking_for(link, fetch_part))
            if track:
                return article, link, track.url
    raise BadSource(task.name, "the page offers no captions with its recording")


def _track_bytes(url: str, link: MediaLink, resources: Resources) -> bytes:
    """Returns the captions at an address. Raises MediaUnavailable."""
    fetch_part = resources.fetch_part
    assert fetch_part is not None  # noqa: S101
    try:
        piece = asking_for(link, fetch_part)(url, 0, MOST_BYTES)
    except PageUnavailable as error:
        raise MediaUnavailable(url, "unreachable", error.why, error.http_status) from error
    return piece.data


MOST_BYTES = 32 << 20
"""The most that is requested of a track: 200,000 cues take 15 MiB."""
