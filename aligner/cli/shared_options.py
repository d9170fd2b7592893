"""Options that several commands share, and the conversion of their values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from aligner import defaults
from aligner.cli.exit_codes import debugging
from aligner.errors import BadSource

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from aligner.captions.profiles import Profile
    from aligner.net.client import WebOptions
    from aligner.net.options import NetworkOptions

Command = Callable[..., Any]
ENGINES: tuple[str, ...] = ("auto", "ctranslate2", "openai-whisper", "recorded")

debug: Callable[[Command], Command] = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show tracebacks and all log messages."
)
"""``exit_codes.debugging`` reads it from ``sys.argv``: it works for invalid arguments too."""

allow_private: Callable[[Command], Command] = click.option(
    "--allow-private",
    is_flag=True,
    help="Allow requests to loopback and private network addresses.",
)
quiet: Callable[[Command], Command] = click.option(
    "-q", "--quiet", is_flag=True, help="Show no progress."
)
verbose: Callable[[Command], Command] = click.option(
    "-v", "--verbose", is_flag=True, help="Log more details."
)


def common(command: Command) -> Command:
    """Add the options of every command that reads sources."""
    for option in (
        click.option(
            "--url", help="The original address of a saved page; relative links resolve against it."
        ),
        allow_private,
        quiet,
        verbose,
        debug,
    ):
        command = option(command)
    return command


def crawl_options(command: Command) -> Command:
    """Add the options that limit requests."""
    for option in (
        click.option(
            "--ignore-robots",
            is_flag=True,
            help="Read the pages of a list even where the site's robots.txt disallows it.",
        ),
        click.option(
            "--no-cache",
            is_flag=True,
            help="Do not cache pages on this disk. A cached page is fetched only if it changed.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0.1, 600),
            default=defaults.TIMEOUT_S,
            show_default=True,
            metavar="SECONDS",
            help="Time limit of a request, including redirects and retries.",
        ),
        click.option(
            "--delay",
            type=click.FloatRange(0, 600),
            default=defaults.DELAY_S,
            show_default=True,
            metavar="SECONDS",
            help="Pause between two requests to one host.",
        ),
        click.option(
            "--per-host",
            type=click.IntRange(1, 64),
            default=defaults.PER_HOST,
            show_default=True,
            help="Number of simultaneous requests to one host.",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, 64),
            default=defaults.JOBS,
            show_default=True,
            help="Number of sources processed at the same time.",
        ),
    ):
        command = option(command)
    return command


def format_options(command: Command) -> Command:
    """Add the options of caption formats, and of captions in the video file."""
    for option in (
        click.option(
            "--hls-mpegts",
            type=click.IntRange(0, 2**33 - 1),
            default=0,
            show_default=True,
            metavar="N",
            help="hls only: the stream's MPEG-2 timestamp (90 kHz) at the start of the recording.",
        ),
        click.option(
            "--burn-in",
            is_flag=True,
            help="Also write NAME.burnt.*: the video with the captions drawn into the picture.",
        ),
        click.option(
            "--embed",
            is_flag=True,
            help="Also write NAME.captioned.*: the video, not re-encoded, with a caption track.",
        ),
        click.option(
            "--karaoke",
            is_flag=True,
            help="vtt and hls only: write the time of each word within its cue.",
        ),
        click.option(
            "--styled",
            is_flag=True,
            help="vtt and hls only: mark each word's origin with a class, and add a style sheet.",
        ),
    ):
        command = option(command)
    return command


SMALL_BYTES = 25_000_000
"""Recordings up to this size are kept by default."""
_UNITS = {"": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3}


_ALL, _NONE = ("all", "true", "yes", "on", "1"), ("none", "false", "no", "off", "0")
"""The words for any size and for 0 bytes; also the values of the flag that the option once was."""


if TYPE_CHECKING:
    _IntType = click.ParamType[int]
else:
    _IntType = click.ParamType  # not generic in click 8.2


class Size(_IntType):
    """The type of an option that takes a number of bytes: "25MB", "none" for 0, "all" for any."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        import re
        import sys

        if isinstance(value, int) and not isinstance(value, bool):
            return value
        text = str(value).strip().lower()
        if text in _ALL or text in _NONE:
            return sys.maxsize if text in _ALL else 0
        found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([kmg]?b|)", text)
        unit = _UNITS.get(found[2]) if found else None
        if not found or unit is None:
            self.fail(f"{value}: give a size like 25MB or 1GB, all, or none", param, ctx)
        return round(float(found[1]) * unit)


def is_size(text: str) -> bool:
    """Whether ``Size`` accepts a text."""
    try:
        Size().convert(text, None, None)
    except click.BadParameter:
        return False
    return True


def formats(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    from aligner.captions.formats import FORMATS

    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'none'}: choose from {', '.join(FORMATS)}"
        )
    return names


class RequestArguments(Protocol):
    """The values of the options that limit requests."""

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


def web_options(arguments: RequestArguments) -> WebOptions:
    """Returns the web options for many sources."""
    from aligner.net import client
    from aligner.pipeline.options import page_cache

    return client.WebOptions(
        per_host=arguments.per_host,
        delay_s=arguments.delay,
        timeout_s=arguments.timeout,
        robots=not arguments.ignore_robots,
        net=arguments.network,
        cache=None if arguments.no_cache else page_cache(),
    )


def choices(value: str | None, known: tuple[str, ...]) -> tuple[str, ...] | None:
    """Returns the names of a comma-separated list; None if the option is not given.

    Raises BadParameter for an unknown name.
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
    """Returns the BCP 47 tag of a language, which is given as a tag or a name."""
    from aligner.languages.tags import tag_of

    if value is None:
        return None
    try:
        return tag_of(value)
    except ValueError as error:
        raise click.BadParameter(f"{value}: {error}") from error


def languages(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Returns the BCP 47 tags of languages, which are given as tags or names."""
    return tuple(tag for value in values if (tag := language(context, parameter, value)))


def complete_language(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Returns the tags of the known languages that begin with what is typed, with their names."""
    from click.shell_completion import CompletionItem

    from aligner.pipeline.language_support import known_languages

    return [
        CompletionItem(one.tag, help=one.name)
        for one in known_languages()
        if one.tag.startswith(begun.lower())
    ]


def moment(_context: click.Context, option: click.Parameter, value: str | None) -> Any:
    """Returns the time of a date or date-time; for --until the end of a date's day."""
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
"""Seconds in each unit of a duration."""


def span(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """Returns the timedelta of a duration such as 7d; None if the option is not given."""
    import re
    from datetime import timedelta

    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([smhdw])", value.strip().lower())
    if not found:
        raise click.BadParameter(f"{value}: give it like 90m, 12h, 7d or 2w")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def recheck_after(about: str) -> Callable[[Command], Command]:
    """Returns the option --recheck-after with the command's own help text."""
    return click.option("--recheck-after", callback=span, metavar="AGE", help=about)


def log_level(verbose: bool) -> None:
    """Log warnings to standard error, or more with --verbose and --debug."""
    import logging
    import sys

    from aligner.cli.console import LogLines

    level = logging.DEBUG if debugging() else logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLines("aligner: %(message)s"))
    handler.setLevel(level)  # a log file may get more
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("aligner").setLevel(level)
    if not debugging():  # it warns about every page with little text
        logging.getLogger("trafilatura").setLevel(logging.ERROR)


log_file = click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append a log to FILE, one JSON object a line: start, results, warnings and end.",
)
discard_edits = click.option(
    "--discard-edits",
    is_flag=True,
    help="Also replace results that somebody has corrected; the corrections are lost.",
)
device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default=defaults.DEVICE,
    show_default=True,
    help="Where the speech model runs; auto takes a GPU if there is a usable one.",
)
timing = click.option(
    "--timing",
    type=click.Choice(["fast", "usual", "fine"]),
    default=defaults.TIMING,
    show_default=True,
    help="Precision of word times: fast takes the recogniser's own times, usual aligns the words"
    " with the audio, fine does so more precisely and takes longer.",
)
engine = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=defaults.ENGINE,
    show_default=True,
    help="Speech recogniser; auto takes the fastest one installed.",
)
model = click.option(
    "--model",
    default=defaults.MODEL,
    show_default=True,
    metavar="NAME|PATH|HUB-ID|auto",
    help="Speech model: a name (see `aligner models`), a folder in the form of CTranslate2 or"
    " transformers, a .pt file of openai-whisper, owner/name on the Hugging Face hub, or auto:"
    " the most accurate one on this disk that is quick enough here.",
)
spoken_language = click.option(
    "--language",
    metavar="XX",
    callback=language,
    shell_complete=complete_language,
    help="Language of the speech, a code or an English name: en, English; see `aligner languages`."
    "  [default: the page's, or detected]",
)
caption_profile = click.option(
    "--profile",
    default=defaults.PROFILE,
    show_default=True,
    metavar="NAME|FILE.toml",
    callback=profile,
    help="Captioning standard: netflix, bbc, ted, dcmp, or a file with your own limits.",
)
no_draft = click.option(
    "--no-draft",
    is_flag=True,
    help="Recognise without using the article as a draft. This is slower.",
)
sounds = click.option("--sounds", is_flag=True, help="Label music and silence where nobody speaks.")
