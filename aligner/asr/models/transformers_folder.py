"""Conversion of a Whisper model in transformers' form to CTranslate2's.

Fine-tuned models are published in that form: ``config.json``, weights in ``model.safetensors`` (or
several such files with an index), and a tokenizer. CTranslate2 keeps the query, key and value
weights of an attention as one matrix, and this form as three. Weights become float16.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from aligner._util import strict_json
from aligner._util.atomic_write import atomic_path
from aligner._util.distribution import install_hint
from aligner.asr.models import base, ct2_format, vocabulary
from aligner.asr.models.ct2_format import Array, LazyVariables, Variables
from aligner.errors import EngineUnavailable

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
PATTERNS = ("*.json", "model*.safetensors", "merges.txt")
"""The files of a published model that are needed."""
COPIED_FILES = ("preprocessor_config.json", vocabulary.TOKENIZER)

TOP_PARTS = {
    "encoder/conv1": "encoder.conv1",
    "encoder/conv2": "encoder.conv2",
    "encoder/layer_norm": "encoder.layer_norm",
    "decoder/layer_norm": "decoder.layer_norm",
}
TABLES = {
    "encoder/position_encodings/encodings": "encoder.embed_positions.weight",
    "decoder/position_encodings/encodings": "decoder.embed_positions.weight",
    "decoder/embeddings/weight": "decoder.embed_tokens.weight",
}
LAYER_PARTS = {
    "self_attention/layer_norm": ("self_attn_layer_norm",),
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "self_attention/linear_1": ("self_attn.out_proj",),
    "ffn/layer_norm": ("final_layer_norm",),
    "ffn/linear_0": ("fc1",),
    "ffn/linear_1": ("fc2",),
}
CROSS_PARTS = {
    "attention/layer_norm": ("encoder_attn_layer_norm",),
    "attention/linear_0": ("encoder_attn.q_proj",),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    "attention/linear_2": ("encoder_attn.out_proj",),
}
OPTIONS: Variables = {
    "decoder/activation": np.array(3, np.int8),
    "decoder/alibi": np.array(0, np.int8),
    "decoder/alignment_heads": np.array(1, np.int16),
    "decoder/alignment_layer": np.array(-1, np.int16),
    "decoder/pre_norm": np.array(1, np.int8),
    "decoder/scale_embeddings": np.array(0, np.int8),
    "decoder/start_from_zero_embedding": np.array(0, np.int8),
}
"""Options that CTranslate2's converter writes for every Whisper model."""
PROJECTION = {"decoder/projection/weight": "decoder/embeddings/weight"}
"""The output layer has the weights of the embeddings."""


def is_one(folder: Path) -> bool:
    """Whether a folder holds weights in this form."""
    return (folder / WEIGHTS).is_file() or (folder / INDEX).is_file()


def convert(folder: Path, target: Path) -> None:
    """Writes the model as a folder in CTranslate2's form.

    Raises EngineUnavailable if it is not a Whisper model, if weights are missing or damaged, or if
    the package that reads them is not installed; and OutputError.
    """
    config = _config(folder)
    try:
        with ExitStack() as files, atomic_path(target) as made:
            made.mkdir()
            variables = _variables(config, _Weights(folder, files))
            ct2_format.write(variables, PROJECTION, made / "model.bin")
            _write_others(folder, made, int(config["vocab_size"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(folder, f"{error} is missing or wrong") from error


def _config(folder: Path) -> dict[str, Any]:
    try:
        found = strict_json.read((folder / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(folder / "config.json", str(error)) from error
    kind = found.get("model_type") if isinstance(found, dict) else None
    if kind != "whisper":
        raise _unusable(folder, f"its model_type is {kind or 'not given'}, not whisper")
    return dict(found)


def _unusable(path: Path, why: str) -> EngineUnavailable:
    return EngineUnavailable(str(path), f"this model of transformers cannot be converted: {why}")


class _Weights:
    """The weights of a folder by name, read one at a time when they are asked for."""

    def __init__(self, folder: Path, files: ExitStack) -> None:
        """The files stay open until ``files`` is closed. Raises EngineUnavailable."""
        try:
            from safetensors import SafetensorError, safe_open
        except ImportError as error:
            hint = install_hint("transformers")
            raise _unusable(folder, f"safetensors is not installed; {hint}") from error
        self.by_name: dict[str, Any] = {}
        for path in _weight_files(folder):
            try:
                file: Any = files.enter_context(safe_open(str(path), framework="np"))
            except (OSError, SafetensorError) as error:
                raise _unusable(path, str(error)) from error
            self.by_name |= dict.fromkeys(file.keys(), file)

    def __contains__(self, name: str) -> bool:
        return f"model.{name}" in self.by_name

    def __getitem__(self, name: str) -> Array:
        """Returns a weight in float16. Raises KeyError, and TypeError for bfloat16."""
        full = f"model.{name}"
        found: Array = self.by_name[full].get_tensor(full).astype(np.float16)
        return found


def _weight_files(folder: Path) -> list[Path]:
    """Returns the files with weights. Raises EngineUnavailable for a damaged index."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    try:
        names = strict_json.read((folder / INDEX).read_bytes())["weight_map"].values()
        if unknown := {name for name in names if not re.fullmatch(r"[\w.-]+", name)}:
            raise ValueError(f"no file name: {min(unknown)}")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unusable(folder / INDEX, str(error)) from error
    return [folder / name for name in sorted(set(names))]


def _variables(config: dict[str, Any], weights: _Weights) -> LazyVariables:
    """Returns the variables in CTranslate2's form. Raises KeyError for a missing size.

    What makes them raises KeyError for a missing weight, TypeError for bfloat16, ValueError.
    """
    variables: dict[str, Any] = dict(OPTIONS)
    for side in ("encoder", "decoder"):
        variables[f"{side}/num_heads"] = np.array(config[f"{side}_attention_heads"], np.int16)
        parts = LAYER_PARTS if side == "encoder" else LAYER_PARTS | CROSS_PARTS
        for at in range(int(config[f"{side}_layers"])):
            for part, names in parts.items():
                full = [f"{side}.layers.{at}.{name}" for name in names]
                variables |= _part(f"{side}/layer_{at}/{part}", full, weights)
    for part, name in TOP_PARTS.items():
        variables |= _part(part, [name], weights)
    variables |= {name: partial(weights.__getitem__, theirs) for name, theirs in TABLES.items()}
    return {name: variables[name] for name in sorted(variables)}


def _part(part: str, names: Sequence[str], weights: _Weights) -> LazyVariables:
    """Returns the weights and biases of some parts as those of one."""
    gain, bias = ("gamma", "beta") if part.endswith("norm") else ("weight", "bias")
    return {
        f"{part}/{gain}": partial(_joined_weights, names, weights),
        f"{part}/{bias}": partial(_joined_biases, names, weights),
    }


def _joined_weights(names: Sequence[str], weights: _Weights) -> Array:
    return np.concatenate([weights[f"{name}.weight"] for name in names])


def _joined_biases(names: Sequence[str], weights: _Weights) -> Array:
    """Returns the biases of some parts one after the other; a missing one is zero."""
    return np.concatenate(
        [
            weights[f"{name}.bias"]
            if f"{name}.bias" in weights
            else np.zeros(len(weights[f"{name}.weight"]), np.float16)
            for name in names
        ]
    )


def _write_others(folder: Path, made: Path, rows: int) -> None:
    """Writes the alignment heads, the vocabulary, and the files that both forms have."""
    for name in COPIED_FILES:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, made / name)
    heads = dict(_alignment_heads(folder))
    (made / "config.json").write_text(json.dumps(heads), encoding="utf-8")
    if tokens := vocabulary.of_transformers(folder):
        listed = json.dumps(vocabulary.padded(tokens, rows), ensure_ascii=False)
        (made / "vocabulary.json").write_text(listed, encoding="utf-8")


def _alignment_heads(folder: Path) -> Iterator[tuple[str, object]]:
    found = base.read_json(folder / "generation_config.json")
    if isinstance(found, dict) and found.get("alignment_heads"):
        yield "alignment_heads", found["alignment_heads"]
