"""Which speech models there are, and a name or a path -> weights on this disk.

How to add a model:
1. Write its record in ``catalog.py``, or in a file of its own: name, languages, size, licence.
   If packages carry its files, name each file, its sha256, and the pieces it is joined from.
2. Add one line to ``MODELS``.
3. If packages carry it, add its name to the table at the end of
   ``tests/asr/models/test_weights.py``.

Weights are looked for in this order: the path that the user gave; what was assembled or checked
before; installed packages; the recognisers' own downloads. Whatever has a published sum is
compared with it before its first use.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aligner.asr.models import base, catalog, ct2_to_openai, hub, quantized
from aligner.asr.models.base import Model
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch
from aligner.types import ModelFiles, ModelForm

log = logging.getLogger(__name__)

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
    """A model, and the first place where it is to be had."""

    model: Model
    where: Where
    path: Path | None
    """Its folder, or the file if only openai-whisper's checkpoint is here: None for what must be
    assembled or downloaded first."""


def resolve(name_or_path: str, form: ModelForm) -> ModelFiles:
    """A model's name, or the path of one, -> its weights in the form that a recogniser reads.

    Assembles, downloads and converts as needed; of a checkpoint that openai-whisper fetches by
    itself only the place is told. Raises BadSource for a name or path that is none,
    EngineUnavailable, WeightsMismatch, OutputError.
    """
    if name_or_path not in MODELS:
        return _given(Path(name_or_path).expanduser(), form)
    model = MODELS[name_or_path]
    if form == "ctranslate2":
        return _with_halves(model.name, _folder(model), model)
    if _has_ctranslate2(model):
        return ModelFiles(model.name, _converted(_folder(model), model), form)
    return ModelFiles(model.name, hub.checkpoint(model.name), form, published=True)


def at_hand(name_or_path: str, form: ModelForm) -> bool:
    """Whether ``resolve`` gives weights in a form without the network; so it does of any path."""
    model = MODELS.get(name_or_path)
    if model is None or _has_ctranslate2(model):
        return True
    return form == "openai" and hub.checkpoint(model.name).is_file()


def fetch(name: str) -> Path:
    """Make a model ready for use; the folder where it lies. Raises as ``resolve`` does."""
    return _folder(_record(name))


def verify(name: str) -> Path:
    """Compare a model's files with the published sums, reading all of them; their folder.

    Raises WeightsMismatch, BadSource for an unknown name, and EngineUnavailable if the model is
    not on this disk or no sums of it are known.
    """
    model = _record(name)
    if not model.files:
        raise EngineUnavailable(f"model {name}", "no published sums of it are known to aligner")
    folder = _on_disk(model)
    if not folder:
        if not base.is_installed(model):
            raise EngineUnavailable(f"model {name}", f"it is not on this disk; {hub.ADVICE}")
        folder = base.model_folder(model)
        base.assemble(model, folder)
    base.check(model, folder, always=True)
    return folder


def available() -> tuple[Available, ...]:
    """Every model of the registry, and where it is to be had."""
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
    """Where a model already lies in CTranslate2 form: aligner's cache, or the hub's."""
    folder = base.model_folder(model)
    if base.is_complete(model, folder):
        return folder
    return hub.hub_folder(model.name, ask_network=False)


def _folder(model: Model) -> Path:
    """The checked CTranslate2 form of a model, made ready if need be."""
    folder = _on_disk(model)
    if folder:
        try:
            base.check(model, folder)
        except WeightsMismatch:
            if not base.is_installed(model):
                raise
        else:
            return folder
    if base.is_installed(model):
        folder = base.model_folder(model)
        base.assemble(model, folder)
        return folder
    folder = hub.hub_folder(model.name, ask_network=True)
    assert folder is not None  # noqa: S101  with the network asked it is there, or an error was raised
    base.check(model, folder)
    return folder


def _has_ctranslate2(model: Model) -> bool:
    """Whether a model is on this disk in CTranslate2 form, or installed packages carry it."""
    return base.is_installed(model) or _on_disk(model) is not None


def _converted(folder: Path, model: Model | None) -> Path:
    """The checkpoint made of a folder in CTranslate2 form; made now unless it was before."""
    target = base.cache_dir() / "openai" / f"{_mark(folder, model)}.pt"
    if not target.is_file():
        ct2_to_openai.convert(folder, target)
    return target


def _with_halves(name: str, folder: Path, model: Model | None) -> ModelFiles:
    """A model in CTranslate2 form, whose halves are made when they are asked for."""

    def made(anew: bool) -> Path:
        target = base.cache_dir() / "halves" / f"{_mark(folder, model)}-{quantized.VERSION}"
        if anew or not target.is_dir():
            log.info("making the 8-bit halves of %s in %s", folder, target)
            quantized.make(folder, target)
        return target

    return ModelFiles(name, folder, "ctranslate2", made)


def _mark(folder: Path, model: Model | None) -> str:
    """The name of what is made of a folder's model, and of no other."""
    known = [file.sha256 for file in model.files if file.name == "model.bin"] if model else []
    if known:
        mark = known[0]
    else:  # a user's own model may be large: its size and time of change stand for its sum
        stat = (folder / "model.bin").stat()
        mark = f"{folder.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        mark = hashlib.sha256(mark.encode()).hexdigest()
    return f"{model.name if model else folder.name}-{mark[:12]}"


# ---------------------------------------------------------------- by path


def _given(path: Path, form: ModelForm) -> ModelFiles:
    """The user's own model. Raises BadSource if the path is not one of the two forms."""
    if path.is_dir() and (path / "model.bin").is_file():
        name = path.resolve().name
        if form == "ctranslate2":
            return _with_halves(name, path, None)
        return ModelFiles(name, _converted(path, None), form)
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
