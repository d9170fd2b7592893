"""`aligner config`: its options and its help."""

from __future__ import annotations

import click

from aligner.cli import shared_options


@click.command()
@click.argument("command", nargs=-1, metavar="[COMMAND]")
@click.option("--all", "show_all", is_flag=True, help="Also what nobody has set.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@shared_options.debug
def config(command: tuple[str, ...], show_all: bool, as_json: bool) -> int:
    """Say which settings hold, and where each stands.

    Values come from the command line, else from variables (ALIGNER_CAPTION_MODEL for one command,
    ALIGNER_MODEL for all), else from aligner.toml in the current folder, else from the user's own.
    Passwords and values of headers are not shown. docs/network.md has the whole of it.

    \b
    Examples:
      aligner config
      aligner config caption
      aligner config --all --json
    """
    from aligner.cli import config_run

    return config_run.show(command, show_all, as_json)
