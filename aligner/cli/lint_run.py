"""Caption files -> what `aligner lint` prints and mends, and its exit code.

The table is for people; ``--json`` prints one object a file.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aligner.captions import lint, store
from aligner.captions.lint import Report
from aligner.captions.profiles import Profile
from aligner.cli import console, interrupt
from aligner.errors import BadSource

FAULTY, UNREADABLE = 1, 2
STDIN = "-"
INVALID, ANY = "invalid", "any"
FAILS = (INVALID, *lint.RULES, ANY)
"""What ``--fail-on`` knows."""
FIRST = 3
"""So many places of a rule's faults are named in the table."""
MOST_BREACHES = 20
"""So many breaches of the grammar are listed for a file; JSON has them all."""


@dataclass(frozen=True, slots=True)
class LintOptions:
    """What to check and to do."""

    profile: Profile
    language: str | None = None
    """Of the captions, for the profile's numbers; None for what the file itself says."""
    fail_on: tuple[str, ...] = (INVALID,)
    fix: bool = False
    output: Path | None = None
    """Where the mended file goes, in place of where it was."""
    as_json: bool = False
    quiet: bool = False
    """Print only what is wrong with the grammar."""


def run(files: Sequence[str], options: LintOptions) -> int:
    """Look at files, mend them if asked, print what there is to say -> the exit code."""
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
    """A file's bytes, or those of standard input. Raises BadSource."""
    if name == STDIN:
        return sys.stdin.buffer.read(lint.LARGEST + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(lint.LARGEST + 1)
    except OSError as error:
        raise BadSource(name, f"cannot be read: {error.strerror or error}") from error


def _write(name: str, data: bytes, text: str, options: LintOptions) -> None:
    """The mended text to where it belongs; a file that is right already is not touched."""
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
    click.echo(json.dumps(made | more, ensure_ascii=False))


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
    """Breaches as ``FILE:LINE: what``, which editors know, and a table of the rules."""
    name = console.strip_control_chars(report.name)
    for breach in report.breaches[:MOST_BREACHES]:
        click.echo(f"{name}:{breach.line}: {console.strip_control_chars(breach.what)}")
    more = len(report.breaches) - MOST_BREACHES
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
    places = [f"line {fault.line}: {fault.what}" for fault in kept.faults[:FIRST]]
    more = len(kept.faults) - FIRST
    where = "\n".join([*places, f"and {more} more"] if more > 0 else places)
    return kept.rule, share, str(len(kept.faults) or ""), where


def _percent(share: float) -> str:
    """A share in percent, never rounded up to all of it."""
    return "100 %" if share == 1 else f"{min(99.9, share * 100):.1f} %"
