"""Groups renditions into recordings, and finds the smallest rendition with sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from aligner.discovery.sources.address_words import WITH_ADS, ad_mark
from aligner.net.guard import AUDIO_SUFFIXES, MANIFEST_SUFFIXES, VIDEO_SUFFIXES, suffix_of
from aligner.types import MediaKind, MediaLink, Relation, Rendition

T = TypeVar("T")
_suffix = lru_cache(maxsize=16_384)(suffix_of)
RELATIONS: tuple[Relation, ...] = ("article", "page", "other")
"""The most relevant first."""
QUALITY_MARK = re.compile(
    r"[-_.](?:hq|hd|lq|sd|low|high|original|mobile|fullhd|\d{2,3}k(?:bps)?|\d{3,4}p"
    r"|\d{3,4}x\d{3,4})$",
    re.IGNORECASE,
)
FRAME_SIZE = re.compile(r"(?<!\d)\d{3,4}x(\d{3,4})(?!\d)")
WEIGHTS = {"hq": 128, "hd": 720, "lq": 32, "sd": 360, "low": 32, "high": 192, "original": 1500}
WEIGHTS |= {"mobile": 240, "fullhd": 1080}
UNMARKED_AUDIO, UNMARKED_VIDEO = 64, 480
"""Weights of a rendition that tells none: kbps of audio, lines of video."""
MANIFEST_WEIGHT = 100_000
"""A stream in segments is used only if there is no file."""
PAGE_WEIGHT = 200_000
"""A page at a host is used only if there is neither file nor stream."""
MANIFEST_TYPES = ("mpegurl", "dash+xml")
JW_FILE = re.compile(
    r"(?:cdn\.jwplayer|content\.jwplatform)\.com/(?:videos|manifests|v2/media)/(\w{8})(?!\w)"
)
"""In JW Player's addresses the file name begins with the media id."""
TRACKING_PARAMS = re.compile(
    r"(?:download|cb|_|utm_\w+|ts|nocache|dest-id|updated|expires?|exp|policy|key-pair-id|hmac"
    r"|(?=\w*token)\w++|\w*sig(?:nature)?|hdn\w+|x-amz-\w+|__\w+)(?:=|$)",
    re.IGNORECASE,
)
"""Parameters that do not select another file: for caches, statistics and expiring permissions."""
DATE_PART = re.compile(r"(?:19|20)\d\d|\d\d|(?:19|20)\d{6}")
TELLING_NAME = re.compile(r"(?=.*\d)(?=.*[a-z]).{16,}", re.IGNORECASE)
"""A file name so specific that it identifies the recording at any host and in any folder."""
TWO_OF_A_KIND = 3
"""Points for each further way that finds the same recording."""


def link_of(
    found_by: str,
    qualities: Iterable[Rendition | None],
    kind: MediaKind | None = None,
    why: str = "",
    score: int = 0,
) -> MediaLink | None:
    """Returns a link to the smallest rendition with sound; None without renditions."""
    unique: dict[str, Rendition] = {}
    for rendition in qualities:
        if rendition:
            unique.setdefault(same_file(rendition.url), rendition)
    renditions = tuple(unique.values())
    if not renditions:
        return None
    smallest = renditions[0]
    if len(renditions) > 1:
        marks = {q: ad_mark(q.url, q.label) for q in renditions}
        are_told = WITH_ADS in marks.values()
        smallest = min(
            renditions, key=lambda q: (are_told and marks[q], weight(q, kind or "audio"))
        )
    ours = kind_of(smallest.url, smallest.mime) or kind or "audio"
    return MediaLink(
        smallest.url, ours, found_by, smallest.label, qualities=renditions, why=why, score=score
    )


def kind_of(url: str, mime: str | None = None) -> MediaKind | None:
    """Returns audio or video, by the declared type, then by the suffix; None if neither tells."""
    for kind in ("audio", "video"):
        if mime and mime.lower().startswith(kind + "/") and not is_manifest(url, mime):
            return kind
    suffix = _suffix(url)
    if suffix in AUDIO_SUFFIXES:
        return "audio"
    return "video" if suffix in VIDEO_SUFFIXES else None


def is_manifest(url: str, mime: str | None = None) -> bool:
    """Returns whether an address is a manifest (HLS, DASH)."""
    return _suffix(url) in MANIFEST_SUFFIXES or (mime or "").lower().endswith(MANIFEST_TYPES)


def is_media_type(mime: str | None) -> bool:
    """Returns whether a declared type is that of audio, video or a manifest."""
    low = (mime or "").lower().partition(";")[0].strip()
    return low.startswith(("audio/", "video/")) or low.endswith(MANIFEST_TYPES)


def weight(rendition: Rendition, kind: MediaKind) -> int:
    """Returns how large a rendition is, by its label or file name; only for comparisons."""
    if rendition.mime == "text/html":
        return PAGE_WEIGHT
    if is_manifest(rendition.url, rendition.mime):
        return MANIFEST_WEIGHT
    ours = kind_of(rendition.url, rendition.mime) or kind
    # any recording of sound alone is smaller than the same with pictures
    return _size(rendition, ours) + (5_000 if ours == "video" else 0)


def _size(rendition: Rendition, kind: MediaKind) -> int:
    number = re.search(r"(\d{2,4})\s*(?:k|p\b)", rendition.label or "", re.IGNORECASE)
    if number:
        return int(number[1])
    stem = _stem(rendition.url)
    mark = QUALITY_MARK.search(stem)
    if inner := FRAME_SIZE.search(stem.rpartition("/")[2]):
        return int(inner[1])
    if not mark:
        return UNMARKED_AUDIO if kind == "audio" else UNMARKED_VIDEO
    word = mark[0][1:].lower()
    return WEIGHTS.get(word) or int(re.sub(r"\D", "", word.rpartition("x")[2]))


def _stem(url: str) -> str:
    path = urlsplit(url).path
    suffix = _suffix(url)
    return path[: -len(suffix)] if suffix else path


def same_file(url: str) -> str:
    """Returns a key that is equal for addresses of one file, without scheme and TRACKING_PARAMS."""
    parts = urlsplit(url)
    query = "&".join(q for q in parts.query.split("&") if q and not TRACKING_PARAMS.match(q))
    return f"{parts.netloc.lower()}{parts.path}?{query}"


def same_recording(url: str) -> str:
    """Returns a key that is equal for the renditions of one recording, as far as addresses tell.

    A telling file's name is enough, if the folders name the same date: the same recording lies
    at the publisher and at its delivery network, as sound and with pictures.
    """
    if jw := JW_FILE.search(url):
        return f"jw:{jw[1]}"
    stem = _stem(url)
    while mark := QUALITY_MARK.search(stem):
        stem = stem[: mark.start()]
    *folders, name = unquote(stem).split("/")
    if _suffix(url) and TELLING_NAME.fullmatch(name):
        date = "/".join(part for part in folders if DATE_PART.fullmatch(part))
        return f"name:{date}/{name}"
    return f"{urlsplit(url).netloc.lower()}{stem}?{same_file(url).partition('?')[2]}"


# ---------------------------------------------------------------- the same found in many ways


def merge(links: Iterable[MediaLink]) -> tuple[MediaLink, ...]:
    """Returns each recording once, in the same order, with all renditions that were found."""
    groups: list[list[MediaLink]] = []
    at: dict[str, int] = {}
    for link in links:
        keys = {same_recording(rendition.url) for rendition in _renditions(link)}
        group = min((at[key] for key in keys if key in at), default=len(groups))
        if group == len(groups):
            groups.append([])
        groups[group].append(link)
        at |= dict.fromkeys(keys, group)
    return tuple(map(_joined, groups))


def _renditions(link: MediaLink) -> tuple[Rendition, ...]:
    return link.qualities or (Rendition(link.url, link.quality),)


def _joined(group: list[MediaLink]) -> MediaLink:
    """Returns the links to one recording as one: the first, with the best relation of all."""
    first = group[0]
    if len(group) == 1:
        return first
    both = link_of(first.found_by, (q for link in group for q in _renditions(link)), first.kind)
    nearest = min(group, key=lambda link: (RELATIONS.index(link.relation), -link.score))
    others = len({link.found_by for link in group}) - 1
    return replace(
        both or first,
        declared_duration_ms=_first(link.declared_duration_ms for link in group),
        title=_first(link.title for link in group),
        tracks=tuple(dict.fromkeys(track for link in group for track in link.tracks)),
        relation=nearest.relation,
        score=nearest.score + TWO_OF_A_KIND * others,
        why=nearest.why,
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)


def in_order(links: Iterable[MediaLink]) -> Iterator[MediaLink]:
    """Yield links by relation (article, page, other), then by points."""
    yield from sorted(links, key=lambda link: (RELATIONS.index(link.relation), -link.score))
