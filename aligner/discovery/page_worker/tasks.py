"""What is read of a page, and how it travels between processes: as JSON, never as pickles."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from aligner.discovery import sources
from aligner.discovery.article import extract
from aligner.discovery.html import parse, text_of
from aligner.discovery.page_worker.limits import DEFAULTS, PageLimits
from aligner.discovery.sources import FindOptions, ParsedPage
from aligner.errors import AlignerError, MediaUnavailable, NoMedia, PageUnavailable
from aligner.types import Article, FeedItem, MediaLink, Page, PlayerMetadata, Referrer, Relation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AbsenceRecord:
    """An error that says why a page has no recording: its class, and what it carries."""

    kind: Literal["NoMedia", "MediaUnavailable", "PageUnavailable"]
    values: dict[str, str | int | None]

    @property
    def error(self) -> AlignerError:
        """Raises TypeError if the values are not those of the class."""
        return ABSENCES[self.kind](**self.values)


ABSENCES: dict[str, Callable[..., AlignerError]] = {
    one.__name__: one for one in (NoMedia, MediaUnavailable, PageUnavailable)
}


@dataclass(frozen=True, slots=True)
class FoundRecordings:
    """The recordings of a page, best first, and why none is the article's own, if none is."""

    links: tuple[MediaLink, ...]
    absence: AbsenceRecord | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page, and what is to be read of it."""

    task: str
    page: Page
    source: str = ""
    """What errors call the page, where recordings are looked for."""
    article: Article | None = None
    allow_private: bool = False
    ask_network: bool = False
    relations: tuple[Relation, ...] = ("article",)
    named: tuple[MediaLink, ...] = ()
    reads_feeds: bool = False
    limits: PageLimits = DEFAULTS

    def options(self, how: FindOptions) -> FindOptions:
        """Returns options of finding, with the functions of ``how`` that ask the network."""
        return replace(
            how,
            allow_private=self.allow_private,
            ask_network=self.ask_network,
            relations=self.relations,
            named=self.named,
            read_feed=how.read_feed if self.reads_feeds else None,
        )


@dataclass(frozen=True, slots=True)
class NetworkQuestion:
    """What a page's recordings are looked for in: a feed, or what yt-dlp says of an address."""

    of: Literal["feed", "ytdlp"]
    url: str


@dataclass(frozen=True, slots=True)
class PageFailure:
    """Why a page could not be read."""

    error: Literal["memory", "unforeseen"]
    why: str = ""


def _find(request: PageRequest, how: FindOptions) -> FoundRecordings:
    document = ParsedPage(request.page, request.article, request.options(how))
    links = sources.survey(document)
    if any(link.relation == "article" for link in links):
        return FoundRecordings(links, None)
    error = sources.absent(document, request.source, links)
    values = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    kind: Any = type(error).__name__
    return FoundRecordings(links, AbsenceRecord(kind, values))


def _referrer(request: PageRequest, _: FindOptions) -> Referrer | None:
    return ParsedPage(request.page, request.article, FindOptions()).referrer


TASKS: dict[str, tuple[Callable[[PageRequest, FindOptions], Any], Any]] = {
    "article": (lambda request, _: extract(request.page), Article),
    "declared": (lambda request, _: sources.declared(request.page), PlayerMetadata),
    "recordings": (_find, FoundRecordings),
    "referrer": (_referrer, Referrer | None),
    "items": (lambda request, _: sources.feeds.items(request.page), tuple[FeedItem, ...]),
    "characters": (lambda request, _: len(text_of(parse(request.page.html))), int),
}
"""What can be read of a page: by which function, and the type of the result."""


def encode(value: Any) -> bytes:
    """Returns a value of our types as JSON; where it has lone surrogates, they are escaped."""
    try:
        return msgspec.json.encode(value, enc_hook=_path_text)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value, enc_hook=_path_text)).encode()


def decode(data: bytes, kind: type[T]) -> T:
    """Raises ValueError, RecursionError for anything but JSON of the type."""
    try:
        return msgspec.json.decode(data, type=kind, dec_hook=_path)
    except msgspec.DecodeError:  # perhaps lone surrogates
        return msgspec.convert(json.loads(data), kind, dec_hook=_path)


def _path_text(thing: Any) -> str:
    if isinstance(thing, Path):
        return str(thing)
    raise NotImplementedError(type(thing).__name__)


def _path(kind: type, thing: Any) -> Path:
    if issubclass(kind, Path) and isinstance(thing, str):
        return Path(thing)
    raise NotImplementedError(kind.__name__)
