"""Encode and decode the state of an unfinished job, so that another run can resume it.

The encoding is JSON, which is checked against the dataclasses' types when it is read: others may
be able to write to the ledger, and nothing read from it becomes an object of any other type, or
leads to a file that is neither the source's own nor in the job's folder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from aligner._util.atomic_write import fsync_file
from aligner.audio import decode
from aligner.net.guard import is_http_url
from aligner.pipeline.recognition import RecognitionResult
from aligner.pipeline.source import name_of
from aligner.pipeline.state import PipelineState
from aligner.pipeline.steps import STEPS
from aligner.types import (
    CaptionResult,
    FeedItem,
    MediaFile,
    MediaLink,
    Source,
    Span,
    SpeechSegments,
    Transcript,
)


@dataclass(frozen=True, slots=True)
class _File:
    """A file in the item's folder, and its size when the state was saved."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """The part of a PipelineState that is saved between steps."""

    step: str
    known: CaptionResult
    links: tuple[MediaLink, ...]
    media: MediaFile | None
    files: tuple[_File, ...]
    sound: Path | None
    speech: SpeechSegments | None
    transcript: Transcript | None
    ended: bool
    unrelated: tuple[Span, ...] = ()
    declared_ms: int | None = None
    end_ms: int | None = None


def source_bytes(source: Source) -> bytes:
    """Returns an encoded source."""
    return msgspec.json.encode(source, enc_hook=_to_json)


def read_source(encoded: bytes, name: str | None = None) -> Source:
    """Returns a decoded source. Raises ValueError, also if it has another name than ``name``."""
    source: Source = msgspec.json.decode(encoded, type=str | FeedItem, dec_hook=_from_json)
    if name not in (None, name_of(source)):
        raise ValueError("it is an entry of another source")
    return source


def outcome_bytes(outcome: CaptionResult) -> bytes:
    """Returns an encoded result, as a worker sends it to the run that writes it."""
    return msgspec.json.encode(outcome, enc_hook=_to_json)


def read_outcome(encoded: bytes) -> CaptionResult:
    """Returns a decoded result. Raises ValueError."""
    outcome: CaptionResult = msgspec.json.decode(encoded, type=CaptionResult, dec_hook=_from_json)
    return outcome


def state_bytes(state: PipelineState, step: str) -> bytes:
    """Returns the encoded state after a step. Its files are synced to the disk first."""
    sound = decode.file_of(state.audio) if state.audio else None
    paths = [path for path in (state.media and state.media.path, sound) if path]
    for path in paths:
        fsync_file(path)
    recognised, audio = state.recognition, state.audio
    checkpoint = _Checkpoint(
        step, state.result, state.links, state.media,
        tuple(_File(path, path.stat().st_size) for path in paths), sound,
        recognised.speech if recognised else None,
        recognised.transcript if recognised else None, state.done,
        audio.unrelated if audio else (),
        audio.declared_ms if audio else None,
        audio.end_ms if audio else None,
    )  # fmt: skip
    return msgspec.json.encode(checkpoint, enc_hook=_to_json)


def read_state(
    encoded: bytes, source: Source, folder: Path, media: str | Path | None = None
) -> tuple[str, PipelineState]:
    """Returns the last step done, and the state after it.

    ``folder`` is the job's folder, ``media`` the recording that the user gave. Raises ValueError if
    the encoding is damaged, if a file is missing or has another size, or if the state is one of
    another source or names files elsewhere.
    """
    paths: list[Path] = []
    was: _Checkpoint = msgspec.json.decode(
        encoded, type=_Checkpoint, dec_hook=partial(_from_json, paths=paths)
    )
    if was.step not in STEPS:
        raise ValueError(f"no such step: {was.step}")
    if was.known.source != name_of(source):
        raise ValueError("it is the state of another source")
    named = (was.known.media, was.media and was.media.link, *was.links)
    local = {link.url for link in named if link and not is_http_url(link.url)}
    if not all(_may_name(source, file, media) for file in local):
        raise ValueError("it names a file that the source does not")
    for path in paths:
        if str(path) not in local and not _is_within(folder, path):
            raise ValueError(f"{path} is not in the job's folder")
    for file in was.files:
        if not file.path.is_file() or file.path.stat().st_size != file.size:
            raise ValueError(f"{file.path} is not as it was left")
    return was.step, PipelineState(
        source, was.known, links=was.links, media=was.media, done=was.ended,
        audio=replace(
            decode.reopen(was.sound),
            unrelated=was.unrelated,
            declared_ms=was.declared_ms,
            end_ms=was.end_ms,
        )
        if was.sound
        else None,
        recognition=RecognitionResult(was.transcript, was.speech, None)
        if was.transcript and was.speech
        else None,
    )  # fmt: skip


def _may_name(source: Source, file: str, media: str | Path | None) -> bool:
    """Whether a file can be a recording of a source: it was given, or is named beside a page."""
    if media is not None and file == str(media):
        return True
    if isinstance(source, FeedItem):
        return any(file == link.url for link in source.media)
    if isinstance(source, str) and not is_http_url(source):
        return _is_within(Path(source).parent, Path(file))
    return False


def _is_within(folder: Path, path: Path) -> bool:
    """Whether a path leads into a folder, with links followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):  # no file can have that name
        return False


def _to_json(thing: Any) -> Any:
    """Returns the text of a path, for msgspec."""
    if isinstance(thing, Path):
        return str(thing)
    raise NotImplementedError(type(thing).__name__)


def _from_json(kind: type, thing: Any, paths: list[Path] | None = None) -> Any:
    """Returns the path of a text, for msgspec, and adds it to ``paths``. Raises ValueError."""
    if issubclass(kind, Path) and isinstance(thing, str):
        path = Path(thing)
        if paths is not None:
            paths.append(path)
        return path
    raise ValueError(f"no text of a {kind.__name__}")
