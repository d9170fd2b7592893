"""What is done about a GPU that fails, shown with stand-ins: the tests need none."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from aligner.asr import Device
from aligner.asr.backends import ctranslate2, gpu_probe
from aligner.asr.backends.gpu_probe import usable_kind
from aligner.asr.whisper.halving import in_halves
from aligner.errors import EngineUnavailable
from aligner.types import ModelFiles


def gpu(tmp_path: Path, behaviour: str) -> list[str]:
    """A program in place of the trial; ``kind`` is what it is asked to compute in."""
    path = tmp_path / "trial.py"
    path.write_text("import os, sys, time\nkind = sys.argv[2]\n" + textwrap.dedent(behaviour))
    return [sys.executable, str(path)]


NO_HALF = "if kind == 'float16': raise ValueError('float16 is not supported by this device')"
NO_CUDNN = "sys.stderr.write('Could not load libcudnn_ops.so.9\\n'); sys.stderr.flush(); os.abort()"


@pytest.mark.parametrize(("behaviour", "kind"), [("", "float16"), (NO_HALF, "int8")])
def test_the_first_kind_that_works_is_taken(behaviour: str, kind: str, tmp_path: Path) -> None:
    assert usable_kind(tmp_path, gpu(tmp_path, behaviour)) == kind


def test_a_library_that_aborts_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"SIGABRT.*libcudnn_ops.*int8: .*SIGABRT"):
        usable_kind(tmp_path, gpu(tmp_path, NO_CUDNN))


def test_a_trial_that_does_not_answer_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_probe, "LIMIT_S", 0.5)
    with pytest.raises(EngineUnavailable, match="no answer"):
        usable_kind(tmp_path, gpu(tmp_path, "time.sleep(60)"))


def test_the_trial_itself_tells_why_there_is_no_gpu(tmp_path: Path) -> None:
    """The real program, with a folder that holds no model."""
    with pytest.raises(EngineUnavailable, match=r"float16: .+; int8: .+"):
        usable_kind(tmp_path)


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_the_processor_is_used_in_place_of_a_gpu_that_fails(
    device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_folder: Path) -> str:
        raise EngineUnavailable("ctranslate2", "the GPU cannot be used")

    monkeypatch.setattr(ctranslate2, "gpu_count", lambda: 1)
    monkeypatch.setattr(gpu_probe, "usable_kind", fails)
    why = "the GPU cannot be used" if device == "cuda" else "cannot be loaded"  # no model is there
    with pytest.raises(EngineUnavailable, match=why):
        ctranslate2.Ctranslate2(ModelFiles("m", tmp_path, "ctranslate2"), device)


class Memory:
    """Works on at most so many items at once, as a GPU with little memory."""

    def __init__(self, most: int, error: Exception) -> None:
        self.most, self.error = most, error
        self.batches: list[int] = []

    def work(self, items: Sequence[int]) -> list[int]:
        if len(items) > self.most:
            raise self.error
        self.batches.append(len(items))
        return [10 * item for item in items]


FULL = (
    RuntimeError("CUDA failed with error out of memory"),
    RuntimeError("CUBLAS_STATUS_ALLOC_FAILED"),
    MemoryError("std::bad_alloc"),
)


@pytest.mark.parametrize("error", FULL, ids=str)
@pytest.mark.parametrize(
    ("most", "batches"), [(16, [16]), (8, [8, 8]), (5, [4] * 4), (1, [1] * 16)]
)
def test_batches_are_halved_until_they_fit(most: int, batches: list[int], error: Exception) -> None:
    memory = Memory(most, error)
    assert in_halves(memory.work, range(16)) == [10 * item for item in range(16)]
    assert memory.batches == batches


def test_a_single_window_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        in_halves(Memory(0, FULL[0]).work, range(4))


def test_another_error_is_not_tried_again() -> None:
    memory = Memory(1, RuntimeError("invalid argument"))
    with pytest.raises(RuntimeError, match="invalid argument"):
        in_halves(memory.work, range(4))
    assert memory.batches == []
