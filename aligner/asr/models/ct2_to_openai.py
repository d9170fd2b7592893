"""Conversion of a model in CTranslate2 form to a checkpoint of openai-whisper.

The weights are copied bit for bit. CTranslate2 keeps the query, key and value weights of an
attention as one matrix, and openai-whisper as three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from aligner._util import strict_json
from aligner._util.atomic_write import atomic_path
from aligner.asr.models import ct2_format
from aligner.asr.models.ct2_format import Array, Variables, unreadable

ATTENTION_PARTS = {
    "self_attention/linear_0": ("attn", ("query", "key", "value")),
    "self_attention/linear_1": ("attn", ("out",)),
    "attention/linear_0": ("cross_attn", ("query",)),
    "attention/linear_1": ("cross_attn", ("key", "value")),
    "attention/linear_2": ("cross_attn", ("out",)),
}
PLAIN_PARTS = {
    "self_attention/layer_norm": "attn_ln",
    "attention/layer_norm": "cross_attn_ln",
    "ffn/layer_norm": "mlp_ln",
    "ffn/linear_0": "mlp.0",
    "ffn/linear_1": "mlp.2",
}
TOP_PARTS = {
    "encoder/conv1": "encoder.conv1",
    "encoder/conv2": "encoder.conv2",
    "encoder/layer_norm": "encoder.ln_post",
    "decoder/layer_norm": "decoder.ln",
    "decoder/embeddings": "decoder.token_embedding",
}
POSITIONS = {
    "encoder/position_encodings/encodings": "encoder.positional_embedding",
    "decoder/position_encodings/encodings": "decoder.positional_embedding",
}
LEAVES = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}


def convert(folder: Path, target: Path) -> None:
    """Converts a folder in CTranslate2 form to a checkpoint file (.pt) with the same weights.

    The weights are written from the mapped file, without copies. The file also holds
    ``alignment_heads``, (layer, head) pairs; openai-whisper ignores them. Raises EngineUnavailable
    if the folder's model is not a Whisper model in float16 or float32, OutputError.
    """
    import torch

    dims, arrays = read(folder)
    checkpoint = {
        "dims": dims,
        "model_state_dict": {name: torch.from_numpy(a) for name, a in arrays.items()},
        "alignment_heads": alignment_heads(folder),
    }
    with atomic_path(target) as made:
        torch.save(checkpoint, made)


def read(folder: Path) -> tuple[dict[str, int], dict[str, Array]]:
    """Returns a model's dimensions and weights, with openai-whisper's names.

    Raises EngineUnavailable.
    """
    variables = ct2_format.read(folder / "model.bin").resolved
    try:
        return dimensions(variables), dict(rename(variables))
    except (KeyError, IndexError) as error:
        raise unreadable(folder, f"it is no Whisper model: {error} is missing") from error


def alignment_heads(folder: Path) -> list[list[int]]:
    """Returns the alignment heads, (layer, head) pairs, of config.json; none if it has none."""
    path = folder / "config.json"
    try:
        config = strict_json.read(path.read_bytes())
        return [[int(layer), int(head)] for layer, head in config.get("alignment_heads") or []]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise unreadable(path, str(error)) from error


def dimensions(variables: Variables) -> dict[str, int]:
    """Returns openai-whisper's dimensions of a model, from its weights' shapes."""
    text, sound = variables["decoder/embeddings/weight"], variables["encoder/conv1/weight"]
    return {
        "n_mels": sound.shape[1],
        "n_audio_ctx": variables["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": sound.shape[0],
        "n_audio_head": int(variables["encoder/num_heads"]),
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": text.shape[0],
        "n_text_ctx": variables["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": text.shape[1],
        "n_text_head": int(variables["decoder/num_heads"]),
        "n_text_layer": _layers(variables, "decoder"),
    }


def _layers(variables: Variables, side: str) -> int:
    found = (re.match(rf"{side}/layer_(\d+)/", name) for name in variables)
    return len({match.group(1) for match in found if match})


def rename(variables: Variables) -> Iterator[tuple[str, Array]]:
    """Yields CTranslate2's weights with openai-whisper's names; fused ones are split."""
    for name, array in variables.items():
        if name in POSITIONS:
            yield POSITIONS[name], array
            continue
        part, _, last = name.rpartition("/")
        if last not in LEAVES:
            continue  # an option of the architecture, such as num_heads
        if part in TOP_PARTS:
            yield f"{TOP_PARTS[part]}.{LEAVES[last]}", array
        elif layer := re.fullmatch(r"(encoder|decoder)/layer_(\d+)/(.+)", part):
            block = f"{layer[1]}.blocks.{layer[2]}"
            yield from _of_layer(block, layer[3], LEAVES[last], array)


def _of_layer(block: str, part: str, leaf: str, array: Array) -> Iterator[tuple[str, Array]]:
    if part in PLAIN_PARTS:
        yield f"{block}.{PLAIN_PARTS[part]}.{leaf}", array
        return
    attention, names = ATTENTION_PARTS[part]
    for name, piece in zip(names, np.split(array, len(names)), strict=True):
        if (name, leaf) != ("key", "bias"):  # openai-whisper's keys have no bias; here it is zero
            yield f"{block}.{attention}.{name}.{leaf}", piece
