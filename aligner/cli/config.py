"""The options and help of `aligner config`."""

from __future__ import annotations

import click

from aligner.cli import shared_options


@click.command()
@click.argument("command", nargs=-1, metavar="[COMMAND]")
@click.option(
    "--all", "show_all", is_flag=True, help="Also show settings that have their defaults."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@shared_options.debug
def config(command: tuple[str, ...], show_all: bool, as_json: bool) -> int:
    """Show the settings in effect, and where each is set.

    A value on the command line wins over environment variables (ALIGNER_CAPTION_MODEL for one
    command, ALIGNER_MODEL for all), these over aligner.toml in the current folder, and that over
    the user's own aligner.toml. Passwords and header values are not shown. For details see
    docs/network.md.

    \b
    Examples:
      aligner config
      aligner config caption
      aligner config --all --json
    """
    from aligner.cli import config_run

    return config_run.show(command, show_all, as_json)
