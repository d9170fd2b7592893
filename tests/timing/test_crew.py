"""Words timed in processes beside: the same as in this one, and no process outlives it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from speech import RATE, Spoken, silence
from test_timing import Words, rough

from aligner import timing
from aligner.nouns import Audio, Span, Speech
from aligner.timing import crew
from aligner.timing.placing import Passage, Places
from aligner.timing.sphinx import Said
from aligner.timing.windows import Window

PATIENCE_S = 60
"""Far longer than a loaded machine needs."""


@pytest.fixture
def little_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "ENOUGH_MS", 1000)


def timed(spoken: Spoken, processes: int) -> Words:
    """The two sentences, in two windows."""
    care = timing.Care(processes=processes)
    return timing.refine(spoken.audio, rough(spoken, 60), Speech(spoken.spans), "en", care)


def elsewhere(passage: Passage) -> Places:
    raise AssertionError("a process beside should have done it")


@pytest.mark.usefixtures("little_is_enough")
def test_the_same_comes_out_of_any_number_of_processes(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = timed(spoken, 1)
    assert here != rough(spoken, 60)
    monkeypatch.setattr(Passage, "places", elsewhere)
    assert timed(spoken, 2) == here
    assert timed(spoken, 3) == here


@pytest.mark.usefixtures("little_is_enough")
@pytest.mark.parametrize(
    ("module", "program"),
    [
        pytest.param("aligner.nouns", sys.executable, id="it ends at once"),
        pytest.param("aligner.errors", "/no/such/program", id="it cannot be started"),
    ],
)
def test_what_no_process_does_is_done_here(
    spoken: Spoken,
    module: str,
    program: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = timed(spoken, 1)
    monkeypatch.setattr(crew, "WORKER", module)
    monkeypatch.setattr(sys, "executable", program)
    assert timed(spoken, 2) == here
    assert len(caplog.records) == 2  # one for each process, though there are more words to time


def test_a_crew_times_one_recording_after_the_other(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the same process, and another one where that is lost."""
    here = timed(spoken, 1)
    began: list[crew._Hand] = []
    start = crew._Hand.__init__

    def noted(hand: crew._Hand) -> None:
        began.append(hand)
        start(hand)

    def again() -> Words:
        care = timing.Care(crew=hands)
        return timing.refine(spoken.audio, rough(spoken, 60), Speech(spoken.spans), "en", care)

    monkeypatch.setattr(crew._Hand, "__init__", noted)
    with closing(crew.Crew(1)) as hands:
        assert not began
        assert again() == again() == here
        assert len(began) == 1
        process = began[0]._process
        assert process is not None
        process.kill()
        assert again() == here  # in place
        assert len(caplog.records) == 1
        monkeypatch.setattr(Passage, "places", elsewhere)
        assert again() == here
        assert len(began) == 2
    last = began[1]._process
    assert last is not None
    assert last.poll() is not None


def passage(seconds: float) -> Passage:
    window = Window(Span(0, 0), Span(0, round(1000 * seconds)))
    return Passage(Audio(silence(0), RATE), window, (), (), None, (0,))


@pytest.mark.parametrize(
    ("seconds", "cores", "hands"),
    [
        ((15, 14), 2, 0),
        ((15, 15, 15), 2, 1),
        ((15, 15, 15, 15), 2, 2),
        ((15, 15, 15, 15), 1, 1),
        ((15,) * 40, 2, 2),
        ((15,) * 400, 64, crew.MOST),
    ],
)
def test_a_process_is_started_only_for_enough_to_do(
    seconds: tuple[float, ...], cores: int, hands: int
) -> None:
    assert crew._hands([passage(each) for each in seconds], cores) == hands


def test_shifted_hearings_count_as_more_to_do(spoken: Spoken) -> None:
    window = Window(Span(0, 0), Span(0, 15_000))
    fine = Passage(Audio(silence(0), RATE), window, (), (), None, (0, 40, 80, 120))
    assert crew._hands([fine], 8) == 2


# ---------------------------------------------------------------- as a program of its own

UNGUARDED = """
import numpy, signal, sys
from aligner.nouns import Audio, CaptionWord, Span, Speech
from aligner import timing
from aligner.timing import crew

signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where it is ignored
print("began", flush=True)
started = crew._Hand.__init__
def told(hand):
    started(hand)
    print(hand._process.pid, flush=True)
crew._Hand.__init__ = told
sound = numpy.random.default_rng(1).normal(0, 900, {seconds} * 16000).astype(numpy.int16)
words = tuple(CaptionWord("word", t, t + 300, "spoken", 0.9) for t in range(0, {seconds}000, 3500))
spans = tuple(Span(word.start_ms, word.end_ms) for word in words)
timing.refine(Audio(sound, 16000), words, Speech(spans), "en", timing.Care(processes=2))
print("ended")
"""


def started(folder: Path, seconds: int) -> subprocess.Popen[str]:
    """A script that no ``if __name__`` guards, timing words in two processes beside it."""
    script = folder / "script.py"
    script.write_text(UNGUARDED.format(seconds=seconds), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(crew.ROOT)},
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may still be listed until it is waited for."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    with started(tmp_path, 400) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    said = out.split()
    assert (said[0], said[-1], len(said), err, process.returncode) == ("began", "ended", 4, "", 0)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux which processes run")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_processes_beside_end_with_this_one(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, 3600) as process:
        assert line(process) == "began"
        beside = [int(line(process)), int(line(process))]
        assert all(is_alive(pid) for pid in beside)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert "ended" not in out
    assert err.count("Traceback") == (number == signal.SIGINT)  # the script's own
    until = time.monotonic() + PATIENCE_S
    while any(is_alive(pid) for pid in beside):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_arrays_of_a_file_go_to_a_process(spoken: Spoken, tmp_path: Path) -> None:
    """Long recordings lie in a file that is mapped; a passage takes its own samples along."""
    path = tmp_path / "sound.npy"
    np.save(path, np.tile(spoken.audio.samples, 4))
    mapped = Audio(np.load(path, mmap_mode="r"), RATE)
    words = rough(spoken)
    said: list[tuple[Said, ...]] = [()] * len(words)
    cutter = timing._Cutter(mapped, words, Speech(spoken.spans), said, (0,))
    window = Window(Span(0, len(words)), Span(0, spoken.audio.duration_ms))
    assert len(pickle.dumps(cutter.passage(window))) < 1.2 * spoken.audio.samples.nbytes
