"""Quantisation of a model to 8 bits: the graph of its encoder, and its decoder."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from tiny_whisper import CONTEXT, MELS, binary, whisper_model, whole, write

from aligner.asr import models
from aligner.asr.models import base, quantized
from aligner.asr.models import ct2_format as binary_form
from aligner.asr.onnx import encoder
from aligner.asr.onnx.int8 import int8_steps, round_to_int8
from aligner.errors import EngineUnavailable, OutputError

ALIAS = (("decoder/projection/weight", "decoder/embeddings/weight"),)
Floats = NDArray[np.float64]


def norm(held: dict[str, Floats], name: str, rows: Floats) -> Floats:
    rows = rows - rows.mean(axis=-1, keepdims=True)
    rows = rows / np.sqrt((rows**2).mean(axis=-1, keepdims=True) + 1e-5)
    return np.asarray(rows * held[f"{name}/gamma"] + held[f"{name}/beta"])


def product(held: dict[str, Floats], name: str, rows: Floats) -> Floats:
    return np.asarray(rows @ held[f"{name}/weight"].T + held[f"{name}/bias"])


def gelu(rows: Floats) -> Floats:
    return np.asarray(rows * 0.5 * (1 + np.vectorize(math.erf)(rows / math.sqrt(2))))


def attention(three: Floats) -> Floats:
    """One head."""
    query, key, value = np.split(three, 3, axis=-1)
    scores = query @ key.T / math.sqrt(query.shape[1])
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True) @ value)


def convolved(held: dict[str, Floats], name: str, rows: Floats, stride: int) -> Floats:
    kernel = held[f"{name}/weight"]  # (out, in, 3)
    padded = np.pad(rows, ((1, 1), (0, 0)))
    places = range(0, len(rows), stride)
    found = [np.einsum("oik,ki->o", kernel, padded[at : at + 3]) for at in places]
    return gelu(np.array(found) + held[f"{name}/bias"])


def encoded(held: dict[str, Floats], mel: Floats, layers: int) -> Floats:
    """What Whisper's encoder makes of a spectrogram, by its description, in double precision."""
    rows = convolved(held, "encoder/conv2", convolved(held, "encoder/conv1", mel.T, 1), 2)
    rows = rows + held["encoder/position_encodings/encodings"][: len(rows)]
    for name in (f"encoder/layer_{at}" for at in range(layers)):
        own = f"{name}/self_attention"
        three = product(held, f"{own}/linear_0", norm(held, f"{own}/layer_norm", rows))
        rows = rows + product(held, f"{own}/linear_1", attention(three))
        wide = gelu(
            product(held, f"{name}/ffn/linear_0", norm(held, f"{name}/ffn/layer_norm", rows))
        )
        rows = rows + product(held, f"{name}/ffn/linear_1", wide)
    return norm(held, "encoder/layer_norm", rows)


@pytest.mark.skipif(not encoder.is_supported(), reason="this processor cuts off sums of products")
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("length", [2 * CONTEXT, CONTEXT])
def test_the_graph_computes_what_whisper_describes(
    layers: int, length: int, tmp_path: Path
) -> None:
    held = whisper_model(layers)
    quantized.make(write(tmp_path / "model", binary(held)), tmp_path / "quantised")
    session = onnxruntime.InferenceSession(str(tmp_path / "quantised" / quantized.ENCODER))
    mel = np.random.default_rng(2).normal(size=(MELS, length))
    (found,) = session.run(None, {"mel": mel[None].astype(np.float32)})
    exact = encoded({name: a.astype(np.float64) for name, a in held.items()}, mel, layers)
    assert found.shape == (1, length // 2, 4)
    assert np.abs(found[0] - exact).max() < 0.05 * np.abs(exact).max()


def test_the_graph_is_valid_onnx(tmp_path: Path) -> None:
    """Also by the format's own library, which reads every field back."""
    onnx = pytest.importorskip("onnx")
    quantized.make(write(tmp_path / "model", binary(whisper_model(2))), tmp_path / "quantised")
    model = onnx.load(str(tmp_path / "quantised" / quantized.ENCODER))
    onnx.checker.check_model(model)
    assert model.ir_version == 9
    assert {one.domain: one.version for one in model.opset_import} == {"": 17, "com.microsoft": 1}
    (mel,), (features,) = model.graph.input, model.graph.output
    sizes = [d.dim_param or d.dim_value for d in mel.type.tensor_type.shape.dim]
    assert (mel.name, sizes, features.name) == ("mel", ["one", MELS, "n"], "features")
    (norm, *_) = (n for n in model.graph.node if n.op_type == "LayerNormalization")
    options = {o.name: onnx.helper.get_attribute_value(o) for o in norm.attribute}
    assert options == {"axis": -1, "epsilon": pytest.approx(1e-5)}


def test_quantisation_errs_by_at_most_half_a_step() -> None:
    rows = np.random.default_rng(3).normal(size=(5, 7)) * np.array([[1e-3], [1], [9], [0], [1]])
    steps = int8_steps(rows)
    rounded = round_to_int8(rows, steps)
    assert rounded.dtype == np.int8
    assert (np.abs(rounded * steps[:, None] - rows) <= 0.501 * steps[:, None]).all()
    assert np.abs(rounded).max(axis=1).tolist() == [127, 127, 127, 0, 127]


def test_the_quantised_decoder_lacks_the_encoder(tmp_path: Path) -> None:
    held = whisper_model(encoder_layers=2)
    folder = write(tmp_path / "model", binary(held, aliases=ALIAS))
    (folder / "vocabulary.txt").write_text("a b", encoding="utf-8")
    quantized.make(folder, tmp_path / "quantised")
    raw = (tmp_path / "quantised" / "model.bin").read_bytes()
    assert b"encoder/layer_0/ffn/linear_0/weight_scale" in raw
    assert b"encoder/layer_1" not in raw
    assert b"decoder/projection/weight_scale\0" in raw  # the alias has its scale, too
    for name in ("vocabulary.txt", "config.json"):
        assert (tmp_path / "quantised" / name).read_bytes() == (folder / name).read_bytes()


def test_a_written_model_is_read_unchanged(tmp_path: Path) -> None:
    held: dict[str, NDArray[Any]] = {
        "a/weight": np.arange(6, dtype=np.float16).reshape(2, 3),
        "b": np.array(7, np.int16),
        "c/bias": np.array([0.5], np.float32),
    }
    one = binary_form.Ct2Model(held, {"d/weight": "a/weight"})
    lazy = {name: (lambda array=array: array) for name, array in held.items()}
    binary_form.write(held, one.aliases, tmp_path / "model.bin")
    binary_form.write(lazy, one.aliases, tmp_path / "lazy.bin")
    assert (tmp_path / "lazy.bin").read_bytes() == (tmp_path / "model.bin").read_bytes()
    assert (tmp_path / "model.bin").read_bytes() == binary(held, aliases=tuple(one.aliases.items()))
    found = binary_form.read(tmp_path / "model.bin")
    assert found.aliases == one.aliases
    assert {name: a.tobytes() for name, a in found.variables.items()} == {
        name: a.tobytes() for name, a in held.items()
    }


def test_an_unsuitable_model_is_not_quantised(tmp_path: Path) -> None:
    held = whisper_model()
    del held["encoder/conv1/weight"]
    folder = write(tmp_path / "model", binary(held))
    with pytest.raises(EngineUnavailable, match=r"encoder/conv1/weight.* is missing"):
        quantized.make(folder, tmp_path / "quantised")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("damaged", [b'{"merges": ["a', b'{"merges": ["\xff"]}'])
def test_a_damaged_vocabulary(damaged: bytes, tmp_path: Path) -> None:
    folder = write(tmp_path / "model", binary(whisper_model()))
    (folder / "tokenizer.json").write_bytes(damaged)
    with pytest.raises(EngineUnavailable, match=r"tokenizer\.json"):
        quantized.make(folder, tmp_path / "quantised")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_is_quantised_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    folder = whole(tmp_path / "mine")
    found = models.resolve(str(folder), "ctranslate2")
    assert not (tmp_path / "cache" / "halves").exists()  # not before they are asked for
    assert found.quantize is not None
    made = found.quantize(False)
    assert made.is_relative_to(tmp_path / "cache")
    encoder_file = (made / quantized.ENCODER).read_bytes()
    (made / quantized.ENCODER).write_bytes(b"damaged")
    assert found.quantize(True) == made
    assert (made / quantized.ENCODER).read_bytes() == encoder_file
    before = (made / quantized.ENCODER).stat().st_mtime_ns
    assert found.quantize(False) == made
    assert (made / quantized.ENCODER).stat().st_mtime_ns == before
    whole(folder, encoder_layers=2)
    assert found.quantize(False) != made  # another model in the same folder


@pytest.mark.parametrize("damage", ["changed", "cut", "removed"])
def test_any_file_that_is_damaged_is_made_anew(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also files that the model is loaded without, or loaded with in another way."""
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    found = models.resolve(str(whole(tmp_path / "mine")), "ctranslate2")
    assert found.quantize is not None
    made = found.quantize(False)
    files = {path.name: path.read_bytes() for path in made.iterdir()}
    assert {"config.json", "model.bin", quantized.ENCODER} < set(files)
    for name in files:
        if damage == "removed":
            (made / name).unlink()
        else:
            (made / name).write_bytes(b"{}" if damage == "changed" else files[name][:-1])
        assert found.quantize(False) == made
        assert {path.name: path.read_bytes() for path in made.iterdir()} == files


def test_a_model_of_an_earlier_version_is_kept_unless_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    found = models.resolve(str(whole(tmp_path / "mine")), "ctranslate2")
    assert found.quantize is not None
    made = found.quantize(False)
    base._stamp_of(made).unlink()
    before = (made / "config.json").stat().st_mtime_ns
    found.quantize(False)
    assert (made / "config.json").stat().st_mtime_ns == before
    (made / "config.json").write_text("{", "utf-8")
    found.quantize(False)
    assert (made / "config.json").read_text("utf-8") != "{"


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    found = models.resolve(str(whole(tmp_path / "mine")), "ctranslate2")
    assert found.quantize is not None
    with pytest.raises(OutputError):
        found.quantize(False)
