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
    """A speech model on this disk, in the form that a recogniser reads."""

    name: str
    """The model's name, or that of its folder or file if the user gave a path."""
    path: Path
    form: ModelForm
    halves: Callable[[bool], Path] | None = None
    """Makes, once or if told so anew, a folder with the same in 8 bits: ``encoder.onnx``, and the
    decoder alone in CTranslate2's form. Raises EngineUnavailable for weights of which it cannot be
    made, and OutputError."""
    published: bool = False
    """Whether ``path`` is openai-whisper's own copy of a model that it publishes: it fetches the
    file if it is not there, and compares it with the published sum."""
