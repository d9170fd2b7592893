"""Items to the workers of a Ray cluster: the one file that imports Ray.

Each worker is an actor with connections and a recogniser of its own, which does all steps of an
item in a folder of its own and gives the outcome back; the run that asked writes it and keeps the
ledger. So a worker, or its machine, may die at any moment: the item goes to another.

Ray places workers by what they need: a core for one item at a time; or a GPU with some cores, as
many as it does items at a time, so that the GPU hears one while others are fetched and decoded.
"""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from aligner._util import malloc
from aligner._util.distribution import install_hint
from aligner.errors import AlignerError, EngineUnavailable, FeedGiven, SitemapGiven
from aligner.jobs.checkpoint import outcome_bytes, read_outcome, read_source
from aligner.jobs.resources import shared_resources
from aligner.jobs.staged_executor import RunStopped
from aligner.jobs.steps import NETWORK, POOLS, run_step
from aligner.net import client
from aligner.pipeline.options import Options
from aligner.pipeline.progress import NullProgress
from aligner.pipeline.state import StepContext, initial_state
from aligner.types import CaptionResult

logger = logging.getLogger(__name__)

TRIES = 4
"""How many workers an item may outlive."""
LOOK_S = 1.0
"""How often one who waits looks whether all is to stop."""


ROOM_S = 60.0
"""How long a cluster may take to make room for workers with a GPU."""
BESIDE_GPU = 4
"""Cores of a worker with a GPU, where its machine has so many."""


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """Which workers a run asks of a cluster."""

    workers: int | None = None
    """How many of one core; None for one for each core that is left."""
    gpu_workers: int = 0
    """How many with a GPU."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """What workers of a kind need."""

    cores: int
    """As many as they do items at a time."""
    gpus: int = 0


@dataclass(eq=False)
class WorkerHandle:
    """A worker, as the run that hired it knows it."""

    actor: Any
    kind: WorkerSpec
    where: WorkerLocation | None = None
    """None until it is there, and if it died before."""


@dataclass(frozen=True, slots=True)
class WorkerLocation:
    """Where a worker is, and what it may use."""

    host: str
    node: str
    gpus: str
    """Their numbers, as CUDA_VISIBLE_DEVICES has them."""


class RayCluster:
    """Workers of a Ray cluster, which threads share: whoever asks gets one that is idle."""

    def __init__(
        self, address: str, crew: WorkerRequest, options: Options, asking: client.WebOptions
    ) -> None:
        """Join a cluster, or begin one of this machine ("local"). Raises EngineUnavailable."""
        try:
            import ray
            import ray.util.scheduling_strategies
        except ImportError as error:
            why = f"not installed; {install_hint('ray')}"
            raise EngineUnavailable("ray", why) from error
        self._ray, self._options = ray, options
        self._asking = replace(
            asking, allow_private=options.allow_private, net=options.net, cache=None
        )
        try:
            ray.init(address=address, log_to_driver=False, include_dashboard=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            why = f"no cluster can be joined: {error}".splitlines()[0]
            raise EngineUnavailable(f"ray {address}", why) from error
        try:
            kinds = self._kinds(crew)
            self._room = self._reserved([kind for kind in kinds if kind.gpus])
        except EngineUnavailable:
            self.close()
            raise
        self.slots = sum(kind.cores for kind in kinds)
        """How many items are done at a time."""
        self._coming: dict[Any, WorkerHandle] = {}
        """Workers that are to come, by the sign that they are there."""
        self.hands: set[WorkerHandle] = set()
        """Workers that are there and live, as far as is known."""
        self._idle: Queue[WorkerHandle] = Queue()
        self._lock = threading.Lock()
        for kind in kinds:
            self._hire(kind)

    def _kinds(self, crew: WorkerRequest) -> list[WorkerSpec]:
        """The workers to hire. Raises EngineUnavailable for GPUs that the cluster lacks."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        gpus = sum(int(node.get("GPU", 0)) for node in nodes)
        if crew.gpu_workers > gpus:
            why = f"the cluster has {gpus} GPUs, too few for {crew.gpu_workers} workers with one"
            raise EngineUnavailable("ray", why)
        shares = [node.get("CPU", 0) // node["GPU"] for node in nodes if node.get("GPU")]
        cores = max(1, min(BESIDE_GPU, *map(int, shares))) if shares else 1
        left = sum(int(node.get("CPU", 0)) for node in nodes) - cores * crew.gpu_workers
        count = crew.workers
        if count is None:
            count = max(0 if crew.gpu_workers else 1, left)
        return [WorkerSpec(cores, 1)] * crew.gpu_workers + [WorkerSpec(1)] * count

    def _reserved(self, kinds: list[WorkerSpec]) -> Any:
        """Room for the workers with a GPU, so that others do not take the cores beside it.

        None if there are none. Raises EngineUnavailable if others of the cluster hold it.
        """
        if not kinds:
            return None
        needs = [{"CPU": kind.cores, "GPU": kind.gpus} for kind in kinds]
        room = self._ray.util.placement_group(needs)
        if not room.wait(ROOM_S):
            why = f"no room for {len(kinds)} workers with a GPU and {kinds[0].cores} cores each"
            raise EngineUnavailable("ray", f"{why} in {ROOM_S:.0f} s")
        return self._ray.util.scheduling_strategies.PlacementGroupSchedulingStrategy(room)

    def close(self) -> None:
        """Leave the cluster; its workers end."""
        self._ray.shutdown()

    def outcome(self, source: bytes, stopping: Callable[[], bool]) -> CaptionResult | None:
        """Returns a worker's result for an encoded source; None for a feed or sitemap.

        If the worker dies, another one does it. Raises RunStopped, and EngineUnavailable if a
        worker has no recogniser.
        """
        for _ in range(TRIES):
            worker = self._free(stopping)
            try:
                answer = self._asked(worker.actor, source, stopping)
            except self._ray.exceptions.RayActorError:
                self._replace(worker)
                continue
            self._idle.put(worker)
            if answer is None:
                return None
            if isinstance(answer, Failed):
                raise EngineUnavailable("a worker", answer.why)
            return read_outcome(answer)
        work = initial_state(read_source(source))
        why = f"given up: {TRIES} workers died while this was being done"
        return replace(work.result, reason=why)

    def _hire(self, kind: WorkerSpec) -> None:
        """Ask for one more worker, which is there when the cluster has room for it."""
        made = self._ray.remote(Worker).options(
            num_cpus=kind.cores, num_gpus=kind.gpus, max_concurrency=kind.cores,
            scheduling_strategy=self._room if kind.gpus else None,
        )  # fmt: skip
        without = self._room and not kind.gpus  # GPUs are for those who asked for one
        options = replace(self._options, device="cpu") if without else self._options
        actor = made.remote(options, self._asking)
        with self._lock:
            self._coming[actor.ready.remote()] = WorkerHandle(actor, kind)

    def _replace(self, dead: WorkerHandle) -> None:
        """A worker died, perhaps with several items: another is hired once."""
        with self._lock:
            known = dead in self.hands
            self.hands.discard(dead)
        if known:
            self._hire(dead.kind)

    def _welcome(self) -> None:
        """Workers that have come are idle, once for each item that they can do at a time."""
        with self._lock:
            there, _ = self._ray.wait(list(self._coming), timeout=0) if self._coming else ([], [])
            for sign in there:
                hand = self._coming.pop(sign)
                with suppress(self._ray.exceptions.RayActorError):  # whoever asks it will see
                    hand.where = self._ray.get(sign)
                logger.info("a worker is there: %s", hand.where)
                self.hands.add(hand)
                for _ in range(hand.kind.cores):
                    self._idle.put(hand)

    def _free(self, stopping: Callable[[], bool]) -> WorkerHandle:
        """The next worker that has nothing to do. Raises Stopped."""
        while not stopping():
            self._welcome()
            try:
                hand = self._idle.get(timeout=LOOK_S)
            except Empty:
                continue
            if hand in self.hands:
                return hand
        raise RunStopped

    def _asked(self, worker: Any, source: bytes, stopping: Callable[[], bool]) -> Answer:
        asked = worker.outcome.remote(source)
        while not stopping():
            ready, _ = self._ray.wait([asked], timeout=LOOK_S)
            if ready:
                answer: Answer = self._ray.get(asked)
                return answer
        raise RunStopped


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a worker can do nothing at all."""

    why: str


Answer = bytes | Failed | None
"""An outcome; or why there is none; None for a source that is a list."""


class Worker:
    """Does items: as many at a time as it has cores, each pool one at a time, as in a run here."""

    def __init__(self, options: Options, asking: client.WebOptions) -> None:
        malloc.claim()  # the process of an actor does nothing else
        self._options, self._session = options, client.Session(asking)
        self._resources = shared_resources(options, self._session)
        self._turns = {pool: threading.Lock() for pool in POOLS if pool not in NETWORK}

    def ready(self) -> WorkerLocation:
        """Answers when the worker is there."""
        import ray

        node = ray.get_runtime_context().get_node_id()
        return WorkerLocation(
            socket.gethostname(), node, os.environ.get("CUDA_VISIBLE_DEVICES", "")
        )

    def outcome(self, source: bytes) -> Answer:
        """A source -> what became of it."""
        try:
            with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
                work = initial_state(read_source(source))
                desk = StepContext(self._options, Path(folder), self._resources, NullProgress())
                for pool, steps in POOLS.items():
                    with self._turns.get(pool) or nullcontext():
                        for step in steps:
                            work = work if work.done else run_step(step, work, desk)
        except (FeedGiven, SitemapGiven):
            return None
        except (AlignerError, OSError) as error:  # as text: errors of ours cannot be pickled
            return Failed(str(error))
        return outcome_bytes(work.result)
