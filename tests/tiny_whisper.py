"""Models in CTranslate2's form, made up: among them the smallest Whisper there can be."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def whisper_model(encoder_layers: int = 1) -> dict[str, NDArray[Any]]:
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
    layers = layer("decoder/layer_0")
    for at in range(encoder_layers):
        layers |= layer(f"encoder/layer_{at}")
    return heads | conv | tables | norms | layers


def write(folder: Path, data: bytes, config: str = '{"alignment_heads": [[0, 0]]}') -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").write_bytes(data)
    (folder / "config.json").write_text(config, encoding="utf-8")
    return folder
