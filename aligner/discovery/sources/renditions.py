"""Renditions -> recordings: which are one, which is the smallest with sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from aligner.net.guard import AUDIO_SUFFIXES, MANIFEST_SUFFIXES, VIDEO_SUFFIXES, suffix_of
from aligner.types import MediaKind, MediaLink, Relation, Rendition

T = TypeVar("T")
_suffix = lru_cache(maxsize=16_384)(suffix_of)
RELATIONS: tuple[Relation, ...] = ("article", "page", "other")
"""The nearest to the article first."""
QUALITY_MARK = re.compile(
    r"[-_.](?:hq|hd|lq|sd|low|high|original|mobile|fullhd|\d{2,3}k(?:bps)?|\d{3,4}p"
    r"|\d{3,4}x\d{3,4})$",
    re.IGNORECASE,
)
FRAME_SIZE = re.compile(r"(?<!\d)\d{3,4}x(\d{3,4})(?!\d)")
WEIGHTS = {"hq": 128, "hd": 720, "lq": 32, "sd": 360, "low": 32, "high": 192, "original": 1500}
WEIGHTS |= {"mobile": 240, "fullhd": 1080}
UNMARKED_AUDIO, UNMARKED_VIDEO = 64, 480
"""Weights of a rendition without a mark: kbps of sound, lines of pictures."""
MANIFEST_WEIGHT = 100_000
"""A stream in pieces is taken only where there is no whole file."""
PAGE_WEIGHT = 200_000
"""A page at a host is taken only where there is neither."""
MANIFEST_TYPES = ("mpegurl", "dash+xml")
JW_FILE = re.compile(
    r"(?:cdn\.jwplayer|content\.jwplatform)\.com/(?:videos|manifests|v2/media)/(\w{8})(?!\w)"
)
"""JW Player's addresses begin their file's name with the recording's number."""
TRACKING_PARAMS = re.compile(
    r"(?:download|cb|_|utm_\w+|ts|nocache|dest-id|updated|expires?|exp|policy|key-pair-id|hmac"
    r"|\w*token\w*|\w*sig(?:nature)?|hdn\w+|x-amz-\w+|__\w+)(?:=|$)",
    re.IGNORECASE,
)
"""Parameters that make no other file: for caches, statistics, and permissions that pass."""
DATE_PART = re.compile(r"(?:19|20)\d\d|\d\d|(?:19|20)\d{6}")
TELLING_NAME = re.compile(r"(?=.*\d)(?=.*[a-z]).{16,}", re.IGNORECASE)
"""A file's name that no other recording has by chance, whatever the host and folder."""
TWO_OF_A_KIND = 3
"""Points for each further way that finds a recording."""


def link_of(
    found_by: str,
    qualities: Iterable[Rendition | None],
    kind: MediaKind | None = None,
    why: str = "",
    score: int = 0,
) -> MediaLink | None:
    """The renditions of one recording -> its link, to the smallest with sound; None if none."""
    unique: dict[str, Rendition] = {}
    for quality in qualities:
        if quality:
            unique.setdefault(same_file(quality.url), quality)
    renditions = tuple(unique.values())
    if not renditions:
        return None
    smallest = renditions[0]
    if len(renditions) > 1:
        smallest = min(renditions, key=lambda q: weight(q, kind or "audio"))
    ours = kind_of(smallest.url, smallest.mime) or kind or "audio"
    return MediaLink(
        smallest.url, ours, found_by, smallest.label, qualities=renditions, why=why, score=score
    )


def kind_of(url: str, mime: str | None = None) -> MediaKind | None:
    """Audio or video, by the declared type, then by the suffix; None if neither says."""
    for kind in ("audio", "video"):
        if mime and mime.lower().startswith(kind + "/") and not is_manifest(url, mime):
            return kind
    suffix = _suffix(url)
    if suffix in AUDIO_SUFFIXES:
        return "audio"
    return "video" if suffix in VIDEO_SUFFIXES else None


def is_manifest(url: str, mime: str | None = None) -> bool:
    """Whether an address is a stream's list of pieces (HLS, DASH)."""
    return _suffix(url) in MANIFEST_SUFFIXES or (mime or "").lower().endswith(MANIFEST_TYPES)


def is_media_type(mime: str | None) -> bool:
    """Whether a declared type is one of recordings."""
    low = (mime or "").lower().partition(";")[0].strip()
    return low.startswith(("audio/", "video/")) or low.endswith(MANIFEST_TYPES)


def weight(quality: Rendition, kind: MediaKind) -> int:
    """How large a rendition is, by its label or its file's name; good for comparing only."""
    if quality.mime == "text/html":
        return PAGE_WEIGHT
    if is_manifest(quality.url, quality.mime):
        return MANIFEST_WEIGHT
    ours = kind_of(quality.url, quality.mime) or kind
    # any recording of sound alone is smaller than the same with pictures
    return _size(quality, ours) + (5_000 if ours == "video" else 0)


def _size(quality: Rendition, kind: MediaKind) -> int:
    number = re.search(r"(\d{2,4})\s*(?:k|p\b)", quality.label or "", re.IGNORECASE)
    if number:
        return int(number[1])
    stem = _stem(quality.url)
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
    """A key that is equal for addresses of one file: without scheme and passing parameters."""
    parts = urlsplit(url)
    query = "&".join(q for q in parts.query.split("&") if q and not TRACKING_PARAMS.match(q))
    return f"{parts.netloc.lower()}{parts.path}?{query}"


def same_recording(url: str) -> str:
    """A key that is equal for the renditions of one recording, as far as addresses tell.

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
    """Links in order -> the same, each recording once, with all qualities that anyone found."""
    groups: list[list[MediaLink]] = []
    at: dict[str, int] = {}
    for link in links:
        keys = {same_recording(quality.url) for quality in _qualities(link)}
        group = min((at[key] for key in keys if key in at), default=len(groups))
        if group == len(groups):
            groups.append([])
        groups[group].append(link)
        at |= dict.fromkeys(keys, group)
    return tuple(map(_joined, groups))


def _qualities(link: MediaLink) -> tuple[Rendition, ...]:
    return link.qualities or (Rendition(link.url, link.quality),)


def _joined(group: list[MediaLink]) -> MediaLink:
    """The links to one recording as one: found as the first, as near to the article as any."""
    first = group[0]
    if len(group) == 1:
        return first
    both = link_of(first.found_by, (q for link in group for q in _qualities(link)), first.kind)
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
    """Links as found -> best first: the article's, the page's, others'; the surer first."""
    yield from sorted(links, key=lambda link: (RELATIONS.index(link.relation), -link.score))
