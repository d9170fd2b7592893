"""Runs `aligner config`: shows the settings in effect, and where each is set."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aligner._util.inert_text import json_text
from aligner.cli import console, settings
from aligner.cli.settings import Command, Setting

SCHEMA = "aligner-config/1"
NETWORK = (
    *("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
    *("NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "ALIGNER_CACHE"),
)
"""Environment variables that apply to all commands and belong to no option."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting, and the commands for which it has the same value from the same place."""

    key: str
    commands: tuple[Command, ...]
    setting: Setting


def show(only: Command, show_all: bool, as_json: bool) -> int:
    """Print the settings. Raises BadSource, UsageError."""
    known = settings.all_commands()
    if only and only not in known:
        names = ", ".join(" ".join(name) for name in known)
        raise click.UsageError(f"{' '.join(only)}: choose from {names}")
    context = click.get_current_context()
    found = () if _is_without(context) else settings.files()
    rows = _rows(found, {only: known[only]} if only else known, show_all or bool(only))
    places = _places()
    environment = {name: os.environ[name] for name in NETWORK if os.environ.get(name)}
    if as_json:
        _print_json(rows, places, environment)
    else:
        _print(rows, places, environment)
    return 0


def _is_without(context: click.Context) -> bool:
    root = context.find_root()
    return bool(root.params.get("no_config"))


def _places() -> dict[str, Path]:
    """Returns the paths at which settings files are expected."""
    return {"user": settings.users_path(), "folder": Path(settings.NAME).absolute()}


def _rows(
    found: tuple[settings.File, ...], commands: Mapping[Command, click.Command], show_all: bool
) -> list[SettingRow]:
    """Returns the settings in effect, one row for equal values from the same place."""
    rows: dict[tuple[str, str, str, str], SettingRow] = {}
    for name, command in commands.items():
        for key, setting in settings.effective(found, name, command).items():
            if setting.origin == "default" and not show_all:
                continue
            mark = (key, repr(setting.value), setting.origin, setting.where)
            before = rows.get(mark)
            rows[mark] = SettingRow(key, (*(before.commands if before else ()), name), setting)
    return sorted(rows.values(), key=lambda row: (row.key, row.commands))


def masked(key: str, value: Any) -> Any:
    """Returns an option's value with passwords and header values replaced by dots."""
    if isinstance(value, list | tuple):
        return [masked(key, one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if key == "header":  # a variable may have several, one a line
        return re.sub(r"(?m)^([^:\n]*(?:://[^:\n]*)?(?::\d+)?):.*$", r"\1: ...", str(value))
    if "proxy" in key.lower() and "@" in str(value):
        return re.sub(r"^(\w+://)?.*@", r"\1...@", str(value))
    return console.redact_secrets(str(value))


def _print_json(
    rows: list[SettingRow], places: dict[str, Path], environment: dict[str, str]
) -> None:
    print_rows = [
        {
            "option": row.key,
            "commands": [" ".join(name) for name in row.commands],
            "value": masked(row.key, row.setting.value),
            "from": row.setting.origin,
            "where": row.setting.where or None,
        }
        for row in rows
    ]
    shown = {
        "schema": SCHEMA,
        "files": [
            {"of": of, "path": str(path), "exists": path.is_file()} for of, path in places.items()
        ],
        "settings": print_rows,
        "environment": {name: masked(name, value) for name, value in environment.items()},
    }
    click.echo(json_text(shown, indent=1))


def _print(rows: list[SettingRow], places: dict[str, Path], environment: dict[str, str]) -> None:
    for of, path in places.items():
        there = "" if path.is_file() else " (does not exist)"
        click.echo(f"{of}'s file: {console.strip_control_chars(str(path))}{there}")
    everything = len(settings.all_commands())
    cells = [
        (
            row.key,
            "all" if len(row.commands) == everything else ", ".join(map(" ".join, row.commands)),
            _text(masked(row.key, row.setting.value)),
            row.setting.where or row.setting.origin,
        )
        for row in rows
    ]
    cells += [
        (name, "all", _text(masked(name, value)), name) for name, value in environment.items()
    ]
    if cells:
        click.echo()
        console.table(("option", "commands", "value", "from"), cells)
    else:
        click.echo("nothing is set: all options have their defaults; --all shows them")


def _text(value: Any) -> str:
    if value is None or value == [] or value == ():
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
