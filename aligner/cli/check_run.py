"""Runs `aligner check`: checks sources, and prints the results.

JSON lines and CSV rows are printed in the order of completion. The table, for people, is printed
at the end in the order given.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import click

from aligner._util.inert_text import cell, json_text
from aligner.cli import console, interrupt, logfile
from aligner.cli.exit_codes import SOME_FAILED
from aligner.cli.inputs import standard_input
from aligner.errors import BadSource, FeedGiven, PageUnavailable
from aligner.pipeline import check, source_lists
from aligner.pipeline.check import CheckedEntry
from aligner.pipeline.check.store import Findings
from aligner.pipeline.diagnosis import PLAYS
from aligner.pipeline.source import name_of
from aligner.pipeline.source_lists import entry_json
from aligner.types import CheckResult, DateRange, FeedItem, Listed, MediaLink, MediaState

if TYPE_CHECKING:
    from datetime import timedelta

    from aligner.cli.logfile import RunLog
    from aligner.pipeline.check import CheckOptions
    from aligner.pipeline.options import Options

Form = Literal["table", "json", "csv"]
CODES: dict[MediaState, int] = {"none": 3, "no_audio": 5}
"""The exit codes of a single source's states; 4 for all others that do not play."""


@dataclass(frozen=True, slots=True)
class CheckDisplay:
    """What is printed, and what counts as a failure."""

    form: Form = "table"
    show_all: bool = False
    quiet: bool = False
    fail_on: tuple[MediaState, ...] | None = None
    """States that count as a failure; None for the command's defaults."""
    log: Path | None = None
    """The file of --log."""


class Printer(Protocol):
    """Prints results."""

    def add(self, checked: CheckedEntry) -> None:
        """Print a result, or keep it until ``close``."""

    def close(self) -> None:
        """Print what is left, after the last result."""


@dataclass(frozen=True, slots=True)
class CheckInput:
    """Where the sources come from, sitemaps aside."""

    named: tuple[str, ...]
    lists: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True, slots=True)
class StoredResults:
    """Where results are stored, and how long they are valid."""

    folder: Path | None = None
    recheck_after: timedelta | None = None

    def opened(self, check_options: CheckOptions) -> AbstractContextManager[Findings | None]:
        """Open the results of runs with the same options. Raises OutputError, BadSource."""
        if self.folder is None:
            return nullcontext()
        chosen = {
            "probe": check_options.probe,
            "all": check_options.all_candidates,
            "embeds": check_options.embeds,
            "personal": check_options.web.net.is_personal,  # credentials change what a page shows
        }
        return Findings(self.folder, " ".join(name for name, on in chosen.items() if on))


def run(
    asked: CheckInput,
    options: Options,
    check_options: CheckOptions,
    show: CheckDisplay,
    stored: StoredResults,
) -> int:
    """Check sources and print the results; returns the exit code."""
    with (
        logfile.opened(show.log, "check") as log,
        stored.opened(check_options) as findings,
        check.ListChecker(options, check_options, findings, stored.recheck_after) as checks,
    ):
        entries = _entries(asked, checks, check_options.window)
        first = list(islice(entries, 2))
        alone = first[0] if len(first) == 1 and not check_options.sitemaps else None
        todo: Iterable[Listed] = chain(first, entries)
        if alone and not alone.trouble and isinstance(alone.source, str) and findings is None:
            try:
                found = _single(alone.source, options, check_options, show.quiet)
            except FeedGiven as many:
                todo = (replace(alone, source=i) for i in _within(many, check_options.window))
            else:
                printer = _printer(show, log)
                printer.add(CheckedEntry(found, alone, 0, time.time()))
                printer.close()
                return exit_code(found, show.fail_on, single=True)
        return _run_many(todo, checks, show, _printer(show, log), alone)


def _entries(asked: CheckInput, checks: check.ListChecker, window: DateRange) -> Iterator[Listed]:
    """Yields all sources, each once. Raises BadSource, PageUnavailable for an invalid list."""

    def listed() -> Iterator[Listed]:
        yield from map(Listed, asked.named)
        for given in asked.lists:
            get = checks.session.fetch_list
            yield from source_lists.read(given, standard_input(), get, window, asked.column)

    seen: set[str] = set()
    for entry in listed():
        name = name_of(entry.source)
        if name not in seen or entry.trouble:
            seen.add(name)
            yield entry


def _run_many(
    entries: Iterable[Listed],
    checks: check.ListChecker,
    show: CheckDisplay,
    printer: Printer,
    alone: Listed | None,
) -> int:
    """Check many sources; ``alone`` is the only one given, if there is just one."""
    states: Counter[str] = Counter()
    code = remembered = 0
    with console.counter(None, "checked", show.quiet) as tick:
        for checked in checks.results(entries):
            interrupt.raise_if_interrupted()
            printer.add(checked)
            found, single = checked.finding, checked.entry is alone
            states[found.state] += 1
            remembered += checked.remembered
            code = max(code, exit_code(found, show.fail_on, single=single))
            tick()
    printer.close()
    if not show.quiet:
        known = f"; {remembered} of them found earlier" if remembered else ""
        click.echo(f"{summary(states)}{known}", err=True)
    return code


def _within(many: FeedGiven, window: DateRange) -> tuple[FeedItem, ...]:
    """Returns a feed's articles in a range of time. Raises BadSource if there are none."""
    if items := check.within(many, window):
        return items
    raise BadSource(many.source, "a feed without articles, or with none of that time")


def _single(source: str, options: Options, check_options: CheckOptions, quiet: bool) -> CheckResult:
    """Check the only source. Raises BadSource, FeedGiven."""
    with console.progress(source, quiet) as progress:
        try:
            return check.check(
                source, options, interrupt.InterruptibleProgress(progress), check_options
            )
        except PageUnavailable as error:
            return check.failed_check(source, error)


def exit_code(found: CheckResult, fail_on: tuple[MediaState, ...] | None, single: bool) -> int:
    """Returns the exit code for one result."""
    if not found.answered:
        return 1 if single else SOME_FAILED
    failed = found.state not in PLAYS if single else False
    if fail_on is not None:
        failed = found.state in fail_on
    if not failed:
        return 0
    return CODES.get(found.state, 4) if single else SOME_FAILED


def summary(states: Counter[str]) -> str:
    """Returns the number of sources for each state, largest first."""
    parts = [f"{count} {state}" for state, count in states.most_common()]
    return f"{states.total()} sources: {', '.join(parts) or 'none'}"


def _printer(show: CheckDisplay, log: RunLog) -> Printer:
    if show.form == "json":
        return _Logged(_JsonPrinter(show.show_all), log)
    return _Logged(_CsvRows() if show.form == "csv" else _Table(show.show_all), log)


class _Logged:
    """Prints results with another printer, and logs them."""

    def __init__(self, inner: Printer, log: RunLog) -> None:
        self._inner, self._log = inner, log

    def add(self, checked: CheckedEntry) -> None:
        self._inner.add(checked)
        found = checked.finding
        self._log.event(
            "source", source=found.source, state=found.state, http_status=found.http_status,
            reason=found.reason, remembered=checked.remembered,
        )  # fmt: skip

    def close(self) -> None:
        self._inner.close()


# ---------------------------------------------------------------- for programs


class _JsonPrinter:
    def __init__(self, show_all: bool) -> None:
        self._show_all = show_all

    def add(self, checked: CheckedEntry) -> None:
        made = as_json(checked.finding, self._show_all) | {
            "listed": entry_json.report_fields(entry_json.encode(checked.entry)),
            "checked": entry_json.utc_iso(checked.at),
            "remembered": checked.remembered,
        }
        click.echo(json_text(made))

    def close(self) -> None: ...


def as_json(found: CheckResult, show_all: bool) -> dict[str, Any]:
    """Returns a result in the schema aligner-check/1."""
    said, probed = found.declared, found.probed
    media = _media_json(found.media) if found.media else None
    if media and probed:
        media |= {
            "duration_ms": probed.duration_ms or media["duration_ms"],
            "bytes": probed.bytes,
            "bitrate": probed.bitrate,
            "container": probed.container,
        }
    made: dict[str, Any] = {
        "schema": "aligner-check/1",
        "source": found.source,
        "listed_in": found.listed_in,
        "url": found.url,
        "title": found.title,
        "language": found.language,
        "state": found.state,
        "reason": found.reason,
        "http_status": found.http_status,
        "declared": {
            "duration_ms": said.duration_ms,
            "title": said.title,
            "says_no_media": said.says_no_media,
        },
        "media": media,
    }
    if show_all:
        made["candidates"] = [_media_json(c) | {"why": c.why} for c in found.candidates]
    return made


def _media_json(link: MediaLink) -> dict[str, Any]:
    return {
        "url": link.url, "kind": link.kind, "found_by": link.found_by, "relation": link.relation,
        "duration_ms": link.declared_duration_ms, "bytes": None, "bitrate": None,
        "container": None,
        "qualities": [{"url": q.url, "label": q.label, "mime": q.mime} for q in link.qualities],
        "tracks": [{"url": t.url, "language": t.language, "kind": t.kind} for t in link.tracks],
    }  # fmt: skip


COLUMNS = (
    "source", "state", "kind", "media", "found_by", "duration_ms", "declared_duration_ms",
    "reason", "title", "language", "http_status", "list", "line", "checked", "remembered",
)  # fmt: skip


class _CsvRows:
    def __init__(self) -> None:
        self._out = csv.writer(sys.stdout, lineterminator="\n")
        self._out.writerow(COLUMNS)

    def add(self, checked: CheckedEntry) -> None:
        found = checked.finding
        m, probed = found.media, found.probed
        self._out.writerow(map(cell, (
            found.source, found.state, m and m.kind, m and m.url, m and m.found_by,
            probed and probed.duration_ms, found.declared.duration_ms,
            found.reason, found.title, found.language, found.http_status,
            checked.entry.in_list, checked.entry.line, entry_json.utc_iso(checked.at),
            "yes" if checked.remembered else "no",
        )))  # fmt: skip
        sys.stdout.flush()

    def close(self) -> None: ...


# ---------------------------------------------------------------- for people


class _Table:
    def __init__(self, show_all: bool) -> None:
        self._rows: dict[int, list[tuple[str, ...]]] = {}
        self._show_all = show_all

    def add(self, checked: CheckedEntry) -> None:
        rows = [_row(checked.finding)]
        if self._show_all:
            rows += map(_candidate_row, checked.finding.candidates)
        self._rows[checked.number] = rows

    def close(self) -> None:
        rows = [row for place in sorted(self._rows) for row in self._rows[place]]
        console.table(("article", "state", "kind", "length", "found by", "reason"), rows)


def _row(found: CheckResult) -> tuple[str, ...]:
    media = found.media
    length = found.probed.duration_ms if found.probed else None
    length = length or (media and media.declared_duration_ms) or found.declared.duration_ms
    article = f"{found.title}\n{found.source}" if found.title else found.source
    kind, found_by = (media.kind, media.found_by) if media else ("", "")
    return article, found.state, kind, console.duration(length), found_by, found.reason


def _candidate_row(link: MediaLink) -> tuple[str, ...]:
    length = console.duration(link.declared_duration_ms)
    return f"  {link.url}", f"({link.relation})", link.kind, length, link.found_by, link.why
