"""Models and recognisers -> their figures, each from a process of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec

from aligner import engines, weights
from aligner.bench.figures import Figures, Job
from aligner.errors import AlignerError, BadSource, EngineUnavailable

HERE = Path(__file__).parent
READING, TEXT = HERE / "reading.opus", HERE / "reading.txt"


def jobs(
    models: tuple[str, ...], engine: str | None, recording: Path | None, article: Path | None
) -> tuple[Job, ...]:
    """What is to be measured: the models named, or all that are here, by one recogniser or all.

    Without a recording they listen to ours. Raises BadSource for a recording or an article that
    is no file, EngineUnavailable if there is no model to measure.
    """
    for path in (recording, article):
        if path and not path.is_file():
            raise BadSource(str(path), "no such file")
    names = models or tuple(a.model.name for a in weights.available() if a.where != "download")
    if not names:
        raise EngineUnavailable("models", "none is on this disk; `aligner models` lists them")
    sound, text = (recording, article) if recording else (READING, TEXT)
    able = (engine,) if engine else tuple(name for name in engines.AUTO if _is_installed(name))
    return tuple(
        Job(name, each, str(sound), str(text) if text else None, exact=not recording)
        for name in names
        for each in able
    )


def _is_installed(engine: str) -> bool:
    needs = engines.ENGINES[engine].needs
    return needs is None or find_spec(needs) is not None


def measure(job: Job) -> Figures:
    """Do a job in a process of its own; what goes wrong stands in the figures.

    The weights are made ready before, which is not measured. Raises BadSource for a model that is
    none.
    """
    try:
        if form := engines.ENGINES[job.engine].form:
            weights.resolve(job.model, form)
    except BadSource:
        raise
    except AlignerError as error:
        return Figures(job.model, job.engine, failed=str(error))
    command = [sys.executable, "-m", "aligner.bench.work"]
    ran = subprocess.run(command, input=msgspec.json.encode(job), capture_output=True, check=False)
    if ran.returncode == 0:
        return msgspec.json.decode(ran.stdout, type=Figures)
    said = ran.stderr.decode(errors="replace").strip().splitlines()
    why = said[-1] if said else "its process was ended, perhaps for want of memory"
    return Figures(job.model, job.engine, failed=why)
