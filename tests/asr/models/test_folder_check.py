"""A user's model folder, checked before it is used: what is derived, and what is refused."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_whisper import MELS, binary, vocabulary, whisper_model, whole, write
from tokenizers import Tokenizer

from aligner.asr import models
from aligner.asr.models import ct2_format, ct2_to_openai, folder_check
from aligner.asr.models import vocabulary as own_vocabulary
from aligner.errors import EngineUnavailable

ENDS = " the inner theatre, then \u00fc \u2603"
"""A text with merges, with words that begin with one, and with characters of several bytes."""


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def rewrite(folder: Path, name: str, **changes: object) -> None:
    (folder / name).write_text(json.dumps(read(folder, name) | changes), encoding="utf-8")


def test_a_whole_folder_is_used_as_it_is(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    assert folder_check.usable(folder, tmp_path / "made") == folder
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("heads", [[[1, 0]], [[0, 1]], [[-1, 0]], [], [0], None, "all", [[0.5, 0]]])
def test_wrong_alignment_heads_are_replaced(
    heads: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = whole(tmp_path / "mine")
    rewrite(folder, "config.json", alignment_heads=heads)
    with caplog.at_level(logging.WARNING):
        found = folder_check.usable(folder, tmp_path / "made")
    assert read(found, "config.json")["alignment_heads"] == [[0, 0]]
    assert "alignment_heads" in caplog.text
    assert str(folder) in caplog.text
    before = read(folder, "config.json")
    assert read(found, "config.json") | {"alignment_heads": heads} == before
    assert (found / "model.bin").read_bytes() == (folder / "model.bin").read_bytes()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"lang_ids": []}'])
def test_a_missing_or_damaged_config_is_derived(content: str | None, tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    wanted = read(folder, "config.json")
    (folder / "config.json").unlink()
    if content is not None:
        (folder / "config.json").write_text(content, encoding="utf-8")
    found = read(folder_check.usable(folder, tmp_path / "made"), "config.json")
    assert found["lang_ids"] == wanted["lang_ids"]
    assert found["alignment_heads"] == wanted["alignment_heads"]
    assert found["suppress_ids_begin"] == [
        vocabulary().index(t) for t in ("\u0120", "<|endoftext|>")
    ]


@pytest.mark.parametrize("content", [None, "{}", '{"feature_size": 80}', "damaged"])
def test_mel_bands_follow_from_the_weights(content: str | None, tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    (folder / "preprocessor_config.json").unlink()
    if content is not None:
        (folder / "preprocessor_config.json").write_text(content, encoding="utf-8")
    found = folder_check.usable(folder, tmp_path / "made")
    assert read(found, "preprocessor_config.json")["feature_size"] == MELS


def shifted() -> str:
    return own_vocabulary.tokenizer(vocabulary(("en", "fr")))


@pytest.mark.parametrize("content", [None, "", "{", shifted])
def test_a_missing_or_wrong_tokenizer_is_made_from_the_vocabulary(
    content: Any, tmp_path: Path
) -> None:
    folder = whole(tmp_path / "mine")
    wanted = Tokenizer.from_file(str(folder / "tokenizer.json"))
    (folder / "tokenizer.json").unlink()
    if content is not None:
        text = content() if callable(content) else content
        (folder / "tokenizer.json").write_text(text, encoding="utf-8")
    found = folder_check.usable(folder, tmp_path / "made")
    made = Tokenizer.from_file(str(found / "tokenizer.json"))
    assert made.encode(ENDS).ids == wanted.encode(ENDS).ids
    assert made.decode(made.encode(ENDS).ids) == ENDS
    assert made.token_to_id("<|notimestamps|>") == vocabulary().index("<|notimestamps|>")


@pytest.mark.parametrize("content", [None, "damaged", "[1, 2]", '["a", "b"]'])
def test_a_missing_vocabulary_is_taken_from_the_tokenizer(
    content: str | None, tmp_path: Path
) -> None:
    folder = whole(tmp_path / "mine")
    (folder / "vocabulary.json").unlink()
    if content is not None:
        (folder / "vocabulary.json").write_text(content, encoding="utf-8")
    found = folder_check.usable(folder, tmp_path / "made")
    assert own_vocabulary.read(found) == vocabulary()


def test_without_vocabulary_and_tokenizer_it_is_refused(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    for name in ("vocabulary.json", "tokenizer.json"):
        (folder / name).unlink()
    with pytest.raises(
        EngineUnavailable, match=r"copy vocabulary\.json or tokenizer\.json"
    ) as caught:
        folder_check.usable(folder, tmp_path / "made")
    assert str(folder) in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_a_longer_vocabulary_than_the_decoders_is_refused(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    (folder / "model.bin").write_bytes(binary(whisper_model(vocabulary=len(vocabulary()) - 1)))
    with pytest.raises(EngineUnavailable, match=f"has {len(vocabulary())} tokens"):
        folder_check.usable(folder, tmp_path / "made")


def test_a_decoder_may_have_more_tokens(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    (folder / "model.bin").write_bytes(binary(whisper_model(vocabulary=len(vocabulary()) + 64)))
    assert folder_check.usable(folder, tmp_path / "made") == folder


def test_what_is_no_whisper_model_is_refused(tmp_path: Path) -> None:
    held = whisper_model()
    del held["decoder/embeddings/weight"]
    folder = write(tmp_path / "mine", binary(held))
    with pytest.raises(EngineUnavailable, match="decoder/embeddings/weight"):
        models.resolve(str(folder), "ctranslate2")


def test_quantised_weights_and_aliases_are_understood(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    held = whisper_model(vocabulary=len(vocabulary()))
    weights = held.pop("decoder/embeddings/weight")
    held["decoder/projection/weight"] = np.clip(weights * 100, -127, 127).astype(np.int8)
    names = (("decoder/embeddings/weight", "decoder/projection/weight"),)
    (folder / "model.bin").write_bytes(binary(held, aliases=names))
    assert folder_check.usable(folder, tmp_path / "made") == folder
    with pytest.raises(EngineUnavailable, match="quantised"):
        ct2_to_openai.convert(folder, tmp_path / "made.pt")


def test_an_aliased_weight_is_converted(tmp_path: Path) -> None:
    folder = whole(tmp_path / "mine")
    held = whisper_model(vocabulary=len(vocabulary()))
    weights = held.pop("decoder/embeddings/weight")
    held["decoder/projection/weight"] = weights
    names = (("decoder/embeddings/weight", "decoder/projection/weight"),)
    (folder / "model.bin").write_bytes(binary(held, aliases=names))
    dims, arrays = ct2_to_openai.read(folder)
    assert dims["n_vocab"] == len(vocabulary())
    assert arrays["decoder.token_embedding.weight"].tobytes() == weights.tobytes()
    assert "decoder/embeddings/weight" not in ct2_format.read(folder / "model.bin").variables


@pytest.mark.weights
def test_the_tokenizer_of_base_follows_from_its_vocabulary() -> None:
    from aligner.asr.whisper.tokenizer_patch import with_first_merge

    folder = models.fetch("base")
    published = Tokenizer.from_str(with_first_merge((folder / "tokenizer.json").read_text("utf-8")))
    made = Tokenizer.from_str(own_vocabulary.tokenizer(own_vocabulary.read(folder)))
    texts = [
        ENDS,
        " \u65e5\u672c\u8a9e",
        "\u041f\u0440\u0438\u0432\u0435\u0442 123,5",
        "  two\n\tspaces",
    ]
    for text in texts:
        ids = made.encode(text, add_special_tokens=False).ids
        assert ids == published.encode(text, add_special_tokens=False).ids
        assert made.decode(ids) == published.decode(ids)
