"""Runs `aligner models` and `aligner models bench`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner._util.inert_text import json_text
from aligner.asr import models
from aligner.asr.models import Available, base, speaker_model
from aligner.cli import console, interrupt
from aligner.pipeline.benchmark.figures import Figures, remember, remembered

if TYPE_CHECKING:
    from aligner.asr.models import Where
    from aligner.pipeline.benchmark.subprocesses import BenchmarkOptions

MODEL_SCHEMA = "aligner-model/1"
BENCH_SCHEMA = "aligner-bench/1"
DAY_S = 86_400
WHERE = {"cache": "here", "package": "installed package", "download": "to be downloaded"}


# ---------------------------------------------------------------- the list


def show(as_json: bool) -> int:
    """Print the models, with their figures on this machine; returns the exit code."""
    known = remembered()
    found = [(a, [f for f in known if f.model == a.model.name]) for a in _all_models()]
    if as_json:
        for entry, figures in found:
            click.echo(
                json_text(
                    {"schema": MODEL_SCHEMA}
                    | _model_json(entry)
                    | {"bench": [_figures_json(f) for f in figures]}
                )
            )
        return 0
    heads = ("model", "where", "size", "x real time", "memory", "errors", "languages", "licence")
    console.table((*heads, "from"), [_model_row(entry, figures) for entry, figures in found])
    if not known:
        click.echo("aligner models bench measures speed, memory and errors here.", err=True)
    return 0


def _all_models() -> tuple[Available, ...]:
    """Returns the speech models and the speaker models, each with the place that has it."""
    voices = []
    for name, model in speaker_model.SPEAKER_MODELS.items():
        folder = speaker_model.at_hand(name)
        where: Where = "package" if base.is_installed(model) else "download"
        voices.append(Available(model, "cache" if folder else where, folder))
    return (*models.available(), *voices)


def _model_row(entry: Available, figures: Sequence[Figures]) -> tuple[str, ...]:
    """Returns a model's row in the table, with the figures of the fastest recogniser."""
    model = entry.model
    best = max(figures, key=lambda f: f.speed, default=None)
    cost = (f"{best.speed:.0f}", _memory(best), _errors(best)) if best else ("", "", "")
    languages = "many" if model.languages == "multilingual" else ", ".join(model.languages)
    size = f"{model.size_bytes / 1e6:.0f} MB"
    place = str(entry.path) if entry.path else ", ".join(model.packages) or model.homepage
    return (model.name, WHERE[entry.where], size, *cost, languages, model.licence, place)


def _model_json(entry: Available) -> dict[str, Any]:
    model = entry.model
    return {
        "name": model.name, "where": entry.where, "path": str(entry.path) if entry.path else None,
        "size_bytes": model.size_bytes, "licence": model.licence, "homepage": model.homepage,
        "languages": model.languages, "sha256": {f.name: f.sha256 for f in model.files},
    }  # fmt: skip


# ---------------------------------------------------------------- fetch


def fetch(name: str, quiet: bool, proxy: str | None) -> int:
    """Make a model ready for use and print its folder; returns the exit code."""
    from aligner.net.options import NetworkOptions
    from aligner.net.third_party import configured

    with configured(NetworkOptions(proxy=proxy)), console.progress(name, quiet) as progress:
        watch = interrupt.InterruptibleProgress(progress)
        watch.stage("model")
        folder = models.fetch(name, watch)
    click.echo(f"{name}: {folder}")
    return 0


def fetch_speaker_model(name: str, given: Path | None, proxy: str | None) -> int:
    """Make a speaker model ready for use and print its folder; returns the exit code."""
    from aligner.net.options import NetworkOptions
    from aligner.net.third_party import configured

    with configured(NetworkOptions(proxy=proxy)):
        folder = speaker_model.fetch(name, given)
    click.echo(f"{name}: {folder}")
    return 0


# ---------------------------------------------------------------- prune


def prune(older_than_days: float, dry_run: bool) -> int:
    """Remove what was made of models and not used for so long; returns the exit code."""
    total, doing = 0, "would remove" if dry_run else "removed"
    for entry in models.prune(older_than_days * DAY_S, dry_run=dry_run):
        total += entry.size_bytes
        click.echo(f"{doing} {_megabytes(entry.size_bytes)}: {entry.path}")
    click.echo(f"{doing} {_megabytes(total)} in all" if total else "nothing to remove")
    return 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


# ---------------------------------------------------------------- bench


def bench(wanted: BenchmarkOptions, as_json: bool, quiet: bool) -> int:
    """Measure models and print the figures; returns 1 if no model could be measured, else 0."""
    from aligner.pipeline.benchmark.subprocesses import cases, measure

    todo, found = cases(wanted), []
    with console.counter(len(todo), "measured", quiet) as tick:
        for job in todo:
            found.append(measure(job))
            if as_json:
                click.echo(json_text({"schema": BENCH_SCHEMA} | _figures_json(found[-1])))
            tick()
    good = tuple(figures for figures in found if not figures.failed)
    if good and not wanted.recording and wanted.device == "auto":
        remember(good)
    if not as_json:
        _table(found)
    return 0 if good else 1


def _table(found: Sequence[Figures]) -> None:
    heads = (
        *("model", "engine", "loading", "x real time", "with the text", "memory", "errors"),
        *("lag", "alike", "wrong words", "wrong names"),
    )
    rows = [_row(figures) for figures in found if not figures.failed]
    if rows:
        console.table(heads, rows)
    for figures in found:
        if figures.failed:
            name = f"{figures.model}, {figures.engine}"
            click.echo(f"{name}: {console.redact_secrets(figures.failed)}", err=True)


def _row(figures: Figures) -> tuple[str, ...]:
    draft = figures.draft_speed
    return (
        figures.model, figures.engine, f"{figures.load_s:.1f} s", f"{figures.speed:.1f}",
        "" if draft is None else f"{draft:.1f}", _memory(figures), _errors(figures),
        "" if figures.lag_ms is None else f"{figures.lag_ms} ms",
        *(_wrong(figures, kind) for kind in ("alike", "word", "name")),
    )  # fmt: skip


def _wrong(figures: Figures, kind: str) -> str:
    ratio = figures.rare_ratio(kind)
    return "" if ratio is None else f"{ratio:.1f} nats"


def _memory(figures: Figures) -> str:
    return "" if figures.peak_mb is None else f"{figures.peak_mb:.0f} MB"


def _errors(figures: Figures) -> str:
    rate = figures.error_rate
    return "" if rate is None else f"{rate:.1%}"


def _figures_json(figures: Figures) -> dict[str, Any]:
    """Returns figures in the schema aligner-bench/1."""
    return {
        "model": figures.model, "engine": figures.engine, "failed": figures.failed,
        "sound_s": figures.sound_s, "load_s": figures.load_s, "listen_s": figures.listen_s,
        "times_real_time": figures.speed, "draft_s": figures.draft_s,
        "draft_times_real_time": figures.draft_speed, "peak_mb": figures.peak_mb,
        "words": figures.words, "errors": figures.errors, "error_rate": figures.error_rate,
        "lag_ms": figures.lag_ms, "wrong_words": figures.wrong_words,
    }  # fmt: skip
