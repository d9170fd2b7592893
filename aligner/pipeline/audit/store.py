"""Stores the results of audits in a folder, so that a later run goes on where one stopped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from aligner._util.atomic_write import atomic_write, prepare
from aligner.pipeline.audit.as_json import SCHEMA
from aligner.pipeline.audit.tasks import AuditTask
from aligner.pipeline.source import is_address
from aligner.types import Json


@dataclass(frozen=True, slots=True)
class AuditStore:
    """The results in a folder, one file each; their names tell what was audited and how."""

    folder: Path
    how: str
    """The options on which results depend."""

    def known(self, task: AuditTask) -> Json | None:
        """Returns the stored result of a task whose files are as they were; else None."""
        try:
            found = json.loads(self._path(task).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        is_result = isinstance(found, dict) and found.get("schema") == SCHEMA
        return found if is_result else None

    def keep(self, task: AuditTask, made: Json) -> None:
        """Store a result. Raises OutputError."""
        prepare(self.folder)
        atomic_write(self._path(task), json.dumps(made, ensure_ascii=False) + "\n")

    def _path(self, task: AuditTask) -> Path:
        parts = [self.how, *map(_state, (task.name, task.media, task.article))]
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return self.folder / f"{digest[:32]}.json"


def _state(place: str | None) -> str:
    """Returns the name of a file or an address, with the file's size and time of change."""
    if place is None or is_address(place):
        return place or ""
    try:
        stat = Path(place).stat()
    except OSError:
        return place
    return f"{Path(place).resolve()} {stat.st_size} {stat.st_mtime_ns}"
