"""Sound -> words, by one of several recognisers.

How to add a recogniser:
1. Write ``engines/NAME.py``: a class that implements ``base.Engine`` (or extends
   ``recogniser.Recogniser`` if it is built as Whisper is), and a ``KIND`` that says which outside
   package and which form of weights it needs. Import outside packages within functions.
2. Add one line to ``ENGINES``, and its name to ``AUTO`` if it may be chosen by itself.
3. Add it to the table of ``tests/engines/test_real_engines.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from aligner.engines import ctranslate2, openai_whisper, recorded
from aligner.engines.base import Device, Engine, Kind, ListenOptions
from aligner.errors import BadSource, EngineUnavailable
from aligner.nouns import Weights, WeightsForm

__all__ = ["AUTO", "ENGINES", "Device", "Engine", "ListenOptions", "load"]

ENGINES: dict[str, Kind] = {
    "ctranslate2": ctranslate2.KIND,
    "openai-whisper": openai_whisper.KIND,
    "recorded": recorded.KIND,
}

AUTO = ("ctranslate2", "openai-whisper")
"""Tried in this order by ``auto``: the faster first."""

Resolve = Callable[[str, WeightsForm], Weights]


def load(name: str, model: str, resolve: Resolve, device: Device = "auto") -> Engine:
    """A recogniser's name and a model's name or path -> the recogniser, ready to listen.

    ``name`` is one of ENGINES or "auto"; ``resolve`` finds the model's weights in the form that
    the recogniser reads (``aligner.weights.resolve``). For "recorded", ``model`` is the path of a
    recorded transcript. Raises EngineUnavailable, also for a GPU that cannot be used, BadSource,
    and what ``resolve`` raises.
    """
    if name == "auto":
        name = _choose(model)
    if name not in ENGINES:
        raise BadSource(name, f"no such engine; there are auto, {', '.join(ENGINES)}")
    kind = ENGINES[name]
    if kind.form is None:
        return kind.load(Weights(Path(model).stem, Path(model), "openai"), device)
    if not _is_installed(kind):
        raise EngineUnavailable(name, f"it needs the Python package {kind.needs}; install it")
    return kind.load(resolve(model, kind.form), device)


def _choose(model: str) -> str:
    """The first recogniser that is installed; a checkpoint file is openai-whisper's own."""
    if model.endswith(".pt"):
        return "openai-whisper"
    for name in AUTO:
        if _is_installed(ENGINES[name]):
            return name
    needed = " or ".join(str(ENGINES[name].needs) for name in AUTO)
    raise EngineUnavailable("auto", f"no recogniser is installed; install {needed}")


def _is_installed(kind: Kind) -> bool:
    return kind.needs is None or find_spec(kind.needs) is not None
