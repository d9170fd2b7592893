"""Saves corrections: writes all files of a result anew, and keeps copies of the first version.

Every format that exists is rendered from the corrected sidecar, with the look that it was written
with. If the process is killed, either all files are as before, or a journal is left with which the
next reader completes the change (``captions.store.finish``).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from aligner._util import strict_json
from aligner.captions import store
from aligner.captions.formats import sidecar, sidecar_reader
from aligner.captions.store import Change
from aligner.errors import EditConflict
from aligner.types import Captions, Json


def load(folder: Path, name: str) -> str:
    """Returns a sidecar's text, after completing a save that was interrupted.

    Raises OSError, OutputError.
    """
    store.finish(folder, name)
    return (folder / f"{name}.json").read_text(encoding="utf-8")


def save(folder: Path, name: str, posted: Any) -> str:
    """Save corrections, and return the new version of the sidecar.

    ``posted`` is the JSON that the page has sent: an object with "version" (the version that was
    corrected), "words", "cues" and, where voices are told apart, "voices". Raises ValueError if it
    is not valid, EditConflict if the result has changed meanwhile, OutputError, InvalidCaptions.
    """
    if not isinstance(posted, dict):
        raise ValueError("not an object")
    with store.writing(folder):
        store.finish_here(folder, name)
        there = store.read(folder / f"{name}.json")
        text = there.text
        if posted.get("version") != store.version_of(text):
            raise EditConflict(name, store.version_of(text))
        made = _corrected(text, posted)
        if made != text:
            change = store.replacement(folder, name, there, made)
            _keep_first(folder, name, change)
            store.commit(folder, name, change)
    return store.version_of(made)


def _corrected(text: str, posted: Json) -> str:
    """Returns the sidecar with what is posted; ``text`` itself if that is the same."""
    before, record = strict_json.read(text), strict_json.read(text)
    record["words"], record["cues"] = posted.get("words"), posted.get("cues")
    if "voices" in posted:
        record["voices"] = posted["voices"]
    count = record.get("corrections", 0)
    record["corrections"] = count + 1 if isinstance(count, int) else 1
    made = sidecar.text_of(record)
    outcome, _ = sidecar_reader.read(made)
    if outcome.captions is None:
        raise ValueError("a result without captions cannot be corrected")
    if "voices" in posted:
        _check_voices(outcome.captions)
    for above, below in pairwise(outcome.captions.cues):
        if below.start_ms < above.start_ms:
            raise ValueError("the cues are not in the order of their times")
    same = all(record.get(part) == before.get(part) for part in ("words", "cues", "voices"))
    return text if same else made


def _check_voices(captions: Captions) -> None:
    """Raises ValueError unless each voice has an id of its own, and each word a known voice."""
    known = {voice.id for voice in captions.voices}
    if len(known) != len(captions.voices):
        raise ValueError("two voices have the same id")
    if any(word.speaker not in known for word in captions.words if word.speaker is not None):
        raise ValueError("the speaker of a word is none of the voices")


def _keep_first(folder: Path, name: str, change: Change) -> None:
    """Copy the files that the first correction will change; an existing copy stays."""
    for path in (*change.files, *change.gone):
        suffix = path.removeprefix(name)
        place, kept = folder / path, folder / f"{name}{store.FIRST}{suffix}"
        is_own = place.is_file() and not place.is_symlink()
        if "/" not in path and is_own and not kept.exists():
            store.atomic_write(kept, place.read_bytes())
