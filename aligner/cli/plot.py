"""The command `aligner plot`."""

from __future__ import annotations

from pathlib import Path

import click

from aligner._util.distribution import install_hint
from aligner.cli import shared_options


@click.command()
@click.argument("result", type=click.Path(path_type=Path, dir_okay=False), metavar="NAME.json")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help=f"The picture to write, .svg, or .png with Pillow ({install_hint('picture')}).",
)
@shared_options.debug
def plot(result: Path, output: Path) -> int:
    """Draw the alignment: the article's words against the recording's time.

    \b
    Examples:
      aligner plot captions/story.json -o match.svg
      aligner plot captions/story.json -o match.png
    """
    from aligner.cli import review_run

    review_run.plot(result, output)
    click.echo(output)
    return 0
