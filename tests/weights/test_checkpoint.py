"""CTranslate2's binary form -> a checkpoint of openai-whisper."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from aligner import weights
from aligner.errors import EngineUnavailable
from aligner.weights import binary as binary_form
from aligner.weights import checkpoint

KINDS = {"float32": 0, "int8": 1, "int16": 2, "float16": 4}
MELS, WIDTH, CONTEXT, VOCABULARY, TEXT_CONTEXT = 3, 4, 6, 5, 7


def string(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw


def variable(name: str, array: NDArray[Any]) -> bytes:
    head = string(name) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
    return head + struct.pack("<BI", KINDS[str(array.dtype)], array.nbytes) + array.tobytes()


def binary(
    variables: dict[str, NDArray[Any]],
    *,
    version: int = 6,
    specification: str = "WhisperSpec",
    aliases: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """A model.bin."""
    head = (
        struct.pack("<I", version) + string(specification) + struct.pack("<II", 3, len(variables))
    )
    body = b"".join(variable(name, array) for name, array in variables.items())
    tail = struct.pack("<I", len(aliases)) + b"".join(string(a) + string(n) for a, n in aliases)
    return head + body + tail


def whisper_model() -> dict[str, NDArray[Any]]:
    """The smallest Whisper there can be: one layer on either side, width 4, one head."""
    rng = np.random.default_rng(1)

    def some(*shape: int) -> NDArray[np.float16]:
        return rng.normal(size=shape).astype(np.float16)

    def linear(name: str, out: int, into: int) -> dict[str, NDArray[Any]]:
        return {f"{name}/weight": some(out, into), f"{name}/bias": some(out)}

    def norm(name: str) -> dict[str, NDArray[Any]]:
        return {f"{name}/gamma": some(WIDTH), f"{name}/beta": some(WIDTH)}

    def layer(name: str) -> dict[str, NDArray[Any]]:
        fused = {"self_attention/linear_0": 3, "self_attention/linear_1": 1}
        if name.startswith("decoder"):
            fused |= {"attention/linear_0": 1, "attention/linear_1": 2, "attention/linear_2": 1}
        made: dict[str, NDArray[Any]] = {}
        for part, count in fused.items():
            made |= linear(f"{name}/{part}", count * WIDTH, WIDTH)
            made |= norm(f"{name}/{part.split('/')[0]}/layer_norm")
        made |= norm(f"{name}/ffn/layer_norm")
        made |= linear(f"{name}/ffn/linear_0", 4 * WIDTH, WIDTH)
        return made | linear(f"{name}/ffn/linear_1", WIDTH, 4 * WIDTH)

    heads = {"encoder/num_heads": np.array(1, np.int16), "decoder/num_heads": np.array(1, np.int16)}
    conv = {
        "encoder/conv1/weight": some(WIDTH, MELS, 3),
        "encoder/conv1/bias": some(WIDTH),
        "encoder/conv2/weight": some(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": some(WIDTH),
    }
    tables = {
        "encoder/position_encodings/encodings": some(CONTEXT, WIDTH),
        "decoder/position_encodings/encodings": some(TEXT_CONTEXT, WIDTH),
        "decoder/embeddings/weight": some(VOCABULARY, WIDTH),
    }
    norms = norm("encoder/layer_norm") | norm("decoder/layer_norm")
    layers = layer("encoder/layer_0") | layer("decoder/layer_0")
    return heads | conv | tables | norms | layers


def write(folder: Path, data: bytes, config: str = '{"alignment_heads": [[0, 0]]}') -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").write_bytes(data)
    (folder / "config.json").write_text(config, encoding="utf-8")
    return folder


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
def test_what_is_no_model_of_this_kind(data: bytes, why: str, tmp_path: Path) -> None:
    path = write(tmp_path, data) / "model.bin"
    with pytest.raises(EngineUnavailable, match=why) as caught:
        binary_form.read(path)
    assert str(path) in str(caught.value)


def test_a_model_with_a_part_missing(tmp_path: Path) -> None:
    held = whisper_model()
    del held["encoder/conv1/weight"]
    folder = write(tmp_path / "model", binary(held))
    with pytest.raises(EngineUnavailable, match="encoder/conv1/weight"):
        checkpoint.convert(folder, tmp_path / "made.pt")
    assert not (tmp_path / "made.pt").exists()


@pytest.mark.parametrize("config", ["", "[]", '{"alignment_heads": [1]}'])
def test_a_broken_config(config: str, tmp_path: Path) -> None:
    folder = write(tmp_path, binary(FLOATS), config)
    with pytest.raises(EngineUnavailable, match=r"config\.json"):
        checkpoint.alignment_heads(folder)


def test_conversion_splits_the_attention_and_keeps_every_bit(tmp_path: Path) -> None:
    import torch
    from whisper.model import ModelDimensions, Whisper

    held = whisper_model()
    folder = write(tmp_path / "model", binary(held))
    checkpoint.convert(folder, tmp_path / "made.pt")
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


def test_a_folder_of_the_user_is_converted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    folder = write(tmp_path / "mine", binary(whisper_model()))
    first = weights.resolve(str(folder), "openai")
    monkeypatch.setattr(checkpoint, "convert", None)
    assert weights.resolve(str(folder), "openai") == first
    assert first.name == "mine"
    assert first.path.parent == tmp_path / "cache" / "openai"


@pytest.mark.weights
def test_the_converted_base_model_is_complete() -> None:
    import torch
    import whisper

    found = weights.resolve("base", "openai")
    made = torch.load(found.path, weights_only=True, mmap=True)
    assert len(made["model_state_dict"]) == 245
    model = whisper.load_model(str(found.path), device="cpu")
    assert (model.dims.n_mels, model.dims.n_vocab, model.dims.n_text_layer) == (80, 51865, 6)
    config = json.loads((weights.fetch("base") / "config.json").read_text(encoding="utf-8"))
    assert made["alignment_heads"] == config["alignment_heads"]
