"""Writing the files of a finished job: formats, sidecar, kept recording, and extras."""

from __future__ import annotations

from dataclasses import replace

from aligner.captions.store import StoredResult
from aligner.errors import (
    EARLIER_KEPT,
    KEPT,
    BadSource,
    CorrectionsKept,
    EarlierCaptionsKept,
    InvalidCaptions,
    NameTaken,
    OutputError,
)
from aligner.jobs import report_row
from aligner.jobs.extra_outputs import ExtraOutputs, MadeExtras, names_within, with_extras_error
from aligner.jobs.model import OutputTarget, RunningJob
from aligner.jobs.rows import JobResult
from aligner.jobs.steps import error_result
from aligner.pipeline.progress import Progress
from aligner.types import CaptionResult


class ResultWriter:
    """Writes what became of jobs into the results' folder or store."""

    def __init__(self, target: OutputTarget, extras: ExtraOutputs) -> None:
        self._target, self._extras = target, extras

    def remove_leftovers(self, name: str) -> None:
        """Remove half-written files of an earlier attempt."""
        self._target.results.sweep(name)
        self._extras.sweep(name)

    def write(
        self, job: RunningJob, progress: Progress
    ) -> tuple[CaptionResult, tuple[str, ...], JobResult]:
        """Write all files of a job.

        Returns the result, its files' names in the store, and the row for the ledger. Raises
        NameTaken if another source's result has got the job's name meanwhile, OutputError,
        RunStopped.
        """
        target, name = self._target, job.row.name
        if target.results.is_anothers(name, job.row.key):
            raise NameTaken(target.results.where(name))
        outcome = job.state.result if job.existing else self._with_kept_recording(job)
        outcome, files = self._write_formats(outcome, name, job.existing)
        extras = self._make_extras(job, outcome, progress)
        outcome = with_extras_error(outcome, extras)
        files = (*files, *names_within(target.folder, extras.files))
        record = report_row.of(outcome, name, files)
        complete = target.formats if extras.is_worth_retrying else target.wanted
        return outcome, files, JobResult(outcome.status, outcome.reason, record, ",".join(complete))

    def _with_kept_recording(self, job: RunningJob) -> CaptionResult:
        """Returns the result, with its recording in the folder ``media`` if that is asked for."""
        media, known = job.state.media, job.state.result
        if self._target.keep_media is None or media is None or not media.path.is_file():
            return known
        kept = self._extras.keep(media.path, job.row.name)
        return replace(known, file=kept) if kept else known

    def _make_extras(
        self, job: RunningJob, outcome: CaptionResult, progress: Progress
    ) -> MadeExtras:
        """Make the videos and the page of a job that was written."""
        if not self._target.extras.marks or outcome.captions is None:
            return MadeExtras()
        if job.recording_error:
            return MadeExtras(error=job.recording_error)
        media = job.state.media
        recording = job.recording or outcome.file or (media.path if media else None)
        recording = recording if recording and recording.is_file() else None
        return self._extras.make(outcome, job.row.name, recording, not job.existing, progress)

    def _write_formats(
        self, outcome: CaptionResult, name: str, existing: StoredResult | None
    ) -> tuple[CaptionResult, tuple[str, ...]]:
        """Write the sidecar and formats, or what is missing of an existing result.

        Returns the result and the files' names. A result that cannot be written becomes an error,
        of which only the sidecar is written.
        """
        target = self._target
        try:
            if existing:
                files = target.results.complete(existing, name, target.formats, target.look)
                return outcome, files
            return outcome, target.results.put(outcome, name, target.how)
        except CorrectionsKept:
            return self._corrected(name)
        except EarlierCaptionsKept:
            return _with_earlier_kept(outcome), ()
        except BadSource as error:  # the existing sidecar cannot be used
            return error_result(outcome, str(error)), ()
        except (InvalidCaptions, OutputError) as error:
            if isinstance(error, OutputError):
                target.results.expect_writable(error)  # else every job would fail here
            outcome = replace(error_result(outcome, str(error)), captions=None, alignment=None)
        try:
            return outcome, () if existing else target.results.put(outcome, name, target.how)
        except CorrectionsKept:
            return self._corrected(name)
        except EarlierCaptionsKept:
            return _with_earlier_kept(outcome), ()
        except OutputError:
            return outcome, ()

    def _corrected(self, name: str) -> tuple[CaptionResult, tuple[str, ...]]:
        """Complete a result that a person corrected while it was being made again; it stays."""
        target = self._target
        existing = target.results.kept(name)
        assert existing  # noqa: S101  CorrectionsKept says that it was read
        files = target.results.complete(existing, name, target.formats, target.look)
        return replace(existing.outcome, reason=KEPT), files


def _with_earlier_kept(outcome: CaptionResult) -> CaptionResult:
    """Returns a failed result whose reason also says that the earlier captions are kept."""
    return replace(outcome, reason=f"{outcome.reason}; {EARLIER_KEPT}")
