"""Connections, feed cache and recogniser that all jobs of a process share."""

from __future__ import annotations

import logging

from aligner import asr
from aligner._util.concurrency import BackgroundLazy
from aligner.discovery import page_worker
from aligner.errors import AlignerError
from aligner.net import client
from aligner.pipeline.options import Options
from aligner.pipeline.progress import Progress
from aligner.pipeline.resources import (
    Resources,
    load_engine,
    prepare_model,
    with_local_files,
)

logger = logging.getLogger(__name__)


class EngineLoadFailed(Exception):
    """The recogniser cannot be loaded, which ends the run and not one job.

    Not an AlignerError, so that no step takes it for a fault of its article.
    """

    def __init__(self, error: AlignerError) -> None:
        self.error = error
        super().__init__(str(error))


def shared_resources(options: Options, session: client.Session) -> Resources:
    """Returns what the steps of all jobs share.

    The recogniser is loaded in the background; using it raises EngineLoadFailed if that fails.
    """

    def engine() -> asr.Engine:
        try:
            loaded = load_engine(options)
        except AlignerError as error:
            raise EngineLoadFailed(error) from error
        logger.info("the recogniser is loaded: %s %s", loaded.info.name, loaded.info.model)
        return loaded

    def prepare(progress: Progress) -> None:
        try:
            prepare_model(options, progress)
        except AlignerError as error:
            raise EngineLoadFailed(error) from error

    return Resources(
        session.fetch,
        page_worker.feed_reader(session.fetch),
        BackgroundLazy(engine),
        prepare,
        session.throttle,
        fetch_part=with_local_files(session.fetch_range),
        timeout_s=session.options.timeout_s,
    )
