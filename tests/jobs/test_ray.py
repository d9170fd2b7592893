"""A batch by the workers of a Ray cluster: the same results, and nothing is lost."""

import atexit
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from news_site import options, site
from server import Reply, Server

from aligner.errors import EngineUnavailable
from aligner.jobs import Batch, BatchOptions

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install article-aligner[ray]")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray has warnings of its own

ROOM = Path(tempfile.mkdtemp(prefix="aligner-test-"))
atexit.register(shutil.rmtree, ROOM, ignore_errors=True)
OPTIONS = options(ROOM)


@pytest.fixture(scope="module")
def news() -> Iterator[Server]:
    with site(4) as server:
        entry = f"<item><title>t</title><link>{server.url('/n1/')}</link></item>"
        feed = f'<rss version="2.0"><channel>{entry}</channel></rss>'
        server.routes["/feed"] = Reply(feed.encode(), "application/rss+xml")
        yield server


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without cores, a node of one core, and one of two that is said to have a GPU."""
    from ray.cluster_utils import Cluster

    patch = pytest.MonkeyPatch()
    patch.setenv("RAY_worker_niceness", "0")  # else a busy machine never lets them do anything
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    made.nodes = [made.add_node(num_cpus=1), made.add_node(num_cpus=2, num_gpus=1)]
    yield made
    made.shutdown()
    patch.undo()


def done(folder: Path, given: list[str], where: str | None) -> list[str]:
    with Batch(OPTIONS, BatchOptions(folder, ray=where, workers=2)) as run:
        run.enter(given)
        return sorted(f"{d.name} {d.outcome.status}" for d in run.results())


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_results_are_those_of_this_machine(news: Server, cluster: Any, tmp_path: Path) -> None:
    given = [news.url(path) for path in ("/n0/", "/feed", "/none/", "/lost")]
    here = done(tmp_path / "here", given, None)
    there = done(tmp_path / "there", given, cluster.address)
    assert here == there == ["lost error", "n0 captioned", "n1 captioned", "none no_media"]
    assert files(tmp_path / "here") == files(tmp_path / "there")


def test_a_worker_with_a_gpu_is_where_one_is(news: Server, cluster: Any, tmp_path: Path) -> None:
    """It does as many items at a time as there are cores beside its GPU."""
    how = BatchOptions(tmp_path, ray=cluster.address, workers=0, gpu_workers=1)
    given = [news.url(f"/n{number}/") for number in range(4)]
    with Batch(OPTIONS, how) as run:
        run.enter(given)
        assert [d.outcome.status for d in run.results()] == ["captioned"] * 4
        assert run.cluster
        assert run.cluster.slots == 2
        (worker,) = run.cluster.workers
    assert worker.location
    assert (worker.location.node, worker.location.gpus) == (cluster.nodes[1].node_id, "0")


def test_missing_gpus_are_an_error(news: Server, cluster: Any, tmp_path: Path) -> None:
    with Batch(OPTIONS, BatchOptions(tmp_path, ray=cluster.address, gpu_workers=2)) as run:
        run.enter([news.url("/n0/")])
        with pytest.raises(EngineUnavailable, match="the cluster has 1 GPUs, too few for 2"):
            next(run.results())


def test_a_node_dies(news: Server, cluster: Any, tmp_path: Path) -> None:
    given = [news.url(f"/n{number}/") for number in range(4)]
    made: list[str] = []
    with Batch(OPTIONS, BatchOptions(tmp_path, ray=cluster.address, workers=2)) as run:
        run.enter(given)
        for result in run.results():
            if not made:
                gone = threading.Thread(target=cluster.remove_node, args=(cluster.nodes.pop(),))
                gone.start()
            made.append(f"{result.name} {result.outcome.status}")
        gone.join()
    assert sorted(made) == [f"n{number} captioned" for number in range(4)]


def test_a_worker_without_a_recogniser(news: Server, cluster: Any, tmp_path: Path) -> None:
    missing = replace(OPTIONS, model=str(tmp_path / "none"))
    with Batch(missing, BatchOptions(tmp_path, ray=cluster.address, workers=1)) as run:
        run.enter([news.url("/n0/")])
        with pytest.raises(EngineUnavailable, match="no recorded transcript"):
            next(run.results())
