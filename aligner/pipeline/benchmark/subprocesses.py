"""Models and recognisers -> their figures, each from a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from aligner import asr
from aligner.asr import Device
from aligner.asr import models as weights
from aligner.errors import AlignerError, BadSource, EngineUnavailable
from aligner.pipeline.benchmark.figures import Figures, Job

HERE = Path(__file__).parent
READING, TEXT = HERE / "reading.opus", HERE / "reading.txt"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    models: tuple[str, ...] = ()
    """By name or path; empty for all that are here."""
    engine: str | None = None
    """None for every one that is installed."""
    device: Device = "auto"
    recording: Path | None = None
    """None for ours, which has a text of its own."""
    article: Path | None = None


def jobs(wanted: Wanted) -> tuple[Job, ...]:
    """What is to be measured.

    Raises BadSource for a recording or an article that is no file, EngineUnavailable if there is
    no model to measure.
    """
    own = wanted.recording
    for path in (own, wanted.article):
        if path and not path.is_file():
            raise BadSource(str(path), "no such file")
    here = (a.model.name for a in weights.available() if a.where != "download")
    names = wanted.models or tuple(here)
    if not names:
        raise EngineUnavailable("models", "none is on this disk; `aligner models` lists them")
    sound, text = (own, wanted.article) if own else (READING, TEXT)
    article = str(text) if text else None
    able = tuple(name for name in asr.AUTO if asr.is_installed(name))
    return tuple(
        Job(name, engine, str(sound), article, not own, wanted.device)
        for name in names
        for engine in ((wanted.engine,) if wanted.engine else able)
        if wanted.models or weights.at_hand(name, asr.ENGINES[engine].form or "openai")
    )


def measure(job: Job) -> Figures:
    """Do a job in a process of its own; what goes wrong stands in the figures.

    The weights are made ready before, which is not measured. Raises BadSource for a model that is
    none.
    """
    try:
        if form := asr.ENGINES[job.engine].form:
            weights.resolve(job.model, form)
    except BadSource:
        raise
    except AlignerError as error:
        return Figures(job.model, job.engine, failed=str(error))
    command = [sys.executable, "-m", "aligner.pipeline.benchmark.worker"]
    ran = subprocess.run(command, input=msgspec.json.encode(job), capture_output=True, check=False)
    if ran.returncode == 0:
        return msgspec.json.decode(ran.stdout, type=Figures)
    said = ran.stderr.decode(errors="replace").strip().splitlines()
    why = said[-1] if said else "its process was ended, perhaps for want of memory"
    return Figures(job.model, job.engine, failed=why)
