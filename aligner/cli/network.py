"""Network options, for every command that makes requests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner import defaults
from aligner.cli.shared_options import Command

if TYPE_CHECKING:
    from aligner.net.options import NetworkOptions


class MultilineText(click.types.StringParamType):
    """Text; an environment variable holds several values, one a line."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line for line in rv.splitlines() if line.strip()]


proxy = click.option(
    "--proxy",
    metavar="URL",
    help="Proxy, as http://[user:password@]host:port; '' for none.  [default: from HTTPS_PROXY,"
    " HTTP_PROXY, ALL_PROXY and NO_PROXY]",
)
OPTIONS = (
    click.option(
        "--retries",
        type=click.IntRange(0, 20),
        default=defaults.RETRIES,
        show_default=True,
        help="Retries after a failed connection, or if a server asks to try again later.",
    ),
    click.option(
        "--contact",
        metavar="ADDRESS",
        help="A mail or web address that is sent to sites in the User-Agent header.  [env:"
        " ALIGNER_CONTACT]",
    ),
    click.option(
        "--user-agent", metavar="TEXT", help="Send this User-Agent header instead of aligner's own."
    ),
    click.option(
        "--header",
        "headers",
        type=MultilineText(),
        multiple=True,
        metavar="'NAME: VALUE'",
        help="Send a header to the hosts given on the command line; 'NAME@HOST: VALUE' to HOST.",
    ),
    click.option(
        "--cookies",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Send the cookies of a cookies.txt file (Netscape format), each to its own site.",
    ),
    click.option(
        "--proxy-resolves",
        is_flag=True,
        help="Let the proxy resolve host names, instead of checking their addresses here; see"
        " docs/network.md.",
    ),
    proxy,
)
NAMES = ("retries", "contact", "user_agent", "headers", "cookies", "proxy_resolves", "proxy")
PLACES = ("sources", "lists", "listed", "sitemaps", "url", "media")
"""Parameters that hold addresses; their hosts are sent the headers."""


def network(command: Command) -> Command:
    """Add the options; the command receives them as ``network: NetworkOptions``."""

    @wraps(command)
    def with_network(**given: Any) -> Any:
        picked = {name: given.pop(name) for name in NAMES}
        return command(network=_made(picked, given), **given)

    made: Command = with_network
    for option in OPTIONS:
        made = option(made)
    return made


def _made(picked: Mapping[str, Any], given: Mapping[str, Any]) -> NetworkOptions:
    """Returns the network options. Raises BadSource for an invalid proxy, cookies or header."""
    from aligner.net import cookies, headers
    from aligner.net.options import NetworkOptions

    sources = _addresses(given) if _is_typed("headers") else ()
    options = NetworkOptions(
        proxy=picked["proxy"],
        proxy_resolves=picked["proxy_resolves"],
        cookies=cookies.read(picked["cookies"]) if picked["cookies"] else (),
        headers=tuple(h for text in picked["headers"] for h in headers.parse(text, sources)),
        user_agent=picked["user_agent"],
        contact=picked["contact"],
        retries=picked["retries"],
    )
    options.proxies()  # raises for an invalid proxy
    return options


def _is_typed(name: str) -> bool:
    """Whether an option is given on the command line, not in the environment or a file."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _addresses(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the addresses given on the command line."""
    found: list[str] = []
    for name in PLACES:
        value = given.get(name)
        if value and _is_typed(name):
            found += [value] if isinstance(value, str) else value
    return tuple(found)
