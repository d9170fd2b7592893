"""`aligner check`: its options and its help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import inputs, shared_options
from aligner.cli.network import network as with_network
from aligner.errors import BadSource

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aligner.cli.check_run import Asked, Form, Memory, Show
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.check import CheckOptions
    from aligner.pipeline.options import Options
    from aligner.types import MediaState

CODES_HELP = """\b
Exit codes:
  0  it plays; several sources: every page could be read
  1  the page cannot be read           4  linked, but cannot be had
  2  wrong use                         5  the recording has no sound
  3  the page links no media         130  interrupted
  7  several sources: a page cannot be read, or a state of --fail-on
With --fail-on a single source ends with 3, 4 or 5 in those states alone.
"""


def _states(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """A list of states, as the user gives it -> the states; None if there is none."""
    from aligner.types import MEDIA_STATES

    return shared_options.choices(value, MEDIA_STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The command's arguments, as click gives them, and what is made of them."""

    sources: tuple[str, ...]
    listed: tuple[str, ...]
    sitemaps: tuple[str, ...]
    column: str | None
    since: datetime | None
    until: datetime | None
    state: Path | None
    recheck_after: timedelta | None
    as_json: bool
    as_csv: bool
    show_all: bool
    no_probe: bool
    no_network_embeds: bool
    fail_on: tuple[MediaState, ...] | None
    jobs: int
    per_host: int
    delay: float
    timeout: float
    network: NetworkOptions
    ignore_robots: bool
    no_cache: bool
    url: str | None
    allow_private: bool
    quiet: bool
    verbose: bool
    log: Path | None

    def asked(self) -> Asked:
        """Where the sources come from. Raises UsageError, BadSource before any work is done."""
        from aligner.cli.check_run import Asked
        from aligner.pipeline import source_lists
        from aligner.pipeline.source import expect_source

        if self.recheck_after is not None and self.state is None:
            raise click.UsageError("--recheck-after goes with --state")
        named = tuple(source for source in self.sources if source != "-")
        listed = (*self.listed, *(source for source in self.sources if source == "-"))
        if not (named or listed or self.sitemaps):
            raise BadSource("-", "no source: give an address, a saved page or a text")
        inputs.expected(list(named), self.options(), alone=not (listed or self.sitemaps))
        for sitemap in self.sitemaps:
            expect_source(sitemap)
        for name in listed:
            source_lists.expect(name)
        return Asked(tuple(dict.fromkeys(named)), tuple(dict.fromkeys(listed)), self.column)

    def options(self) -> Options:
        """How each page is read."""
        from aligner.pipeline.options import Options

        return Options(url=self.url, allow_private=self.allow_private, net=self.network)

    def looking(self) -> CheckOptions:
        """How thoroughly to check."""
        from aligner.pipeline.check import CheckOptions
        from aligner.types import DateRange

        return CheckOptions(
            probe=not self.no_probe, all_candidates=self.show_all,
            embeds=not self.no_network_embeds, asking=shared_options.asking(self), jobs=self.jobs,
            sitemaps=self.sitemaps, window=DateRange(self.since, self.until),
        )  # fmt: skip

    def show(self) -> Show:
        """What to print."""
        from aligner.cli.check_run import Show

        form: Form = "json" if self.as_json else "csv" if self.as_csv else "table"
        return Show(form, self.show_all, self.quiet, self.fail_on, self.log)

    def memory(self) -> Memory:
        """What to remember."""
        from aligner.cli.check_run import Memory

        return Memory(self.state, self.recheck_after)


@click.command(epilog=CODES_HELP)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--from",
    "listed",
    multiple=True,
    metavar="LIST",
    help="A list of sources, as `aligner batch` reads them: text, .csv, .tsv, JSON, JSON lines, a"
    " feed or a sitemap, a file or an address; - for standard input.",
)
@click.option("--column", metavar="NAME", help="Of a table or of JSON lines.  [default: url, ...]")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Remember there what is found, and ask only for what is new or passed by (time-outs).",
)
@shared_options.recheck_after("With --state, also for what was found longer ago: 7d, 12h, 2w.")
@click.option(
    "--sitemap",
    "sitemaps",
    multiple=True,
    metavar="URL|FILE",
    help="Also the articles of a sitemap, of an index of them, or of a robots.txt that names them.",
)
@click.option(
    "--since",
    callback=shared_options.moment,
    metavar="DATE",
    help="Only articles of feeds and sitemaps from then on: 2026-11-24 or 2026-11-24T06:00Z.",
)
@click.option(
    "--until", callback=shared_options.moment, metavar="DATE", help="Only those until then."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a source as it is done.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values as they come.")
@click.option("--all", "show_all", is_flag=True, help="Also every candidate, best first, with why.")
@click.option("--no-probe", is_flag=True, help="Report what is linked without asking for it.")
@click.option(
    "--no-network-embeds",
    is_flag=True,
    help="Do not ask the sites of embedded players, nor yt-dlp.",
)
@click.option(
    "--fail-on",
    callback=_states,
    metavar="STATE,...",
    help="States that make the exit code other than 0, for example none,gone.",
)
@shared_options.log_file
@shared_options.crawl_options
@with_network
@shared_options.common
def check(**given: Any) -> int:
    """Say which articles have playable media, and why not.

    SOURCE is an http(s) address, a saved .html page, a .txt with a page's text, or - for a list
    of those on standard input; or an RSS or Atom feed, each of whose entries is an article. Media
    is tried with requests for parts of it, never fetched whole. Of several sources, those that a
    site's robots.txt asks programs not to read are left alone. JSON and CSV come as results do,
    in the order of their completion; the table keeps the order given. How many ended in which
    state is said on standard error. A line of a list that names no source is answered with its
    number and the reason. With --state the same command goes on after an interruption.

    \b
    Examples:
      aligner check https://example.com/news/story.html
      aligner check --json --from addresses.txt > findings.jsonl
      aligner check --csv --from articles.csv --state seen --recheck-after 7d > findings.csv
      aligner check --csv --fail-on none,gone - < addresses.txt
      aligner check saved.html --url https://example.com/news/story.html --no-probe
      aligner check --json https://example.com/podcast/feed.xml
      aligner check --csv --sitemap https://example.com/sitemap.xml --since 2026-11-01
    """
    from aligner.cli import check_run

    arguments = Arguments(**given)
    shared_options.log_level(arguments.verbose)
    return check_run.run(
        arguments.asked(),
        arguments.options(),
        arguments.looking(),
        arguments.show(),
        arguments.memory(),
    )
