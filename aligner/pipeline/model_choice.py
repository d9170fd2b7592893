"""The choice of a speech model for ``--model auto``: the most accurate one that is quick enough.

It is not the default, since results should not depend on the machine. Larger models make fewer
errors, so the size stands for accuracy: the easy reading of `aligner models bench` does not tell
models apart.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from aligner._util.concurrency import cpu_count
from aligner.asr import is_gpu_usable, models
from aligner.asr.models import Available, Model
from aligner.asr.whisper.language_id import code_of
from aligner.errors import EngineUnavailable
from aligner.pipeline.benchmark.figures import Figures, remembered
from aligner.pipeline.options import Options

log = logging.getLogger(__name__)

AUTO = "auto"
LEAST_SPEED = 2.0
"""Seconds of audio that a model must recognise in a second, without a draft."""
BASE_SPEED, BASE_BYTES = 8.0, 148e6
"""Of the model base on one core, for an estimate by size: less than half of what is measured, since
processors without 8-bit instructions are slower, and larger models more than their size says."""
MOST_CORES = 16
"""Cores that are counted in an estimate."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the choice depends on, beside the models."""

    language: str | None
    """BCP 47 tag of the speech; None if it is not known, or not the same for all recordings."""
    cores: int
    gpu: bool
    figures: tuple[Figures, ...] = ()
    """Of `aligner models bench` on this machine."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The name of a model, and why it was chosen."""

    model: str
    why: str


def chosen_model(options: Options) -> str:
    """Returns the name or path of the model to use. Raises EngineUnavailable for none."""
    model = str(options.model)
    return model if model != AUTO else choice(options).model


def choice(options: Options) -> ModelChoice:
    """Returns the choice for ``auto``, the same each time in a process. Raises as ``choose``."""
    return choice_for(options.language, options.device)


@cache
def choice_for(language: str | None, device: str) -> ModelChoice:
    """Returns the choice for a language, a BCP 47 tag or None, and an option ``device``."""
    here = Circumstances(language, cpu_count(), device != "cpu" and is_gpu_usable(), remembered())
    found = choose(models.available(), here)
    log.info("--model auto: %s", found.why)
    return found


def choose(available: Sequence[Available], here: Circumstances) -> ModelChoice:
    """Returns the most accurate model on this disk that is quick enough and knows the language.

    The quickest one if none is quick enough. Raises EngineUnavailable if none fits.
    """
    fitting = sorted(
        (each for each in available if _knows(each.model, here.language)),
        key=lambda each: each.model.size_bytes,
    )
    present = [each.model for each in fitting if each.where != "download"]
    if not present:
        speech = here.language or "every language"
        raise EngineUnavailable(
            "model auto", f"no model for {speech} is on this disk; `aligner models fetch base`"
        )
    quick = [model for model in present if here.gpu or _speed(model, here) >= LEAST_SPEED]
    chosen = quick[-1] if quick else max(present, key=lambda model: _speed(model, here))
    better = [each for each in fitting if each.model.size_bytes > chosen.size_bytes]
    return ModelChoice(chosen.name, _reason(chosen, here, bool(quick), better[:1]))


def _reason(model: Model, here: Circumstances, is_quick: bool, better: Sequence[Available]) -> str:
    """Returns why a model was chosen, and what a better one would cost."""
    speech = f"for {here.language}" if here.language else "for every language"
    what = f"the largest on this disk {speech} that is quick enough"
    if not is_quick:
        what = f"the quickest on this disk {speech}, though slow"
    said = f"{model.name}: {what} ({_speed_in_words(model, here)})"
    for each in better:
        download = f"a download of {each.model.size_bytes / 1e6:,.0f} MB, "
        cost = (download if each.where == "download" else "") + _speed_in_words(each.model, here)
        said += f"; {each.model.name}, which makes fewer errors, would take {cost}"
    return said


def _knows(model: Model, language: str | None) -> bool:
    """Whether a model knows a language; one for English alone is none for unknown speech."""
    if model.languages == "multilingual":
        return True
    return language is not None and code_of(language) in model.languages


def _speed_in_words(model: Model, here: Circumstances) -> str:
    if here.gpu:
        return "on the GPU"
    kind = "measured" if _measured(model, here) else "estimated"
    return f"{_speed(model, here):.1f} s of audio a second, {kind}"


def _speed(model: Model, here: Circumstances) -> float:
    """Returns the seconds of audio that a model recognises in a second on this machine."""
    estimate = BASE_SPEED * min(here.cores, MOST_CORES) * BASE_BYTES / model.size_bytes
    return _measured(model, here) or estimate


def _measured(model: Model, here: Circumstances) -> float:
    """Returns the speed of a model's fastest recogniser; 0 if it was not measured."""
    own = (f.speed for f in here.figures if f.model == model.name and not f.failed)
    return max(own, default=0.0)
