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
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from aligner._util.cache_folder import cache_dir
from aligner.asr.models import (
    base,
    catalog,
    ct2_to_openai,
    folder_check,
    hub,
    model_cache,
    quantized,
    transformers_folder,
)
from aligner.asr.models.base import MODEL_BIN, Model
from aligner.asr.models.download import SilentWatch, Watch
from aligner.asr.models.model_cache import CacheEntry
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch
from aligner.types import ModelFiles, ModelForm

__all__ = [
    "MODELS",
    "Available",
    "Model",
    "Watch",
    "Where",
    "at_hand",
    "available",
    "fetch",
    "is_name",
    "is_ready",
    "prune",
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
SILENT = SilentWatch()


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


def resolve(name_or_path: str, form: ModelForm, watch: Watch = SILENT) -> ModelFiles:
    """Returns the files of a model in the form that an engine reads.

    The model is given by its name, by the path of a folder or file, or by its id on the Hugging
    Face hub ("owner/name"). Assembles, downloads and converts as needed, and tells ``watch`` of it.
    Raises BadSource for an unknown name or path, EngineUnavailable, WeightsMismatch, OutputError,
    and what ``watch`` raises.
    """
    if not is_name(name_or_path):
        return _by_path_or_id(name_or_path, form, watch)
    model = _record(name_or_path)
    if form == "openai" and not _has_ctranslate2(model) and hub.has_checkpoint(model.name):
        file = hub.checkpoint(model.name)
        if not file.is_file():
            hub.download_checkpoint(model.name, model.size_bytes, watch)
        return ModelFiles(
            model.name, file, form, published=True, attention_lag_ms=model.attention_lag_ms
        )
    folder = _folder(model, watch)
    return _files(model.name, folder if model.files else _usable(folder), form, model, watch)


def at_hand(name_or_path: str, form: ModelForm) -> bool:
    """Whether ``resolve`` needs no network; true for everything that is a path."""
    if not is_name(name_or_path):
        return not _is_hub_id(name_or_path) or hub.hub_folder(name_or_path) is not None
    model = _record(name_or_path)
    if _has_ctranslate2(model):
        return True
    return form == "openai" and hub.checkpoint(model.name).is_file()


def is_ready(name_or_path: str, form: ModelForm) -> bool:
    """Whether ``resolve`` needs neither the network nor a conversion that takes long."""
    if not at_hand(name_or_path, form):
        return False
    path = Path(name_or_path).expanduser()
    if not is_name(name_or_path) and transformers_folder.is_one(path):
        return (_conversion_of(path) / MODEL_BIN).is_file()
    return True


def fetch(name: str, watch: Watch = SILENT) -> Path:
    """Makes a model, given by name or hub id, ready for use and returns its folder.

    Raises as ``resolve`` does.
    """
    if _is_hub_id(name):
        return _by_path_or_id(name, "ctranslate2", watch).path
    return _folder(_record(name), watch)


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


def prune(older_than_s: float, *, dry_run: bool = False) -> Iterator[CacheEntry]:
    """Removes what was made of models and not used for so long; yields what it removes.

    All of it can be made again: a model assembled from packages stays if they are gone.
    """
    kept = {base.model_folder(m) for m in MODELS.values() if not base.is_installed(m)}
    return model_cache.prune(kept, older_than_s, dry_run=dry_run)


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
    return hub.hub_folder(model.name)


def _folder(model: Model, watch: Watch = SILENT) -> Path:
    """Returns the checked CTranslate2 form of a model; assembles or downloads it if needed."""
    if base.is_installed(model):
        if folder := _intact(model):
            base.note_use(folder)
            return folder
        folder = base.model_folder(model)
        make = partial(base.assemble, model, folder)
        base.make_once(folder, lambda: _intact(model) is not None, make)
        return folder
    folder = _on_disk(model) or hub.download_model(model.name, watch)
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


def _converted(folder: Path, model: Model | None, watch: Watch) -> Path:
    """Returns the checkpoint converted from CTranslate2 form; converts it at the first call."""
    target = cache_dir() / "openai" / f"{_derived_name(folder, model)}.pt"

    def convert() -> None:
        watch.note(f"converting {folder} for openai-whisper, once, to {target}")
        ct2_to_openai.convert(folder, target)

    base.derive_once(target, convert)
    return target


def _quantizable(name: str, folder: Path, model: Model | None) -> ModelFiles:
    """Returns a model in CTranslate2 form, which is quantised when an engine asks for that."""

    def quantize(anew: bool) -> Path:
        target = cache_dir() / "halves" / f"{_derived_name(folder, model)}-{quantized.VERSION}"
        base.derive_once(target, lambda: quantized.make(folder, target), anew=anew)
        return target

    sha256, lag_ms = _sha256(folder, model), model.attention_lag_ms if model else None
    return ModelFiles(name, folder, "ctranslate2", quantize, sha256=sha256, attention_lag_ms=lag_ms)


def _usable(folder: Path) -> Path:
    """Returns a folder with all that the engines need of a model that has no published sums."""
    target = cache_dir() / "completed" / _derived_name(folder, None)
    if not target.is_dir():
        return folder_check.usable(folder, target)
    base.note_use(target)
    return target


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


def _is_hub_id(name: str) -> bool:
    return not is_name(name) and hub.is_id(name) and not Path(name).expanduser().exists()


def _by_path_or_id(name: str, form: ModelForm, watch: Watch) -> ModelFiles:
    """Returns the user's own model, or one of the hub.

    Raises BadSource if the path has none of the known forms.
    """
    path = Path(name).expanduser()
    if path.is_file() and path.suffix == ".pt":
        if form == "openai":
            return ModelFiles(path.stem, path, form, sha256=base.remembered_sha256(path))
        why = "a checkpoint of openai-whisper: use it with --engine openai-whisper"
        raise BadSource(str(path), why)
    if _is_hub_id(name):
        path = hub.hub_folder(name) or hub.download_model(name, watch)
    if folder := _in_ctranslate2_form(path, watch):
        return _files(Path(name).resolve().name, _usable(folder), form, None, watch)
    raise BadSource(
        str(path),
        f"no such model; give one of {', '.join(MODELS)}, a folder with model.bin (CTranslate2) or "
        "model.safetensors (transformers), a .pt file of openai-whisper, or an id of the Hugging "
        "Face hub",
    )


def _in_ctranslate2_form(path: Path, watch: Watch) -> Path | None:
    """Returns a user's folder, converted if it is in transformers' form; None for another path."""
    if (path / MODEL_BIN).is_file():
        return path
    if not transformers_folder.is_one(path):
        return None
    target = _conversion_of(path)

    def convert() -> None:
        watch.note(f"converting {path} to CTranslate2's form, once, to {target}")
        transformers_folder.convert(path, target)

    base.make_once(target, (target / MODEL_BIN).is_file, convert)
    return target


def _conversion_of(path: Path) -> Path:
    """Returns where the conversion of a folder in transformers' form is kept."""
    return cache_dir() / "converted" / _derived_name(path, None)


def _files(
    name: str, folder: Path, form: ModelForm, model: Model | None, watch: Watch
) -> ModelFiles:
    """Returns a model in CTranslate2 form in the form that an engine reads."""
    if form == "ctranslate2":
        return _quantizable(name, folder, model)
    file, sha256 = _converted(folder, model, watch), _sha256(folder, model)
    lag_ms = model.attention_lag_ms if model else None
    return ModelFiles(name, file, form, sha256=sha256, attention_lag_ms=lag_ms)


def _sha256(folder: Path, model: Model | None) -> str:
    """Returns the sha256 of a model's weights in CTranslate2 form."""
    known = model.weights_sha256 if model else None
    return known or base.remembered_sha256(folder / MODEL_BIN)
