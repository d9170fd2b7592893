"""`aligner check`: its options and its help."""

from __future__ import annotations

import sys
from typing import Any

import click

from aligner.cli import given, shared

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
    from aligner.nouns import MEDIA_STATES

    return shared.choices(value, MEDIA_STATES)


@click.command(epilog=CODES_HELP)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--from",
    "listed",
    metavar="FILE",
    help="A file with a source on each line; - for standard input.",
)
@click.option(
    "--sitemap",
    "sitemaps",
    multiple=True,
    metavar="URL|FILE",
    help="Also the articles of a sitemap, of an index of them, or of a robots.txt that names them.",
)
@click.option(
    "--since",
    callback=shared.moment,
    metavar="DATE",
    help="Only articles of feeds and sitemaps from then on: 2026-11-24 or 2026-11-24T06:00Z.",
)
@click.option("--until", callback=shared.moment, metavar="DATE", help="Only those until then.")
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
@shared.polite
@shared.common
def check(
    sources: tuple[str, ...], listed: str | None, sitemaps: tuple[str, ...], since: Any, until: Any,
    as_json: bool, as_csv: bool, show_all: bool,
    no_probe: bool, no_network_embeds: bool, fail_on: Any, jobs: int, per_host: int, delay: float,
    timeout: float, contact: str | None, ignore_robots: bool, no_cache: bool,
    url: str | None, allow_private: bool, quiet: bool, verbose: bool,
) -> int:  # fmt: skip
    """Say which articles have playable media, and why not.

    SOURCE is an http(s) address, a saved .html page, a .txt with a page's text, or - for a list
    of those on standard input; or an RSS or Atom feed, each of whose entries is an article. Media
    is tried with requests for parts of it, never fetched whole. Of several sources, those that a
    site's robots.txt asks programs not to read are left alone. JSON and CSV come as results do,
    in the order of their completion; the table keeps the order given. How many ended in which
    state is said on standard error.

    \b
    Examples:
      aligner check https://example.com/news/story.html
      aligner check --json --from addresses.txt > findings.jsonl
      aligner check --csv --fail-on none,gone - < addresses.txt
      aligner check saved.html --url https://example.com/news/story.html --no-probe
      aligner check --json https://example.com/podcast/feed.xml
      aligner check --csv --sitemap https://example.com/sitemap.xml --since 2026-11-01
    """
    from aligner import checking, pipeline, web
    from aligner.cli import check_run
    from aligner.nouns import Window

    shared.log_level(verbose)
    options = pipeline.Options(url=url, allow_private=allow_private)
    names = (*sources, *given.listed(listed))
    todo: list[str] = []
    if names or not sitemaps:
        todo = given.expected(given.sources(names, sys.stdin.read), options)
    for sitemap in sitemaps:
        pipeline.expect_source(sitemap)
    agent = f"{web.USER_AGENT[:-1]}; +{contact})" if contact else web.USER_AGENT
    asking = web.WebOptions(
        attempts=3, per_host=per_host, delay_s=delay, timeout_s=timeout, user_agent=agent,
        robots=not ignore_robots, cache=None if no_cache else shared.page_cache(),
    )  # fmt: skip
    looking = checking.Looking(
        probe=not no_probe, all_candidates=show_all, embeds=not no_network_embeds,
        asking=asking, jobs=jobs, sitemaps=sitemaps, window=Window(since, until),
    )  # fmt: skip
    form: check_run.Form = "json" if as_json else "csv" if as_csv else "table"
    return check_run.run(todo, options, looking, check_run.Show(form, show_all, quiet, fail_on))
