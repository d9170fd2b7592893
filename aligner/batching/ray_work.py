"""Items to the workers of a Ray cluster: the one file that imports Ray.

Each worker is an actor of one core with connections and a recogniser of its own, which does all
steps of an item in a folder of its own and gives the outcome back; the run that asked writes it and
keeps the ledger. So a worker, or its machine, may die at any moment: the item goes to another.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from aligner import web
from aligner.batching.pools import Stopped
from aligner.batching.state import outcome_bytes, read_outcome, read_source
from aligner.batching.work import IsList, safely
from aligner.errors import AlignerError, EngineUnavailable
from aligner.nouns import Outcome
from aligner.pipeline import STEPS, Desk, Options, Quiet, begun

TRIES = 4
"""How many workers an item may outlive."""
LOOK_S = 1.0
"""How often one who waits looks whether all is to stop."""


class RayCluster:
    """Workers of a Ray cluster, which threads share: whoever asks gets one that is idle."""

    def __init__(
        self, address: str, workers: int | None, options: Options, asking: web.WebOptions
    ) -> None:
        """Join a cluster, or begin one of this machine ("local"). Raises EngineUnavailable."""
        try:
            import ray
        except ImportError as error:
            why = "not installed; pip install aligner[ray]"
            raise EngineUnavailable("ray", why) from error
        self._ray, self._options = ray, options
        self._asking = replace(asking, allow_private=options.allow_private, cache=None)
        try:
            ray.init(address=address, log_to_driver=False, include_dashboard=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            why = f"no cluster can be joined: {error}".splitlines()[0]
            raise EngineUnavailable(f"ray {address}", why) from error
        self.workers = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._hired: dict[Any, Any] = {}
        """Workers that are to come, by the sign that they are there."""
        self._idle: Queue[Any] = Queue()
        self._lock = threading.Lock()
        for _ in range(self.workers):
            self._hire()

    def close(self) -> None:
        """Leave the cluster; its workers end."""
        self._ray.shutdown()

    def outcome(self, source: bytes, stopping: Callable[[], bool]) -> Outcome:
        """What a worker makes of a source; another, if it dies.

        Raises Stopped, IsList, and EngineUnavailable where a worker has no recogniser.
        """
        for _ in range(TRIES):
            worker = self._free(stopping)
            try:
                answer = self._asked(worker, source, stopping)
            except self._ray.exceptions.RayActorError:
                self._hire()
                continue
            self._idle.put(worker)
            if answer is None:
                raise IsList
            if isinstance(answer, Failed):
                raise EngineUnavailable("a worker", answer.why)
            return read_outcome(answer)
        work = begun(read_source(source))
        why = f"given up: {TRIES} workers died while this was being done"
        return replace(work.known, reason=why)

    def _hire(self) -> None:
        """Ask for one more worker, which is there when the cluster has a core for it."""
        worker = self._ray.remote(Worker).options(num_cpus=1).remote(self._options, self._asking)
        with self._lock:
            self._hired[worker.ready.remote()] = worker

    def _free(self, stopping: Callable[[], bool]) -> Any:
        """The next worker that has nothing to do. Raises Stopped."""
        while not stopping():
            with self._lock:
                there, _ = self._ray.wait(list(self._hired), timeout=0) if self._hired else ([], [])
                for sign in there:
                    self._idle.put(self._hired.pop(sign))
            try:
                return self._idle.get(timeout=LOOK_S)
            except Empty:
                continue
        raise Stopped

    def _asked(self, worker: Any, source: bytes, stopping: Callable[[], bool]) -> Answer:
        asked = worker.outcome.remote(source)
        while not stopping():
            ready, _ = self._ray.wait([asked], timeout=LOOK_S)
            if ready:
                answer: Answer = self._ray.get(asked)
                return answer
        raise Stopped


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a worker can do nothing at all."""

    why: str


Answer = bytes | Failed | None
"""An outcome; or why there is none; None for a source that is a list."""


class Worker:
    """Does one item after the other."""

    def __init__(self, options: Options, asking: web.WebOptions) -> None:
        from aligner.batching import shared

        self._options, self._session = options, web.Session(asking)
        self._tools = shared(options, self._session)

    def ready(self) -> None:
        """Answers when the worker is there."""

    def outcome(self, source: bytes) -> Answer:
        """A source -> what became of it."""
        try:
            with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
                work = begun(read_source(source))
                desk = Desk(self._options, Path(folder), self._tools, Quiet())
                for step in STEPS:
                    work = work if work.ended else safely(step, work, desk)
        except IsList:
            return None
        except AlignerError as error:  # it travels as text: errors of ours cannot be pickled
            return Failed(str(error))
        return outcome_bytes(work.known)
