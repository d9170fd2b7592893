"""Options about how to go out to the network, for every command that asks sites."""

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


class Lines(click.types.StringParamType):
    """Text, several of which stand on a line each in an environment variable."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line for line in rv.splitlines() if line.strip()]


proxy = click.option(
    "--proxy",
    metavar="URL",
    help="Ask through http://[user:password@]host:port; '' for no proxy."
    "  [default: as HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say]",
)
OPTIONS = (
    click.option(
        "--retries",
        type=click.IntRange(0, 20),
        default=defaults.RETRIES,
        show_default=True,
        help="How often to ask again where a connection fails, or a server says to come again.",
    ),
    click.option(
        "--contact",
        metavar="ADDRESS",
        help="A mail or web address to name to the sites.  [env: ALIGNER_CONTACT]",
    ),
    click.option("--user-agent", metavar="TEXT", help="The User-Agent header, in place of ours."),
    click.option(
        "--header",
        "headers",
        type=Lines(),
        multiple=True,
        metavar="'NAME: VALUE'",
        help="A header for the hosts of the addresses given here; 'NAME@HOST: VALUE' for HOST.",
    ),
    click.option(
        "--cookies",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Cookies in Netscape's format (cookies.txt), each for its own site.",
    ),
    click.option(
        "--proxy-resolves",
        is_flag=True,
        help="Give the proxy names, not the addresses that were judged here; see docs/network.md.",
    ),
    proxy,
)
NAMES = ("retries", "contact", "user_agent", "headers", "cookies", "proxy_resolves", "proxy")
PLACES = ("sources", "lists", "listed", "sitemaps", "url", "media")
"""Parameters that name addresses, whose hosts may see headers."""


def network(command: Command) -> Command:
    """Add the options; the command gets them as one, ``network: NetworkOptions``."""

    @wraps(command)
    def with_network(**given: Any) -> Any:
        picked = {name: given.pop(name) for name in NAMES}
        return command(network=_made(picked, given), **given)

    made: Command = with_network
    for option in OPTIONS:
        made = option(made)
    return made


def _made(picked: Mapping[str, Any], given: Mapping[str, Any]) -> NetworkOptions:
    """Raises BadSource for a proxy, a file of cookies or a header that is none."""
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
    options.proxies()  # to complain before anything is done
    return options


def _is_typed(name: str) -> bool:
    """Whether an option stands on the command line, rather than in the environment or a file."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _addresses(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses that the user names on the command line."""
    found: list[str] = []
    for name in PLACES:
        value = given.get(name)
        if value and _is_typed(name):
            found += [value] if isinstance(value, str) else value
    return tuple(found)
