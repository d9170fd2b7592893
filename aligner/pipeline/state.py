"""The state of one article between the steps of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from aligner._util.machine_faults import is_out_of_memory
from aligner.errors import AlignerError, BadSource, MachineFault, PageUnavailable
from aligner.pipeline.diagnosis import diagnose
from aligner.pipeline.options import Options
from aligner.pipeline.progress import Progress
from aligner.pipeline.recognition import RecognitionResult
from aligner.pipeline.resources import Resources
from aligner.pipeline.source import name_of
from aligner.pipeline.streaming import StreamingTranscriber
from aligner.types import Audio, CaptionResult, MediaFile, MediaLink, Page, Source

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step works with; the same for all steps of an article."""

    options: Options
    folder: Path
    """Where the recording and its decoded audio are put."""
    resources: Resources
    progress: Progress


@dataclass(frozen=True, slots=True)
class PipelineState:
    """What the steps done so far have produced for one article."""

    source: Source
    result: CaptionResult
    """What is known so far; the final result once ``done`` is set."""
    page: Page | None = None
    links: tuple[MediaLink, ...] = ()
    """The recordings still to be tried, best first."""
    media: MediaFile | None = None
    audio: Audio | None = None
    transcriber: StreamingTranscriber[RecognitionResult] | None = None
    """The recognition that runs while the audio is decoded, if there is one."""
    recognition: RecognitionResult | None = None
    first_error: AlignerError | None = None
    """Why the best recording failed, while others are tried."""
    done: bool = False
    """Whether no step is left to do."""


OUT_OF_MEMORY = (
    "memory does not suffice for its recording (or address space, where `ulimit -v` limits it)"
)

Step = Callable[[PipelineState, StepContext], PipelineState]


def initial_state(source: Source) -> PipelineState:
    """Returns the state before the first step."""
    return PipelineState(source, CaptionResult("error", "", name_of(source)))


def run_step(step: Step, state: PipelineState, context: StepContext) -> PipelineState:
    """Do a step; an AlignerError other than BadSource, or a lack of memory, ends the article.

    Raises BadSource.
    """
    try:
        return step(state, context)
    except BadSource:
        raise
    except AlignerError as error:
        return failed(state, error)
    except (MemoryError, OSError) as error:
        if not is_out_of_memory(error):
            raise
        return out_of_memory(state)


def out_of_memory(state: PipelineState) -> PipelineState:
    """Returns the final state of an article for whose recording memory does not suffice."""
    return failed(state, MachineFault(name_of(state.source), OUT_OF_MEMORY))


def failed(state: PipelineState, error: AlignerError) -> PipelineState:
    """Returns the final state of an article that an error ended."""
    diagnosis = diagnose(error)
    result = replace(
        state.result, status=diagnosis.status, reason=diagnosis.reason,
        state=diagnosis.state or state.result.state,
        http_status=diagnosis.http_status or state.result.http_status,
        article=None if isinstance(error, PageUnavailable) else state.result.article,
    )  # fmt: skip
    return replace(state, result=result, done=True)


def require(value: Value | None) -> Value:
    """Returns what an earlier step has produced."""
    assert value is not None  # noqa: S101
    return value
