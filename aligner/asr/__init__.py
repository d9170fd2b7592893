"""Automatic speech recognition: audio to a transcript, with one of several engines.

How to add an engine:
1. Write ``backends/NAME.py``: a class that implements ``base.Engine`` (or extends
   ``whisper.engine.WhisperEngine`` if it has Whisper's structure), and a ``SPEC`` with the outside
   package and the form of model files that it needs. Import outside packages within functions.
2. Add one line to ``ENGINES``, and its name to ``AUTO`` if "auto" may choose it.
3. Add it to the table of ``tests/asr/test_real_engines.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from aligner._util.distribution import install_hint
from aligner.asr.backends import ctranslate2, openai_whisper, recorded
from aligner.asr.base import Device, Engine, EngineSpec, ListenOptions
from aligner.errors import BadSource, EngineUnavailable, WeightsMismatch
from aligner.types import ModelFiles, ModelForm

__all__ = ["AUTO", "ENGINES", "Device", "Engine", "ListenOptions", "load"]

ENGINES: dict[str, EngineSpec] = {
    "ctranslate2": ctranslate2.SPEC,
    "openai-whisper": openai_whisper.SPEC,
    "recorded": recorded.SPEC,
}

AUTO = ("ctranslate2", "openai-whisper")
"""The engines that "auto" tries, in this order: the faster one first."""

Resolve = Callable[[str, ModelForm], ModelFiles]
AtHand = Callable[[str, ModelForm], bool]


def _unknown(_model: str, _form: ModelForm) -> bool:
    """Treats every model as at hand."""
    return True


def load(
    name: str, model: str, resolve: Resolve, device: Device = "auto", at_hand: AtHand = _unknown
) -> Engine:
    """Loads an engine with a model, given by name or path.

    ``name`` is one of ENGINES or "auto"; ``resolve`` finds the model's files in the form that the
    engine reads (``aligner.asr.models.resolve``). "auto" prefers engines whose model files are
    ``at_hand`` (``aligner.asr.models.at_hand``), and takes the next engine if they cannot be
    obtained. For "recorded", ``model`` is the path of a recorded transcript. Raises
    EngineUnavailable (also for a GPU that cannot be used), BadSource, and what ``resolve`` raises.
    """
    if name == "auto":
        return _load_first(_candidates(model, at_hand), model, resolve, device)
    if name not in ENGINES:
        raise BadSource(name, f"no such engine; there are auto, {', '.join(ENGINES)}")
    spec = ENGINES[name]
    if spec.form is None:
        return spec.load(ModelFiles(Path(model).stem, Path(model), "openai"), device)
    if not _is_installed(spec):
        raise EngineUnavailable(name, f"it is not installed; {_remedy(spec)}")
    return spec.load(resolve(model, spec.form), device)


def is_installed(name: str) -> bool:
    """Whether the packages of an engine are installed."""
    return _is_installed(ENGINES[name])


def forms(name: str, model: str, at_hand: AtHand = _unknown) -> list[ModelForm]:
    """Returns the forms in which ``load`` would ask for a model's files, the first choice first.

    Raises EngineUnavailable if no engine is installed.
    """
    names = _candidates(model, at_hand) if name == "auto" else [name]
    found = (ENGINES[each].form for each in names if each in ENGINES)
    return [form for form in found if form]


def is_gpu_usable() -> bool:
    """Whether the first choice of engines finds a GPU."""
    return is_installed("ctranslate2") and ctranslate2.gpu_count() > 0


def _candidates(model: str, at_hand: AtHand) -> list[str]:
    """Returns the engines for "auto", the first choice first.

    A .pt file is openai-whisper's own. Raises EngineUnavailable if no engine is installed.
    """
    if model.endswith(".pt"):
        return ["openai-whisper"]
    installed = [name for name in AUTO if _is_installed(ENGINES[name])]
    if not installed:
        remedies = " or ".join(_remedy(ENGINES[name]) for name in AUTO)
        raise EngineUnavailable("auto", f"no recogniser is installed; {remedies}")
    return sorted(installed, key=lambda name: not at_hand(model, ENGINES[name].form or "openai"))


def _load_first(names: list[str], model: str, resolve: Resolve, device: Device) -> Engine:
    """Loads the first engine whose model files are available; raises the first choice's error."""
    first: EngineUnavailable | None = None
    for name in names:
        try:
            return load(name, model, resolve, device)
        except WeightsMismatch:
            raise
        except EngineUnavailable as error:
            first = first or error
    assert first is not None  # noqa: S101  there is at least one name
    raise first


def _remedy(spec: EngineSpec) -> str:
    """Returns how to install an engine."""
    return install_hint(spec.extra) if spec.extra else f"pip install {spec.needs}"


def _is_installed(spec: EngineSpec) -> bool:
    return spec.needs is None or find_spec(spec.needs) is not None
