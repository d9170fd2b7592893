"""The log file of `batch` and `check`: JSON lines, appended, without secrets, whatever happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server import Reply, Server

from aligner.cli import logfile

PAGE = "<html lang=en><title>t</title><article><h1>A bridge</h1>" + "<p>The council met.</p>" * 30


@pytest.fixture
def site() -> Iterator[Server]:
    routes = {"/none": Reply(PAGE.encode()), "/slow": Reply(PAGE.encode(), delay_s=20)}
    with Server(routes) as server:
        yield server


def command(name: str, log: Path, *arguments: str | Path) -> list[str]:
    common = ("--allow-private", "--no-cache", "-q", "--log")
    return [sys.executable, "-m", "aligner", name, *common, *map(str, (log, *arguments))]


def ran(name: str, log: Path, *arguments: str | Path) -> tuple[int, str]:
    made = subprocess.run(
        command(name, log, *arguments), capture_output=True, text=True, timeout=240, check=False
    )
    assert "Traceback" not in made.stderr
    return made.returncode, made.stderr


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@pytest.mark.slow
def test_what_a_batch_says(site: Server, tmp_path: Path) -> None:
    listed, log = tmp_path / "l.txt", tmp_path / "run.log"
    address = site.url("/none?token=geheim")
    listed.write_text(f"{address}\nnowhere.html\n")
    assert ran("batch", log, listed, "-o", tmp_path / "out") == (7, "")
    said = events(log)
    assert [event["event"] for event in said if event["event"] != "article"] == [
        "begin", "listed", "summary", "end",
    ]  # fmt: skip
    assert said[0]["schema"] == "aligner-log/1"
    assert said[1]["to_do"] == 2
    articles = {event["status"]: event for event in said if event["event"] == "article"}
    assert articles.keys() == {"no_media", "error"}
    assert articles["no_media"]["source"] == site.url("/none?token=...")
    assert articles["error"]["reason"] == "nowhere.html: no such file"
    assert said[-2]["statuses"] == {"no_media": 1, "error": 1}
    assert (said[-2]["exit_code"], said[-1]["how"]) == (7, "done")
    assert "geheim" not in log.read_text("utf-8")
    assert ran("batch", log, listed, "-o", tmp_path / "out") == (0, "")
    assert len(events(log)) == len(said) + 4  # appended


@pytest.mark.slow
def test_what_a_check_says(site: Server, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    assert ran("check", log, site.url("/none"))[0] == 3
    ran("check", log, site.url("/none"), "http://127.0.0.1:9/")
    sources = [event for event in events(log) if event["event"] == "source"]
    assert sorted(event["state"] for event in sources) == ["none", "none", "unreachable"]
    assert [event["event"] for event in events(log)].count("end") == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["batch", "check"])
def test_an_interruption_is_told(site: Server, tmp_path: Path, name: str) -> None:
    listed, log = tmp_path / "l.txt", tmp_path / "run.log"
    listed.write_text(f"{site.url('/none')}\n{site.url('/slow')}\n")
    given = (listed, "-o", tmp_path / "out") if name == "batch" else ("--from", listed, "--csv")
    process = subprocess.Popen(
        command(name, log, *given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    while site.url("/none") not in process.stdout.readline():
        pass
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert events(log)[-1]["how"] == "interrupted"


@pytest.mark.slow
def test_a_log_that_cannot_be_opened(site: Server, tmp_path: Path) -> None:
    code, err = ran("check", tmp_path / "nowhere" / "run.log", site.url("/none"))
    assert (code, "run.log: cannot be written: No such file or directory" in err) == (1, True)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_full_disk_does_not_end_the_run(site: Server) -> None:
    code, err = ran("check", Path("/dev/full"), site.url("/none"))
    assert code == 3
    assert err.count("the log is incomplete: ") == 1


def test_a_log_that_is_rotated_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with logfile.opened(path, "batch") as log:
        path.rename(tmp_path / "run.log.1")
        log.event("article", source="a\x1b[31m")
    assert [event["event"] for event in events(tmp_path / "run.log.1")] == ["begin"]
    assert [event["event"] for event in events(path)] == ["article", "end"]
    assert events(path)[0]["source"] == "a [31m"


def test_a_folder_that_goes_away_does_not_end_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    with logfile.opened(tmp_path / "logs" / "run.log", "batch") as log:
        shutil.rmtree(tmp_path / "logs")
        for _ in range(3):
            log.event("article")
    assert capsys.readouterr().err.count("the log is incomplete: ") == 1
