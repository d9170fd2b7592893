"""Finds the results of a folder, and their recordings."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aligner._util.atomic_write import atomic_path, reason
from aligner.captions import store
from aligner.captions.formats import sidecar_reader
from aligner.captions.store import FIRST
from aligner.errors import OutputError
from aligner.types import CaptionResult

MEDIA_SUFFIXES: dict[str, str] = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mov": "video/mp4",
    ".mkv": "video/x-matroska", ".ogv": "video/ogg", ".mp3": "audio/mpeg", ".m4a": "audio/mp4",
    ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
    ".wav": "audio/wav", ".flac": "audio/flac", ".weba": "audio/webm",
}  # fmt: skip
"""Suffixes that a browser may play, each with its type."""


MEDIA_FOLDER = "media"
"""The subfolder in which ``aligner batch --keep-media`` keeps recordings."""


@dataclass(frozen=True, slots=True)
class Result:
    """One sidecar of a folder."""

    name: str
    """The sidecar's name without suffix; the result's other files have the same name."""
    outcome: CaptionResult


def results(folder: Path) -> Iterator[Result]:
    """Yields the results of a folder, ordered by name; other and unreadable files are left out."""
    for name in sorted(name for name, _ in names_of(folder)):
        if outcome := result_of(folder, name):
            yield Result(name, outcome)


def names_of(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yields the names of the JSON files in a folder that may be sidecars, with their status."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.removesuffix(".json")
            if name == entry.name or name.startswith(".") or name.endswith(FIRST):
                continue
            with suppress(OSError):  # removed meanwhile
                if not entry.is_symlink() or inside(folder, folder / entry.name):
                    yield name, entry.stat()


def result_of(folder: Path, name: str) -> CaptionResult | None:
    """Returns the result of a sidecar; None for a file that is none, or that cannot be read."""
    path = folder / f"{name}.json"
    try:
        return sidecar_reader.read(path.read_text(encoding="utf-8"))[0] if path.is_file() else None
    except (OSError, ValueError):
        return None


def has_result(folder: Path, name: str) -> bool:
    """Whether a folder has a sidecar of this name; false for any path that leads out of it."""
    if not store.is_name(name) or name.endswith(FIRST):
        return False
    return inside(folder, folder / f"{name}.json")


def inside(folder: Path, path: Path) -> bool:
    """Whether a path is a file directly in a folder, after links are followed."""
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return False
    return real.is_file() and real.parent == folder.resolve()


def recording(folder: Path, name: str, outcome: CaptionResult) -> Path | None:
    """Returns a result's recording in the folder or in its subfolder ``media``; None without one.

    It has the name of its address, or the result's name with a suffix of MEDIA_SUFFIXES.
    """
    names = [f"{name}{suffix}" for suffix in MEDIA_SUFFIXES]
    if outcome.media:
        own = [Path(unquote(urlsplit(outcome.media.url).path)).name, Path(outcome.media.url).name]
        names = [*own, *names]
    for place in (folder, folder / MEDIA_FOLDER):
        if place != folder and place.resolve() != folder.resolve() / MEDIA_FOLDER:
            continue  # a link that leads elsewhere
        for candidate in names:
            path = place / candidate
            if candidate and path.suffix.lower() in MEDIA_SUFFIXES and inside(place, path):
                return path
    return None


def keep(
    found: Path, folder: Path, name: str, move: bool = False, link: bool = False
) -> Path | None:
    """Put a fetched recording into a folder under a result's name, and return its path.

    Returns None if the folder has another file of that name, which stays. With ``move``, the
    original goes away. With ``link``, both may be hard links of one file, so nobody may write to
    the original. Raises OutputError.
    """
    kept = folder / f"{name}{found.suffix}"
    try:
        if kept.exists():
            return kept if filecmp.cmp(found, kept, shallow=False) else None
        if move:
            found.replace(kept)
            return kept
    except OSError as error:
        raise OutputError(kept, reason(error)) from error
    with atomic_path(kept) as made:
        if not (link and _linked(found, made)):
            shutil.copyfile(found, made)
    return kept


def _linked(found: Path, made: Path) -> bool:
    """Make a hard link, and return whether the file system can."""
    try:
        made.hardlink_to(found)
    except OSError:
        return False
    return True
