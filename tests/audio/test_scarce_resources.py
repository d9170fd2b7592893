"""Recordings for which this machine, or the time, does not suffice: results, never "unexpected"."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from tones import media_file, tones, write_wav

from aligner.audio.decode import decode
from aligner.errors import NoAudio
from aligner.jobs import steps as jobs_steps
from aligner.pipeline import state
from aligner.pipeline.options import Options
from aligner.pipeline.progress import NullProgress
from aligner.pipeline.state import StepContext, initial_state
from aligner.pipeline.steps import STEPS

LIMITED = """
import resource, sys
sys.path[:0] = {path!r}
resource.setrlimit({kind}, ({limit}, {limit}))
from pathlib import Path
from tones import media_file
from aligner.audio import ffmpeg
from aligner.audio.decode import decode

seen = []
limit = ffmpeg._limit
def record(pid, limits):
    limit(pid, limits)
    seen.append(resource.prlimit(pid, {kind})[1])
ffmpeg._limit = record
print(decode(media_file(Path({file!r})), Path({folder!r})).duration_ms, *seen)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit no running process")
@pytest.mark.parametrize(
    ("kind", "limit"), [("resource.RLIMIT_AS", 700 << 20), ("resource.RLIMIT_CPU", 300)]
)
def test_a_limit_that_the_user_has_set_is_not_raised(tmp_path: Path, kind: str, limit: int) -> None:
    file = tmp_path / "a.wav"
    write_wav(file, tones(16_000), 16_000)
    code = LIMITED.format(
        path=sys.path, kind=kind, limit=limit, file=str(file), folder=str(tmp_path)
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["4000", str(limit)], ran.stderr


@pytest.mark.parametrize("rate", [1, 100])
def test_sound_of_a_few_samples_a_second_is_no_speech(tmp_path: Path, rate: int) -> None:
    file = tmp_path / "slow.wav"
    write_wav(file, tones(16_000), rate)
    with pytest.raises(NoAudio, match=f"slow.wav.* {rate} samples a second"):
        decode(media_file(file), tmp_path)


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")], ids=["array", "map"]
)
@pytest.mark.parametrize("where", ["caption", "batch"])
def test_too_little_memory_is_a_result(
    tmp_path: Path, error: Exception, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(_state: object, _context: object) -> state.PipelineState:
        raise error

    context = StepContext(Options(), tmp_path, None, NullProgress())  # type: ignore[arg-type]
    begun = initial_state("https://news.example/story")
    if where == "caption":
        ended = state.run_step(step, begun, context)
    else:
        monkeypatch.setitem(STEPS, "decode", step)
        ended = jobs_steps.run_step("decode", begun, context)
    assert ended.done
    assert ended.result.status == "error"
    assert "memory does not suffice for its recording" in ended.result.reason
    assert "https://news.example/story" in ended.result.reason
