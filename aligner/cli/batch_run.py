"""Runs `aligner batch`: captions articles, and shows progress and results."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from aligner._util.inert_text import json_text
from aligner.cli import interrupt
from aligner.cli.exit_codes import SOME_FAILED
from aligner.cli.inputs import standard_input

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from aligner.cli.logfile import RunLog
    from aligner.jobs import Batch, BatchOptions, Done, Snapshot
    from aligner.pipeline.options import Options
    from aligner.types import DateRange, Listed

LATEST = 8
"""Number of results in the live table."""
SAID_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class BatchInput:
    """Where the sources come from."""

    lists: tuple[str, ...]
    sitemaps: tuple[str, ...]
    column: str | None
    window: DateRange


@dataclass(frozen=True, slots=True)
class BatchDisplay:
    """What is printed, and what counts as a failure."""

    dry_run: bool
    as_json: bool
    quiet: bool
    fail_on: tuple[str, ...] | None = None
    """Statuses and states that make the exit code 7; None: any but "captioned" in this run."""
    log: Path | None = None
    """The file of --log."""


def run(asked: BatchInput, options: Options, how: BatchOptions, show: BatchDisplay) -> int:
    """Run a batch and print its results; returns the exit code."""
    from aligner._util import malloc
    from aligner._util.concurrency import limit_blas_threads
    from aligner.cli import logfile
    from aligner.jobs import Batch
    from aligner.jobs import dry_run as rehearsal
    from aligner.pipeline import source_lists

    malloc.claim()
    limit_blas_threads()
    for given in (*asked.lists, *asked.sitemaps):
        source_lists.expect(given)
    interrupt.gather_temporary_files()
    if show.dry_run:
        with rehearsal(options, how) as batch:
            batch.enter(_sources(asked, batch))
            return _say_plan(batch)
    with logfile.opened(show.log, "batch") as log, Batch(options, how) as batch:
        _say_aside(batch)
        log.event("listed", to_do=batch.enter(_sources(asked, batch)))
        done_here = _do(batch, show, log)
        paths = batch.write_reports()
        counts = batch.snapshot().counts
        if not show.quiet:
            new = "" if done_here else "nothing was to be done; "
            click.echo(f"{summary(counts)}; {new}{paths[1]}", err=True)
            _say_busy(batch)
        code = _exit_code(batch, done_here, show)
        log.event("summary", statuses=counts, report=paths[0], exit_code=code)
        return code


def _do(batch: Batch, show: BatchDisplay, log: RunLog) -> set[str]:
    """Caption the articles and show each result; returns the set of their statuses."""
    statuses: set[str] = set()
    with _shown(batch, show) as shown:
        for done in batch.results():
            interrupt.raise_if_interrupted()
            shown.add(done)
            statuses.add(done.outcome.status)
            told = as_json(done)
            del told["files"]  # their names come from addresses, which may contain tokens
            log.event("article", **told)
    return statuses


def _exit_code(batch: Batch, done_here: set[str], show: BatchDisplay) -> int:
    """Returns the exit code, for this run's articles, or for the whole list with --fail-on."""
    if show.fail_on is None:
        failed = not done_here <= {"captioned"}
    else:
        failed = batch.ledger.has_ended(show.fail_on)
    return SOME_FAILED if failed else 0


def _sources(asked: BatchInput, batch: Batch) -> Iterator[Listed]:
    """Yields the entries of all lists. Raises BadSource, PageUnavailable for an invalid list."""
    from aligner.pipeline import source_lists

    get = batch.session.fetch_list
    for given in asked.lists:
        yield from source_lists.read(given, standard_input(), get, asked.window, asked.column)
    for given in asked.sitemaps:
        yield from source_lists.sitemap(given, get, asked.window)


def _say_plan(batch: Batch) -> int:
    """Print what a run would do; returns the exit code."""
    from aligner.cli.console import strip_control_chars
    from aligner.pipeline.source_lists import entry_json

    for item in batch.ledger.wanted():
        how = f"go on after step {item.step}" if item.step else "caption"
        if item.last in ("captioned", "speech_only") and not item.step:
            how = "write what is missing"
        if item.status != "queued":
            when = f" of {entry_json.utc_iso(item.ended)}" if item.ended else ""
            how = f"do again ({item.status}{when})"
        how = batch.intent(item) or how
        click.echo(strip_control_chars(f"{item.key}: would {how}: {item.name}.*"))
    counts = batch.snapshot().counts
    click.echo(f"{batch.todo} to do; {summary(counts)}", err=True)
    return 0


def _say_aside(batch: Batch) -> None:
    if batch.ledger.put_aside:
        click.echo(
            f"aligner: the job database was damaged, and was renamed to {batch.ledger.put_aside}; "
            "results in the folder count as done",
            err=True,
        )


def _say_busy(batch: Batch) -> None:
    if busy := batch.ledger.busy_elsewhere():
        click.echo(f"another run is working on {busy} more", err=True)


def summary(counts: dict[str, int]) -> str:
    """Returns the number of articles for each status, largest first."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    parts = ", ".join(f"{count} {status}" for status, count in ordered)
    return f"{sum(counts.values())} articles: {parts or 'none'}"


# ---------------------------------------------------------------- while it runs


class ResultPrinter(Protocol):
    """Shows results as they come."""

    def add(self, done: Done) -> None:
        """Show an article's result."""


@contextmanager
def _shown(batch: Batch, show: BatchDisplay) -> Iterator[ResultPrinter]:
    """Yields a live table on a terminal, otherwise plain lines."""
    if not show.quiet and sys.stderr.isatty():
        with LiveTable(batch, show.as_json) as board:
            yield board
    else:
        yield ResultLines(batch, show)


class ResultLines:
    """Prints a line for each result, and progress on standard error every ten seconds."""

    def __init__(self, batch: Batch, show: BatchDisplay) -> None:
        self._batch, self._show, self._said = batch, show, time.monotonic()

    def add(self, done: Done) -> None:
        say(done, self._show.as_json)
        now = time.monotonic()
        if not self._show.quiet and now - self._said >= SAID_EVERY_S:
            self._said = now
            print_progress(self._batch.snapshot())


def say(done: Done, in_json: bool) -> None:
    """Print one result on standard output."""
    from aligner.cli.console import RESULT_SCHEMA, strip_control_chars

    outcome = done.outcome
    if in_json:
        click.echo(json_text({"schema": RESULT_SCHEMA} | as_json(done)))
    else:
        click.echo(strip_control_chars(f"{outcome.source}: {outcome.status}: {outcome.reason}"))


def as_json(done: Done) -> dict[str, Any]:
    """Returns one result as a JSON object."""
    outcome = done.outcome
    return {
        "source": outcome.source, "status": outcome.status, "reason": outcome.reason,
        "state": outcome.state, "http_status": outcome.http_status,
        "files": list(done.files), "spent_ms": done.spent_ms,
    }  # fmt: skip


def print_progress(now: Snapshot) -> None:
    """Print a batch's progress on standard error."""
    click.echo(f"{now.done} of {now.todo} done, {pace(now)}", err=True)


def pace(now: Snapshot) -> str:
    """Returns a batch's speed, and the time that is left."""
    from aligner.cli.console import duration

    if not now.done:
        return f"{duration(round(now.elapsed_s * 1000))} so far"
    each = now.elapsed_s / now.done
    left = duration(round(each * (now.todo - now.done) * 1000))
    return f"{3600 / each:.0f} an hour, {left} left"


class LiveTable:
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

    def __enter__(self) -> LiveTable:
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
        made.add_column("status", no_wrap=True)
        for column in ("article", "reason"):  # these give way on a narrow terminal
            made.add_column(column, overflow="ellipsis")
        _rows(made, self._latest)
        busy = ", ".join(f"{name} {count}" for name, count in now.busy.items() if count)
        _rows(made, [("", "", ""), ("at work", busy, ""), ("all", summary(now.counts), "")])
        return made


def _rows(table: Table, rows: Sequence[tuple[str, ...]]) -> None:
    from rich.text import Text

    from aligner.cli.console import strip_control_chars

    for row in rows:
        cells = (Text(strip_control_chars(cell), no_wrap=True) for cell in row)
        table.add_row(*cells)
