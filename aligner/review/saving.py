"""Corrections -> NAME.vtt and NAME.json, both or neither, the first version kept.

Both texts are first written together into one file (``.NAME.saving``), which is put in place by a
rename: from then on the correction is made, whatever happens. Then each goes to its place. Who
reads the folder next after a crash finishes what was begun (``finish``).
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from aligner import jsontext
from aligner.errors import CannotWrite, SavedMeanwhile
from aligner.formats import FORMATS, Look, sidecar, sidecar_reader
from aligner.nouns import Json
from aligner.store import write_whole

FIRST = ".first"
"""Before the suffix of the versions that were there before any correction."""
MARK = ".saving"
SAVED = (".vtt", ".json")
"""What a correction changes, the sidecar last."""


def version_of(text: str) -> str:
    """The text of a sidecar -> a short name of just this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(folder: Path, name: str) -> str:
    """The sidecar's text, after finishing what a crash left. Raises OSError, CannotWrite."""
    finish(folder, name)
    return (folder / f"{name}.json").read_text(encoding="utf-8")


def posted(body: bytes) -> Any:
    """What a page has sent -> the corrections. Raises ValueError."""
    return jsontext.read(body)


def save(folder: Path, name: str, posted: Any) -> str:
    """Corrections as the page sends them -> the files; the new version.

    Raises ValueError if they are not of the schema, SavedMeanwhile, CannotWrite, InvalidCaptions.
    """
    if not isinstance(posted, dict):
        raise ValueError("not an object")
    text = load(folder, name)
    if posted.get("version") != version_of(text):
        raise SavedMeanwhile(name, version_of(text))
    files = _corrected(text, posted, name)
    _keep_first(folder, name, files)
    write_whole(folder / f".{name}{MARK}", json.dumps(files, ensure_ascii=False))
    finish(folder, name)
    return version_of(files[".json"])


def _corrected(text: str, posted: Json, name: str) -> dict[str, str]:
    """The sidecar and what is posted -> each file's text by its suffix, the sidecar last."""
    record = jsontext.read(text)
    record["words"], record["cues"] = posted.get("words"), posted.get("cues")
    made = sidecar.text_of(record)
    outcome, _ = sidecar_reader.read(made)
    if outcome.captions is None:
        raise ValueError("a result without captions cannot be corrected")
    cues = outcome.captions.cues
    for before, after in pairwise(cues):
        if after.start_ms < before.start_ms:
            raise ValueError("the cues are not in order of time")
    return {".vtt": FORMATS["vtt"].render(outcome, Look(name=name)), ".json": made}


def _keep_first(folder: Path, name: str, files: dict[str, str]) -> None:
    """Copy what is there before the first correction; never over such a copy."""
    for suffix in files:
        place, kept = folder / f"{name}{suffix}", folder / f"{name}{FIRST}{suffix}"
        if place.is_file() and not kept.exists():
            write_whole(kept, place.read_text(encoding="utf-8"))


def finish(folder: Path, name: str) -> None:
    """Put in place what a save has begun, if one was cut short. Raises CannotWrite."""
    begun = folder / f".{name}{MARK}"
    try:
        files = jsontext.read(begun.read_bytes())
        texts = [files[suffix].encode() for suffix in SAVED]
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CannotWrite(begun, "an unfinished save that cannot be read; remove it") from error
    for suffix, text in zip(SAVED, texts, strict=True):
        write_whole(folder / f"{name}{suffix}", text)
    try:
        begun.unlink()
    except OSError as error:
        raise CannotWrite(begun, error.strerror or str(error)) from error
