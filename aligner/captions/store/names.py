"""Name the files of each source; no two sources share a name, and no two results a file.

A name has no dots, so that in the name of a file all from the first dot on is the suffix of a
format: no file of one result can be that of another. Names are compared by ``name_key``, as file
systems do that ignore case or the Unicode form.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aligner.captions.formats import JSON, sidecar
from aligner.errors import NameTaken

MAX_NAME = 80
"""Characters of a name; with a suffix and a temporary name's frame well under 255 bytes each."""
MAX_NAME_BYTES = 180
HASH_DIGITS = 8
FIRST = ".first"
"""Infix of the copies of files from before the first correction."""
BEFORE = ".before"
"""Infix of the copies of files that aligner did not write and then replaced."""


def output_name(source: str, taken: set[str], folder: Path | None = None) -> str:
    """Returns a name for a source's files whose key is not in ``taken``, and adds its key.

    The name has neither separators nor dots, so that it never leaves its folder. Where another
    source has it, in this run or by its sidecar in ``folder``, a short hash of the source is added;
    the same source gets the same name again.
    """
    earlier = _of_earlier_version(folder, source) if folder else None
    if earlier and name_key(earlier) not in taken:
        taken.add(name_key(earlier))
        return earlier
    return free_name(source, taken, partial(is_anothers, folder) if folder else None)


def free_name(
    source: str, taken: set[str], is_used: Callable[[str, str], bool] | None = None
) -> str:
    """Does as ``output_name`` does; ``is_used(name, source)``: whether another source has it."""
    for name in _candidates(source):
        if name_key(name) not in taken and not (is_used and is_used(name, source)):
            taken.add(name_key(name))
            return name
    raise AssertionError  # the candidates have no end


def _candidates(source: str) -> Iterator[str]:
    """Yields the names that a source may have, the shortest first, without end."""
    name = _safe(_telling_part(source))
    yield name
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    hashed = f"{name}-{digest[:HASH_DIGITS]}"
    yield hashed
    for number in count(2):
        yield f"{hashed}-{number}"


def _of_earlier_version(folder: Path, source: str) -> str | None:
    """Returns the name with dots that a source's result has in a folder, if it is its alone."""
    name = _safe(_telling_part(source), ".-_")
    key, there = name_key(name), sidecars_of(folder).names
    if "." not in key or name not in there.get(key, ()):
        return None
    shared = any(part in there for part in _beginnings(key))
    return None if shared or is_anothers(folder, name, source) else name


def name_key(name: str) -> str:
    """Returns a key that is equal for names that some file system takes for the same."""
    visible = _IGNORED.sub("", unicodedata.normalize("NFD", name))
    folded = unicodedata.normalize("NFKD", visible).casefold()
    return unicodedata.normalize("NFKC", folded).casefold()


_IGNORED = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that cannot be seen, which some file systems leave out of comparisons."""


def is_name(name: str) -> bool:
    """Whether a text can name files: not hidden, and without separators."""
    return bool(name) and not name.startswith(".") and not set(name) & set("/\\\0")


_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_PAGE_SUFFIX = re.compile(r"\.(?:x?html?|txt|md|php|aspx?|jsp|cfm)$", re.IGNORECASE)
_NAMELESS = re.compile(r"(?:index|default|home|page|article|story|\W*|[\W\d_]*)", re.IGNORECASE)
"""A last part of an address that identifies nothing; the part before it is used too."""


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


def _safe(text: str, signs: str = "-_") -> str:
    """Returns a file name of letters, digits, marks and some signs."""
    normal = unicodedata.normalize("NFC", text)
    kept = "".join(c if c in signs or unicodedata.category(c)[0] in "LMN" else "-" for c in normal)
    name = re.sub(r"-{2,}", "-", kept)[:MAX_NAME].strip("-_")
    while len(name.encode()) > MAX_NAME_BYTES:
        name = name[:-1]
    return name if name and not _RESERVED.fullmatch(name_key(name)) else f"page-{name}".rstrip("-")


_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d|report")
"""Keys of names that Windows keeps for devices, and of a batch's report.html and report.jsonl."""


def is_anothers(folder: Path, name: str, source: str) -> bool:
    """Whether another source's result in a folder has a name, or shares files with it."""
    return sidecars_of(folder).is_anothers(
        name, lambda one: _belongs_to_another(folder / f"{one}{JSON.suffix}", source)
    )


def expect_own(folder: Path, name: str, source: str) -> None:
    """Raise NameTaken if another source's result in a folder has a name, or shares files with it.

    Within ``writing``, so that no other process of this machine takes the name meanwhile.
    """
    if is_anothers(folder, name, source):
        raise NameTaken(folder / f"{name}{JSON.suffix}")


def _belongs_to_another(sidecar: Path, source: str) -> bool:
    try:
        return is_of_another(sidecar.read_text(encoding="utf-8"), source)
    except (OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Sidecars:
    """The names of the results in a folder, by their keys."""

    names: Mapping[str, Sequence[str]]
    beginnings: frozenset[str]
    """What precedes a dot in names with dots, of versions that had them: a result of such a name
    would share files with them."""

    def is_anothers(self, name: str, belongs_to_another: Callable[[str], bool]) -> bool:
        """Whether another source's result has a name, or shares files with it."""
        key = name_key(name)
        if same := self.names.get(key):
            return any(map(belongs_to_another, same))
        return key in self.beginnings or any(part in self.names for part in _beginnings(key))


def sidecars_of(folder: Path) -> Sidecars:
    """Returns the results of a folder, which is listed again only after a change."""
    try:
        changed_ns = folder.stat().st_mtime_ns
    except OSError:
        return Sidecars({}, frozenset())
    is_settled = time.time_ns() - changed_ns > SETTLED_NS
    return (_listed if is_settled else _listed.__wrapped__)(str(folder), changed_ns)


SETTLED_NS = 100_000_000
"""How long after a change a folder's time of change tells of the next one."""


@lru_cache(maxsize=4)
def _listed(folder: str, changed_ns: int) -> Sidecars:  # noqa: ARG001  a part of the key
    try:
        return sidecars_among(os.listdir(folder))  # noqa: PTH208  the names alone
    except OSError:
        return sidecars_among(())


def sidecars_among(files: Iterable[str]) -> Sidecars:
    """Returns the results whose sidecars are among a folder's files."""
    names: dict[str, list[str]] = {}
    for file in files:
        name = file.removesuffix(JSON.suffix)
        if name != file and is_name(name) and not _COPY.search(name):
            names.setdefault(name_key(name), []).append(name)
    return Sidecars(names, frozenset(part for key in names for part in _beginnings(key)))


def _beginnings(key: str) -> Iterator[str]:
    """Yields what precedes each dot of a name's key."""
    return (key[: dot.start()] for dot in re.finditer(r"\.", key))


_COPY = re.compile(rf"(?:{re.escape(FIRST)}|{re.escape(BEFORE)}\d*)$")


def is_of_another(text: str, source: str) -> bool:
    """Whether a sidecar belongs to another source; False for a damaged one."""
    try:
        given = str(sidecar.read_status(text)[1]["source"]["given"])
    except (ValueError, KeyError, TypeError):
        return False
    return given != source and not _are_one_file(given, source)


def _are_one_file(given: str, source: str) -> bool:
    """Whether two sources are one file, or may be: a relative path was seen from another folder."""
    if _ADDRESS.match(given) or _ADDRESS.match(source):
        return False
    one, other = Path(given), Path(source)
    try:
        if one.exists() and other.exists():
            return one.samefile(other)
        return one.resolve().parts[-2:] == other.resolve().parts[-2:]
    except (OSError, ValueError):  # no file can have that name
        return False


def free_copy(folder: Path, name: str, path: str) -> Path:
    """Returns a free NAME.before path for a copy of a result's file."""
    suffix, count = path.removeprefix(name), 1
    while os.path.lexists(other := folder / f"{name}{BEFORE}{'' if count == 1 else count}{suffix}"):
        count += 1
    return other
