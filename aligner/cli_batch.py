"""`aligner batch`: arguments -> options -> a batch, and what is shown of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from aligner import cli, interrupt

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from aligner.batching import Batch, BatchOptions, Done, Snapshot
    from aligner.nouns import Source, Window
    from aligner.pipeline import Options
    from aligner.profiles import Profile

CODES_HELP = """\b
Exit codes:
  0  every article of the list that is done is captioned
  1  something went wrong: the disk is full, there is no recogniser
  2  wrong use: a list that cannot be read
  7  not all are captioned; the report says why
130  interrupted: the same command goes on
"""
LATEST = 8
"""Results that the live table shows."""
SAID_EVERY_S = 10.0
MB = 1_000_000


def _statuses(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """Statuses as the user gives them -> the same, known ones; None if there are none."""
    from aligner.nouns import STATUSES

    if value is None:
        return None
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in (*STATUSES, "queued")]:
        known = ", ".join((*STATUSES, "queued"))
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {known}")
    return names


@click.command(epilog=CODES_HELP)
@click.argument("lists", nargs=-1, metavar="LIST...")
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False),
    default=Path("captions"), show_default=True,
    help="Folder for the results, the reports and the ledger.",
)  # fmt: skip
@click.option(
    "--sitemap", "sitemaps", multiple=True, metavar="URL|FILE",
    help="Also the articles of a sitemap, of an index of them, or of a robots.txt that names them.",
)  # fmt: skip
@click.option("--column", metavar="NAME", help="Of a table or of JSON lines.  [default: url, ...]")
@click.option(
    "--since", callback=cli._moment, metavar="DATE",
    help="Only articles of feeds and sitemaps from then on: 2026-11-24 or 2026-11-24T06:00Z.",
)  # fmt: skip
@click.option("--until", callback=cli._moment, metavar="DATE", help="Only those until then.")
@click.option("--retry-failed", is_flag=True, help="Also those that ended as error or unavailable.")
@click.option(
    "--only", callback=_statuses, metavar="STATUS,...",
    help="Only those that ended so, once more: no_media, error, ...; queued: not yet done.",
)  # fmt: skip
@click.option("-f", "--force", is_flag=True, help="Make again what is already there.")
@click.option("--limit", type=click.IntRange(0), metavar="N", help="At most so many articles.")
@click.option(
    "-n", "--dry-run", is_flag=True,
    help="Say what would be done. No article is asked for; a list at an address is.",
)  # fmt: skip
@click.option(
    "--format", "formats", default="vtt,json,txt", show_default=True, callback=cli._formats,
    metavar="NAME,...", help="What to write; see `aligner caption`.",
)  # fmt: skip
@click.option("--language", metavar="XX", help="Language of the speech.  [default: heard]")
@click.option("--model", default="base", show_default=True, metavar="NAME|PATH")
@click.option("--engine", type=click.Choice(cli.ENGINES), default="auto", show_default=True)
@click.option(
    "--profile", default="netflix", show_default=True, metavar="NAME|FILE.toml",
    callback=cli._profile, help="Captioning standard.",
)  # fmt: skip
@click.option(
    "--no-draft", is_flag=True, help="Decode everything; do not take the article for a draft."
)
@click.option("--sounds", is_flag=True, help="Label music and silence where nobody speaks.")
@click.option("--keep-media", is_flag=True, help="Keep the recordings, in the folder media.")
@click.option(
    "--disk", type=click.IntRange(1), default=20_000, show_default=True, metavar="MB",
    help="Recordings on their way may take so much before the next is downloaded.",
)  # fmt: skip
@click.option(
    "--ray", metavar="local|ADDRESS",
    help="Have articles captioned by the workers of a Ray cluster; see docs/batch.md.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1), metavar="N",
    help="With --ray: how many.  [default: one for each core of the cluster]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object an article as it ends.")
@click.option("--allow-private", is_flag=True, help="Also ask addresses on private networks.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="Say more of what is done.")
@cli._debug
@cli._polite
def batch(
    lists: tuple[str, ...], folder: Path, sitemaps: tuple[str, ...], column: str | None,
    since: Any, until: Any, retry_failed: bool, only: tuple[str, ...] | None, force: bool,
    limit: int | None, dry_run: bool, formats: tuple[str, ...], language: str | None, model: str,
    engine: str, profile: Profile, no_draft: bool, sounds: bool, keep_media: bool, disk: int,
    ray: str | None, workers: int | None, as_json: bool, allow_private: bool, quiet: bool,
    verbose: bool, jobs: int, per_host: int, delay: float, timeout: float, contact: str | None,
    ignore_robots: bool, no_cache: bool,
) -> int:  # fmt: skip
    """Caption many articles; whenever it is stopped, the same command goes on.

    LIST is a text file with a source on each line, a table (.csv, .tsv) or JSON lines with a
    column of them, an RSS or Atom feed or a sitemap, each as a file or at an address; or - for
    standard input. Every article ends in exactly one outcome, and leaves a .json sidecar that says
    which. The ledger in DIR/.aligner knows how far each is; report.html and report.jsonl in DIR
    say what became of all. Several runs may share a folder.

    \b
    Examples:
      aligner batch addresses.txt -o captions
      aligner batch addresses.txt -o captions --retry-failed
      aligner batch articles.csv --column link --format vtt,srt
      aligner batch https://example.com/podcast/feed.xml --since 2026-11-01
      aligner batch --sitemap https://example.com/sitemap.xml --limit 100 --dry-run
      aligner batch - < addresses.txt
    """
    from aligner import pipeline, web
    from aligner.batching import FAILED, BatchOptions
    from aligner.nouns import STATUSES, Window

    cli._log_level(verbose)
    statuses = only or ("queued", *(FAILED if retry_failed else ()))
    agent = f"{web.USER_AGENT[:-1]}; +{contact})" if contact else web.USER_AGENT
    options = pipeline.Options(
        language=language, engine=engine, model=model, profile=profile, sounds=sounds,
        draft=not no_draft, allow_private=allow_private,
    )  # fmt: skip
    how = BatchOptions(
        folder, formats, statuses=("queued", *STATUSES) if force else statuses, limit=limit,
        asking=web.WebOptions(
            attempts=3, per_host=per_host, delay_s=delay, timeout_s=timeout, user_agent=agent,
            robots=not ignore_robots, cache=None if no_cache else cli._page_cache(),
        ),
        network=jobs, disk_bytes=disk * MB, keep_media=keep_media, ray=ray, workers=workers,
    )  # fmt: skip
    asked = Asked(lists, sitemaps, column, Window(since, until))
    if not lists and not sitemaps:
        raise click.UsageError("give a LIST, or --sitemap")
    if ray and keep_media:
        raise click.UsageError("--keep-media does not go with --ray: recordings stay with workers")
    return run(asked, options, how, Show(dry_run, as_json, quiet))


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the sources come from."""

    lists: tuple[str, ...]
    sitemaps: tuple[str, ...]
    column: str | None
    window: Window


@dataclass(frozen=True, slots=True)
class Show:
    """What to show."""

    dry_run: bool
    as_json: bool
    quiet: bool


def run(asked: Asked, options: Options, how: BatchOptions, show: Show) -> int:
    """Do a batch and say what became of it -> the exit code."""
    from aligner.batching import Batch, lists, rehearsal

    for given in (*asked.lists, *asked.sitemaps):
        lists.expect(given)
    interrupt.gather_temporary_files()
    if show.dry_run:
        with rehearsal(options, how) as batch:
            batch.enter(_sources(asked, batch))
            return _say_plan(batch)
    with Batch(options, how) as batch:
        _say_aside(batch)
        batch.enter(_sources(asked, batch))
        with _shown(batch, show) as shown:
            for done in batch.results():
                interrupt.heed()
                shown.add(done)
        paths = batch.write_reports()
        counts = batch.snapshot().counts
        if not show.quiet:
            click.echo(f"{summary(counts)}; {paths[1]}", err=True)
            _say_busy(batch)
    ended = {status for status in counts if status not in ("queued", "running")}
    return 0 if ended <= {"captioned"} else cli.SOME_FAILED


def _sources(asked: Asked, batch: Batch) -> Iterator[Source]:
    """All sources of all lists. Raises BadSource, PageUnavailable for a list that is none."""
    from aligner.batching import lists

    get = batch.session.fetch_list
    for given in asked.lists:
        yield from lists.read(given, sys.stdin, get, asked.window, asked.column)
    for given in asked.sitemaps:
        yield from lists.sitemap(given, get, asked.window)


def _say_plan(batch: Batch) -> int:
    """What a run would do, on standard output."""
    from aligner.console import plain

    for key, name, step in batch.ledger.wanted():
        how = f"go on after step {step}" if step else "caption"
        click.echo(plain(f"{key}: would {how}: {name}.*"))
    counts = batch.snapshot().counts
    click.echo(f"{batch.todo} to do; {summary(counts)}", err=True)
    return 0


def _say_aside(batch: Batch) -> None:
    if batch.ledger.put_aside:
        click.echo(
            f"aligner: the ledger was damaged; it now is {batch.ledger.put_aside}, and what lies "
            "in the folder is taken as done",
            err=True,
        )


def _say_busy(batch: Batch) -> None:
    if busy := batch.ledger.busy_elsewhere():
        click.echo(f"{busy} more are being done by another run", err=True)


def summary(counts: dict[str, int]) -> str:
    """How many articles ended in which status, most first."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    parts = ", ".join(f"{count} {status}" for status, count in ordered)
    return f"{sum(counts.values())} articles: {parts or 'none'}"


# ---------------------------------------------------------------- while it runs


class Shown(Protocol):
    """Where results go as they come."""

    def add(self, done: Done) -> None:
        """An article is done."""


@contextmanager
def _shown(batch: Batch, show: Show) -> Iterator[Shown]:
    """The way to show a batch that suits the terminal, or its absence."""
    if not show.quiet and sys.stderr.isatty():
        with Board(batch, show.as_json) as board:
            yield board
    else:
        yield Lines(batch, show)


class Lines:
    """A line a result on standard output; how far it is on standard error, now and then."""

    def __init__(self, batch: Batch, show: Show) -> None:
        self._batch, self._show, self._said = batch, show, time.monotonic()

    def add(self, done: Done) -> None:
        say(done, self._show.as_json)
        now = time.monotonic()
        if not self._show.quiet and now - self._said >= SAID_EVERY_S:
            self._said = now
            print_progress(self._batch.snapshot())


def say(done: Done, as_json: bool) -> None:
    """One result, on standard output."""
    from aligner.console import plain

    outcome = done.outcome
    if as_json:
        made = {
            "source": outcome.source, "status": outcome.status, "reason": outcome.reason,
            "files": [str(path) for path in done.files], "spent_ms": done.spent_ms,
        }  # fmt: skip
        click.echo(json.dumps(made))
    else:
        click.echo(plain(f"{outcome.source}: {outcome.status}: {outcome.reason}"))


def print_progress(now: Snapshot) -> None:
    """How far a batch is, as a line on standard error."""
    click.echo(f"{now.done} of {now.todo} done, {pace(now)}", err=True)


def pace(now: Snapshot) -> str:
    """How quick a batch is, and how long it will still take."""
    from aligner.console import duration

    if not now.done:
        return f"{duration(round(now.elapsed_s * 1000))} so far"
    each = now.elapsed_s / now.done
    left = duration(round(each * (now.todo - now.done) * 1000))
    return f"{3600 / each:.0f} an hour, {left} left"


class Board:
    """A table that is redrawn while the batch runs."""

    def __init__(self, batch: Batch, as_json: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self._batch, self._as_json = batch, as_json
        self._latest: list[tuple[str, str, str]] = []
        self._live: Live = Live(
            console=Console(stderr=True), get_renderable=self._table, refresh_per_second=2,
            transient=True,
        )  # fmt: skip

    def __enter__(self) -> Board:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def add(self, done: Done) -> None:
        outcome = done.outcome
        self._latest = [*self._latest, (outcome.status, outcome.source, outcome.reason)][-LATEST:]
        if self._as_json or not sys.stdout.isatty():
            say(done, self._as_json)

    def _table(self) -> Table:
        from rich.table import Table

        now = self._batch.snapshot()
        made = Table(box=None, pad_edge=False, title=f"{now.done} of {now.todo}, {pace(now)}")
        made.title_justify = "left"
        for column in ("status", "article", "reason"):
            made.add_column(column, overflow="ellipsis", no_wrap=True)
        _rows(made, self._latest)
        busy = ", ".join(f"{name} {count}" for name, count in now.busy.items() if count)
        _rows(made, [("", "", ""), ("at work", busy, ""), ("all", summary(now.counts), "")])
        return made


def _rows(table: Table, rows: Sequence[tuple[str, ...]]) -> None:
    from rich.text import Text

    from aligner.console import plain

    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
