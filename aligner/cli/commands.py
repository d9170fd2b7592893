"""The registry of commands.

To add a command: a file with a function of its name, and the name in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click

COMMANDS = (
    *("audit", "batch", "caption", "check", "completion", "config", "export", "languages", "lint"),
    *("models", "plot", "retime", "review"),
)


class LazyCommands(Mapping[str, click.Command]):
    """The commands by name; a command's module is imported when the command is looked up."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in COMMANDS:
            raise KeyError(name)
        command: click.Command = getattr(import_module(f"aligner.cli.{name}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)
