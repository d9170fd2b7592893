"""The options and help of `aligner export`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import shared_options

if TYPE_CHECKING:
    from aligner.captions.profiles import Profile
    from aligner.cli.export_run import Export


CODES_HELP = """\b
Exit codes:
  0  every result has the formats asked for
  1  a file cannot be written, or exists with other contents
  2  wrong use: no such file, or not a result
  3  to 5, of a single result without captions: as `aligner caption`
  7  several results, not all exported
130  interrupted
"""


def _profile(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> Profile | None:
    return None if value is None else shared_options.profile(context, parameter, value)


def _print_schema(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Print the JSON Schema of results and exit, where the option is given."""
    del parameter
    if value:
        from aligner.captions.formats.sidecar_schema import json_schema_text

        click.echo(json_schema_text(), nl=False)
        context.exit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The values of the command's arguments and options."""

    results: tuple[Path, ...]
    formats: tuple[str, ...]
    folder: Path | None
    recursive: bool
    styled: bool | None
    karaoke: bool | None
    hls_mpegts: int | None
    profile: Profile | None
    force: bool
    dry_run: bool
    as_json: bool
    quiet: bool

    def options(self) -> Export:
        """Returns what is written and printed. Raises UsageError."""
        from aligner.cli.export_run import Export, LookChanges

        if self.profile and self.folder is None:
            why = "the cues of files beside a result are those of the result"
            raise click.UsageError(f"--profile goes with --output: {why}")
        return Export(
            formats=self.formats, folder=self.folder, recursive=self.recursive,
            look=LookChanges(self.styled, self.karaoke, self.hls_mpegts), profile=self.profile,
            force=self.force, dry_run=self.dry_run, as_json=self.as_json, quiet=self.quiet,
        )  # fmt: skip


@click.command(epilog=CODES_HELP)
@click.argument(
    "results", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULT..."
)
@click.option(
    "--format",
    "formats",
    required=True,
    callback=shared_options.formats,
    metavar="NAME,...",
    help="Formats to write: vtt, json, txt, srt, ttml, ass, chapters, hls, html, words, textgrid, "
    "ctm, rttm, report.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the files.  [default: beside each result]",
)
@click.option("-r", "--recursive", is_flag=True, help="Also read the folders within RESULT.")
@click.option(
    "--styled/--no-styled",
    default=None,
    help="vtt and hls only: mark each word's origin with a class.  [default: as before]",
)
@click.option(
    "--karaoke/--no-karaoke",
    default=None,
    help="vtt and hls only: write the time of each word.  [default: as before]",
)
@click.option(
    "--hls-mpegts",
    type=click.IntRange(0, 2**33 - 1),
    metavar="N",
    help="hls only: the stream's MPEG-2 timestamp (90 kHz) at the start of the recording.",
)
@click.option(
    "--profile",
    metavar="NAME|FILE.toml",
    callback=_profile,
    help="Make new cues by a captioning standard; needs --output.",
)
@click.option("-f", "--force", is_flag=True, help="Replace files that exist with other contents.")
@click.option("-n", "--dry-run", is_flag=True, help="Print what would be written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each result.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of a result's NAME.json and exit.",
)
@shared_options.debug
def export(**arguments: Any) -> int:
    """Write further formats from existing results, without new recognition.

    RESULT is a NAME.json, as `aligner caption` and `aligner batch` write it, or a folder of them.
    Corrections saved on the review page are part of it, and so of every format.

    \b
    Examples:
      aligner export captions/story.json --format srt,ttml
      aligner export captions --format srt -o subtitles
      aligner export captions/story.json --format vtt --profile bbc -o for-bbc
      aligner export archive -r --format srt --dry-run
    """
    from aligner.cli import export_run

    given = Arguments(**arguments)
    return export_run.run(given.results, given.options())
