"""Name the files of each source; no two sources share a name."""

from __future__ import annotations

import contextlib
import hashlib
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aligner.captions.formats import JSON, sidecar

MAX_NAME = 80
"""Characters of a name; with a suffix and a temporary name's frame well under 255 bytes each."""
MAX_NAME_BYTES = 180
HASH_DIGITS = 8


def output_name(source: str, taken: set[str], folder: Path | None = None) -> str:
    """Returns a name for a source's files that is not in ``taken``, and adds it to ``taken``.

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


def is_name(name: str) -> bool:
    """Whether a text can name files: not hidden, and without separators."""
    return bool(name) and not name.startswith(".") and not set(name) & set("/\\\0")


_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_PAGE_SUFFIX = re.compile(r"\.(?:x?html?|txt|md|php|aspx?|jsp|cfm)$", re.IGNORECASE)
_NAMELESS = re.compile(r"(?:index|default|home|page|article|story|\W*|[\W\d_]*)", re.IGNORECASE)
"""A last part of an address that names nothing by itself: its neighbour is taken along."""


def _telling_part(source: str) -> str:
    """Returns the part of an address or path that identifies it to people."""
    if not _ADDRESS.match(source):
        path = Path(source)
        stem = _PAGE_SUFFIX.sub("", path.name)
        if stem.casefold() != "index":
            return stem
        with contextlib.suppress(OSError, ValueError):  # no file can have that name
            return path.resolve().parent.name
        return source
    try:
        parts = urlsplit(source)
    except ValueError:  # it has the beginning of an address alone
        return source
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
    """Returns a file name of letters, digits, marks, dots, hyphens and underscores."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(c if c in ".-_" or unicodedata.category(c)[0] in "LMN" else "-" for c in normal)
    name = re.sub(r"-{2,}", "-", kept)[:MAX_NAME].strip(".-_")
    while len(name.encode()) > MAX_NAME_BYTES:
        name = name[:-1]
    return name if name and not _RESERVED.fullmatch(name) else f"page-{name}".rstrip("-")


_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def _is_anothers(folder: Path, name: str, source: str) -> bool:
    """Whether the sidecar of that name belongs to another source."""
    try:
        return is_of_another((folder / f"{name}{JSON.suffix}").read_text(encoding="utf-8"), source)
    except (OSError, ValueError):
        return False


def is_of_another(text: str, source: str) -> bool:
    """Whether a sidecar belongs to another source; False for a damaged one."""
    try:
        given = sidecar.read_status(text)[1]["source"]["given"]
        return _identity(str(given)) != _identity(source)
    except (ValueError, KeyError, TypeError):
        return False


def _identity(source: str) -> tuple[str, ...]:
    """Returns a source's key: an address itself, or the last two parts of a path."""
    if _ADDRESS.match(source):
        return (source,)
    return Path(source).resolve().parts[-2:]
