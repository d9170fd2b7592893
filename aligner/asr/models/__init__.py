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

from aligner.asr.models import base, catalog, ct2_to_openai, folder_check, hub, quantized
from aligner.asr.models.base import Model
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch
from aligner.types import ModelFiles, ModelForm

__all__ = ["MODELS", "Available", "Model", "at_hand", "available", "fetch", "resolve", "verify"]

MODELS: dict[str, Model] = {
    "base": catalog.BASE,
    "tiny.en": catalog.TINY_EN,
    "tiny": catalog.TINY,
    "small": catalog.SMALL,
    "medium": catalog.MEDIUM,
    "large-v3": catalog.LARGE_V3,
    "large-v3-turbo": catalog.LARGE_V3_TURBO,
}

Where = Literal["cache", "package", "download"]


@dataclass(frozen=True, slots=True)
class Available:
    """A model and the first place that has it."""

    model: Model
    where: Where
    path: Path | None
    """Its folder, or its file if only openai-whisper's checkpoint is on this disk. None: it must be
    assembled or downloaded first."""


def resolve(name_or_path: str, form: ModelForm) -> ModelFiles:
    """Returns the files of a model, given by name or path, in the form that an engine reads.

    Assembles, downloads and converts as needed. For a checkpoint that openai-whisper fetches by
    itself, returns only its future path. Raises BadSource for an unknown name or path,
    EngineUnavailable, WeightsMismatch, OutputError.
    """
    if name_or_path not in MODELS:
        return _by_path(Path(name_or_path).expanduser(), form)
    model = MODELS[name_or_path]
    if form == "ctranslate2":
        return _quantizable(model.name, _folder(model), model)
    if _has_ctranslate2(model):
        return ModelFiles(model.name, _converted(_folder(model), model), form)
    return ModelFiles(model.name, hub.checkpoint(model.name), form, published=True)


def at_hand(name_or_path: str, form: ModelForm) -> bool:
    """Whether ``resolve`` needs no network; true for every path."""
    model = MODELS.get(name_or_path)
    if model is None or _has_ctranslate2(model):
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
    if name not in MODELS:
        raise BadSource(name, f"no such model; there are {', '.join(MODELS)}")
    return MODELS[name]


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
    base.make_once(target, target.is_file, lambda: ct2_to_openai.convert(folder, target))
    return target


def _quantizable(name: str, folder: Path, model: Model | None) -> ModelFiles:
    """Returns a model in CTranslate2 form, which is quantised when an engine asks for that."""

    def quantize(anew: bool) -> Path:
        target = base.cache_dir() / "halves" / f"{_derived_name(folder, model)}-{quantized.VERSION}"
        there = (lambda: False) if anew else target.is_dir
        base.make_once(target, there, lambda: quantized.make(folder, target))
        return target

    return ModelFiles(name, folder, "ctranslate2", quantize)


def _usable(folder: Path) -> Path:
    """Returns a folder with all that the engines need of a model that has no published sums."""
    target = base.cache_dir() / "completed" / _derived_name(folder, None)
    return folder_check.usable(folder, target)


def _derived_name(folder: Path, model: Model | None) -> str:
    """Returns a name, unique for a folder's model, for files derived from it."""
    known = [file.sha256 for file in model.files if file.name == "model.bin"] if model else []
    if known:
        mark = known[0]
    else:  # a user's own model may be large: size and time of change are used in place of its sum
        stat = (folder / "model.bin").stat()
        mark = f"{folder.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        mark = hashlib.sha256(mark.encode()).hexdigest()
    return f"{model.name if model else folder.name}-{mark[:12]}"


# ---------------------------------------------------------------- by path


def _by_path(path: Path, form: ModelForm) -> ModelFiles:
    """Returns the user's own model. Raises BadSource if the path has neither of the two forms."""
    if path.is_dir() and (path / "model.bin").is_file():
        name = path.resolve().name
        folder = _usable(path)
        if form == "ctranslate2":
            return _quantizable(name, folder, None)
        return ModelFiles(name, _converted(folder, None), form)
    if path.is_file() and path.suffix == ".pt":
        if form == "openai":
            return ModelFiles(path.stem, path, form)
        raise BadSource(
            str(path), "a checkpoint of openai-whisper: use it with --engine openai-whisper"
        )
    raise BadSource(
        str(path),
        f"no such model; give one of {', '.join(MODELS)}, a folder with model.bin in CTranslate2's "
        "form, or a .pt file of openai-whisper",
    )
