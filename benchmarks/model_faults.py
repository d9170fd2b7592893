"""Prints what aligner says of speech models with missing, wrong or foreign files.

    python benchmarks/model_faults.py

Each case is a copy of the model base in CTranslate2's form with one fault. Prints a table in
Markdown: the fault, whether the model can be used, and the words of the warning or error. All
happens in a temporary folder; the model base must be on this disk.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from aligner.asr import models
from aligner.errors import AlignerError

CONFIG, PREPROCESSOR, WEIGHTS = "config.json", "preprocessor_config.json", "model.bin"
LANGUAGES, HEADS = "lang_ids", "alignment_heads"
LAST_LAYER = 31
"""Of the decoder of large-v3, whose heads distilled models of two layers come with."""


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    base = models.fetch("base")
    print("| fault | result | what is said |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        os.environ["ALIGNER_CACHE"] = str(Path(name) / "cache")
        for number, (fault, damage) in enumerate(CASES.items()):
            folder = Path(name) / f"mine-{number}"
            copy(base, folder)
            damage(folder)
            result, said = outcome(folder)
            print(f"| {fault} | {result} | {said.replace(name, '').replace('|', chr(92) + '|')} |")


def copy(source: Path, folder: Path) -> None:
    """Makes a folder with links to the weights and copies of the other files."""
    folder.mkdir()
    for path in source.iterdir():
        if path.name == WEIGHTS:
            (folder / path.name).symlink_to(path.resolve())
        else:
            (folder / path.name).write_bytes(path.read_bytes())


def outcome(folder: Path) -> tuple[str, str]:
    """Returns whether a model can be used, and the messages."""
    said = _Said()
    logger = logging.getLogger("aligner")
    logger.addHandler(said)
    try:
        models.resolve(str(folder), "ctranslate2")
    except AlignerError as error:
        return "refused", str(error)
    finally:
        logger.removeHandler(said)
    return ("repaired" if said.messages else "used as it is"), "; ".join(said.messages) or "-"


class _Said(logging.Handler):
    """Keeps messages."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def without(*names: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in names:
            (folder / name).unlink(missing_ok=True)

    return damage


def setting(name: str, **changes: object) -> Callable[[Path], None]:
    """Sets entries of a JSON file; None removes an entry."""

    def damage(folder: Path) -> None:
        path = folder / name
        found = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept = {key: value for key, value in (found | changes).items() if value is not None}
        path.write_text(json.dumps(kept), "utf-8")

    return damage


def containing(name: str, content: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).write_text(content, "utf-8")

    return damage


def cut(folder: Path) -> None:
    """Leaves the first half of the weights."""
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).write_bytes(data[: len(data) // 2])


def without_all_words(folder: Path) -> None:
    without("tokenizer.json", *(path.name for path in folder.glob("vocabulary.*")))(folder)


def with_foreign_words(folder: Path) -> None:
    """Puts a vocabulary with another number of tokens in place of the model's."""
    without_all_words(folder)
    (folder / "vocabulary.json").write_text(json.dumps([str(at) for at in range(60_000)]), "utf-8")


CASES: dict[str, Callable[[Path], None]] = {
    "none": lambda _folder: None,
    "alignment heads of layers that the decoder lacks": setting(
        CONFIG, alignment_heads=[[LAST_LAYER, 0], [LAST_LAYER, 5]]
    ),
    "no `alignment_heads`": setting(CONFIG, alignment_heads=None),
    "no `config.json`": without(CONFIG),
    "empty `lang_ids`": setting(CONFIG, lang_ids=[]),
    "`preprocessor_config.json` for other weights (128 mels)": setting(
        PREPROCESSOR, feature_size=128
    ),
    "no `preprocessor_config.json` (80 mels)": without(PREPROCESSOR),
    "no `tokenizer.json`": without("tokenizer.json"),
    "a damaged `tokenizer.json`": containing("tokenizer.json", "{"),
    "no vocabulary and no `tokenizer.json`": without_all_words,
    "a vocabulary of another model": with_foreign_words,
    "weights that are cut off": cut,
    "no weights": without(WEIGHTS),
}


if __name__ == "__main__":
    main()
