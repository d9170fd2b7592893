"""The command line: the only package that prints, exits or handles signals.

    NAME.py            a command: its options, its help, and the options objects made of them
    NAME_run.py        what the command does and prints, and its exit code
    commands.py        the registry of commands; says how to add one
    shared_options.py  options that several commands share
    network.py         network options
    settings.py        option values from aligner.toml and environment variables
    inputs.py          sources given as arguments or on standard input
    exit_codes.py      exit codes and error messages
    console.py         progress and tables
    logfile.py         the file of --log
    interrupt.py       Ctrl-C and SIGTERM
    streams.py         standard input, output and error

A command's module imports what the command needs inside functions, so that ``--help`` is fast.
"""

from __future__ import annotations

import gc
import sys

import click

from aligner._util.distribution import VERSION
from aligner.cli import exit_codes, interrupt, streams
from aligner.cli.commands import LazyCommands
from aligner.errors import AlignerError

GC_THRESHOLD = 20_000
"""Allocations between two runs of the garbage collector. With Python's 700 it takes 1 % of the
time."""


def main() -> None:
    """Run the ``aligner`` command, and exit."""
    gc.set_threshold(GC_THRESHOLD)
    streams.prepare()
    interrupt.listen(_run.__code__)
    try:
        code = _run()
    except (click.Abort, KeyboardInterrupt):
        click.echo("aligner: interrupted", err=True)
        code = exit_codes.INTERRUPTED
    interrupt.cleanup()  # a signal during shutdown must not change the exit code
    gc.freeze()  # the last garbage collection is skipped: it would only delay the exit
    sys.exit(code)


def _run() -> int:
    """Run the command that the arguments name, report errors, and return the exit code.

    Signals raise KeyboardInterrupt within this function alone.
    """
    interrupt.raise_if_interrupted()
    try:
        code = aligner.main(standalone_mode=False) or 0
        streams.flush()
        return code
    except click.Abort:
        raise
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.UsageError):
            from aligner.cli.settings import origin

            if where := origin(error):
                click.echo(f"The value is set in {where}.", err=True)
        return error.exit_code
    except Exception as error:
        interrupt.raise_if_interrupted()  # the error may be a library's reaction to Ctrl-C
        if isinstance(error, AlignerError):
            return exit_codes.report_error(error)
        return exit_codes.report_unexpected(error)


class _Group(click.Group):
    """The root command; its subcommands take values from files and environment variables."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        wants_help = "-h" in rest or "--help" in rest
        if name and command and name != "config" and not (wants_help or ctx.resilient_parsing):
            from aligner.cli import settings

            settings.apply(ctx, name, command)
        return name, command, rest


@click.group(
    cls=_Group,
    commands=LazyCommands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="aligner")
@click.option(
    "--no-config", is_flag=True, envvar="ALIGNER_NO_CONFIG", help="Ignore aligner.toml files."
)
def aligner(no_config: bool) -> None:
    """Caption the recording of a news article, in the publisher's spelling.

    Finds the video or audio that an article links, recognises the speech, aligns it with the
    article's text, and writes time-coded captions. Reports articles that have no media.

    \b
    Examples:
      aligner check https://example.com/news/story.html
      aligner caption https://example.com/news/story.html -o captions
      aligner caption article.txt --media interview.mp3
      aligner batch addresses.txt -o captions
      aligner export captions/story.json --format srt
      aligner lint captions/story.vtt
      aligner audit film.vtt --media film.mp4
      aligner retime film.srt --media film.mp4
      aligner models
      aligner languages
      aligner config
    """
