"""What a batch makes beside the formats: as `aligner caption` makes it, once, and gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from news_site import SAMPLE, options, site
from server import Reply, Server

from aligner.audio import decode
from aligner.audio.ffmpeg import ffmpeg_path
from aligner.captions.formats import Look
from aligner.errors import BadSource
from aligner.jobs import Batch, BatchOptions
from aligner.pipeline.options import Options
from aligner.review.extras import Extras

BOTH = Extras(("embed",), review=True)


@pytest.fixture(scope="module")
def news() -> Iterator[Server]:
    with site() as server:
        yield server


@pytest.fixture(scope="module")
def how(tmp_path_factory: pytest.TempPathFactory) -> Options:
    return options(tmp_path_factory.mktemp("recorded"))


def batch(folder: Path, how: Options, sources: list[str], **changes: Any) -> list[str]:
    with Batch(how, replace(BatchOptions(folder), **changes)) as run:
        run.enter(sources)
        made = [f"{done.name} {done.outcome.status}" for done in run.results()]
        run.write_reports()
    return sorted(made)


def row(folder: Path, number: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        (folder / "report.jsonl").read_text("utf-8").splitlines()[number]
    )
    return made


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith((".", "report")))


ALL = ["n0.captioned.mp4", "n0.html", "n0.json", "n0.mp4", "n0.txt", "n0.vtt"]


@pytest.mark.slow
def test_all_that_caption_makes(news: Server, how: Options, tmp_path: Path) -> None:
    look = Look(styled=True, karaoke=True)
    assert batch(tmp_path / "many", how, [news.url("/n0/")], look=look, extras=BOTH) == [
        "n0 captioned"
    ]
    assert names(tmp_path / "many") == ALL
    assert set(row(tmp_path / "many")["files"]) == set(ALL)
    subprocess.run(
        [sys.executable, "-m", "aligner", "caption", news.url("/n0/"), "-o", tmp_path / "one", "-q",
         "--engine", how.engine, "--model", how.model, "--allow-private", "--styled", "--karaoke",
         "--embed", "--review"],
        check=True, capture_output=True,
    )  # fmt: skip
    for name in ("n0.vtt", "n0.txt", "n0.mp4"):
        assert (tmp_path / "many" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    assert "<c." in (tmp_path / "many" / "n0.vtt").read_text("utf-8")
    inside = decode.probe(tmp_path / "many" / "n0.captioned.mp4")
    assert (inside.has_audio, inside.has_video) == (True, True)
    assert not list((tmp_path / "many" / ".aligner" / "work").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "where"), [(0, None), (1000, None), (True, "media/n0.mp4"), (None, "n0.mp4")]
)
def test_a_page_keeps_its_recording_as_asked(
    news: Server, how: Options, tmp_path: Path, size: int | None, where: str | None
) -> None:
    extras = Extras(review=True)
    batch(tmp_path, how, [news.url("/n0/")], extras=extras, keep_media=size)
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("n0.mp4")] == (
        [where] if where else []
    )
    assert row(tmp_path)["status"] == "captioned"
    page = (tmp_path / "n0.html").read_text("utf-8")
    assert str(tmp_path) not in page
    assert (f"./{where}" in page) == bool(where)


@pytest.mark.slow
def test_what_is_done_is_not_done_again(news: Server, how: Options, tmp_path: Path) -> None:
    given = [news.url("/n0/"), news.url("/none/")]
    batch(tmp_path, how, given, extras=BOTH)
    asked = len(news.asked)
    assert batch(tmp_path, how, given, extras=BOTH) == []
    assert len(news.asked) == asked


@pytest.mark.slow
@pytest.mark.parametrize("by", ["batch", "caption"])
def test_extras_requested_later_need_no_recognition(
    news: Server, how: Options, tmp_path: Path, by: str
) -> None:
    if by == "batch":
        batch(tmp_path, how, [news.url("/n0/")])
    else:
        subprocess.run(
            [sys.executable, "-m", "aligner", "caption", news.url("/n0/"), "-o", tmp_path, "-q",
             "--engine", how.engine, "--model", how.model, "--allow-private"],
            check=True, capture_output=True,
        )  # fmt: skip
    for name in ("n0.mp4", "n0.html"):
        (tmp_path / name).unlink(missing_ok=True)
    before = (tmp_path / "n0.vtt").stat().st_mtime_ns
    deaf = replace(how, model="nowhere.json")
    assert batch(tmp_path, deaf, [news.url("/n0/")], extras=BOTH) == ["n0 captioned"]
    assert names(tmp_path) == ALL
    assert (tmp_path / "n0.vtt").stat().st_mtime_ns == before
    assert batch(tmp_path, deaf, [news.url("/n0/")], extras=BOTH) == []


@pytest.mark.slow
def test_a_missing_recording_is_reported(how: Options, tmp_path: Path) -> None:
    with site(1) as news:
        batch(tmp_path, how, [news.url("/n0/")])
        (tmp_path / "n0.mp4").unlink(missing_ok=True)
        del news.routes["/n0/russia-and-assad.mp4"]
        assert batch(tmp_path, how, [news.url("/n0/")], extras=Extras(("embed",))) == [
            "n0 captioned"
        ]
        assert "not all was made beside it: the recording cannot be had" in row(tmp_path)["reason"]
        assert batch(tmp_path, how, [news.url("/n0/")], extras=Extras(("embed",))) == []
    assert "not all" not in (tmp_path / "n0.json").read_text("utf-8")


@pytest.mark.slow
def test_sound_alone_is_no_failure(how: Options, tmp_path: Path) -> None:
    page = (SAMPLE / "index.html").read_bytes().replace(b".mp4", b".m4a")
    sound = tmp_path / "a.m4a"
    subprocess.run(
        [str(ffmpeg_path()), "-loglevel", "error", "-i", SAMPLE / "russia-and-assad.mp4",
         "-vn", "-c", "copy", sound],
        check=True,
    )  # fmt: skip
    routes = {
        "/n0/": Reply(page),
        "/n0/russia-and-assad.m4a": Reply(sound.read_bytes(), "audio/mp4"),
    }
    with Server(routes) as news:
        out = tmp_path / "out"
        assert batch(out, how, [news.url("/n0/")], extras=BOTH) == ["n0 captioned"]
        assert "sound alone" in row(out)["reason"]
        assert names(out) == ["n0.html", "n0.json", "n0.m4a", "n0.txt", "n0.vtt"]


@pytest.mark.parametrize("where", [{"ray": "local"}, {"store": "memory://x"}])
def test_where_they_cannot_be_made(how: Options, tmp_path: Path, where: dict[str, str]) -> None:
    with pytest.raises(BadSource, match="in a folder of this machine"):
        Batch(how, replace(BatchOptions(tmp_path), extras=BOTH, **where))  # type: ignore[arg-type]


@pytest.mark.slow
def test_killed_while_they_are_made_it_goes_on(news: Server, how: Options, tmp_path: Path) -> None:
    out, listed = tmp_path / "out", tmp_path / "l.txt"
    listed.write_text(f"{news.url('/n0/')}\n{news.url('/n1/')}\n")
    command = [
        sys.executable, "-m", "aligner", "batch", str(listed), "-o", str(out), "-q", "--no-cache",
        "--engine", how.engine, "--model", how.model, "--allow-private", "--embed", "--review",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while time.monotonic() < until and not list(out.glob("*.vtt")):
        time.sleep(0.01)
    process.kill()
    process.communicate()
    half_made = out / ".n0.captioned.mp4.1.part"
    half_made.mkdir()
    (half_made / "n0.captioned.mp4").write_bytes(b"half")
    assert subprocess.run(command, capture_output=True, check=False, timeout=100).returncode == 0
    assert names(out) == sorted([*ALL, *(name.replace("n0", "n1") for name in ALL)])
    assert not [p.name for p in out.iterdir() if ".part" in p.name and p.name.startswith(".n1")]
