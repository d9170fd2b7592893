"""Exit codes, and error messages on standard error."""

from __future__ import annotations

import os
import sys
import traceback

import click

from aligner.errors import AlignerError

EXIT_CODES = {
    "captioned": 0,
    "error": 1,
    "no_media": 3,
    "media_unavailable": 4,
    "no_audio": 5,
    "no_speech": 5,
    "speech_only": 6,
}
"""The exit code for the status of a single source."""
SOME_FAILED = 7
INTERRUPTED = 130


def report_error(error: AlignerError) -> int:
    """Print an expected error; returns the exit code."""
    from aligner.cli.console import redact_secrets

    if debugging():
        traceback.print_exc()
    click.echo(f"aligner: {redact_secrets(str(error))}", err=True)
    return error.exit_code


def report_unexpected(error: Exception) -> int:
    """Print an unexpected error; returns the exit code."""
    if debugging():
        traceback.print_exc()
    else:
        from aligner.cli.console import redact_secrets

        what = redact_secrets(f"{type(error).__name__}: {error}".splitlines()[0])
        click.echo(f"aligner: unexpected: {what}; --debug shows where, please report it", err=True)
    return 1


_debugging = False


def debug() -> None:
    """Show tracebacks and all log messages from now on."""
    global _debugging
    _debugging = True


def debugging() -> bool:
    """Whether tracebacks and all log messages are wanted; works before arguments are parsed."""
    by_variable = os.environ.get("ALIGNER_DEBUG", "").lower() not in ("", "0", "false", "no", "off")
    return _debugging or by_variable or "--debug" in sys.argv
