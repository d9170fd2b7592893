"""The options and help of `aligner lint`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner import defaults
from aligner.cli import shared_options

if TYPE_CHECKING:
    from aligner.captions.profiles import Profile
    from aligner.cli.lint_run import LintOptions


CODES_HELP = """\b
Exit codes:
  0  every file is valid, and follows the rules of --fail-on
  1  a file is not valid, breaks such a rule, or cannot be written
  2  wrong use: no such file, not a caption file, or one that --fix cannot rewrite whole
130  interrupted
"""


def _rules(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    from aligner.cli.lint_run import FAILS

    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in FAILS]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(FAILS)}")
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The values of the command's arguments and options."""

    files: tuple[str, ...]
    profile: Profile
    language: str | None
    fps: float | None
    fail_on: tuple[str, ...]
    fix: bool
    output: Path | None
    as_json: bool
    quiet: bool

    def options(self) -> LintOptions:
        """Returns what is checked, fixed and printed. Raises UsageError."""
        from aligner.cli.lint_run import LintOptions

        if self.output and not self.fix:
            raise click.UsageError("--output goes with --fix")
        return LintOptions(
            profile=self.profile.at(self.fps), language=self.language, fail_on=self.fail_on,
            fix=self.fix, output=self.output, as_json=self.as_json, quiet=self.quiet,
        )  # fmt: skip


@click.command(epilog=CODES_HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--profile",
    default=defaults.PROFILE,
    show_default=True,
    callback=shared_options.profile,
    metavar="NAME|FILE",
    help="Captioning standard: netflix, bbc, ted, dcmp, or a .toml file with your own limits.",
)
@click.option(
    "--language",
    metavar="XX",
    callback=shared_options.language,
    help="Language of the captions, on which a profile's limits depend: en, English."
    "  [default: from the file]",
)
@click.option(
    "--fps",
    type=click.FloatRange(1, 1000),
    metavar="N",
    help="The video's frame rate, in which gaps and durations are measured.",
)
@click.option(
    "--fail-on",
    callback=_rules,
    default="invalid",
    show_default=True,
    metavar="RULE,...",
    help="What makes the exit code 1: invalid, the name of a rule, or any.",
)
@click.option("--fix", is_flag=True, help="Repair WebVTT and SubRip files, and rewrite them.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --fix: write the repaired file here instead.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each file.")
@click.option("-q", "--quiet", is_flag=True, help="Print only syntax errors.")
@shared_options.debug
def lint(**arguments: Any) -> int:
    """Check whether caption files are valid and follow a captioning standard.

    FILE is a WebVTT, SubRip (.srt) or TTML file, whoever made it, or - for standard input.
    WebVTT is checked against the W3C's grammar, line by line. Then the profile's rules are checked;
    the report gives the share of cues that follow each.

    --fix repairs WebVTT and SubRip: syntax errors that have one remedy, the order of cues, gaps,
    durations and line breaks. No word and no start time changes; end times move by at most the
    profile's chaining distance (netflix: half a second). Remaining errors are reported. If a line
    is not understood, nothing is written and the line is named.

    \b
    Examples:
      aligner lint captions/*.vtt
      aligner lint --profile netflix --fps 29.97 --fail-on any film.srt
      aligner lint --fix film.vtt -o film.fixed.vtt
      aligner lint --json - < film.ttml
    """
    from aligner.cli import lint_run

    given = Arguments(**arguments)
    return lint_run.run(given.files, given.options())
