"""Sound -> words, by one of several recognisers.

How to add a recogniser:
1. Write ``backends/NAME.py``: a class that implements ``base.Engine`` (or extends
   ``whisper.engine.WhisperEngine`` if it is built as Whisper is), and a ``KIND`` that says
   which outside package and which form of weights it needs. Import outside
   packages within functions.
2. Add one line to ``ENGINES``, and its name to ``AUTO`` if it may be chosen by itself.
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
    "ctranslate2": ctranslate2.KIND,
    "openai-whisper": openai_whisper.KIND,
    "recorded": recorded.KIND,
}

AUTO = ("ctranslate2", "openai-whisper")
"""Tried in this order by ``auto``: the faster first."""

Resolve = Callable[[str, ModelForm], ModelFiles]
AtHand = Callable[[str, ModelForm], bool]


def _unknown(_model: str, _form: ModelForm) -> bool:
    """Takes every model to be at hand."""
    return True


def load(
    name: str, model: str, resolve: Resolve, device: Device = "auto", at_hand: AtHand = _unknown
) -> Engine:
    """A recogniser's name and a model's name or path -> the recogniser, ready to listen.

    ``name`` is one of ENGINES or "auto"; ``resolve`` finds the model's weights in the form that
    the recogniser reads (``aligner.asr.models.resolve``). "auto" prefers recognisers whose weights
    are ``at_hand`` (``aligner.asr.models.at_hand``), and takes the next one where weights cannot be
    had. For "recorded", ``model`` is the path of a recorded transcript. Raises EngineUnavailable,
    also for a GPU that cannot be used, BadSource, and what ``resolve`` raises.
    """
    if name == "auto":
        return _load_first(_candidates(model, at_hand), model, resolve, device)
    if name not in ENGINES:
        raise BadSource(name, f"no such engine; there are auto, {', '.join(ENGINES)}")
    kind = ENGINES[name]
    if kind.form is None:
        return kind.load(ModelFiles(Path(model).stem, Path(model), "openai"), device)
    if not _is_installed(kind):
        raise EngineUnavailable(name, f"it is not installed; {_remedy(kind)}")
    return kind.load(resolve(model, kind.form), device)


def is_installed(name: str) -> bool:
    """Whether the packages of a recogniser are here."""
    return _is_installed(ENGINES[name])


def _candidates(model: str, at_hand: AtHand) -> list[str]:
    """The recognisers for "auto", the first choice first. Raises EngineUnavailable without any.

    A checkpoint file is openai-whisper's own.
    """
    if model.endswith(".pt"):
        return ["openai-whisper"]
    able = [name for name in AUTO if _is_installed(ENGINES[name])]
    if not able:
        remedies = " or ".join(_remedy(ENGINES[name]) for name in AUTO)
        raise EngineUnavailable("auto", f"no recogniser is installed; {remedies}")
    return sorted(able, key=lambda name: not at_hand(model, ENGINES[name].form or "openai"))


def _load_first(names: list[str], model: str, resolve: Resolve, device: Device) -> Engine:
    """The first recogniser whose weights can be had; raises what the first choice raised."""
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


def _remedy(kind: EngineSpec) -> str:
    """What to install for a recogniser."""
    return install_hint(kind.extra) if kind.extra else f"pip install {kind.needs}"


def _is_installed(kind: EngineSpec) -> bool:
    return kind.needs is None or find_spec(kind.needs) is not None
