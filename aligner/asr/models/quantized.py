"""Quantisation of a Whisper model in CTranslate2 form to 8 bits.

The result is a folder with ``encoder.onnx`` for onnxruntime (``onnx/export.py``), the decoder for
CTranslate2, and the other files of the model, with all merges in its vocabulary. CTranslate2 rounds
weights to 8 bits itself when it loads a model; rounding them beforehand saves two thirds of the
loading time, and memory.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from aligner._util.atomic_write import atomic_path
from aligner.asr.models import ct2_format
from aligner.asr.models.ct2_format import Array, Ct2Model, LazyVariables, unreadable
from aligner.asr.onnx.int8 import int8_steps, round_to_int8
from aligner.asr.whisper.tokenizer_patch import with_first_merge

VERSION = 1
"""Version of the format: folders of another version are not used."""
ENCODER = "encoder.onnx"
TOKENIZER = "tokenizer.json"
COPIED_FILES = ("config.json", "preprocessor_config.json", "vocabulary.*")
"""Files that are copied unchanged, if the model has them."""
LEFT_OUT = re.compile("encoder/layer_[1-9]")
"""Weights left out; without the encoder's first layer CTranslate2 does not load the decoder."""
ROUNDED = re.compile("(encoder/layer_0|decoder)/.*weight")


def make(folder: Path, target: Path) -> None:
    """Quantises the model in a folder in CTranslate2 form; writes the ``target`` folder.

    Takes memory for one array at a time, beside the pages of the mapped file.
    Raises EngineUnavailable if the model is not a Whisper model in float16 or float32, or its
    vocabulary is not JSON, and OutputError.
    """
    from aligner.asr.onnx import export  # a slow import, which is needed only here

    model = ct2_format.read(folder / "model.bin")
    with atomic_path(target) as made:
        made.mkdir()
        try:
            export.write(model.resolved, made / ENCODER)
        except KeyError as error:
            raise unreadable(folder, f"it is no Whisper model: {error} is missing") from error
        ct2_format.write(*_decoder(model), made / "model.bin")
        for path in (path for name in COPIED_FILES for path in folder.glob(name)):
            shutil.copyfile(path, made / path.name)
        if (path := folder / TOKENIZER).is_file():
            try:
                text = with_first_merge(path.read_text("utf-8"))
            except ValueError as error:
                raise unreadable(path, str(error)) from error
            (made / TOKENIZER).write_text(text, "utf-8")


def _decoder(model: Ct2Model) -> tuple[LazyVariables, dict[str, str]]:
    """Returns the variables of the decoder alone, in 8 bits, and their aliases."""
    used = {n: array for n, array in model.variables.items() if not LEFT_OUT.match(n)}
    aliases = {a: name for a, name in model.aliases.items() if not LEFT_OUT.match(a)}
    variables = dict(pair for name, array in used.items() for pair in _rounded(name, array))
    scales = {
        f"{alias}_scale": f"{name}_scale"
        for alias, name in aliases.items()
        if f"{name}_scale" in variables
    }
    return variables, aliases | scales


def _rounded(name: str, array: Array) -> Iterator[tuple[str, Array | Callable[[], Array]]]:
    """Yields weights in 8 bits with each row's scale, in CTranslate2's form; others unchanged."""
    if not ROUNDED.fullmatch(name):
        yield name, array
        return
    steps = int8_steps(array)
    yield name, partial(round_to_int8, array, steps)
    yield f"{name}_scale", 1 / steps
