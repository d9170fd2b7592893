"""Speech model files on this disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ModelForm = Literal["ctranslate2", "openai"]

"""ctranslate2: a folder with model.bin, config.json, tokenizer.json and a vocabulary.
openai: one checkpoint file (.pt) of openai-whisper."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A speech model on this disk, in a form that a recogniser reads."""

    name: str
    """The model's name, or the name of its folder or file if a path was given."""
    path: Path
    form: ModelForm
    quantize: Callable[[bool], Path] | None = None
    """Makes a folder with the model quantised to 8 bits, and returns its path. It holds
    ``encoder.onnx``, and the decoder in CTranslate2's form. An existing folder is reused unless
    True is passed. Raises EngineUnavailable for unsuitable models, and OutputError."""
    published: bool = False
    """Whether ``path`` is openai-whisper's own copy of a published model. openai-whisper downloads
    a missing file, and checks it against the published hash."""
    attention_lag_ms: int | None = None
    """Added to the times of words in place of the engine's usual number; None for that number."""
    sha256: str = ""
    """Of the file with the weights, before any conversion; empty if it is not known yet."""
