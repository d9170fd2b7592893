"""The caption files of a folder, each with the recording and the article of the same name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aligner.discovery import document_files
from aligner.languages.tags import is_language
from aligner.net import client
from aligner.net.guard import AUDIO_SUFFIXES, VIDEO_SUFFIXES
from aligner.pipeline.audit.tasks import AuditTask, is_caption_file

ADDED_WORDS = frozenset(("captions", "cc", "forced", "hi", "retimed", "sdh", "subtitles"))
"""Words that follow a recording's name in the names of caption files, besides languages."""
TEXT_SUFFIXES = frozenset((*client.PAGE_SUFFIXES, *document_files.SUFFIXES, ".txt", ".md"))
"""Of the articles that belong to captions."""
RECORDINGS = VIDEO_SUFFIXES | AUDIO_SUFFIXES


def tasks_of_folder(
    folder: Path, media: Path | None = None, articles: Path | None = None
) -> Iterator[AuditTask]:
    """Yields what is audited in a folder and the folders within it: files first, by name.

    Each caption file comes with the recording and the article of its name, which may lack the
    language and the kind (``film.en.sdh.vtt`` belongs to ``film.mp4``). They are looked for beside
    it, then in the folders above it as far as ``folder``; or in the same place within ``media`` and
    ``articles``. Without a recording a task has none. A saved page that belongs to no captions or
    recording is audited by the captions that it offers.
    """
    files = _Files(folder)
    recordings = files if media is None else _Files(media)
    texts = files if articles is None else _Files(articles)
    found: list[AuditTask] = []
    belonging: set[Path] = set()
    for path in files.all():
        within = path.parent.relative_to(folder)
        recording = recordings.belonging(within, path.stem, RECORDINGS)
        if is_caption_file(str(path)):
            article = texts.belonging(within, path.stem, TEXT_SUFFIXES)
            found.append(AuditTask(str(path), _name(recording), _name(article)))
            belonging |= {article} if article else set()
        elif path.suffix.lower() in client.PAGE_SUFFIXES and recording is None:
            found.append(AuditTask(str(path)))
    yield from (task for task in found if Path(task.name) not in belonging)


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)


def recording_beside(path: Path) -> Path | None:
    """Returns the recording in the same folder to which a caption file belongs by its name."""
    return _Files(path.parent).belonging(Path(), path.stem, RECORDINGS)


class _Files:
    """The files of a folder, by their names without the last suffix; hidden ones are left out."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: dict[Path, dict[str, list[Path]]] = {}

    def all(self) -> Iterator[Path]:
        """Yields all files, those of a folder before those within; links are not followed."""
        for place, folders, names in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))

    def belonging(self, within: Path, stem: str, suffixes: frozenset[str]) -> Path | None:
        """Returns the file to which captions belong; video comes before audio.

        It is in the folder ``within`` the root, or in one above that as far as the root.
        """
        for folder in (within, *within.parents):
            for name in _names(stem):
                found = [p for p in self._in(folder).get(name, ()) if p.suffix.lower() in suffixes]
                if found:
                    return min(found, key=lambda p: (p.suffix.lower() in AUDIO_SUFFIXES, p.name))
        return None

    def _in(self, folder: Path) -> dict[str, list[Path]]:
        if folder not in self._listed:
            by_stem: dict[str, list[Path]] = {}
            place = self._root / folder
            if place.is_dir():
                for path in sorted(place.iterdir()):
                    if not path.name.startswith("."):
                        by_stem.setdefault(path.stem, []).append(path)
            self._listed[folder] = by_stem
        return self._listed[folder]


def _names(stem: str) -> Iterator[str]:
    """Yields a caption file's name, then without its language and kind: "film.en", "film"."""
    yield stem
    rest, dot, last = stem.rpartition(".")
    while dot and rest and (last.lower() in ADDED_WORDS or is_language(last.replace("_", "-"))):
        yield rest
        rest, dot, last = rest.rpartition(".")
