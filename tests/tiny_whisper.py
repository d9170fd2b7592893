"""Models in CTranslate2's form, made up: among them the smallest Whisper there can be."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.asr.models.vocabulary import tokenizer as made_of

KINDS = {"float32": 0, "int8": 1, "int16": 2, "float16": 4}
LANGUAGES = ("en", "fr", "yue")
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


def whisper_model(
    encoder_layers: int = 1,
    *,
    mels: int = MELS,
    vocabulary: int = VOCABULARY,
    context: int = CONTEXT,
    text_context: int = TEXT_CONTEXT,
) -> dict[str, NDArray[Any]]:
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
        "encoder/conv1/weight": some(WIDTH, mels, 3),
        "encoder/conv1/bias": some(WIDTH),
        "encoder/conv2/weight": some(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": some(WIDTH),
    }
    tables = {
        "encoder/position_encodings/encodings": some(context, WIDTH),
        "decoder/position_encodings/encodings": some(text_context, WIDTH),
        "decoder/embeddings/weight": some(vocabulary, WIDTH),
    }
    norms = norm("encoder/layer_norm") | norm("decoder/layer_norm")
    layers = layer("decoder/layer_0")
    for at in range(encoder_layers):
        layers |= layer(f"encoder/layer_{at}")
    return heads | conv | tables | norms | layers


def vocabulary(languages: tuple[str, ...] = LANGUAGES) -> list[str]:
    """A vocabulary like Whisper's: bytes, six merges, control tokens, time stamps."""
    letters = [chr(at) for at in (*range(33, 127), *range(161, 173), *range(174, 256))]
    others = [chr(256 + at) for at in range(256 - len(letters))]
    merges = ["\u0120t", "he", "\u0120the", "in", "\u0120a", "er"]
    controls = ["endoftext", "startoftranscript", *languages, "translate", "transcribe"]
    controls += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    stamps = [f"{step * 0.02:.2f}" for step in range(1501)]
    return [*letters, *others, *merges, *(f"<|{name}|>" for name in (*controls, *stamps))]


def whole(folder: Path, encoder_layers: int = 1) -> Path:
    """A folder with the smallest Whisper and all that an engine needs of it."""
    tokens = vocabulary()
    write(folder, binary(whisper_model(encoder_layers, vocabulary=len(tokens))))
    start = tokens.index("<|en|>")
    config = {
        "alignment_heads": [[0, 0]],
        "lang_ids": [*range(start, start + len(LANGUAGES))],
        "suppress_ids": [],
        "suppress_ids_begin": [],
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(f'{{"feature_size": {MELS}}}', "utf-8")
    (folder / "vocabulary.json").write_text(json.dumps(tokens), encoding="utf-8")
    (folder / "tokenizer.json").write_text(made_of(tokens), encoding="utf-8")
    return folder


def write(folder: Path, data: bytes, config: str = '{"alignment_heads": [[0, 0]]}') -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").write_bytes(data)
    (folder / "config.json").write_text(config, encoding="utf-8")
    return folder
