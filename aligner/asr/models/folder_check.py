"""Check of a user's model folder in CTranslate2 form before it is used.

Converters leave files out, and fine-tuned or distilled models come with files of the model that
they were made from. The engines then fail late, crash (alignment heads in layers that the decoder
does not have), or understand less (the tokens of another vocabulary) without a message. What is
missing or wrong is derived from the weights and the vocabulary where it can be.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aligner._util.atomic_write import atomic_path
from aligner.asr.models import base, ct2_format, vocabulary
from aligner.asr.models.ct2_format import unreadable
from aligner.asr.models.ct2_to_openai import dimensions
from aligner.errors import EngineUnavailable

log = logging.getLogger(__name__)

CONFIG, PREPROCESSOR = "config.json", "preprocessor_config.json"
USUAL_MELS = 80
"""Mel bands that faster-whisper computes where ``preprocessor_config.json`` is missing."""
BLANK = " "
"""A text that the decoder must not begin with, as in openai-whisper."""
LANGUAGE = re.compile(r"<\|[a-z]{2,3}\|>")


@dataclass
class _Derived:
    """New content of files, and why they are needed."""

    files: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    def add(self, name: str, content: object, reason: str) -> None:
        self.files[name] = json.dumps(content, ensure_ascii=False)
        self.reasons.append(reason)


def usable(folder: Path, target: Path) -> Path:
    """Returns a folder with all that the engines need of a model.

    It is ``folder`` itself if nothing is missing or wrong there, else ``target``, which is written:
    links to the files that are right, and derived files in place of the others. Each is logged as a
    warning. Raises EngineUnavailable if what is missing cannot be derived, and OutputError.
    """
    sizes = _dimensions(folder)
    tokens, derived = _vocabulary(folder, sizes["n_vocab"])
    _check_tokenizer(folder, tokens, derived)
    _check_config(folder, sizes, tokens, derived)
    _check_preprocessor(folder, sizes["n_mels"], derived)
    if not derived.files:
        return folder
    for reason in derived.reasons:
        log.warning("model %s: %s", folder, reason)
    _write(folder, target, derived.files)
    return target


def _dimensions(folder: Path) -> dict[str, int]:
    """Returns openai-whisper's dimensions of the model. Raises EngineUnavailable."""
    variables = ct2_format.read_any(folder / base.MODEL_BIN).resolved
    try:
        return dimensions(variables)
    except (KeyError, IndexError, TypeError) as error:
        raise unreadable(folder, f"it is no Whisper model: {error} is missing") from error


def _vocabulary(folder: Path, rows: int) -> tuple[Sequence[str], _Derived]:
    """Returns the text of each of the decoder's tokens, and a derived file if there is none.

    Raises EngineUnavailable.
    """
    derived = _Derived()
    tokens = vocabulary.read(folder)
    if vocabulary.fits(tokens, rows):
        return tokens, derived
    why = f"its vocabulary has {len(tokens)} tokens" if tokens else "it has no vocabulary"
    for tokens, source in vocabulary.substitutes(folder, rows):
        padded = vocabulary.padded(tokens, rows)
        derived.add("vocabulary.json", padded, f"{why}; using {source}")
        return padded, derived
    raise EngineUnavailable(
        str(folder),
        f"{why}, its decoder {rows}; copy vocabulary.json or tokenizer.json from the model that it "
        "was made from",
    )


def _check_tokenizer(folder: Path, tokens: Sequence[str], derived: _Derived) -> None:
    path = folder / vocabulary.TOKENIZER
    known = vocabulary.of_tokenizer(path)
    if known and list(known) == list(tokens[: len(known)]):
        return
    why = "belongs to another vocabulary" if known else "is damaged"
    if not path.is_file():
        why = "is missing"
    reason = f"{path.name} {why}; using one made from its vocabulary"
    derived.files[path.name] = vocabulary.tokenizer(tokens)
    derived.reasons.append(reason)


def _check_config(
    folder: Path, sizes: dict[str, int], tokens: Sequence[str], derived: _Derived
) -> None:
    config = _read_object(folder / CONFIG)
    layers, heads = sizes["n_text_layer"], sizes["n_text_head"]
    wrong = []
    if not are_heads(config.get("alignment_heads"), layers, heads):
        # openai-whisper's default: all heads of the upper half of the layers
        upper = [[layer, head] for layer in range(layers // 2, layers) for head in range(heads)]
        config["alignment_heads"] = upper
        wrong.append(f"alignment_heads (the decoder has {layers} layers with {heads} heads)")
    languages = [at for at, token in enumerate(tokens) if LANGUAGE.fullmatch(token)]
    found = config.get("lang_ids")
    if not found or (vocabulary.is_multilingual(tokens) and found != languages):
        config["lang_ids"] = languages
        wrong.append("lang_ids")
    for name, content in _suppressed(tokens).items():
        if not _are_tokens(config.get(name), len(tokens)):
            config[name] = content
            wrong.append(name)
    if wrong:
        derived.add(CONFIG, config, f"{CONFIG} lacks or has wrong {', '.join(wrong)}; using others")


def _suppressed(tokens: Sequence[str]) -> dict[str, list[int]]:
    """Returns the tokens that may not be decoded, anywhere and at the beginning.

    aligner names those for "anywhere" at each call, so that the first list may be empty.
    """
    first = [vocabulary.in_bytes(BLANK), vocabulary.END]
    return {"suppress_ids": [], "suppress_ids_begin": [tokens.index(token) for token in first]}


def _check_preprocessor(folder: Path, mels: int, derived: _Derived) -> None:
    config = _read_object(folder / PREPROCESSOR)
    size = config.get("feature_size", USUAL_MELS)
    if size != mels:
        reason = f"{PREPROCESSOR} says {size} mel bands, the weights {mels}; using {mels}"
        derived.add(PREPROCESSOR, config | {"feature_size": mels}, reason)


def are_heads(found: object, layers: int, heads: int) -> bool:
    """Whether a value is a non-empty list of (layer, head) pairs that the decoder has."""
    if not isinstance(found, list) or not found:
        return False
    pairs = [pair for pair in found if isinstance(pair, list) and len(pair) == 2]
    return len(pairs) == len(found) and all(
        type(layer) is int and type(head) is int and 0 <= layer < layers and 0 <= head < heads
        for layer, head in pairs
    )


def _are_tokens(found: object, count: int) -> bool:
    return isinstance(found, list) and all(type(t) is int and 0 <= t < count for t in found)


def _read_object(path: Path) -> dict[str, Any]:
    """Returns a JSON file's object; an empty one if the file is missing or has another value."""
    found = base.read_json(path)
    return found if isinstance(found, dict) else {}


def _write(folder: Path, target: Path, files: dict[str, str]) -> None:
    """Writes the ``target`` folder: given files, and links to the folder's others."""
    with atomic_path(target) as made:
        made.mkdir()
        for name, content in files.items():
            (made / name).write_text(content, encoding="utf-8")
        replaced = {*files, *(vocabulary.FILES if "vocabulary.json" in files else ())}
        for path in _others(folder, replaced):
            _link(path.resolve(), made / path.name)


def _others(folder: Path, replaced: Iterable[str]) -> list[Path]:
    wanted = {base.MODEL_BIN, CONFIG, PREPROCESSOR, vocabulary.TOKENIZER, *vocabulary.FILES} - {
        *replaced
    }
    return [folder / name for name in sorted(wanted) if (folder / name).is_file()]


def _link(path: Path, link: Path) -> None:
    """Links to a file, or copies it where links are not allowed."""
    try:
        link.symlink_to(path)
    except OSError:
        shutil.copyfile(path, link)
