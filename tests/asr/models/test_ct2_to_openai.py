"""CTranslate2's binary form -> a checkpoint of openai-whisper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_whisper import binary, whisper_model, whole, write

from aligner.asr import models
from aligner.asr.models import ct2_format as binary_form
from aligner.asr.models import ct2_to_openai
from aligner.errors import EngineUnavailable


def test_reading_gives_names_shapes_and_values(tmp_path: Path) -> None:
    held: dict[str, NDArray[Any]] = {
        "a/weight": np.arange(6, dtype=np.float16).reshape(2, 3),
        "b": np.array(7, np.int16),
        "c/bias": np.array([0.5], np.float32),
    }
    folder = write(tmp_path, binary(held, aliases=(("d/weight", "a/weight"),)))
    found = binary_form.read(folder / "model.bin").variables
    assert list(found) == ["a/weight", "b", "c/bias"]
    for name, array in held.items():
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


FLOATS = {"a/weight": np.ones(4, np.float16)}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\x06\0", "cut short"),
        (b"PK\x03\x04 and more that is no model at all", "version"),
        (binary(FLOATS, version=5), "version is 5"),
        (binary(FLOATS, specification="TransformerSpec"), "TransformerSpec"),
        (binary(FLOATS)[:-8], "ends at byte"),
        (binary(FLOATS)[:-2], "cut short"),
        (binary({"a/weight": np.ones(4, np.int8)}), "quantised"),
        (binary(FLOATS, aliases=(("x", "gone"),)), "x stands for gone"),
        (binary(FLOATS).replace(b"\x04\x08\0\0\0", b"\x09\x08\0\0\0"), "unknown type 9"),
        (binary(FLOATS).replace(b"\x01\x04\0\0\0", b"\x01\x05\0\0\0"), "its shape is"),
    ],
)
def test_files_of_another_kind_are_refused(data: bytes, why: str, tmp_path: Path) -> None:
    path = write(tmp_path, data) / "model.bin"
    with pytest.raises(EngineUnavailable, match=why) as caught:
        binary_form.read(path)
    assert str(path) in str(caught.value)


@pytest.mark.slow  # loads PyTorch
def test_a_model_with_a_missing_weight_is_refused(tmp_path: Path) -> None:
    held = whisper_model()
    del held["encoder/conv1/weight"]
    folder = write(tmp_path / "model", binary(held))
    with pytest.raises(EngineUnavailable, match="encoder/conv1/weight"):
        ct2_to_openai.convert(folder, tmp_path / "made.pt")
    assert not (tmp_path / "made.pt").exists()


@pytest.mark.parametrize("config", ["", "[]", '{"alignment_heads": [1]}'])
def test_a_damaged_config_is_refused(config: str, tmp_path: Path) -> None:
    folder = write(tmp_path, binary(FLOATS), config)
    with pytest.raises(EngineUnavailable, match=r"config\.json"):
        ct2_to_openai.alignment_heads(folder)


@pytest.mark.slow
def test_conversion_splits_the_attention_and_keeps_every_bit(tmp_path: Path) -> None:
    import torch
    from whisper.model import ModelDimensions, Whisper

    held = whisper_model()
    folder = write(tmp_path / "model", binary(held))
    ct2_to_openai.convert(folder, tmp_path / "made.pt")
    made = torch.load(tmp_path / "made.pt", weights_only=True)
    model = Whisper(ModelDimensions(**made["dims"]))
    model.load_state_dict(made["model_state_dict"], strict=True)
    assert made["alignment_heads"] == [[0, 0]]
    state = made["model_state_dict"]
    fused = held["decoder/layer_0/attention/linear_1/weight"]
    key, value = (
        state[f"decoder.blocks.0.cross_attn.{n}.weight"].numpy() for n in ("key", "value")
    )
    assert np.concatenate([key, value]).tobytes() == fused.tobytes()
    assert "decoder.blocks.0.cross_attn.key.bias" not in state
    name = "encoder.blocks.0.mlp.2.weight"
    assert state[name].numpy().tobytes() == held["encoder/layer_0/ffn/linear_1/weight"].tobytes()


@pytest.mark.slow
def test_a_folder_of_the_user_is_converted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    folder = whole(tmp_path / "mine")
    first = models.resolve(str(folder), "openai")
    monkeypatch.setattr(ct2_to_openai, "convert", None)
    assert models.resolve(str(folder), "openai") == first
    assert first.name == "mine"
    assert first.path.parent == tmp_path / "cache" / "openai"


@pytest.mark.weights
def test_the_converted_base_model_is_complete() -> None:
    import torch
    import whisper

    found = models.resolve("base", "openai")
    made = torch.load(found.path, weights_only=True, mmap=True)
    assert len(made["model_state_dict"]) == 245
    model = whisper.load_model(str(found.path), device="cpu")
    assert (model.dims.n_mels, model.dims.n_vocab, model.dims.n_text_layer) == (80, 51865, 6)
    config = json.loads((models.fetch("base") / "config.json").read_text(encoding="utf-8"))
    assert made["alignment_heads"] == config["alignment_heads"]
