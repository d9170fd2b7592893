"""A batch that dies again and again, by a signal from outside or by one of its articles."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from server import Reply, Server

PROSE = "<p>The council of the village met again and agreed to repair the bridge.</p>" * 9
COUNT = 12
PROGRAM = """
import os, signal, sys, threading, time
from pathlib import Path

from aligner.jobs import Batch, BatchOptions
from aligner.discovery import page_worker
from aligner.pipeline.options import Options
from aligner.net.client import WebOptions
import trafilatura  # before the children, which need it all

folder, deadly, kills, *given = sys.argv[1:]
read = page_worker.article_of

def article_of(page):
    time.sleep(0.05)
    if deadly != "-" and str(page.url).endswith(deadly):
        os.kill(os.getpid(), signal.SIGKILL)
    return read(page)

page_worker.article_of = article_of

def work():
    how = BatchOptions(Path(folder), formats=("json",), network=4, web=WebOptions(robots=False))
    with Batch(Options(allow_private=True), how) as batch:
        batch.enter(given)
        for _ in batch.results():
            pass

starts = 0
while True:
    starts += 1
    child = os.fork()
    if not child:
        if starts <= int(kills):
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()
        work()
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
print(starts)
"""


def outcomes(folder: Path, deadly: str, kills: int) -> tuple[int, dict[str, str]]:
    """Starts a batch until it ends by itself; returns how often, and each article's reason."""
    page = Reply(f"<html lang=en><title>t</title><article>{PROSE}".encode())
    with Server({f"/{k}": page for k in range(COUNT)}) as site:
        given = [site.url(f"/{k}") for k in range(COUNT)]
        command = [sys.executable, "-c", PROGRAM, str(folder), deadly, str(kills), *given]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    return int(ran.stdout), {name: made["reason"] for name, made in found.items()}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_kills_from_outside_give_up_nothing(tmp_path: Path) -> None:
    starts, reasons = outcomes(tmp_path, "-", kills=6)
    assert starts == 7
    assert len(reasons) == COUNT
    assert not [reason for reason in reasons.values() if "given up" in reason]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_the_article_that_kills_it_is_given_up_alone(tmp_path: Path) -> None:
    starts, reasons = outcomes(tmp_path, "/7", kills=0)
    assert 6 <= starts <= 8
    assert [name for name, reason in reasons.items() if "given up" in reason] == ["7"]
    assert len(reasons) == COUNT
