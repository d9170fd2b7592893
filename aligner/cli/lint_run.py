"""Runs `aligner lint`: checks and fixes caption files, and prints the reports.

The report is a table; with ``--json`` it is one object for each file.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aligner._util.inert_text import json_text
from aligner.captions import lint, store
from aligner.captions.lint import Report
from aligner.captions.profiles import Profile
from aligner.cli import console, interrupt
from aligner.cli.inputs import unreadable_input
from aligner.errors import BadSource

FAULTY, UNREADABLE = 1, 2
STDIN = "-"
INVALID, ANY = "invalid", "any"
FAILS = (INVALID, *lint.RULES, ANY)
"""The values of ``--fail-on``."""
SHOWN_FAULTS = 3
"""The table shows so many faults of a rule."""
SHOWN_BREACHES = 20
"""So many syntax errors of a file are printed; JSON has them all."""


@dataclass(frozen=True, slots=True)
class LintOptions:
    """What is checked, fixed and printed."""

    profile: Profile
    language: str | None = None
    """Of the captions, on which the profile's limits depend; None for the file's own."""
    fail_on: tuple[str, ...] = (INVALID,)
    fix: bool = False
    output: Path | None = None
    """Where the fixed file is written; None for its own place."""
    as_json: bool = False
    quiet: bool = False
    """Print only syntax errors."""


def run(files: Sequence[str], options: LintOptions) -> int:
    """Check files, fix them if asked, print the reports, and return the exit code.

    Raises BadSource if a single file cannot be read or fixed.
    """
    if options.output and len(files) > 1:
        raise BadSource(files[1], "--output goes with a single file")
    codes = []
    for name in files:
        interrupt.raise_if_interrupted()
        try:
            codes.append(_one(name, options))
        except BadSource as error:
            if len(files) == 1:
                raise
            click.echo(f"aligner: {console.strip_control_chars(str(error))}", err=True)
            codes.append(UNREADABLE)
    return max(codes)


def _one(name: str, options: LintOptions) -> int:
    """Check one file and fix it if asked. Returns its exit code. Raises BadSource, OutputError."""
    data = _bytes(name)
    shown = "standard input" if name == STDIN else name
    report = lint.inspect(data, shown, options.profile, options.language)
    if options.fix:
        report = _fixed(name, shown, data, report, options)
    elif options.as_json:
        _print_json(report, options)
    else:
        _print(report, options, None)
    return FAULTY if _fails(report, options.fail_on) else 0


def _fixed(name: str, shown: str, data: bytes, before: Report, options: LintOptions) -> Report:
    """Fix a file and print what changed. Returns the fixed file's report.

    Raises BadSource if the file cannot be fixed whole; the given file's report is printed then.
    """
    to_stdout = name == STDIN and not options.output
    try:
        fixed = lint.fix(data, shown, options.profile, options.language)
    except BadSource:
        if options.as_json:
            _print_json(before, options, fixed=None)
        elif not to_stdout:
            _print(before, options, None)
        raise
    report = lint.inspect(fixed.text.encode(), shown, options.profile, options.language)
    _write(name, data, fixed.text, options)
    if options.as_json:
        changes = {"out_times_moved": fixed.moved, "cues_rebroken": fixed.rebroken}
        _print_json(report, options, fixed={"before": _rules_json(before), **changes})
    elif not to_stdout:
        _print(report, options, before)
        what = f"{fixed.moved} end times moved, {fixed.rebroken} cues with new line breaks"
        click.echo(f"{console.strip_control_chars(shown)}: fixed: {what}")
    return report


def _fails(report: Report, fail_on: tuple[str, ...]) -> bool:
    broken = report.broken()
    return bool(broken) if ANY in fail_on else not broken.isdisjoint(fail_on)


def _bytes(name: str) -> bytes:
    """Returns the bytes of a file or of standard input. Raises BadSource."""
    if name == STDIN:
        try:
            return sys.stdin.buffer.read(lint.LARGEST + 1)
        except (OSError, ValueError) as error:
            raise unreadable_input(error) from error
    try:
        with Path(name).open("rb") as file:
            return file.read(lint.LARGEST + 1)
    except OSError as error:
        raise BadSource(name, f"cannot be read: {error.strerror or error}") from error


def _write(name: str, data: bytes, text: str, options: LintOptions) -> None:
    """Write the fixed text; a file that is the same already is not touched. Raises OutputError."""
    if options.output:
        store.atomic_write(options.output, text)
    elif name == STDIN:
        if not options.as_json:
            sys.stdout.write(text)
    elif text.encode("utf-8") != data:
        path = Path(name).resolve()  # a link stays a link
        mode = stat.S_IMODE(path.stat().st_mode)
        store.atomic_write(path, text)
        path.chmod(mode)


# ---------------------------------------------------------------- for programs


def _print_json(report: Report, options: LintOptions, **more: dict[str, Any] | None) -> None:
    made: dict[str, Any] = {
        "schema": "aligner-lint/1",
        "file": report.name,
        "kind": report.kind,
        "cues": report.cues,
        "language": report.language,
        "valid": report.valid,
        "breaches": [{"line": b.line, "what": b.what} for b in report.breaches],
        "notes": [{"line": b.line, "what": b.what} for b in report.notes],
        "profile": options.profile.name,
        "rules": _rules_json(report),
    }
    click.echo(json_text(made | more))


def _rules_json(report: Report) -> dict[str, Any]:
    return {
        kept.rule: {
            "kept": kept.kept,
            "of": kept.of,
            "share": round(kept.share, 4),
            "faults": [{"cue": f.cue, "line": f.line, "what": f.what} for f in kept.faults],
        }
        for kept in report.rules
    }


# ---------------------------------------------------------------- for people


def _print(report: Report, options: LintOptions, before: Report | None) -> None:
    """Print syntax errors as ``FILE:LINE: what``, which editors know, and a table of the rules."""
    name = console.strip_control_chars(report.name)
    for breach in report.breaches[:SHOWN_BREACHES]:
        click.echo(f"{name}:{breach.line}: {console.strip_control_chars(breach.what)}")
    more = len(report.breaches) - SHOWN_BREACHES
    if more > 0:
        click.echo(f"{name}: and {more} more")
    if options.quiet:
        return
    for note in report.notes:
        click.echo(f"{name}:{note.line}: note: {console.strip_control_chars(note.what)}")
    valid = "valid" if report.valid else f"not valid in {len(report.breaches)} places"
    language = f", language {report.language}" if report.language else ""
    click.echo(f"{name}: {report.kind}, {report.cues} cues{language}, {valid}")
    columns = (f"rule of {options.profile.name}", "kept", "cues that break it", "where")
    rows = [_row(kept, before.rules[k] if before else None) for k, kept in enumerate(report.rules)]
    console.table(columns, rows)


def _row(kept: lint.RuleResult, before: lint.RuleResult | None) -> tuple[str, ...]:
    share = _percent(kept.share)
    if before and before.kept != kept.kept:
        share = f"{_percent(before.share)} -> {share}"
    places = [f"line {fault.line}: {fault.what}" for fault in kept.faults[:SHOWN_FAULTS]]
    more = len(kept.faults) - SHOWN_FAULTS
    where = "\n".join([*places, f"and {more} more"] if more > 0 else places)
    return kept.rule, share, str(len(kept.faults) or ""), where


def _percent(share: float) -> str:
    """Returns a share in percent; less than all is never rounded up to 100 %."""
    return "100 %" if share == 1 else f"{min(99.9, share * 100):.1f} %"
