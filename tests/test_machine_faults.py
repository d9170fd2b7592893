"""What this machine lacks is never said of the page or the recording."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from server import Reply, Server
from test_download import HERE, TONE, link
from test_hls_streams import listed, serve, ts

from aligner._util.machine_faults import machine_fault
from aligner._util.media_container import open_container
from aligner.discovery.download import download
from aligner.errors import MachineFault, OutputError
from aligner.net import client
from aligner.pipeline import steps
from aligner.pipeline.options import Options

pytestmark = [
    # After an error yt-dlp leaves files and connections open; the collector closes them.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.usefixtures("collected"),
]
WEB = client.WebOptions(allow_private=True)
PAGE = b"<html><title>Rain</title><p>It rains.</p><audio src=/a.wav></audio></html>"


@contextmanager
def limited(which: int, most: int) -> Iterator[None]:
    """As on a full disk, where files end at so many bytes, or with so many files open at once."""
    before = resource.getrlimit(which)
    resource.setrlimit(which, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(which, before)


@contextmanager
def no_files_left() -> Iterator[None]:
    """As where a process has opened as many files as it may."""
    opened = max(int(path.name) for path in Path("/proc/self/fd").iterdir()) + 1
    with ExitStack() as stack, limited(resource.RLIMIT_NOFILE, opened):
        while True:
            try:
                stack.enter_context(Path(os.devnull).open("rb"))
            except OSError:
                break
        yield


@pytest.fixture
def site() -> Iterator[Server]:
    with Server({"/a.wav": Reply(TONE, "audio/wav"), "/page": Reply(PAGE)}) as server:
        yield server


def test_a_full_disk_is_no_fault_of_a_recording(site: Server, tmp_path: Path) -> None:
    with limited(resource.RLIMIT_FSIZE, 8_192), pytest.raises(OutputError, match="too large"):
        download(link(site.url("/a.wav")), tmp_path, HERE)
    assert download(link(site.url("/a.wav")), tmp_path, HERE).path.is_file()


def test_a_full_disk_is_no_fault_of_a_stream(site: Server, tmp_path: Path) -> None:
    stream = serve(site, listed("a.ts"), **{"a.ts": ts(0.0)})
    with limited(resource.RLIMIT_FSIZE, 4_096), pytest.raises(OutputError, match="too large"):
        download(stream, tmp_path, HERE)
    assert download(stream, tmp_path, HERE).path.is_file()


def test_a_full_disk_is_no_missing_recording_of_an_article(site: Server, tmp_path: Path) -> None:
    options = Options(allow_private=True, engine="recorded", model="none.json", workplace=tmp_path)
    with limited(resource.RLIMIT_FSIZE, 8_192):
        made = steps.caption(site.url("/page"), options)
    assert (made.status, made.state) == ("error", None)
    assert "too large" in made.reason


@pytest.mark.slow
def test_too_many_open_files_are_no_fault_of_a_page(site: Server, tmp_path: Path) -> None:
    client.fetch(site.url("/page"), WEB)  # what is imported at the first use
    (tmp_path / "a.wav").write_bytes(TONE)
    with no_files_left():
        with pytest.raises(MachineFault, match="too many files"):
            client.fetch(site.url("/page"), WEB)
        with (
            pytest.raises(MachineFault, match="too many files"),
            open_container(str(tmp_path / "a.wav"), "a.wav"),
        ):
            pass


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.ECONNREFUSED, "x"), False),
        (OSError(errno.ENOMEM, "x"), False),
        (ValueError("x"), False),
    ],
)
def test_causes_are_followed(error: Exception, is_one: bool) -> None:
    outer = RuntimeError("outer")
    outer.__cause__ = ValueError("middle")
    outer.__cause__.__context__ = error
    assert bool(machine_fault(outer)) is is_one
