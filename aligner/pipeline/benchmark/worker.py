"""Measures one model with one recogniser.

Runs as a process of its own: the job is JSON on standard input, and the figures are JSON on
standard output. Audio decoding and voice activity detection are not measured.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from aligner import asr
from aligner._util import malloc
from aligner._util.temporary_folder import temporary_folder
from aligner.alignment.matching.draft_text import draft
from aligner.asr import models
from aligner.audio import decode, vad
from aligner.discovery.article import extract
from aligner.errors import AlignerError
from aligner.languages import normalise
from aligner.net import client
from aligner.pipeline.benchmark import limits
from aligner.pipeline.benchmark.figures import BenchmarkCase, Figures
from aligner.types import Article, AudioSoFar, MediaFile, MediaLink, Transcript

SPLIT = re.compile(r"[\s\u2010-\u2015\u2026-]+")
"""Separates words when errors are counted. Hyphens separate too, so that they cause no errors."""


def measure(job: BenchmarkCase) -> Figures:
    """Load the model, recognise the recording, and again with the article as a draft.

    Raises AlignerError.
    """
    article = extract(client.load(Path(job.article))) if job.article else None
    media = MediaFile(Path(job.recording), MediaLink(job.recording, "audio", "given"), None, "")
    with temporary_folder() as folder:
        sound = decode.decode(media, folder)
        began = time.perf_counter()
        engine = asr.load(job.engine, job.model, models.resolve, job.device)
        loaded = time.perf_counter()
        arrived = vad.run(sound)
        heard, listen_s = _listen(engine, arrived, None, None)
        figures = Figures(job.model, job.engine, sound.duration_ms / 1000, loaded - began, listen_s)
        if article:
            _, draft_s = _listen(engine, arrived, article, heard.language)
            figures = replace(figures, draft_s=draft_s)
        figures = replace(
            figures, peak_mb=_peak_mb(), lag_ms=limits.lag_ms(sound, arrived, heard),
            wrong_words=limits.wrong_word_ratios(engine, arrived, heard),
        )  # fmt: skip
    if article and job.exact:
        said = [word for p in article.paragraphs for word in folded(p.text)]
        found = errors(said, folded(" ".join(word.text for word in heard.words)))
        figures = replace(figures, words=len(said), errors=found)
    return figures


def _listen(
    engine: asr.Engine, arrived: AudioSoFar, article: Article | None, language: str | None
) -> tuple[Transcript, float]:
    """Returns the transcript, and the seconds that recognition took."""
    how = asr.ListenOptions(language, draft(article, language) if article else ())
    began = time.perf_counter()
    heard = engine.transcribe([arrived], options=how, progress=lambda _done, _all: None)
    return heard, time.perf_counter() - began


def folded(text: str) -> list[str]:
    """Returns a text's words without case and punctuation."""
    return [word for part in SPLIT.split(text) if (word := normalise(part))]


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Returns the number of substituted, deleted and inserted words."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(said, heard)


def _peak_mb() -> float | None:
    """Returns this process's peak resident memory in MiB; None if the system does not report it."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> int:
    """Measure the job on standard input, and print its figures. Returns the exit code."""
    malloc.claim()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=BenchmarkCase)
    try:
        figures = measure(job)
    except AlignerError as error:
        figures = Figures(job.model, job.engine, failed=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
