"""Parts of streams are joined in a process with limits."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import processes
import pytest
from large_index import large_index
from tones import tones, write_wav

from aligner.discovery import hls
from aligner.discovery.hls import joining
from aligner.discovery.hls.joining import JoinLimits
from aligner.errors import MediaUnavailable

PROGRAM = "join_program"
NAME = "https://news.example/a.m3u8"
SEGMENT = hls.Segment(hls.Resource("https://news.example/1.ts"), 4.0)
PART = hls.Part((SEGMENT,))
linux = pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    joining._processes.end()


@linux
@pytest.mark.slow
def test_a_part_with_a_large_index_takes_no_memory_of_this_process(tmp_path: Path) -> None:
    part = tmp_path / "part.mp4"
    part.write_bytes(large_index(8_000_000, 3))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with processes.watched(PROGRAM) as most:
        joining.join([(PART, part), (PART, part)], tmp_path / "joined.ts", NAME)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert max(most) < 800 << 20


@linux
def test_limits_become_an_error_of_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tmp_path / "a.wav"
    write_wav(sound, tones(16_000), 16_000)
    monkeypatch.setattr(joining, "LIMITS", JoinLimits(wall_s=0.0))
    with pytest.raises(MediaUnavailable, match="joining its parts takes more than") as caught:
        joining.join([(PART, sound)], tmp_path / "joined.ts", NAME)
    assert (caught.value.url, caught.value.state) == (NAME, "not_media")


def test_what_cannot_be_read_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sound, other = tmp_path / "a.wav", tmp_path / "b.ts"
    write_wav(sound, tones(16_000), 16_000)
    other.write_bytes(b"nothing of that kind" * 99)
    with pytest.raises(MediaUnavailable, match="not a video or audio file"):
        joining.join([(PART, other)], tmp_path / "joined.ts", NAME)
    with pytest.raises(OSError, match="No such file"):
        joining.join([(PART, sound)], tmp_path / "none" / "joined.ts", NAME)
    assert len(processes.running(PROGRAM)) == 1
