"""The encoder that onnxruntime computes: when it is used, and whether it gives the same."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from speech import Spoken

from aligner.asr import models
from aligner.asr.backends.ctranslate2 import Ctranslate2
from aligner.asr.onnx import encoder
from aligner.asr.onnx.encoder import OnnxEncoder
from aligner.errors import EngineUnavailable, OutputError
from aligner.types import ModelFiles

FLAGS = b"processor\t: 0\nflags\t\t: fpu sse4_2 avx2 %s sha_ni\n"


@pytest.mark.parametrize(
    ("text", "suits"),
    [
        (FLAGS % b"avx512_vnni", True),
        (FLAGS % b"avx_vnni", True),
        (FLAGS % b"avx512f", False),
        (b"processor\t: 0\nFeatures\t: fp asimd asimddp\n", False),
        (None, False),
    ],
)
def test_processors_with_vnni_are_supported(
    text: bytes | None, suits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "PROCESSORS", tmp_path / "cpuinfo")
    if text is not None:
        (tmp_path / "cpuinfo").write_bytes(text)
    assert encoder.is_supported() is suits


def test_a_damaged_graph_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").write_bytes(b"junk")
    with pytest.raises(EngineUnavailable, match=r"encoder\.onnx cannot be loaded"):
        OnnxEncoder(tmp_path / "encoder.onnx", 4)


def mel(folder: Path, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    spectrogram: NDArray[np.float32] = loaded(folder, "float32").feature_extractor(sound)
    return spectrogram[:, : spectrogram.shape[1] // 2 * 2]


def loaded(folder: Path, kind: str) -> WhisperModel:
    return WhisperModel(str(folder), device="cpu", compute_type=kind)


def base() -> tuple[ModelFiles, Path]:
    """The base model, and the folder of its quantised form."""
    found = models.resolve("base", "ctranslate2")
    assert found.quantize is not None
    return found, found.quantize(False)


@pytest.mark.weights
def test_the_graph_gives_whispers_encoding(spoken: Spoken) -> None:
    if not encoder.is_supported():
        pytest.skip("this processor cuts off sums of products")
    found, folder = base()
    spectrogram = mel(found.path, spoken.audio.window(0, 20_000))
    exact, theirs = (
        np.asarray(loaded(found.path, kind).encode(spectrogram[None]))
        for kind in ("float32", "int8")
    )
    ours = OnnxEncoder(folder / "encoder.onnx", 4)(spectrogram)
    off, usual = (np.sqrt(((one - exact) ** 2).mean()) for one in (ours, theirs))
    assert off < 1.5 * usual < 0.2 * np.sqrt((exact**2).mean())


@pytest.mark.weights
def test_every_session_gives_the_same_encoding(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, folder = base()
    spectrogram = mel(found.path, spoken.audio.window(0, 8_000))
    many = OnnxEncoder(folder / "encoder.onnx", 4)
    with ThreadPoolExecutor(4) as pool:
        each = list(pool.map(many, [spectrogram] * 4))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    one = OnnxEncoder(folder / "encoder.onnx", 4)(spectrogram)
    assert all(np.array_equal(features, one) for features in each)


@pytest.mark.weights
@pytest.mark.parametrize(
    "error", [EngineUnavailable("x", "its weights are quantised"), OutputError(Path("x"), "full")]
)
def test_without_a_quantised_model_ctranslate2_encodes(spoken: Spoken, error: Exception) -> None:
    def fails(_anew: bool) -> Path:
        raise error

    engine = Ctranslate2(replace(models.resolve("base", "ctranslate2"), quantize=fails), "cpu")
    (encoded,) = engine.encode([spoken.audio.window(0, 8_000)])
    (chances,) = engine.detect_language([encoded])
    assert max(chances, key=chances.__getitem__) == "en"


@pytest.mark.weights
@pytest.mark.parametrize("name", ["encoder.onnx", "model.bin"])
def test_a_damaged_quantised_model_is_made_again(
    spoken: Spoken, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not encoder.is_supported():
        pytest.skip("this processor uses no quantised encoder")
    found, folder = base()
    copied = shutil.copytree(folder, tmp_path / "quantised")
    (copied / name).write_bytes((folder / name).read_bytes()[:1_000_000])

    def quantize(anew: bool) -> Path:
        return shutil.copytree(folder, copied, dirs_exist_ok=True) if anew else copied

    engine = Ctranslate2(replace(found, quantize=quantize), "cpu")
    monkeypatch.setattr(engine._model, "encode", None)  # it is the graph that encodes

    (encoded,) = engine.encode([spoken.audio.window(0, 8_000)])
    (chances,) = engine.detect_language([encoded])
    assert max(chances, key=chances.__getitem__) == "en"
    assert (copied / name).stat().st_size == (folder / name).stat().st_size
