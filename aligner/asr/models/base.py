"""The record of a speech model, and how its files are found, checked and stored.

A record names the files of the model's published CTranslate2 form with their sha256 sums. A file
may be split into parts in installed Python packages; joined, they must have the file's sum. The
packages are found by their metadata and never imported: only bytes that were checked against the
record are used.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, BinaryIO, Literal

from aligner._util import strict_json
from aligner._util.atomic_write import atomic_path, atomic_write, prepare, reason
from aligner._util.cache_folder import cache_dir
from aligner.errors import OutputError, WeightsMismatch

log = logging.getLogger(__name__)

Languages = Literal["multilingual"] | tuple[str, ...]
"""The languages that a model knows: Whisper's, or those listed."""
MODEL_BIN = "model.bin"
"""The file with the weights, in CTranslate2's form."""
CHUNK = 1 << 20
"""Bytes read at a time."""


@dataclass(frozen=True, slots=True)
class ModelFilePart:
    """A file of an installed package: the package's name and the path below its root."""

    package: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One published file of a model."""

    name: str
    sha256: str
    pieces: tuple[ModelFilePart, ...]
    """Its parts, in the order in which they are joined."""


@dataclass(frozen=True, slots=True)
class Model:
    """A speech model and the sources of its files."""

    name: str
    """Its name in openai-whisper and faster-whisper, which download it by this name."""
    languages: Languages
    size_bytes: int
    """On disk, in CTranslate2 form, float16."""
    licence: str
    homepage: str
    files: tuple[ModelFile, ...] = ()
    """Empty if no package contains it; then it is downloaded or given as a path."""
    attention_lag_ms: int | None = None
    """See ``ModelFiles``. Measured with `aligner models bench`: the engine's usual number (45) plus
    the lag shown, less that of base. None for base, and for a model that was not measured."""

    @property
    def weights_sha256(self) -> str | None:
        """The published sum of the file with the weights; None if it is not known."""
        return next((file.sha256 for file in self.files if file.name == MODEL_BIN), None)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that contain its files, each once."""
        return tuple(dict.fromkeys(p.package for file in self.files for p in file.pieces))


# ---------------------------------------------------------------- where things are kept


def model_folder(model: Model) -> Path:
    """Returns the folder for the assembled CTranslate2 form of a model."""
    return cache_dir() / "ctranslate2" / model.name


def make_once(target: Path, is_there: Callable[[], bool], make: Callable[[], None]) -> None:
    """Makes a file or folder of the cache if it is missing.

    Of several processes that need it at once, one makes it, and the others wait for it. Raises
    OutputError if the cache cannot be written, and what ``make`` raises.
    """
    if is_there():
        note_use(target)
        return
    from filelock import FileLock

    prepare(target.parent)
    lock = FileLock(lock_of(target))
    try:
        lock.acquire()
    except OSError as error:
        raise OutputError(target, reason(error)) from error
    try:
        if not is_there():
            log.info("making %s", target)
            make()
    finally:
        lock.release()
    note_use(target)


def lock_of(target: Path) -> Path:
    """Returns the file that is locked while a file or folder of the cache is made."""
    return target.with_name(f".{target.name}.lock")


def note_use(target: Path) -> None:
    """Notes that a file or folder of the cache is used now, as far as it can be written."""
    with suppress(OSError):
        _use_of(target).touch()


def last_use_s(target: Path) -> float:
    """Returns when a file or folder of the cache was used last, in seconds since 1970."""
    for path in (_use_of(target), target):
        with suppress(OSError):
            return path.lstat().st_mtime
    return 0.0


def _use_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.used")


def derive_once(target: Path, make: Callable[[], None], *, anew: bool = False) -> None:
    """Has one process at a time make a file or folder, also where it was changed since it was made.

    ``anew``: also if it seems to be as it was made. Raises as ``make_once`` does.
    """

    def make_and_stamp() -> None:
        make()
        atomic_write(_stamp_of(target), json.dumps(_sizes_and_times(target)))

    make_once(target, lambda: not anew and is_as_made(target), make_and_stamp)


def is_as_made(target: Path) -> bool:
    """Whether a file or folder exists, with the sizes and times of change of when it was made.

    What an earlier version has made has no such record: all that is checked is its JSON.
    """
    if not target.exists():
        return False
    known = read_json(_stamp_of(target))
    if known is None:
        return all(read_json(path) is not None for path in target.glob("*.json"))
    return bool(known == _sizes_and_times(target))


def _stamp_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.made.json")


def _sizes_and_times(target: Path) -> dict[str, list[int]]:
    """Returns the size and the time of change of a file, or of each file in a folder."""
    files = sorted(target.iterdir()) if target.is_dir() else [target]
    stats = {file.name: file.stat() for file in files}
    return {name: [found.st_size, found.st_mtime_ns] for name, found in stats.items()}


# ---------------------------------------------------------------- sums


def sha256_of(path: Path) -> str:
    """Returns a file's sha256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remembered_sha256(path: Path) -> str:
    """Returns a file's sha256; reads the file only at the first call and after changes.

    A cache that cannot be written is passed over. Raises OSError.
    """
    stat = path.stat()
    known: dict[str, Any] = {
        "path": str(path.resolve()),
        "size": stat.st_size,
        "changed_ns": stat.st_mtime_ns,
    }
    name = hashlib.sha256(known["path"].encode()).hexdigest()[:16]
    stamp = cache_dir() / "sums" / f"{name}.json"
    found = read_json(stamp)
    if isinstance(found, dict) and {key: found.get(key) for key in known} == known:
        return str(found.get("sha256"))
    known["sha256"] = sha256_of(path)
    with suppress(OutputError):
        prepare(stamp.parent)
        atomic_write(stamp, json.dumps(known, indent=1))
    return str(known["sha256"])


def is_complete(model: Model, folder: Path) -> bool:
    """Whether every file of the model is in a folder, whatever its content."""
    return bool(model.files) and all((folder / file.name).is_file() for file in model.files)


def check(model: Model, folder: Path, *, always: bool = False) -> None:
    """Compares a folder's files with the record. Raises WeightsMismatch, OutputError.

    Files that were compared before and have the same size and time of change are not read again,
    unless ``always`` is set.
    """
    stamp = cache_dir() / "checked" / f"{model.name}.json"
    if not always and read_json(stamp) == _fingerprint(model, folder):
        return
    for file in model.files:
        found = sha256_of(folder / file.name)
        if found != file.sha256:
            raise WeightsMismatch(folder / file.name, file.sha256, found)
    _remember(model, folder)


def _remember(model: Model, folder: Path) -> None:
    stamp = cache_dir() / "checked" / f"{model.name}.json"
    prepare(stamp.parent)
    atomic_write(stamp, json.dumps(_fingerprint(model, folder), indent=1))


def _fingerprint(model: Model, folder: Path) -> dict[str, Any]:
    """Returns the values that show whether a folder's files are the ones compared before."""
    stats = {file: (folder / file.name).stat() for file in model.files}
    files = {f.name: [s.st_size, s.st_mtime_ns, f.sha256] for f, s in stats.items()}
    return {"folder": str(folder), "files": files}


def read_json(path: Path) -> Any:
    """Returns a JSON file's value; None if the file is missing or cannot be read."""
    try:
        return strict_json.read(path.read_bytes())
    except (OSError, ValueError):
        return None


# ---------------------------------------------------------------- from installed packages


def pieces_of(file: ModelFile) -> tuple[Path, ...] | None:
    """Returns the paths of a file's parts on this disk; None unless all are installed."""
    paths = tuple(_locate(piece) for piece in file.pieces)
    return tuple(p for p in paths if p) if paths and all(paths) else None


def _locate(piece: ModelFilePart) -> Path | None:
    try:
        path = Path(str(distribution(piece.package).locate_file(piece.path)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


def is_installed(model: Model) -> bool:
    """Whether installed packages contain every file of a model."""
    return bool(model.files) and all(pieces_of(file) for file in model.files)


def assemble(model: Model, folder: Path) -> None:
    """Joins the parts in installed packages to the model's files in a folder, and checks them.

    The packages must be installed: see ``is_installed``. Raises WeightsMismatch, and then leaves
    the folder as it was, and OutputError.
    """
    with atomic_path(folder) as made:
        made.mkdir()
        for file in model.files:
            found = _join(pieces_of(file) or (), made / file.name)
            if found != file.sha256:
                raise WeightsMismatch(_file_to_blame(file), file.sha256, found)
    _remember(model, folder)


def _file_to_blame(file: ModelFile) -> Path:
    """Returns the file to name in the error when the joined parts are not the published file."""
    paths = pieces_of(file)
    return paths[0] if paths else Path(file.name)


def _join(pieces: tuple[Path, ...], target: Path) -> str:
    """Writes the parts one after the other; returns the sha256 of the whole."""
    digest = hashlib.sha256()

    def both(chunk: bytes) -> None:
        out.write(chunk)
        digest.update(chunk)

    with target.open("wb") as out:
        for piece in pieces:
            with piece.open("rb") as source:
                _each_chunk(source, both)
    return digest.hexdigest()


def _each_chunk(source: BinaryIO, use: Callable[[bytes], object]) -> None:
    while chunk := source.read(CHUNK):
        use(chunk)
