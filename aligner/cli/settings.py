"""Option values from ``aligner.toml`` and from environment variables.

Two files are read: the user's own, and the current folder's, which wins. Keys are the names of
options. A key at the top applies to every command with that option, a key in the table [caption] to
that command, and in [models.bench] to a subcommand. An option's variable is
ALIGNER_COMMAND_OPTION, or ALIGNER_OPTION for all commands. The command line wins over variables,
and variables win over files.

A folder's file may come from somebody else. So it may set the form of results, but not which hosts
are requested, with which credentials, what is sent, and what is overwritten: see ``FOLDERS``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import click

from aligner.cli import exit_codes
from aligner.cli.commands import LazyCommands
from aligner.errors import BadSource

NAME = "aligner.toml"
MAX_FILE_BYTES = 50_000
ORIGINS = "aligner.cli.origins"
"""The key of a context's ``meta`` that holds the file of each option's value."""

FOLDERS = frozenset(
    "all burn-in column csv delay device disk embed engine fail-on follow format fps"
    " glossary gpu-workers hls-mpegts jobs json karaoke keep-media language limit model no-cache"
    " no-draft no-network-embeds no-probe only output per-host profile quiet recheck-after retries"
    " retry-failed review show since sounds speakers styled timeout timing until verbose"
    " voices workers".split()
)
"""The options that a folder's file may set. New options are excluded until they are added here.

The others lead to other hosts or networks (proxy, allow-private, ray, sitemap, ...), disclose
something (cookies, header, contact), or overwrite files (force, fix, ...)."""
WRITING = frozenset(("caption", "batch", "export"))
"""Commands whose output folder a folder's file may set: they overwrite only their own files."""

Command = tuple[str, ...]
"""A command's name, preceded by those of its groups."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of settings."""

    path: Path
    is_users: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """An option's value, and where it is set."""

    value: Any
    origin: str
    """"default", "environment" or "file"."""
    where: str = ""
    """The variable or the file."""


# ---------------------------------------------------------------- commands and options


def key_of(option: click.Option) -> str:
    """Returns an option's key in files: its longest name, without the dashes."""
    return max(option.opts, key=len).lstrip("-")


def options(command: click.Command) -> dict[str, click.Option]:
    """Returns a command's options by their keys, without --help and --version."""
    found = (p for p in command.params if isinstance(p, click.Option) and not p.is_eager)
    return {key_of(option): option for option in found}


def below(command: click.Command, name: Command) -> Iterator[tuple[Command, click.Command]]:
    """Yields a command and its subcommands, each with its name."""
    yield name, command
    if isinstance(command, click.Group):
        for part in command.commands:
            yield from below(command.commands[part], (*name, part))


@cache
def all_commands() -> Mapping[Command, click.Command]:
    """Returns all commands, subcommands included, by name."""
    found: dict[Command, click.Command] = {}
    for name, command in LazyCommands().items():
        found |= dict(below(command, (name,)))
    return found


# ---------------------------------------------------------------- the environment


def variables(command: Command, key: str) -> tuple[str, str]:
    """Returns the names of an option's variables: for one command, and for all."""
    name = key.upper().replace("-", "_")
    path = "_".join(command).upper().replace("-", "_")
    return f"ALIGNER_{path}_{name}", f"ALIGNER_{name}"


def add_variables(command: click.Command, name: Command) -> None:
    """Give the options of a command and its subcommands their environment variables."""
    for its_name, one in below(command, name):
        for key, option in options(one).items():
            if option.envvar is None:
                option.envvar = list(variables(its_name, key))


# ---------------------------------------------------------------- the files


def users_path() -> Path:
    """Returns the path of the user's own file, which may not exist."""
    import platformdirs

    return platformdirs.user_config_path("aligner", appauthor=False) / NAME


def files() -> tuple[File, ...]:
    """Read the files that exist; the last one wins. Raises BadSource for invalid contents."""
    users, folders = users_path(), Path(NAME).absolute()
    found = [read(users, is_users=True)] if users.is_file() else []
    if folders.is_file() and not (found and folders.samefile(users)):
        found.append(read(folders, is_users=False))
    return tuple(found)


def read(path: Path, *, is_users: bool) -> File:
    """Read and check a file. Raises BadSource."""
    file = File(path, is_users, _parsed(path))
    _check(file)
    return file


def _parsed(path: Path) -> dict[str, Any]:
    """Raises BadSource, with the line."""
    try:
        with path.open("rb") as opened:
            data = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise BadSource(str(path), f"larger than {MAX_FILE_BYTES // 1000} kB: not a settings file")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadSource(f"{path}, line {line}", "not text in UTF-8") from error
    except (ValueError, RecursionError) as error:  # ValueError also for a number that is too long
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        said = re.split(r" \(at |; use ", str(error))[0]
        place = f"{path}, line {found[1] if found else lines}"
        raise BadSource(place, f"not TOML (https://toml.io): {said}") from error


def _check(file: File, command: Command = (), table: Mapping[str, Any] | None = None) -> None:
    """Check every key of a file, or of one of its tables. Raises BadSource."""
    known = all_commands()
    parts = {name[len(command)] for name in known if name[: len(command)] == command != name}
    usable: dict[str, click.Option] = {}
    for name, one in known.items():
        if not command or name == command:
            usable |= options(one)
    for key, value in (file.values if table is None else table).items():
        place = ".".join((*command, key))
        if isinstance(value, dict) and key in parts:
            _check(file, (*command, key), value)
        elif key not in usable or isinstance(value, dict):
            raise BadSource(str(file.path), _unknown(place, key, [*usable, *parts], command))
        else:
            _expect_allowed(file, command, key, value)
            _converted(file, place, usable[key], value)


def _unknown(place: str, key: str, known: Iterable[str], command: Command) -> str:
    of = f"`aligner {' '.join(command)}` has" if command else "there is"
    near = get_close_matches(key.replace("_", "-"), sorted(set(known)), 1, 0.6)
    see = " ".join(("aligner", *command, "--help"))
    advice = f"; did you mean {near[0]}?" if near else f"; see `{see}`"
    return f"{place}: {of} no such option or table{advice}"


def _expect_allowed(file: File, command: Command, key: str, value: Any) -> None:
    """Raise BadSource for an option that a folder's file may not set."""
    if file.is_users:
        return
    where = f"only the command line, the environment and your own file ({users_path()}) may set it"
    place = ".".join((*command, key))
    if key not in FOLDERS or (key == "output" and command and command[0] not in WRITING):
        raise BadSource(str(file.path), f"{place}: {where}")
    if key == "model" and not _is_model(value):
        raise BadSource(str(file.path), f"{place} is the path of a model: {where}")
    if key == "glossary":
        values = value if isinstance(value, list) else [value]
        if not all(_is_below(str(one)) for one in values):
            raise BadSource(str(file.path), f"{place} lies outside this folder: {where}")
    if key == "output" and isinstance(value, str) and not _is_below(value):
        raise BadSource(str(file.path), f"{place} lies outside this folder: {where}")


def _is_model(value: Any) -> bool:
    from aligner.asr import models

    return not isinstance(value, str) or value == "auto" or models.is_name(value)


def _is_below(value: str) -> bool:
    """Whether a path is within the current folder, with symbolic links resolved."""
    if "://" in value:
        return False
    return Path(value).resolve().is_relative_to(Path.cwd().resolve())


# ---------------------------------------------------------------- values


def _converted(file: File, place: str, option: click.Option, value: Any) -> Any:
    """Returns a key's value for its option. Raises BadSource for a wrong type or value."""
    if option.multiple:
        values = value if isinstance(value, list) else [value]
        return [_scalar(file, place, option, one) for one in values]
    if isinstance(value, list) and "," in (option.metavar or ""):
        return ",".join(str(_scalar(file, place, option, one)) for one in value)
    return _scalar(file, place, option, value)


def _scalar(file: File, place: str, option: click.Option, value: Any) -> Any:
    kind = option.type
    if isinstance(value, date | time):
        value = value.isoformat()
    expected, fits = _expected(kind, value)
    if not fits:
        told = f"{place}: {expected} is expected, not {_kind_of(value)}"
        raise BadSource(str(file.path), told)
    if isinstance(kind, click.Path):
        value = str(file.path.parent / Path(value).expanduser())
    try:
        kind.convert(value, option, None)
    except click.UsageError as error:
        raise BadSource(str(file.path), f"{place}: {error.message}") from error
    return value


def _expected(kind: click.ParamType[Any], value: Any) -> tuple[str, bool]:
    """Returns the TOML type of an option's values, for people, and whether a value has it."""
    if isinstance(kind, click.types.BoolParamType):
        return "true or false", isinstance(value, bool)
    if isinstance(kind, click.types.IntParamType):
        return "a whole number", isinstance(value, int) and not isinstance(value, bool)
    if isinstance(kind, click.types.FloatParamType):
        return "a number", isinstance(value, int | float) and not isinstance(value, bool)
    if kind.name == "size":
        return "a size in quotes, true or false", isinstance(value, str | bool)
    return "text in quotes", isinstance(value, str)


def _kind_of(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "a table")


def from_files(found: Iterable[File], name: Command, command: click.Command) -> dict[str, Setting]:
    """Returns a command's option values from files, by key."""
    values: dict[str, Setting] = {}
    for file in found:
        table: Any = file.values
        for part in name:
            table = table.get(part) if isinstance(table, dict) else None
        own = table if isinstance(table, dict) else {}
        for key, option in options(command).items():
            value = own.get(key, _at_the_top(file, name, key))
            if value is not None:
                place = ".".join((*name, key)) if key in own else key
                values[key] = Setting(
                    _converted(file, place, option, value), "file", str(file.path)
                )
    return values


def _at_the_top(file: File, name: Command, key: str) -> Any:
    """Returns the value for a command of a key at the top of a file; None if there is none."""
    value = file.values.get(key)
    is_table = isinstance(value, dict)  # the table of a command with the same name as the option
    is_for_all = file.is_users or key != "output" or name[0] in WRITING
    return value if is_for_all and not is_table else None


def effective(found: Iterable[File], name: Command, command: click.Command) -> dict[str, Setting]:
    """Returns the values of a command's options if none is given on the command line."""
    in_files, values = from_files(found, name, command), {}
    for key, option in options(command).items():
        variable = next((v for v in variables(name, key) if os.environ.get(v)), None)
        if variable:
            values[key] = Setting(os.environ[variable], "environment", variable)
        else:
            default = option.get_default(click.Context(command), call=False)
            values[key] = in_files.get(key) or Setting(_plain(default), "default")
    return values


def _plain(default: Any) -> Any:
    """Returns a default to show; None for click's own marker of no default."""
    return default if isinstance(default, bool | int | float | str | Path | list | tuple) else None


# ---------------------------------------------------------------- for click


def apply(context: click.Context, name: str, command: click.Command) -> None:
    """Let a command take values from files and variables. Raises BadSource."""
    add_variables(command, (name,))
    found = files() if not context.params.get("no_config") else ()
    if found:
        context.default_map = {name: _defaults(context, found, (name,), command)}


def _defaults(
    context: click.Context, found: tuple[File, ...], name: Command, command: click.Command
) -> dict[str, Any]:
    """Returns the default values, for click, of a command and its subcommands."""
    values: dict[str, Any] = {}
    for key, one in from_files(found, name, command).items():
        option = options(command)[key]
        if key == "debug" and one.value:
            exit_codes.debug()
        values[option.name or key] = one.value
        context.meta.setdefault(ORIGINS, {})[(name[-1], option.name)] = one.where
    if isinstance(command, click.Group):
        for part, below_it in command.commands.items():
            values[part] = _defaults(context, found, (*name, part), below_it)
    return values


def origin(error: click.UsageError) -> str:
    """Returns where a rejected value is set; "" for the command line."""
    option, context = getattr(error, "param", None), error.ctx
    if not isinstance(option, click.Option) or context is None or option.name is None:
        return ""
    source = context.get_parameter_source(option.name)
    if source is click.core.ParameterSource.ENVIRONMENT:
        names = [option.envvar] if isinstance(option.envvar, str) else option.envvar or ()
        return f"the variable {next((n for n in names if os.environ.get(n)), '')}"
    file = context.meta.get(ORIGINS, {}).get((context.info_name, option.name))
    if source is click.core.ParameterSource.DEFAULT_MAP and file:
        return str(file)
    return ""
