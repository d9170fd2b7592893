"""A Whisper model in CTranslate2 form -> the same in 8 bits, its two halves apart.

A folder with ``encoder.onnx`` for onnxruntime (``export.py``) and the decoder as CTranslate2
reads it, beside the other files of the model, with all merges in its vocabulary. CTranslate2 rounds
the weights to 8 bits itself when it loads a model; that they are so already saves two thirds of the
time of loading, and the memory.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from aligner._util.atomic_write import atomic_path
from aligner.asr.models import ct2_format
from aligner.asr.models.ct2_format import Array, Ct2Model, unreadable
from aligner.asr.onnx.int8 import quantize_int8_per_row
from aligner.asr.whisper.tokenizer_patch import with_first_merge

VERSION = 1
"""Of what is made here: folders of another one are not used."""
ENCODER = "encoder.onnx"
TOKENIZER = "tokenizer.json"
OTHERS = ("config.json", "preprocessor_config.json", "vocabulary.*")
"""Files that stay as they are, if the model has them."""
NOT_READ = re.compile("encoder/layer_[1-9]")
"""What the decoder's half leaves out; with less of the encoder CTranslate2 does not load it."""
ROUNDED = re.compile("(encoder/layer_0|decoder)/.*weight")


def make(folder: Path, target: Path) -> None:
    """A folder in CTranslate2 form -> a folder with its halves.

    Raises EngineUnavailable if the folder's model is not a Whisper model in float16 or float32, or
    has a vocabulary that is no JSON, and OutputError.
    """
    from aligner.asr.onnx import export  # here: it takes a while, and is needed once

    held = ct2_format.read(folder / "model.bin")
    with atomic_path(target) as made:
        made.mkdir()
        try:
            export.write(held.variables, made / ENCODER)
        except KeyError as error:
            raise unreadable(folder, f"it is no Whisper model: {error} is missing") from error
        ct2_format.write(_decoder(held), made / "model.bin")
        for path in (path for name in OTHERS for path in folder.glob(name)):
            shutil.copyfile(path, made / path.name)
        if (path := folder / TOKENIZER).is_file():
            try:
                text = with_first_merge(path.read_text("utf-8"))
            except ValueError as error:
                raise unreadable(path, str(error)) from error
            (made / TOKENIZER).write_text(text, "utf-8")


def _decoder(held: Ct2Model) -> Ct2Model:
    """The decoder alone, in 8 bits."""
    kept = {n: array for n, array in held.variables.items() if not NOT_READ.match(n)}
    variables = dict(pair for name, array in kept.items() for pair in _rounded(name, array))
    scales = {
        f"{alias}_scale": f"{name}_scale"
        for alias, name in held.aliases.items()
        if f"{name}_scale" in variables
    }
    return Ct2Model(variables, held.aliases | scales)


def _rounded(name: str, array: Array) -> Iterator[tuple[str, Array]]:
    """Weights in 8 bits with the scale of each row, as CTranslate2 has them; all else as it is."""
    if not ROUNDED.fullmatch(name):
        yield name, array
        return
    rounded, steps = quantize_int8_per_row(array)
    yield name, rounded
    yield f"{name}_scale", 1 / steps
