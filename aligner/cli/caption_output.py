"""What `aligner caption` writes: the files of a result, and its recording before them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aligner._util import temporary_folder
from aligner._util.atomic_write import remove_unfinished
from aligner.captions import store
from aligner.errors import EARLIER_KEPT, AlignerError, EarlierCaptionsKept, NameTaken

if TYPE_CHECKING:
    from aligner.captions.formats import Look
    from aligner.pipeline.options import Options
    from aligner.review.extras import IntoVideo
    from aligner.types import CaptionResult


@dataclass(frozen=True, slots=True)
class Output:
    """What is written and printed."""

    folder: Path
    formats: tuple[str, ...]
    look: Look
    into_video: tuple[IntoVideo, ...]
    force: bool
    dry_run: bool
    as_json: bool
    show: bool
    quiet: bool
    review: bool = False
    follow: bool = False
    discard_edits: bool = False
    keep_bytes: int = 0
    """Downloaded recordings up to this size are kept beside their captions."""


def remove_leftovers(folder: Path, name: str) -> None:
    """Remove what killed runs left of a result, and their temporary folders. Raises OutputError."""
    temporary_folder.sweep()
    if folder.is_dir():
        remove_unfinished(folder, name)
        with store.writing(folder):
            store.sweep(folder, name)


@dataclass(frozen=True, slots=True)
class Written:
    """A result that was written."""

    outcome: CaptionResult
    name: str
    paths: tuple[Path, ...]
    kept: Path | None = None
    """Its downloaded recording in the folder."""
    trouble: AlignerError | None = None
    """Why the recording could not be kept."""


def write(
    outcome: CaptionResult, name: str, options: Options, output: Output, taken: set[str]
) -> Written:
    """Write an outcome's files, and its recording before them if it is to be kept.

    It gets another name if another process has given this one to another source meanwhile. An
    outcome without captions is not written over captions; its reason then says so.
    """
    while True:
        try:
            with _kept_recording(outcome, name, options, output) as (kept, trouble):
                paths = store.write_outcome(
                    outcome, output.folder, name, output.formats, output.look, output.discard_edits
                )
            return Written(outcome, name, paths, kept, trouble)
        except NameTaken:
            name = store.output_name(outcome.source, taken, output.folder)
        except EarlierCaptionsKept:
            told = replace(outcome, reason=f"{outcome.reason}; {EARLIER_KEPT}")
            return Written(told, name, ())


@contextmanager
def _kept_recording(
    outcome: CaptionResult, name: str, options: Options, output: Output
) -> Iterator[tuple[Path | None, AlignerError | None]]:
    """Keeps a downloaded recording for the result that the block writes.

    A killed run thus leaves no result without it. Yields the recording, and why there is none, if
    it could not be kept. It is removed again if the result is not written.
    """
    from aligner.review.results import keep

    kept, trouble, is_new = None, None, False
    recording, place = outcome.file, options.workplace
    if outcome.captions and recording and place and recording.is_relative_to(place):
        is_new = not (output.folder / f"{name}{recording.suffix}").exists()
        try:
            small = recording.stat().st_size <= output.keep_bytes
            kept = keep(recording, output.folder, name) if small else None
        except AlignerError as error:
            trouble = error
    try:
        yield kept, trouble
    except BaseException:
        if kept and is_new:
            kept.unlink(missing_ok=True)
        raise
