"""yt-dlp reads pages of unknown sites in a process with limits, and requests by this one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import processes
import pytest
from server import Reply, Server

from aligner.discovery import ytdlp
from aligner.discovery.ytdlp import extraction, extraction_program
from aligner.discovery.ytdlp.extraction import ExtractionLimits
from aligner.errors import MediaUnavailable

HOW = ytdlp.YtdlOptions(allow_private=True, timeout_s=5)
PROGRAM = "extraction_program"
VIDEO = b"<title>Flood</title><video><source src=/a.mp4 type=video/mp4></video>"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    extraction._processes.end()


def test_a_process_describes_many_pages() -> None:
    with Server({"/page": Reply(VIDEO), "/b": Reply(VIDEO.replace(b"Flood", b"Ebb"))}) as server:
        (flood,) = ytdlp.describe(server.url("/page"), HOW)
        begun = processes.running(PROGRAM)
        (ebb,) = ytdlp.describe(server.url("/b"), HOW)
        with pytest.raises(MediaUnavailable) as gone:
            ytdlp.describe(server.url("/none"), HOW)
    assert flood.url == server.url("/a.mp4")
    assert str(flood.title).startswith("Flood")
    assert str(ebb.title).startswith("Ebb")
    assert (gone.value.state, gone.value.http_status) == ("gone", 404)
    assert processes.running(PROGRAM) == begun
    assert len(begun) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("part", [b"<video ", b"<iframe src='"])
def test_computing_time_is_limited(part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """yt-dlp's patterns take time by the square of a page's length, or worse."""
    monkeypatch.setattr(extraction, "LIMITS", ExtractionLimits(cpu_s=1))
    with Server({"/page": Reply(VIDEO + part * 40_000)}) as server:
        url = server.url("/page")
        with pytest.raises(MediaUnavailable, match="more than 1 s of computing") as caught:
            ytdlp.describe(url, HOW)
    assert (caught.value.url, caught.value.state) == (url, "not_media")
    assert not processes.running(PROGRAM)


def test_the_process_starts_no_programs() -> None:
    code = (
        "import os, sys\n"
        f"from aligner.discovery.ytdlp import {PROGRAM} as program\n"
        "program.serve = lambda *_: os.system('echo started')\n"
        "program.main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "yt-dlp starts no programs" in ran.stderr
    assert ran.stdout == ""
    assert extraction_program.STARTS_PROGRAMS
