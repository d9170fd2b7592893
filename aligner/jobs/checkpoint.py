"""Encode and decode the state of an unfinished job, so that another run can resume it.

The encoding is JSON, which is checked against the dataclasses' types when it is read: others may
be able to write to the ledger, and nothing read from it becomes an object of any other type.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from aligner._util.atomic_write import fsync_file
from aligner.audio import decode
from aligner.pipeline.recognition import RecognitionResult
from aligner.pipeline.state import PipelineState
from aligner.pipeline.steps import STEPS
from aligner.types import (
    CaptionResult,
    FeedItem,
    MediaFile,
    MediaLink,
    Source,
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
    channels_differ: bool = False


def source_bytes(source: Source) -> bytes:
    """Returns an encoded source."""
    return msgspec.json.encode(source, enc_hook=_to_json)


def read_source(encoded: bytes) -> Source:
    """Returns a decoded source. Raises ValueError."""
    source: Source = msgspec.json.decode(encoded, type=str | FeedItem, dec_hook=_from_json)
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
    recognised = state.recognition
    checkpoint = _Checkpoint(
        step, state.result, state.links, state.media,
        tuple(_File(path, path.stat().st_size) for path in paths), sound,
        recognised.speech if recognised else None,
        recognised.transcript if recognised else None, state.done,
        state.audio is not None and state.audio.channels_differ,
    )  # fmt: skip
    return msgspec.json.encode(checkpoint, enc_hook=_to_json)


def read_state(encoded: bytes, source: Source) -> tuple[str, PipelineState]:
    """Returns the last step done, and the state after it.

    Raises ValueError if the encoding is damaged, or if a file is missing or has another size.
    """
    was: _Checkpoint = msgspec.json.decode(encoded, type=_Checkpoint, dec_hook=_from_json)
    if was.step not in STEPS:
        raise ValueError(f"no such step: {was.step}")
    for file in was.files:
        if not file.path.is_file() or file.path.stat().st_size != file.size:
            raise ValueError(f"{file.path} is not as it was left")
    return was.step, PipelineState(
        source, was.known, links=was.links, media=was.media, done=was.ended,
        audio=replace(decode.reopen(was.sound), channels_differ=was.channels_differ)
        if was.sound
        else None,
        recognition=RecognitionResult(was.transcript, was.speech, None)
        if was.transcript and was.speech
        else None,
    )  # fmt: skip


def _to_json(thing: Any) -> Any:
    """Returns the text of a path, for msgspec."""
    if isinstance(thing, Path):
        return str(thing)
    raise NotImplementedError(type(thing).__name__)


def _from_json(kind: type, thing: Any) -> Any:
    """Returns the path of a text, for msgspec."""
    if issubclass(kind, Path) and isinstance(thing, str):
        return Path(thing)
    raise NotImplementedError(kind.__name__)
