"""Models in transformers' form, given as a folder or as an id of the hub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tiny_whisper import MELS, vocabulary, whisper_model, whole

from aligner.asr import models
from aligner.asr.models import ct2_format, hub, transformers_folder
from aligner.asr.models import vocabulary as own_vocabulary
from aligner.errors import EngineUnavailable

Weights = dict[str, NDArray[Any]]
LEAVES = {"gamma": "weight", "beta": "bias"}


def their_weights(model: Weights) -> Weights:
    """A model's weights under the names that transformers gives them, queries apart from keys."""
    return dict(pair for name, array in model.items() for pair in _theirs(name, array))


def _theirs(name: str, array: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    if name.endswith("num_heads"):
        return
    for ours, theirs in transformers_folder.TABLES.items():
        if name == ours:
            yield f"model.{theirs}", array
            return
    part, _, leaf = name.rpartition("/")
    leaf = LEAVES.get(leaf, leaf)
    if part in transformers_folder.TOP_PARTS:
        yield f"model.{transformers_folder.TOP_PARTS[part]}.{leaf}", array
        return
    side, layer, part = part.split("/", 2)
    parts = transformers_folder.LAYER_PARTS | transformers_folder.CROSS_PARTS
    for their_part, piece in zip(parts[part], np.split(array, len(parts[part])), strict=True):
        if (leaf, their_part.endswith("k_proj")) != ("bias", True):
            yield f"model.{side}.layers.{layer.removeprefix('layer_')}.{their_part}.{leaf}", piece


def published(folder: Path, *, shards: int = 1, kind: str = "float16") -> Weights:
    """Writes a made-up model as transformers does; returns its weights in CTranslate2's form."""
    tokens = vocabulary()
    ours = whisper_model(2, vocabulary=len(tokens))
    for name in ours:  # keys have no bias
        if name.endswith(("self_attention/linear_0/bias", "attention/linear_1/bias")):
            width = len(ours[name]) // (3 if "self" in name else 2)
            start = width if "self" in name else 0
            if "self" in name or name.endswith("/attention/linear_1/bias"):
                ours[name][start : start + width] = 0
    theirs = {name: array.astype(kind) for name, array in their_weights(ours).items()}
    folder.mkdir()
    names = sorted(theirs)
    files = [f"model-{at}.safetensors" for at in range(shards)]
    if shards == 1:
        save_file(theirs, folder / transformers_folder.WEIGHTS)
    else:
        shard_of = {name: files[at % shards] for at, name in enumerate(names)}
        for file in files:
            save_file({n: theirs[n] for n in names if shard_of[n] == file}, folder / file)
        (folder / transformers_folder.INDEX).write_text(json.dumps({"weight_map": shard_of}))
    config = {
        "model_type": "whisper", "vocab_size": len(tokens),
        "encoder_layers": 2, "encoder_attention_heads": 1,
        "decoder_layers": 1, "decoder_attention_heads": 1,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "generation_config.json").write_text(json.dumps({"alignment_heads": [[0, 0]]}))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    without_stamps = tokens[: tokens.index("<|0.00|>")]
    (folder / "tokenizer.json").write_text(own_vocabulary.tokenizer(without_stamps), "utf-8")
    return ours


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize(("shards", "kind"), [(1, "float16"), (3, "float16"), (1, "float32")])
def test_every_weight_is_converted(shards: int, kind: str, tmp_path: Path) -> None:
    ours = published(tmp_path / "mine", shards=shards, kind=kind)
    found = models.resolve(str(tmp_path / "mine"), "ctranslate2")
    assert found.name == "mine"
    made = ct2_format.read(found.path / "model.bin")
    weights = {n: a for n, a in made.variables.items() if n not in transformers_folder.OPTIONS}
    assert weights.keys() == ours.keys()
    for name, array in ours.items():
        assert weights[name].tobytes() == array.tobytes(), name
    assert made.aliases == transformers_folder.PROJECTION
    assert own_vocabulary.read(found.path) == vocabulary()
    assert json.loads((found.path / "config.json").read_text())["alignment_heads"] == [[0, 0]]


def test_the_vocabulary_of_older_models(tmp_path: Path) -> None:
    published(tmp_path / "mine")
    (tmp_path / "mine" / "tokenizer.json").unlink()
    tokens = vocabulary()
    controls = tokens.index("<|endoftext|>")
    for name, low, high in (
        ("vocab.json", 0, controls),
        ("added_tokens.json", controls, tokens.index("<|0.00|>")),
    ):
        numbers = {token: at for at, token in enumerate(tokens) if low <= at < high}
        (tmp_path / "mine" / name).write_text(json.dumps(numbers), encoding="utf-8")
    found = models.resolve(str(tmp_path / "mine"), "ctranslate2")
    assert own_vocabulary.read(found.path) == tokens
    assert (
        own_vocabulary.of_tokenizer(found.path / "tokenizer.json") == tokens[: len(tokens) - 1501]
    )


def test_a_folder_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published(tmp_path / "mine")
    first = models.resolve(str(tmp_path / "mine"), "ctranslate2")
    monkeypatch.setattr(transformers_folder, "convert", None)
    assert models.resolve(str(tmp_path / "mine"), "ctranslate2").path == first.path


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("config.json", '{"model_type": "bert"}', "bert"),
        ("config.json", "{", "config.json"),
        ("config.json", "[]", "not given"),
        ("config.json", '{"model_type": "whisper"}', "is missing"),
        ("model.safetensors", "damaged", "model.safetensors"),
    ],
)
def test_a_damaged_model_is_refused(name: str, content: str, why: str, tmp_path: Path) -> None:
    published(tmp_path / "mine")
    (tmp_path / "mine" / name).write_text(content, encoding="utf-8")
    with pytest.raises(EngineUnavailable, match=why) as caught:
        models.resolve(str(tmp_path / "mine"), "ctranslate2")
    assert "mine" in str(caught.value)
    assert not [path for path in tmp_path.rglob("*.bin") if path.is_file()]


@pytest.mark.parametrize("index", ["{", "[]", '{"weight_map": {"a": "../../secret"}}'])
def test_a_damaged_index_is_refused(index: str, tmp_path: Path) -> None:
    published(tmp_path / "mine", shards=2)
    (tmp_path / "mine" / transformers_folder.INDEX).write_text(index, encoding="utf-8")
    with pytest.raises(EngineUnavailable, match=transformers_folder.INDEX):
        models.resolve(str(tmp_path / "mine"), "ctranslate2")


# ---------------------------------------------------------------- the hub's cache


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a hub model "own/model" in the cache of the hub's client, which is offline."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    repository = tmp_path / "hub" / "models--own--model"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    (repository / "snapshots").mkdir()
    return repository / "snapshots" / ("0" * 40)


@pytest.mark.parametrize("theirs", [True, False])
def test_a_model_of_the_hub(snapshot: Path, theirs: bool) -> None:
    if theirs:
        published(snapshot)
    else:
        whole(snapshot)
    found = models.resolve("own/model", "ctranslate2")
    assert found.name == "model"
    assert (found.path / "model.bin").is_file()


def test_an_interrupted_download_is_not_used(snapshot: Path) -> None:
    whole(snapshot)
    (snapshot / "model.bin").unlink()
    assert hub.hub_folder("own/model") is None
    with pytest.raises(EngineUnavailable, match="own/model"):
        models.resolve("own/model", "ctranslate2")


def test_a_path_comes_before_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("own")  # noqa: PTH102
    whole(tmp_path / "own" / "model")
    monkeypatch.setattr(hub, "hub_folder", None)
    assert models.resolve("own/model", "ctranslate2").path == Path("own/model")


@pytest.mark.weights
def test_base_is_the_same_in_both_forms(tmp_path: Path) -> None:
    folder = models.fetch("base")
    base = ct2_format.read(folder / "model.bin")
    options = {*transformers_folder.OPTIONS}
    mine = tmp_path / "mine"
    published(mine)
    weights = {name: array for name, array in base.variables.items() if name not in options}
    save_file(their_weights(weights), mine / transformers_folder.WEIGHTS)
    config = {
        "model_type": "whisper", "vocab_size": 51865,
        "encoder_layers": 6, "encoder_attention_heads": 8,
        "decoder_layers": 6, "decoder_attention_heads": 8,
    }  # fmt: skip
    (mine / "config.json").write_text(json.dumps(config))
    (mine / "preprocessor_config.json").unlink()
    (mine / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    found = models.resolve(str(mine), "ctranslate2")
    made = ct2_format.read(found.path / "model.bin")
    assert {n: a.tobytes() for n, a in made.variables.items()} == {
        n: a.tobytes() for n, a in base.variables.items()
    }
    assert made.aliases == base.aliases
    assert own_vocabulary.read(found.path) == own_vocabulary.read(folder)
