"""The registry of speech models, and the lookup of model files by name or path.

How to add a model:
1. Write its record in ``catalog.py``, or in a file of its own: name, languages, size, licence.
   If Python packages contain its files, list each file, its sha256, and the parts that form it.
2. Add one line to ``MODELS``.
3. If packages contain it, add its name to the table at the end of
   ``tests/asr/models/test_weights.py``.

Model files are looked for in this order: the path that the user gives; files assembled or checked
before; installed packages; the engines' own downloads. Files with a published sha256 are compared
with it before their first use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from aligner.asr.models import (
    base,
    catalog,
    ct2_to_openai,
    folder_check,
    hub,
    quantized,
    transformers_folder,
)
from aligner.asr.models.base import MODEL_BIN, Model
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch
from aligner.types import ModelFiles, ModelForm

__all__ = [
    "MODELS",
    "Available",
    "Model",
    "at_hand",
    "available",
    "fetch",
    "is_name",
    "resolve",
    "verify",
]

MODELS: dict[str, Model] = {
    "base": catalog.BASE,
    "base.en": catalog.BASE_EN,
    "tiny.en": catalog.TINY_EN,
    "tiny": catalog.TINY,
    "small": catalog.SMALL,
    "small.en": catalog.SMALL_EN,
    "medium": catalog.MEDIUM,
    "medium.en": catalog.MEDIUM_EN,
    "large-v2": catalog.LARGE_V2,
    "large-v3": catalog.LARGE_V3,
    "large-v3-turbo": catalog.LARGE_V3_TURBO,
    "distil-large-v3": catalog.DISTIL_LARGE_V3,
}
ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}
"""Other usual names of models."""

Where = Literal["cache", "package", "download"]


@dataclass(frozen=True, slots=True)
class Available:
    """A model and the first place that has it."""

    model: Model
    where: Where
    path: Path | None
    """Its folder, or its file if only openai-whisper's checkpoint is on this disk. None: it must be
    assembled or downloaded first."""


def is_name(name: str) -> bool:
    """Whether a name is that of a model of the registry."""
    return ALIASES.get(name, name) in MODELS


def resolve(name_or_path: str, form: ModelForm) -> ModelFiles:
    """Returns the files of a model in the form that an engine reads.

    The model is given by its name, by the path of a folder or file, or by its id on the Hugging
    Face hub ("owner/name"). Assembles, downloads and converts as needed. For a checkpoint that
    openai-whisper fetches by itself, returns only its future path. Raises BadSource for an unknown
    name or path, EngineUnavailable, WeightsMismatch, OutputError.
    """
    if not is_name(name_or_path):
        return _by_path_or_id(name_or_path, form)
    model = _record(name_or_path)
    if form == "openai" and not _has_ctranslate2(model) and hub.has_checkpoint(model.name):
        return ModelFiles(model.name, hub.checkpoint(model.name), form, published=True)
    folder = _folder(model)
    return _files(model.name, folder if model.files else _usable(folder), form, model)


def at_hand(name_or_path: str, form: ModelForm) -> bool:
    """Whether ``resolve`` needs no network; true for every path and hub id."""
    if not is_name(name_or_path):
        return True
    model = _record(name_or_path)
    if _has_ctranslate2(model):
        return True
    return form == "openai" and hub.checkpoint(model.name).is_file()


def fetch(name: str) -> Path:
    """Makes a model ready for use and returns its folder. Raises as ``resolve`` does."""
    return _folder(_record(name))


def verify(name: str) -> Path:
    """Compares all of a model's files with the published sums and returns their folder.

    Raises WeightsMismatch, BadSource for an unknown name, and EngineUnavailable if the model is
    not on this disk or its sums are unknown.
    """
    model = _record(name)
    if not model.files:
        raise EngineUnavailable(f"model {name}", "no published sums of it are known to aligner")
    folder = _on_disk(model)
    if not folder:
        if not base.is_installed(model):
            raise EngineUnavailable(f"model {name}", f"it is not on this disk; {hub.ADVICE}")
        folder = _folder(model)
    base.check(model, folder, always=True)
    return folder


def available() -> tuple[Available, ...]:
    """Returns every model of the registry with the place that has it."""
    return tuple(_whereabouts(model) for model in MODELS.values())


def _whereabouts(model: Model) -> Available:
    if folder := _on_disk(model):
        return Available(model, "cache", folder)
    if not base.is_installed(model) and (file := hub.checkpoint(model.name)).is_file():
        return Available(model, "cache", file)
    return Available(model, "package" if base.is_installed(model) else "download", None)


def _record(name: str) -> Model:
    if not is_name(name):
        raise BadSource(name, f"no such model; there are {', '.join(MODELS)}")
    return MODELS[ALIASES.get(name, name)]


# ---------------------------------------------------------------- by name


def _on_disk(model: Model) -> Path | None:
    """Returns the folder of a model in CTranslate2 form in aligner's or the hub's cache."""
    folder = base.model_folder(model)
    if base.is_complete(model, folder):
        return folder
    return hub.hub_folder(model.name, ask_network=False)


def _folder(model: Model) -> Path:
    """Returns the checked CTranslate2 form of a model; assembles or downloads it if needed."""
    if base.is_installed(model):
        if folder := _intact(model):
            return folder
        folder = base.model_folder(model)
        make = partial(base.assemble, model, folder)
        base.make_once(folder, lambda: _intact(model) is not None, make)
        return folder
    folder = _on_disk(model) or hub.hub_folder(model.name, ask_network=True)
    assert folder is not None  # noqa: S101  with the network asked it is there, or an error was raised
    base.check(model, folder)
    return folder


def _intact(model: Model) -> Path | None:
    """Returns the folder of a model that is on this disk as it was published."""
    folder = _on_disk(model)
    if folder:
        try:
            base.check(model, folder)
        except WeightsMismatch:
            return None
    return folder


def _has_ctranslate2(model: Model) -> bool:
    """Whether a model is on this disk in CTranslate2 form, or in installed packages."""
    return base.is_installed(model) or _on_disk(model) is not None


def _converted(folder: Path, model: Model | None) -> Path:
    """Returns the checkpoint converted from CTranslate2 form; converts it at the first call."""
    target = base.cache_dir() / "openai" / f"{_derived_name(folder, model)}.pt"
    base.derive_once(target, lambda: ct2_to_openai.convert(folder, target))
    return target


def _quantizable(name: str, folder: Path, model: Model | None) -> ModelFiles:
    """Returns a model in CTranslate2 form, which is quantised when an engine asks for that."""

    def quantize(anew: bool) -> Path:
        target = base.cache_dir() / "halves" / f"{_derived_name(folder, model)}-{quantized.VERSION}"
        base.derive_once(target, lambda: quantized.make(folder, target), anew=anew)
        return target

    return ModelFiles(name, folder, "ctranslate2", quantize, sha256=_sha256(folder, model))


def _usable(folder: Path) -> Path:
    """Returns a folder with all that the engines need of a model that has no published sums."""
    target = base.cache_dir() / "completed" / _derived_name(folder, None)
    return target if target.is_dir() else folder_check.usable(folder, target)


def _derived_name(folder: Path, model: Model | None) -> str:
    """Returns a name, unique for a folder's model, for files derived from it."""
    if model and model.weights_sha256:
        mark = model.weights_sha256
    else:  # a user's own model may be large: size and time of change are used in place of its sum
        files = sorted(path for path in folder.iterdir() if path.is_file())
        stats = [(path.name, path.stat()) for path in files]
        mark = f"{folder.resolve()} {[(name, s.st_size, s.st_mtime_ns) for name, s in stats]}"
        mark = hashlib.sha256(mark.encode()).hexdigest()
    return f"{model.name if model else folder.name}-{mark[:12]}"


# ---------------------------------------------------------------- by path


def _by_path_or_id(name: str, form: ModelForm) -> ModelFiles:
    """Returns the user's own model, or one of the hub.

    Raises BadSource if the path has none of the known forms.
    """
    path = Path(name).expanduser()
    if path.is_file() and path.suffix == ".pt":
        if form == "openai":
            return ModelFiles(path.stem, path, form, sha256=base.remembered_sha256(path))
        why = "a checkpoint of openai-whisper: use it with --engine openai-whisper"
        raise BadSource(str(path), why)
    if not path.exists() and hub.is_id(name):
        found = hub.hub_folder(name, ask_network=False) or hub.hub_folder(name, ask_network=True)
        assert found is not None  # noqa: S101  with the network asked it is there, or an error was raised
        path = found
    if folder := _in_ctranslate2_form(path):
        return _files(Path(name).resolve().name, _usable(folder), form, None)
    raise BadSource(
        str(path),
        f"no such model; give one of {', '.join(MODELS)}, a folder with model.bin (CTranslate2) or "
        "model.safetensors (transformers), a .pt file of openai-whisper, or an id of the Hugging "
        "Face hub",
    )


def _in_ctranslate2_form(path: Path) -> Path | None:
    """Returns a user's folder, converted if it is in transformers' form; None for another path."""
    if (path / MODEL_BIN).is_file():
        return path
    if not transformers_folder.is_one(path):
        return None
    target = base.cache_dir() / "converted" / _derived_name(path, None)
    base.make_once(
        target, (target / MODEL_BIN).is_file, lambda: transformers_folder.convert(path, target)
    )
    return target


def _files(name: str, folder: Path, form: ModelForm, model: Model | None) -> ModelFiles:
    """Returns a model in CTranslate2 form in the form that an engine reads."""
    if form == "ctranslate2":
        return _quantizable(name, folder, model)
    return ModelFiles(name, _converted(folder, model), form, sha256=_sha256(folder, model))


def _sha256(folder: Path, model: Model | None) -> str:
    """Returns the sha256 of a model's weights in CTranslate2 form."""
    known = model.weights_sha256 if model else None
    return known or base.remembered_sha256(folder / MODEL_BIN)
