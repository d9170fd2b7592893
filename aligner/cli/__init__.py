"""Arguments -> options -> pipeline: the only room that prints, exits or heeds signals.

    NAME.py             a command: its options, its help, and the options' values made into nouns
    NAME_run.py         what it does with them, what it prints, its exit code; small ones need none
    shared_options.py   options that several commands have
    inputs.py           SOURCE and lists of them, as the user gives them
    exit_codes.py       exit codes, and what is said of errors
    console.py          progress and tables
    network.py          options about how to go out to the network
    settings.py         values of options in aligner.toml and in the environment
    logfile.py          the file of --log
    interrupt.py        Ctrl-C

To add a command: a file with a function of its name, and the name in ``COMMANDS``. A command's file
imports what it works with within its functions, so that help comes at once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from aligner._util.distribution import VERSION
from aligner.cli import exit_codes, interrupt
from aligner.errors import AlignerError

COMMANDS = (
    *("batch", "caption", "check", "completion", "config", "export", "lint", "models", "plot"),
    "review",
)
SELDOM = 20_000
"""Objects that are made before garbage in circles is looked for. At every 700, as is usual, that
takes a hundredth of the time."""


def main() -> None:
    """The ``aligner`` command."""
    gc.set_threshold(SELDOM)
    interrupt.listen()
    try:
        code = _run()
    except (click.Abort, KeyboardInterrupt):
        click.echo("aligner: interrupted", err=True)
        code = exit_codes.INTERRUPTED
    interrupt.cleanup()  # all is done: what comes now must not look like a failure
    gc.freeze()  # nor take time: what is left goes with the process, and need not be looked through
    sys.exit(code)


def _run() -> int:
    """Run the command that the arguments name; its exit code, also of what goes wrong."""
    try:
        return aligner.main(standalone_mode=False) or 0
    except click.Abort:
        raise
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.UsageError):
            from aligner.cli.settings import origin

            if where := origin(error):
                click.echo(f"The value stands in {where}.", err=True)
        return error.exit_code
    except Exception as error:
        interrupt.raise_if_interrupted()  # it may be what a library has made of an interruption
        if isinstance(error, AlignerError):
            return exit_codes.report_error(error)
        return exit_codes.report_unexpected(error)


class _Commands(Mapping[str, click.Command]):
    """The commands by name; the file of one is imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in COMMANDS:
            raise KeyError(name)
        command: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(click.Group):
    """The command with all others below it, which take settings of files and variables."""

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
    commands=_Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="aligner")
@click.option("--no-config", is_flag=True, envvar="ALIGNER_NO_CONFIG", help="Read no aligner.toml.")
def aligner(no_config: bool) -> None:
    """From a news article's address to captions in the publisher's spelling.

    Finds the video or audio that an article links, transcribes it, matches what was said with
    what was written, and writes time-coded captions. Says plainly where there is no media.

    \b
    Examples:
      aligner check https://example.com/news/story.html
      aligner caption https://example.com/news/story.html -o captions
      aligner caption article.txt --media interview.mp3
      aligner batch addresses.txt -o captions
      aligner export captions/story.json --format srt
      aligner lint captions/story.vtt
      aligner models
      aligner config
    """
