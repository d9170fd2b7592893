"""The options and help of `aligner check`."""

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

    from aligner.cli.check_run import CheckDisplay, CheckInput, Form, StoredResults
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.check import CheckOptions
    from aligner.pipeline.options import Options
    from aligner.types import MediaState

CODES_HELP = """\b
Exit codes:
  0  it plays; several sources: every page could be read
  1  the page cannot be read           4  linked, but not available
  2  wrong use                         5  the recording has no audio
  3  the page links no media         130  interrupted
  7  several sources: a page cannot be read, or a state of --fail-on
With --fail-on a single source ends with 3, 4 or 5 in those states alone.
"""


def _states(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """Returns the media states of --fail-on; None if it is not given."""
    from aligner.types import MEDIA_STATES

    return shared_options.choices(value, MEDIA_STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The command's arguments as click gives them, and the options made of them."""

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

    def inputs(self) -> CheckInput:
        """Returns where the sources come from.

        Raises UsageError, BadSource for what can be seen before any request.
        """
        from aligner.cli.check_run import CheckInput
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
        return CheckInput(tuple(dict.fromkeys(named)), tuple(dict.fromkeys(listed)), self.column)

    def options(self) -> Options:
        """Returns how each page is read."""
        from aligner.pipeline.options import Options

        return Options(url=self.url, allow_private=self.allow_private, net=self.network)

    def check_options(self) -> CheckOptions:
        """Returns how thoroughly sources are checked."""
        from aligner.pipeline.check import CheckOptions
        from aligner.types import DateRange

        return CheckOptions(
            probe=not self.no_probe, all_candidates=self.show_all,
            embeds=not self.no_network_embeds, web=shared_options.web_options(self),
            jobs=self.jobs, sitemaps=self.sitemaps, window=DateRange(self.since, self.until),
        )  # fmt: skip

    def show(self) -> CheckDisplay:
        """Returns what is printed, and what counts as a failure."""
        from aligner.cli.check_run import CheckDisplay

        form: Form = "json" if self.as_json else "csv" if self.as_csv else "table"
        return CheckDisplay(form, self.show_all, self.quiet, self.fail_on, self.log)

    def stored_results(self) -> StoredResults:
        """Returns where results are stored, and how long they are valid."""
        from aligner.cli.check_run import StoredResults

        return StoredResults(self.state, self.recheck_after)


@click.command(epilog=CODES_HELP)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--from",
    "listed",
    multiple=True,
    metavar="LIST",
    help="Read sources from LIST, as `aligner batch` does: a text, .csv, .tsv or JSON file, a feed"
    " or a sitemap, as a file or an address; - for standard input.",
)
@click.option(
    "--column",
    metavar="NAME",
    help="Column with the sources, in tables and JSON.  [default: url, ...]",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Remember results in DIR; check only sources that are new or failed temporarily.",
)
@shared_options.recheck_after(
    "With --state, also check again what was checked longer ago: 7d, 12h, 2w."
)
@click.option(
    "--sitemap",
    "sitemaps",
    multiple=True,
    metavar="URL|FILE",
    help="Also check the articles of a sitemap, a sitemap index, or a robots.txt that names"
    " sitemaps.",
)
@click.option(
    "--since",
    callback=shared_options.moment,
    metavar="DATE",
    help="Only articles of feeds and sitemaps since DATE: 2026-11-24 or 2026-11-24T06:00Z.",
)
@click.option(
    "--until",
    callback=shared_options.moment,
    metavar="DATE",
    help="Only articles of feeds and sitemaps until DATE.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object for each source, as it is done."
)
@click.option(
    "--csv",
    "as_csv",
    is_flag=True,
    help="Print one line of comma-separated values for each source, as it is done.",
)
@click.option(
    "--all",
    "show_all",
    is_flag=True,
    help="Print all candidate recordings, best first, with reasons.",
)
@click.option("--no-probe", is_flag=True, help="Report linked media without requesting it.")
@click.option(
    "--no-network-embeds",
    is_flag=True,
    help="Make no requests to the sites of embedded players, and do not use yt-dlp.",
)
@click.option(
    "--fail-on",
    callback=_states,
    metavar="STATE,...",
    help="Media states that make the exit code nonzero, for example none,gone.",
)
@shared_options.log_file
@shared_options.crawl_options
@with_network
@shared_options.common
def check(**given: Any) -> int:
    """Report which articles have playable media, and why the others have none.

    SOURCE is an http(s) address, a saved .html page, a .txt file with an article's text, an RSS or
    Atom feed whose entries are checked, or - to read a list of sources from standard input.

    Media is probed with requests for parts of it and never downloaded whole. With several sources,
    pages that a site's robots.txt disallows are skipped. JSON and CSV are printed in the order of
    completion, the table in the order given; a summary goes to standard error. With --state the
    same command continues after an interruption.

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
        arguments.inputs(),
        arguments.options(),
        arguments.check_options(),
        arguments.show(),
        arguments.stored_results(),
    )
