"""Work <-> bytes: an article on its way, so that another run can go on where one was killed.

JSON, checked against the nouns' types on its way in: the ledger lies in a folder that others may
write to, and what is read from it never becomes more than nouns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

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
    """A file in the item's folder, and how large it was left."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of a work is kept between steps."""

    step: str
    known: CaptionResult
    links: tuple[MediaLink, ...]
    media: MediaFile | None
    files: tuple[_File, ...]
    sound: Path | None
    speech: SpeechSegments | None
    transcript: Transcript | None
    ended: bool


def source_bytes(source: Source) -> bytes:
    """A source as it is kept."""
    return msgspec.json.encode(source, enc_hook=_out)


def read_source(kept: bytes) -> Source:
    """What was kept -> the source. Raises ValueError."""
    source: Source = msgspec.json.decode(kept, type=str | FeedItem, dec_hook=_in)
    return source


def outcome_bytes(outcome: CaptionResult) -> bytes:
    """An outcome as it goes from a worker to who writes it."""
    return msgspec.json.encode(outcome, enc_hook=_out)


def read_outcome(kept: bytes) -> CaptionResult:
    """The reverse. Raises ValueError."""
    outcome: CaptionResult = msgspec.json.decode(kept, type=CaptionResult, dec_hook=_in)
    return outcome


def work_bytes(work: PipelineState, step: str) -> bytes:
    """A work after a step. Its files are on the disk for good when this returns."""
    sound = _file_of(work)
    paths = [path for path in (work.media and work.media.path, sound) if path]
    for path in paths:
        fsync_file(path)
    heard = work.recognition
    kept = _Kept(
        step, work.result, work.links, work.media,
        tuple(_File(path, path.stat().st_size) for path in paths), sound,
        heard.speech if heard else None, heard.transcript if heard else None, work.done,
    )  # fmt: skip
    return msgspec.json.encode(kept, enc_hook=_out)


def read_work(kept: bytes, source: Source) -> tuple[str, PipelineState]:
    """What was kept -> the last step done, and the work.

    Raises ValueError if it is damaged, or if a file is not as it was left.
    """
    was: _Kept = msgspec.json.decode(kept, type=_Kept, dec_hook=_in)
    if was.step not in STEPS:
        raise ValueError(f"no such step: {was.step}")
    for file in was.files:
        if not file.path.is_file() or file.path.stat().st_size != file.size:
            raise ValueError(f"{file.path} is not as it was left")
    return was.step, PipelineState(
        source, was.known, links=was.links, media=was.media, done=was.ended,
        audio=decode.reopen(was.sound) if was.sound else None,
        recognition=RecognitionResult(was.transcript, was.speech, None)
        if was.transcript and was.speech
        else None,
    )  # fmt: skip


def _file_of(work: PipelineState) -> Path | None:
    """The file of a work's sound."""
    samples = work.audio.samples if work.audio else None
    return Path(str(samples.filename)) if isinstance(samples, np.memmap) else None


def _out(thing: Any) -> Any:
    """What JSON does not know -> what it knows."""
    if isinstance(thing, Path):
        return str(thing)
    raise NotImplementedError(type(thing).__name__)


def _in(kind: type, thing: Any) -> Any:
    """The reverse of ``_out``."""
    if issubclass(kind, Path) and isinstance(thing, str):
        return Path(thing)
    raise NotImplementedError(kind.__name__)
