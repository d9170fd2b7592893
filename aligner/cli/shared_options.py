"""Options that several commands have, and what is made of the values given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from aligner import defaults
from aligner.cli.exit_codes import debugging
from aligner.errors import BadSource

if TYPE_CHECKING:
    from aligner.captions.profiles import Profile
    from aligner.net.client import WebOptions
    from aligner.net.options import NetworkOptions

Command = Callable[..., Any]
ENGINES: tuple[str, ...] = ("auto", "ctranslate2", "openai-whisper", "recorded")

debug: Callable[[Command], Command] = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show tracebacks and all logs."
)
"""``main`` looks for it itself, so that it also holds for errors in the arguments."""


def common(command: Command) -> Command:
    """Options of every command that reads sources."""
    for option in (
        click.option("--url", help="The address of a saved page; its links resolve against it."),
        click.option(
            "--allow-private",
            is_flag=True,
            help="Also ask addresses on loopback and private networks.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="No progress."),
        click.option("-v", "--verbose", is_flag=True, help="Say more of what is done."),
        debug,
    ):
        command = option(command)
    return command


def crawl_options(command: Command) -> Command:
    """Options about how often to ask."""
    for option in (
        click.option(
            "--ignore-robots",
            is_flag=True,
            help="Also read pages of a list that a site's robots.txt asks programs not to read.",
        ),
        click.option(
            "--no-cache",
            is_flag=True,
            help="Keep no pages on this disk, to ask only for changes the next time.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0.1, 600),
            default=defaults.TIMEOUT_S,
            show_default=True,
            metavar="SECONDS",
            help="For a request, with redirects and second tries.",
        ),
        click.option(
            "--delay",
            type=click.FloatRange(0, 600),
            default=defaults.DELAY_S,
            show_default=True,
            metavar="SECONDS",
            help="Between two requests to one host.",
        ),
        click.option(
            "--per-host",
            type=click.IntRange(1, 64),
            default=defaults.PER_HOST,
            show_default=True,
            help="Requests to one host at the same time.",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, 64),
            default=defaults.JOBS,
            show_default=True,
            help="Sources at the same time.",
        ),
    ):
        command = option(command)
    return command


def dressed(command: Command) -> Command:
    """Options about how the formats look, and captions within the video."""
    for option in (
        click.option(
            "--hls-mpegts",
            type=click.IntRange(0, 2**33 - 1),
            default=0,
            show_default=True,
            metavar="N",
            help="For hls: the stream's MPEG-2 timestamp (90 kHz) at the recording's start.",
        ),
        click.option(
            "--burn-in",
            is_flag=True,
            help="Also write NAME.burnt.*: the video with the captions drawn into its picture.",
        ),
        click.option(
            "--embed",
            is_flag=True,
            help="Also write NAME.captioned.*: the video, not encoded anew, with a track of them.",
        ),
        click.option(
            "--karaoke", is_flag=True, help="For vtt, hls: say within a cue when each word is said."
        ),
        click.option(
            "--styled", is_flag=True, help="For vtt, hls: words' origins as classes, with a style."
        ),
    ):
        command = option(command)
    return command


SMALL_BYTES = 25_000_000
"""A recording that is not larger is kept beside its captions where nothing else is said."""
_UNITS = {"": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3}


def size(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """A size as the user gives it -> bytes: "25MB", "none" for 0, "all" for any."""
    import re
    import sys

    if value is None or value in ("all", "none"):
        return {None: None, "all": sys.maxsize, "none": 0}[value]
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([kmg]?b|)", value.strip().lower())
    unit = _UNITS.get(found[2]) if found else None
    if not found or unit is None:
        raise click.BadParameter(f"{value}: give a size like 25MB or 1GB, all, or none")
    return round(float(found[1]) * unit)


def formats(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    from aligner.captions.formats import FORMATS

    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'none'}: choose from {', '.join(FORMATS)}"
        )
    return names


class Polite(Protocol):
    """The values of the options about how to ask sites."""

    @property
    def per_host(self) -> int: ...
    @property
    def delay(self) -> float: ...
    @property
    def timeout(self) -> float: ...
    @property
    def ignore_robots(self) -> bool: ...
    @property
    def no_cache(self) -> bool: ...
    @property
    def network(self) -> NetworkOptions: ...


def asking(given: Polite) -> WebOptions:
    """How the sites of many sources are asked."""
    from aligner.net import client
    from aligner.pipeline.options import page_cache

    return client.WebOptions(
        per_host=given.per_host,
        delay_s=given.delay,
        timeout_s=given.timeout,
        robots=not given.ignore_robots,
        net=given.network,
        cache=None if given.no_cache else page_cache(),
    )


def choices(value: str | None, known: tuple[str, ...]) -> tuple[str, ...] | None:
    """A list of names, as the user gives it -> the names; None if none is given.

    Raises BadParameter for a name that is not known.
    """
    if value is None:
        return None
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in known]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(known)}")
    return names


def profile(_context: click.Context, _parameter: click.Parameter, value: str) -> Profile:
    from aligner.captions.profiles import get_profile

    try:
        return get_profile(value)
    except BadSource as error:
        raise click.BadParameter(str(error)) from error


def language(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """A language as the user gives it, a tag or a name -> its tag."""
    from aligner.languages.tags import tag_of

    if value is None:
        return None
    try:
        return tag_of(value)
    except ValueError as error:
        raise click.BadParameter(f"{value}: {error}") from error


def moment(_context: click.Context, option: click.Parameter, value: str | None) -> Any:
    """A date, or a moment, as the user gives it -> the moment; of --until the end of that day."""
    from datetime import UTC, datetime, timedelta

    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value}: give it like 2026-11-24 or 2026-11-24T06:00Z"
        ) from error
    if len(value) <= len("2026-11-24") and option.name == "until":
        moment += timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Seconds of the units of a span of time."""


def span(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """A span of time as the user gives it, such as 7d -> the timedelta; None if none is given."""
    import re
    from datetime import timedelta

    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([smhdw])", value.strip().lower())
    if not found:
        raise click.BadParameter(f"{value}: give it like 90m, 12h, 7d or 2w")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def recheck_after(about: str) -> Callable[[Command], Command]:
    """The option that says when an earlier look is too old, with what it means for the command."""
    return click.option("--recheck-after", callback=span, metavar="AGE", help=about)


def log_level(verbose: bool) -> None:
    """Log to standard error: warnings, or more where it is asked for."""
    import logging
    import sys

    from aligner.cli.console import LogLines

    level = logging.DEBUG if debugging() else logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLines("aligner: %(message)s"))
    handler.setLevel(level)  # a log file may have more
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("aligner").setLevel(level)
    if not debugging():  # it warns of every page that has little text
        logging.getLogger("trafilatura").setLevel(logging.ERROR)


log_file = click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append to FILE a JSON object a line: each result as it comes, warnings, begin and end.",
)
discard_edits = click.option(
    "--discard-edits",
    is_flag=True,
    help="Make again also what somebody has corrected; the corrections are lost.",
)
device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default=defaults.DEVICE,
    show_default=True,
    help="What to compute on; auto: a GPU where it can be used.",
)
timing = click.option(
    "--timing",
    type=click.Choice(["fast", "usual", "fine"]),
    default=defaults.TIMING,
    show_default=True,
    help="Words' times: fast, the recogniser's own; usual, found in the sound; fine, four times.",
)
