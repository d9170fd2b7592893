"""What aligner has made of models and keeps in its cache, and the removal of what is not used.

    ctranslate2/    models assembled from installed packages
    converted/      models in transformers' form, converted to CTranslate2's
    completed/      folders of users' models, with what was missing there
    halves/         models in 8 bits
    openai/         checkpoints for openai-whisper

All of it is made again when it is needed. A file ``.NAME.used`` beside each tells when it was used
last. Models that were downloaded lie elsewhere, in the cache of the hub's client.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aligner._util.atomic_write import discard
from aligner._util.cache_folder import cache_dir
from aligner.asr.models import base, quantized

KINDS = ("ctranslate2", "converted", "completed", "halves", "openai")
MARKS = (".{}.used", ".{}.made.json")
"""Names of the files that belong to an entry. Its lock stays: another process may wait for it."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A file or folder made of a model."""

    path: Path
    kind: str
    size_bytes: int
    """On disk; what it only links to does not count."""
    used_s: float
    """When it was used last, in seconds since 1970."""
    is_outdated: bool
    """Whether this version of aligner cannot use it."""


def entries() -> Iterator[CacheEntry]:
    """Yields what is in the cache, kind by kind."""
    for kind in KINDS:
        folder = cache_dir() / kind
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.name.startswith("."):
                yield CacheEntry(
                    path, kind, _size(path), base.last_use_s(path), _is_outdated(kind, path)
                )


def prune(
    kept: Collection[Path], older_than_s: float, *, dry_run: bool = False
) -> Iterator[CacheEntry]:
    """Removes what was not used for so long, or is of another version; yields what it removes.

    ``kept`` are paths that stay; what another process is making stays too. ``dry_run``: nothing is
    removed.
    """
    from filelock import FileLock, Timeout

    until = time.time() - older_than_s
    for entry in entries():
        if entry.path in kept or (entry.used_s > until and not entry.is_outdated):
            continue
        if not dry_run:
            try:
                with FileLock(base.lock_of(entry.path), timeout=0):
                    discard(entry.path)
            except (Timeout, OSError):
                continue
            for mark in MARKS:
                discard(entry.path.with_name(mark.format(entry.path.name)))
        yield entry


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    total = 0
    for file in files:
        with suppress(OSError):
            stat = file.lstat()
            total += stat.st_size
    return total


def _is_outdated(kind: str, path: Path) -> bool:
    return kind == "halves" and not path.name.endswith(f"-{quantized.VERSION}")
