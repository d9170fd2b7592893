"""Measures models with recognisers, each pair in a process of its own."""

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
from aligner.pipeline.benchmark.figures import BenchmarkCase, Figures

HERE = Path(__file__).parent
READING, TEXT = HERE / "reading.opus", HERE / "reading.txt"


@dataclass(frozen=True, slots=True)
class BenchmarkOptions:
    """What the user wants to be measured."""

    models: tuple[str, ...] = ()
    """Names or paths; empty for all on this disk."""
    engine: str | None = None
    """None for all that are installed."""
    device: Device = "auto"
    recording: Path | None = None
    """None for the built-in recording and its text."""
    article: Path | None = None


def cases(wanted: BenchmarkOptions) -> tuple[BenchmarkCase, ...]:
    """Returns the pairs of model and recogniser to measure.

    Raises BadSource if the recording or the article is not a file, EngineUnavailable if there is no
    model to measure.
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
        BenchmarkCase(name, engine, str(sound), article, not own, wanted.device)
        for name in names
        for engine in ((wanted.engine,) if wanted.engine else able)
        if wanted.models or weights.at_hand(name, asr.ENGINES[engine].form or "openai")
    )


def measure(job: BenchmarkCase) -> Figures:
    """Run a job in its own process; figures of a failed job say why.

    The model's files are prepared first, and that is not measured. Raises BadSource for an unknown
    model.
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
    why = said[-1] if said else "its process was killed; perhaps there was too little memory"
    return Figures(job.model, job.engine, failed=why)
