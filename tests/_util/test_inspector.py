"""Headers of media files are read in processes with limits, which are used again."""

import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import processes
import pytest
from large_index import large_index
from tones import tones, write_wav

from aligner._util import inspector
from aligner._util.inspector import InspectionLimits, inspect
from aligner.errors import MediaUnavailable, PageUnavailable

PROGRAM = "inspector_program"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    inspector._processes.end()
    yield
    inspector._processes.end()


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    write_wav(path, tones(16_000), 16_000)
    return path


def in_time(work: Callable[[], object], seconds: float) -> str:
    """Do what fails; the error's words."""
    began = time.monotonic()
    with pytest.raises(MediaUnavailable) as caught:
        work()
    assert time.monotonic() - began < seconds
    return caught.value.why


# ---------------------------------------------------------------- limits


def test_a_large_index_takes_no_memory_of_this_process() -> None:
    body = large_index()
    assert len(body) < 10_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = InspectionLimits(memory_bytes=300 << 20)
    try:
        inspect(io.BytesIO(body), "a.mp4", limits)
    except MediaUnavailable as error:
        assert error.state == "not_media"  # noqa: PT017  libav may also pass over what is too large
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 100_000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
def test_computing_time_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the pictures of a film of which each has four bytes."""
    path = tmp_path / "a.mp4"
    path.write_bytes(large_index(5_000_000, 1, "vide") + bytes(20_000_000))
    limits = InspectionLimits(memory_bytes=1 << 30, cpu_s=0)
    monkeypatch.setattr(inspector, "OF_WHOLE_FILES", limits)
    assert "takes more than 0 s" in in_time(lambda: inspector.pictures_end_s(path, "a.mp4"), 60)
    assert not processes.running(PROGRAM)


class Slow(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        time.sleep(1)
        return super().read(size)


def test_time_is_limited(sound: Path) -> None:
    limits = InspectionLimits(wall_s=0.5)
    file = Slow(sound.read_bytes())
    assert "takes more than" in in_time(lambda: inspect(file, "a.wav", limits), 10)


# ---------------------------------------------------------------- the processes


def test_a_process_reads_many_files(sound: Path) -> None:
    first = inspect(sound, "a.wav")
    begun = processes.running(PROGRAM)
    assert len(begun) == 1
    assert inspect(io.BytesIO(sound.read_bytes()), "a.wav") == first
    with pytest.raises(MediaUnavailable, match="not a video or audio file"):
        inspect(io.BytesIO(b"nothing of that kind" * 99), "a.wav")
    assert processes.running(PROGRAM) == begun
    assert [track.kind for track in first.tracks] == ["audio"]


def test_the_memory_of_this_process_does_not_count(sound: Path) -> None:
    large = b"x" * (400 << 20)
    del large
    inspect(sound, "a.wav")
    begun = processes.running(PROGRAM)
    inspect(sound, "a.wav")
    assert processes.running(PROGRAM) == begun != []


def test_a_process_that_was_killed_is_replaced(sound: Path) -> None:
    first = inspect(sound, "a.wav")
    (pid,) = processes.running(PROGRAM)
    os.kill(int(pid), signal.SIGKILL)
    while processes.running(PROGRAM):
        time.sleep(0.01)
    assert inspect(sound, "a.wav") == first


def test_what_reading_raises_is_raised(sound: Path) -> None:
    class Gone(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002  it has none
            raise PageUnavailable("http://a.example/", "the host cannot be reached")

    inspect(sound, "a.wav")
    begun = processes.running(PROGRAM)
    with pytest.raises(PageUnavailable, match="cannot be reached"):
        inspect(Gone(bytes(5000)), "a.wav")
    assert inspect(sound, "a.wav").audio
    assert processes.running(PROGRAM) == begun


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["SIGKILL", "SIGTERM", None])
def test_no_process_outlives_its_parent(sound: Path, sign: str | None) -> None:
    code = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
import processes
from aligner._util.inspector import inspect
inspect(Path({str(sound)!r}), "a.wav")
print(*processes.running({PROGRAM!r}), flush=True)
if {sign!r}:
    os.kill(os.getpid(), getattr(signal, {sign!r}))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    (pid,) = ran.stdout.split()
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{pid}").exists()
    assert ran.stderr == ""
