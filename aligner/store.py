"""Outcome -> files, whole or absent.

The sidecar is written last: where it stands, all that belongs to it stands too.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aligner.errors import CannotWrite
from aligner.formats import FORMATS, JSON, PLAIN, Format, Look, sidecar
from aligner.nouns import Outcome, Status

MAX_NAME = 80
"""Characters of a name; with a suffix and a temporary name's frame well under 255 bytes each."""
MAX_NAME_BYTES = 180
HASH_DIGITS = 8

WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "there is a folder of that name",
    errno.EEXIST: "there is a file of that name",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EFBIG: "the file is too large for the file system",
}


@dataclass(frozen=True, slots=True)
class Finished:
    """What an earlier run left for a source."""

    status: Status
    reason: str
    files: tuple[Path, ...]


# ---------------------------------------------------------------- one file


def prepare(folder: Path) -> None:
    """Make sure that a folder is there and can be written to. Raises CannotWrite."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(folder, _why(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(folder, WHY[errno.EACCES])


def write_whole(path: Path, content: str | bytes) -> None:
    """Text or bytes -> a file that is whole or, whatever happens, as it was before.

    Raises CannotWrite.
    """
    data = content.encode() if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise
        _settle(path.parent)
    except OSError as error:
        raise CannotWrite(path, _why(error)) from error


def _settle(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folders
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: OSError) -> str:
    return WHY.get(error.errno or 0) or error.strerror or str(error)


# ---------------------------------------------------------------- all files of an outcome


def write_outcome(
    outcome: Outcome, folder: Path, name: str, formats: tuple[str, ...], look: Look = PLAIN
) -> tuple[Path, ...]:
    """Outcome -> its files, the sidecar last: the formats asked for, and those of an earlier run.

    What an earlier run left and this outcome has no text for is removed. Everything is rendered
    before anything is written. Raises CannotWrite, InvalidCaptions.
    """
    prepare(folder)
    places = {f.name: _place(outcome, folder, name, f) for f in FORMATS.values()}
    ours = places[JSON.name].exists()  # without a sidecar, files of that name are somebody's own
    asked = {*formats, *(other for n in formats for other in FORMATS[n].refers_to)}
    wanted = [f for f in FORMATS.values() if f.name in asked or (ours and places[f.name].exists())]
    look = replace(look, name=name)
    texts = {f.name: _render(f, outcome, look) for f in wanted if f is not JSON}
    beside = {f.name: f.beside(outcome, look) if texts[f.name] else {} for f in wanted if f.beside}
    texts[JSON.name] = JSON.render(outcome, look)
    _remove(places[JSON.name])
    for kind, text in texts.items():
        _put(places[kind], text, beside.get(kind))
    return tuple(places[kind] for kind, text in texts.items() if text)


def _put(place: Path, text: str, beside: dict[str, str] | None) -> None:
    """A format's file, after those beside it; without text none of them."""
    if beside is not None:
        _remove(place)
        _clear(place.parent)
    if not text:
        _remove(place)
        return
    for name, more in (beside or {}).items():
        prepare(place.parent)
        write_whole(place.parent / name, more)
    write_whole(place, text)


def _clear(folder: Path) -> None:
    """A format's own folder with what an earlier run left -> no folder. Raises CannotWrite."""
    try:
        if folder.is_dir():
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
    except OSError as error:
        raise CannotWrite(folder, _why(error)) from error


def _render(kind: Format, outcome: Outcome, look: Look) -> str:
    if kind.needs_cues and not (outcome.captions and outcome.captions.cues):
        return ""
    return kind.render(outcome, look)


def _place(outcome: Outcome, folder: Path, name: str, kind: Format) -> Path:
    """Where a format's file goes; never over the source itself."""
    place = folder / f"{name}{kind.suffix}"
    given = Path(outcome.source)
    with contextlib.suppress(OSError, ValueError):  # an address is no path
        if place.exists() and place.samefile(given):
            return folder / f"{name}.captions{kind.suffix}"
    return place


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(path, _why(error)) from error


def finished(folder: Path, name: str, formats: tuple[str, ...]) -> Finished | None:
    """What an earlier run has left, if nothing is missing: a whole sidecar and every format.

    None where it ended in an error, so that it is tried again.
    """
    place = folder / f"{name}{JSON.suffix}"
    try:
        status, record = sidecar.read_status(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if status == "error":
        return None
    has_cues = bool(record.get("cues"))
    asked = dict.fromkeys(other for n in formats for other in (n, *FORMATS[n].refers_to))
    wanted = [FORMATS[n] for n in asked if has_cues or not FORMATS[n].needs_cues]
    files = tuple(dict.fromkeys([*(folder / f"{name}{f.suffix}" for f in wanted), place]))
    if not all(file.is_file() for file in files):
        return None
    return Finished(status, str(record.get("reason", "")), files)


# ---------------------------------------------------------------- names


def output_name(source: str, taken: set[str], folder: Path | None = None) -> str:
    """An address or a file -> a name for its outputs, unlike those taken; it is then taken too.

    The name has neither separators nor a leading dot, so that it never leaves its folder. Where
    another source has it, in this run or by its sidecar in ``folder``, a short hash of the
    source is added; the same source gets the same name again.
    """
    name = _safe(_telling_part(source))
    if name.casefold() in taken or (folder and _is_anothers(folder, name, source)):
        digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{name}-{digest[:HASH_DIGITS]}"
    taken.add(name.casefold())
    return name


_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_PAGE_SUFFIX = re.compile(r"\.(?:x?html?|txt|md|php|aspx?|jsp|cfm)$", re.IGNORECASE)
_NAMELESS = re.compile(r"(?:index|default|home|page|article|story|\W*|[\W\d_]*)", re.IGNORECASE)
"""A last part of an address that names nothing by itself: its neighbour is taken along."""


def _telling_part(source: str) -> str:
    """The part of a source that people would know it by."""
    if not _ADDRESS.match(source):
        path = Path(source)
        stem = _PAGE_SUFFIX.sub("", path.name)
        return path.resolve().parent.name if stem.casefold() == "index" else stem
    parts = urlsplit(source)
    segments = [_PAGE_SUFFIX.sub("", unquote(s)) for s in parts.path.split("/")]
    segments = [s for s in segments if any(c.isalnum() for c in s)]
    telling: list[str] = []
    for segment in reversed(segments):
        telling.insert(0, segment)
        if not _NAMELESS.fullmatch(segment):
            break
    telling = [s for s in telling if s.casefold() not in ("index", "default", "home")]
    if parts.query:
        telling.append(parts.query)
    return "-".join(telling) or parts.netloc.rpartition("@")[2] or "page"


def _safe(text: str) -> str:
    """Text -> a file name: letters, digits, marks, dots, hyphens and underscores of any script."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(c if c in ".-_" or unicodedata.category(c)[0] in "LMN" else "-" for c in normal)
    name = re.sub(r"-{2,}", "-", kept)[:MAX_NAME].strip(".-_")
    while len(name.encode()) > MAX_NAME_BYTES:
        name = name[:-1]
    return name if name and not _RESERVED.fullmatch(name) else f"page-{name}".rstrip("-")


_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def _is_anothers(folder: Path, name: str, source: str) -> bool:
    """Whether the sidecar of that name speaks of another source."""
    try:
        text = (folder / f"{name}{JSON.suffix}").read_text(encoding="utf-8")
        given = sidecar.read_status(text)[1]["source"]["given"]
        return _identity(str(given)) != _identity(source)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _identity(source: str) -> tuple[str, ...]:
    """What tells sources apart: an address as it is, a file by its last two parts."""
    if _ADDRESS.match(source):
        return (source,)
    return Path(source).resolve().parts[-2:]
