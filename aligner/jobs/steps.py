"""The pools that a job passes through, and the boundary around each pipeline step.

The steps are those of a single article (``pipeline.steps.STEPS``).
"""

from __future__ import annotations

import logging
from dataclasses import replace

from aligner._util.machine_faults import is_out_of_memory
from aligner.errors import AlignerError, FeedGiven, OutputError, SitemapGiven
from aligner.jobs.resources import EngineLoadFailed
from aligner.jobs.storage import expect_room
from aligner.pipeline.state import PipelineState, StepContext, failed, out_of_memory
from aligner.pipeline.steps import STEPS
from aligner.types import CaptionResult, FeedItem

logger = logging.getLogger(__name__)

POOLS: dict[str, tuple[str, ...]] = {
    "page": ("page", "find"),
    "download": ("download",),
    "decode": ("decode",),
    "listen": ("listen", "match"),
    "timing": ("timing",),
    "write": (),
}
"""Pipeline steps of each pool, in order. The last pool has none: it writes the results."""
NETWORK = ("page", "download")
"""Pools that wait for sites, and so work on several jobs at a time."""
ORDER = tuple(POOLS)
WRITE = ORDER[-1]
POOL_OF = {step: pool for pool, steps in POOLS.items() for step in steps}
REMOTE = "remote"
"""The pool that has a cluster's workers do all steps."""
LAST_STEP = list(STEPS)[-1]


def run_step(step: str, state: PipelineState, context: StepContext) -> PipelineState:
    """Run one pipeline step; a failure of the step becomes the job's result.

    This is the one place where an exception that a library should never raise becomes a result, so
    that other jobs go on.

    Raises what concerns the run or the kind of source, not this job's result: OutputError;
    EngineUnavailable or BadSource if no recogniser can be loaded; FeedGiven or SitemapGiven for a
    source that is a list itself, unless another list named it.
    """
    try:
        return STEPS[step](state, context)
    except OutputError:
        raise
    except EngineLoadFailed as failure:
        raise failure.error from None
    except AlignerError as error:
        is_list = isinstance(error, FeedGiven | SitemapGiven)
        if is_list and not isinstance(state.source, FeedItem):
            raise
        expect_room(context.folder)
        return failed(state, error)
    except Exception as error:  # a library may raise anything
        logger.debug("%s: %s", state.result.source, step, exc_info=True)
        expect_room(context.folder)
        if is_out_of_memory(error):
            return out_of_memory(state)
        why = f"unexpected at step {step}: {type(error).__name__}: {error}".splitlines()[0]
        return ended_with_error(state, why)


def next_pool(state: PipelineState, step: str) -> str:
    """Returns the pool of the step after ``step``; ``step`` is "" if none is done."""
    if state.done:
        return WRITE
    steps = list(STEPS)
    return POOL_OF[steps[steps.index(step) + 1 if step else 0]]


def ended_with_error(state: PipelineState, why: str) -> PipelineState:
    """Returns the state of a job that ends with the status "error"."""
    return replace(state, result=error_result(state.result, why), done=True)


def error_result(known: CaptionResult, why: str) -> CaptionResult:
    """Returns a result with the status "error"."""
    return replace(known, status="error", reason=why)
