"""Results in a shared folder or an object store: whole or absent, and the same again goes on."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from news_site import options, site
from server import Server
from test_store import captioned

from aligner.captions.formats import Look
from aligner.errors import NameTaken, OutputError
from aligner.jobs import Batch, BatchOptions, dry_run
from aligner.jobs.fsspec_storage import Remote
from aligner.jobs.storage import WriteOptions
from aligner.pipeline.options import Options


class Share(LocalFileSystem):  # type: ignore[misc]
    """A shared folder that shows files while they grow, and may break off."""

    protocol = "share"
    room: ClassVar[int] = 1 << 40
    """Bytes that it still takes."""

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        if mode == "create" and Path(path).exists():
            raise FileExistsError(path)
        taken = value[: Share.room]
        Share.room -= len(taken)
        Path(path).write_bytes(taken)
        if len(taken) < len(value):
            raise OSError(28, "No space left on device")

    def mv(self, path1: str, path2: str, **_: Any) -> None:
        Path(path1).rename(path2)


fsspec.register_implementation("share", Share, clobber=True)


@pytest.fixture(scope="module")
def news() -> Iterator[Server]:
    with site(1) as server:
        yield server


@pytest.fixture(scope="module")
def how(tmp_path_factory: pytest.TempPathFactory) -> Options:
    return options(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(params=["memory", "file", "share", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place of each kind."""
    if request.param == "memory":
        return f"memory://{uuid4().hex}"
    if request.param == "s3":
        return f"s3://{request.getfixturevalue('bucket')}/{uuid4().hex}/captions"
    return f"{request.param}://{tmp_path / 'shared' / 'captions'}"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of a server that speaks as S3 does."""
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install article-aligner[store]")
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    served = server.ThreadedMotoServer(port=0, verbose=False)
    served.start()
    host, port = served.get_host_and_port()
    where = {"endpoint_url": f"http://{host}:{port}", "key": "x", "secret": "x"}
    fsspec.config.conf["s3"] = where
    fsspec.filesystem("s3").mkdir("captions-of-a-test")
    yield "captions-of-a-test"
    del fsspec.config.conf["s3"]
    served.stop()


def batch(given: list[str], options: Options, to: BatchOptions) -> list[str]:
    with Batch(options, to) as run:
        run.enter(given)
        made = sorted(f"{done.name} {done.outcome.status}" for done in run.results())
        run.write_reports()
    return made


def there(address: str) -> dict[str, bytes]:
    """What lies at an address, by names."""
    fs, root = fsspec.core.url_to_fs(address)
    fs.invalidate_cache()
    return {path.rpartition("/")[2]: fs.cat_file(path) for path in fs.find(root)}


@pytest.fixture(scope="module")
def folder(news: Server, how: Options, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a batch in a folder."""
    made = tmp_path_factory.mktemp("folder")
    batch([news.url("/n0/"), news.url("/none/")], how, BatchOptions(made))
    return made


def timeless(report: bytes) -> list[dict[str, Any]]:
    """A report's rows, without when and how long something was done."""
    rows = [json.loads(line) for line in report.splitlines()]
    return [row | dict.fromkeys(("started", "ended", "seconds")) for row in rows]


@pytest.mark.slow
def test_results_are_those_of_a_folder(
    news: Server, how: Options, address: str, folder: Path, tmp_path: Path
) -> None:
    given = [news.url("/n0/"), news.url("/none/")]
    to = BatchOptions(tmp_path / "state", store=address)
    with dry_run(how, to) as plan:
        assert plan.enter(given) == 2
    assert batch(given, how, to) == ["n0 captioned", "none no_media"]
    found = there(address)
    here = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    reports = [timeless(files["report.jsonl"]) for files in (found, here)]
    assert reports[0] == reports[1]
    assert found == here | {"report.jsonl": found["report.jsonl"]}
    made = json.loads(found["report.jsonl"].splitlines()[0])["files"]
    assert set(made) == {"n0.vtt", "n0.json", "n0.txt"}
    assert [p.name for p in (tmp_path / "state").iterdir()] == [".aligner"]


def test_results_in_a_store_are_not_made_again(
    news: Server, how: Options, address: str, tmp_path: Path
) -> None:
    """What is there is done, for another ledger too; what is gone is made again."""
    given = [news.url("/none/"), news.url("/none/?b")]
    to = BatchOptions(tmp_path / "state", store=address)
    assert batch(given, how, to) == ["none no_media", "none-b no_media"]
    assert batch(given, how, to) == []
    elsewhere = replace(to, folder=tmp_path / "other")
    assert batch(given, how, elsewhere) == []
    fs, root = fsspec.core.url_to_fs(address)
    fs.rm_file(f"{root}/none.json")
    assert batch(given, how, to) == ["none no_media"]
    more = replace(to, formats=("json",), statuses=("no_media",))
    assert batch(given[:1], how, more) == ["none no_media"]
    assert {"none.txt", "none.json"} <= there(address).keys()  # all formats that there were


def test_names_of_other_results_are_not_used(
    news: Server, how: Options, address: str, tmp_path: Path
) -> None:
    """A result of that name that is another source's is left as it is."""
    batch([news.url("/none/")], how, BatchOptions(tmp_path / "one", store=address))
    before = there(address)["none.json"]
    again = BatchOptions(tmp_path / "two", store=address)
    (made,) = batch([news.url("/none/?again")], how, again)
    assert made.startswith("none-again no_media")
    (made,) = batch([news.url("/none/index.html")], how, again)
    assert made.startswith("none-")
    assert there(address)["none.json"] == before


@pytest.mark.parametrize("room", [0, 100, 2500])
def test_a_place_that_breaks_off(news: Server, how: Options, tmp_path: Path, room: int) -> None:
    """Nothing half-written has a result's name; when there is room again, the same goes on."""
    address = f"share://{tmp_path / 'shared'}"
    given = [news.url("/none/"), news.url("/none/?b"), news.url("/none/?c")]
    to = BatchOptions(tmp_path / "state", store=address)
    try:
        Share.room = room
        with pytest.raises(OutputError, match=r"share://.*No space left"):
            batch(given, how, to)
    finally:
        Share.room = 1 << 40
    broken = {name: data for name, data in there(address).items() if not name.startswith(".")}
    batch(given, how, to)
    whole = there(address)
    assert not [name for name in whole if name.startswith(".")]
    assert all(whole[name] == data for name, data in broken.items())
    made = {f"none{which}.{kind}" for which in ("", "-b", "-c") for kind in ("json", "txt")}
    assert whole.keys() == made | {"report.html", "report.jsonl"}


def test_unusable_addresses_of_stores_are_errors(how: Options, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nonsense://x: cannot be written: .*nonsense"):
        Batch(how, BatchOptions(tmp_path, store="nonsense://x"))
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- two runs at once

HOW = WriteOptions(("vtt", "json"), Look(name="rain"))


def at_once(address: str, sources: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two runs write results of one name, the second while the first sends its captions.

    Returns what became of the second.
    """
    runs = [Remote(address), Remote(address)]
    for run in runs:
        run.prepare()
    ended: list[str] = []
    send = Remote._send

    def second(self: Remote, file: str, data: bytes) -> None:
        send(self, file, data)
        if self is runs[0] and not ended:
            ended.append("running")
            try:
                runs[1].put(captioned(sources[1]), "rain", HOW)
                ended[:] = ["written"]
            except NameTaken:
                ended[:] = [runs[1].name_for(sources[1], set())]

    monkeypatch.setattr(Remote, "_send", second)
    runs[0].put(captioned(sources[0]), "rain", HOW)
    return ended


ONE, OTHER = "https://one.example/rain", "https://other.example/rain"


@pytest.mark.parametrize("address", ["memory", "share", "s3"], indirect=True)
def test_articles_of_one_name_written_at_once_are_both_kept(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second gets another name, and no claim is left."""
    (name,) = at_once(address, (ONE, OTHER), monkeypatch)
    assert name.startswith("rain-")
    found = there(address)
    assert set(found) == {"rain.json", "rain.vtt"}
    assert json.loads(found["rain.json"])["source"]["given"] == ONE


@pytest.mark.parametrize("address", ["memory"], indirect=True)
def test_one_article_may_be_written_by_two_runs(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_once(address, (ONE, ONE), monkeypatch) == ["written"]
    assert set(there(address)) == {"rain.json", "rain.vtt"}


def test_a_name_that_was_written_since_it_was_listed_is_taken(address: str) -> None:
    first, second = Remote(address), Remote(address)
    for run in (first, second):
        run.prepare()
    first.put(captioned(ONE), "rain", HOW)
    with pytest.raises(NameTaken):
        second.put(captioned(OTHER), "rain", HOW)
    assert second.name_for(OTHER, set()) != "rain"
    second.put(captioned(OTHER), second.name_for(OTHER, set()), HOW)
    found = there(address)
    assert json.loads(found["rain.json"])["source"]["given"] == ONE
    assert sorted(name.rpartition(".")[2] for name in found) == ["json", "json", "vtt", "vtt"]


@pytest.mark.parametrize("address", ["memory"], indirect=True)
def test_a_claim_that_a_killed_run_left_does_not_stop_its_article(address: str) -> None:
    fs, root = fsspec.core.url_to_fs(address)
    fs.makedirs(root, exist_ok=True)
    for left in (f"{ONE}\n", ONE[:9]):
        fs.pipe_file(f"{root}/.rain.claim", left.encode())
        run = Remote(address)
        run.prepare()
        run.put(captioned(ONE), "rain", HOW)
        assert set(there(address)) == {"rain.json", "rain.vtt"}
