"""Runs items on the workers of a Ray cluster. No other file imports Ray.

Each worker is a Ray actor with its own connections, recogniser and folder. It does all steps of an
item and returns the result; the run that sent the item writes the result and keeps the ledger. If a
worker or its machine dies, the item is sent to another worker.

A worker has either one core, for one item at a time, or a GPU with several cores, for as many items
at a time: the GPU transcribes one while others are fetched and decoded.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from queue import Empty, Queue
from typing import Any

from aligner._util import malloc
from aligner._util.distribution import install_hint
from aligner._util.telemetry import telemetry_off
from aligner._util.temporary_folder import temporary_folder
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
"""Workers to which an item is sent before it is given up."""
POLL_S = 1.0
"""Time between two checks whether the run stops."""
PLACEMENT_TIMEOUT_S = 60.0
"""Time in which the cluster must reserve resources for the workers with a GPU."""
GPU_WORKER_CORES = 4
"""Cores of a worker with a GPU, or fewer if its machine has fewer for each GPU."""


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """The workers that a run requests from a cluster."""

    workers: int | None = None
    """Number of workers with one core; None for one on each core that is left."""
    gpu_workers: int = 0
    """Number of workers with a GPU."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """The resources of a worker."""

    cores: int
    """Also the number of items that it does at a time."""
    gpus: int = 0


@dataclass(eq=False)
class WorkerHandle:
    """A worker as the run that started it sees it."""

    actor: Any
    spec: WorkerSpec
    location: WorkerLocation | None = None
    """None until the worker is ready, or if it died before."""


@dataclass(frozen=True, slots=True)
class WorkerLocation:
    """The machine of a worker and the GPUs that it uses."""

    host: str
    node: str
    gpus: str
    """Their numbers, as in CUDA_VISIBLE_DEVICES."""


class RayCluster:
    """The workers of a Ray cluster, shared by threads: each request goes to an idle worker."""

    def __init__(
        self, address: str, request: WorkerRequest, options: Options, web: client.WebOptions
    ) -> None:
        """Joins a cluster, or starts one on this machine ("local"). Raises EngineUnavailable."""
        try:
            import ray
            import ray.util.scheduling_strategies
        except ImportError as error:
            why = f"not installed; {install_hint('ray')}"
            raise EngineUnavailable("ray", why) from error
        self._ray, self._options = ray, options
        self._web = replace(web, allow_private=options.allow_private, net=options.net, cache=None)
        try:
            with telemetry_off():
                ray.init(address=address, log_to_driver=False, include_dashboard=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            why = f"no cluster can be joined: {error}".splitlines()[0]
            raise EngineUnavailable(f"ray {address}", why) from error
        try:
            specs = self._specs(request)
            self._placement = self._reserved([spec for spec in specs if spec.gpus])
        except EngineUnavailable:
            self.close()
            raise
        self.slots = sum(spec.cores for spec in specs)
        """Number of items that are done at a time."""
        self._starting: dict[Any, WorkerHandle] = {}
        """Workers that are not ready yet, by the Ray reference that resolves when they are."""
        self.workers: set[WorkerHandle] = set()
        """Workers that are ready and not known to be dead."""
        self._idle: Queue[WorkerHandle] = Queue()
        self._lock = threading.Lock()
        for spec in specs:
            self._start(spec)

    def _specs(self, request: WorkerRequest) -> list[WorkerSpec]:
        """Returns the workers to start. Raises EngineUnavailable for GPUs that do not exist."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        gpus = sum(int(node.get("GPU", 0)) for node in nodes)
        if request.gpu_workers > gpus:
            why = f"the cluster has {gpus} GPUs, too few for {request.gpu_workers} workers with one"
            raise EngineUnavailable("ray", why)
        shares = [node.get("CPU", 0) // node["GPU"] for node in nodes if node.get("GPU")]
        cores = max(1, min(GPU_WORKER_CORES, *map(int, shares))) if shares else 1
        left = sum(int(node.get("CPU", 0)) for node in nodes) - cores * request.gpu_workers
        count = request.workers
        if count is None:
            count = max(0 if request.gpu_workers else 1, left)
        return [WorkerSpec(cores, 1)] * request.gpu_workers + [WorkerSpec(1)] * count

    def _reserved(self, specs: list[WorkerSpec]) -> Any:
        """Reserves the GPUs of workers with a GPU, with the cores that no other worker may take.

        Returns the scheduling strategy of these workers; None without such workers. Raises
        EngineUnavailable if the resources are not free in time.
        """
        if not specs:
            return None
        needs = [{"CPU": spec.cores, "GPU": spec.gpus} for spec in specs]
        group = self._ray.util.placement_group(needs)
        if not group.wait(PLACEMENT_TIMEOUT_S):
            why = f"no room for {len(specs)} workers with a GPU and {specs[0].cores} cores each"
            raise EngineUnavailable("ray", f"{why} in {PLACEMENT_TIMEOUT_S:.0f} s")
        return self._ray.util.scheduling_strategies.PlacementGroupSchedulingStrategy(group)

    def close(self) -> None:
        """Leaves the cluster; the workers of this run end."""
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
            if isinstance(answer, WorkerFailure):
                raise EngineUnavailable("a worker", answer.why)
            return read_outcome(answer)
        work = initial_state(read_source(source))
        why = f"given up: {TRIES} workers died while this was being done"
        return replace(work.result, reason=why)

    def _start(self, spec: WorkerSpec) -> None:
        """Requests one more worker; it starts when the cluster has free resources."""
        made = self._ray.remote(Worker).options(
            num_cpus=spec.cores, num_gpus=spec.gpus, max_concurrency=spec.cores,
            scheduling_strategy=self._placement if spec.gpus else None,
        )  # fmt: skip
        without_gpu = self._placement and not spec.gpus  # GPUs are left to the workers with one
        options = replace(self._options, device="cpu") if without_gpu else self._options
        actor = made.remote(options, self._web)
        with self._lock:
            self._starting[actor.ready.remote()] = WorkerHandle(actor, spec)

    def _replace(self, dead: WorkerHandle) -> None:
        """Starts another worker for a dead one; once, although several of its items may fail."""
        with self._lock:
            known = dead in self.workers
            self.workers.discard(dead)
        if known:
            self._start(dead.spec)

    def _add_ready_workers(self) -> None:
        """Marks workers that became ready as idle, once for each item that they do at a time."""
        with self._lock:
            pending = list(self._starting)
            ready, _ = self._ray.wait(pending, timeout=0) if pending else ([], [])
            for reference in ready:
                worker = self._starting.pop(reference)
                with suppress(self._ray.exceptions.RayActorError):  # its first item will show it
                    worker.location = self._ray.get(reference)
                logger.info("a worker is ready: %s", worker.location)
                self.workers.add(worker)
                for _ in range(worker.spec.cores):
                    self._idle.put(worker)

    def _free(self, stopping: Callable[[], bool]) -> WorkerHandle:
        """Returns the next idle worker. Raises RunStopped."""
        while not stopping():
            self._add_ready_workers()
            try:
                worker = self._idle.get(timeout=POLL_S)
            except Empty:
                continue
            if worker in self.workers:
                return worker
        raise RunStopped

    def _asked(self, worker: Any, source: bytes, stopping: Callable[[], bool]) -> Answer:
        asked = worker.outcome.remote(source)
        while not stopping():
            ready, _ = self._ray.wait([asked], timeout=POLL_S)
            if ready:
                answer: Answer = self._ray.get(asked)
                return answer
        raise RunStopped


@dataclass(frozen=True, slots=True)
class WorkerFailure:
    """The reason why a worker can do no item at all."""

    why: str


Answer = bytes | WorkerFailure | None
"""A result; or why there is none; None for a source that is a feed or sitemap."""


class Worker:
    """The actor. It does as many items at a time as it has cores, but one at a time in each pool of
    steps that does not only use the network, as a run on one machine does."""

    def __init__(self, options: Options, web: client.WebOptions) -> None:
        malloc.claim()  # an actor has its own process
        self._options, self._session = options, client.Session(web)
        self._resources = shared_resources(options, self._session)
        self._locks = {pool: threading.Lock() for pool in POOLS if pool not in NETWORK}

    def ready(self) -> WorkerLocation:
        """Returns the location of the worker, once it is ready."""
        import ray

        node = ray.get_runtime_context().get_node_id()
        return WorkerLocation(
            socket.gethostname(), node, os.environ.get("CUDA_VISIBLE_DEVICES", "")
        )

    def outcome(self, source: bytes) -> Answer:
        """Returns the encoded result for an encoded source, or why there is none."""
        try:
            with temporary_folder() as folder:
                work = initial_state(read_source(source))
                context = StepContext(self._options, folder, self._resources, NullProgress())
                for pool, steps in POOLS.items():
                    with self._locks.get(pool) or nullcontext():
                        for step in steps:
                            work = work if work.done else run_step(step, work, context)
        except (FeedGiven, SitemapGiven):
            return None
        except (AlignerError, OSError) as error:  # as text: these errors cannot be pickled
            return WorkerFailure(str(error))
        return outcome_bytes(work.result)
