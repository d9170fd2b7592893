"""Findings -> what `aligner check` prints, and its exit code.

JSON lines and CSV rows are printed as results come, in the order of their completion; the table
is for people, comes at the end and keeps the order that was given.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import click

from aligner import checking
from aligner.cli import console, interrupt
from aligner.cli.ending import SOME_FAILED
from aligner.diagnosis import PLAYS
from aligner.errors import BadSource, ManyArticles, PageUnavailable
from aligner.nouns import FeedItem, Finding, MediaLink, MediaState, Source, Window
from aligner.pipeline import name_of

if TYPE_CHECKING:
    from aligner.checking import Looking
    from aligner.pipeline import Options

Form = Literal["table", "json", "csv"]
CODES: dict[MediaState, int] = {"none": 3, "no_audio": 5}
"""What a single source's state ends with; all others that do not play end with 4."""


@dataclass(frozen=True, slots=True)
class Show:
    """What to print, and what counts as a failure."""

    form: Form = "table"
    show_all: bool = False
    quiet: bool = False
    fail_on: tuple[MediaState, ...] | None = None
    """States that count as a failure; None for the command's own ways."""


class Printer(Protocol):
    """Where findings go."""

    def add(self, found: Finding) -> None:
        """A finding is there."""

    def close(self) -> None:
        """There are no more."""


def run(todo: Sequence[str], options: Options, looking: Looking, show: Show) -> int:
    """Check sources, print what comes out -> the exit code."""
    if len(todo) == 1 and not looking.sitemaps:
        try:
            found = _single(todo[0], options, looking, show.quiet)
        except ManyArticles as many:
            return _run_many(_within(many, looking.window), options, looking, show)
        printer = _printer(show)
        printer.add(found)
        printer.close()
        return exit_code(found, show.fail_on, single=True)
    return _run_many(todo, options, looking, show)


def _run_many(todo: Sequence[Source], options: Options, looking: Looking, show: Show) -> int:
    states: Counter[str] = Counter()
    code = 0
    printer = _printer(show, [*map(name_of, todo)])
    total = None if looking.sitemaps else len(todo)
    with console.counter(total, "checked", show.quiet) as tick:
        for found in checking.check_all(todo, options, looking):
            interrupt.heed()
            printer.add(found)
            states[found.state] += 1
            code = max(code, exit_code(found, show.fail_on, single=False))
            tick()
    printer.close()
    if not show.quiet:
        click.echo(summary(states), err=True)
    return code


def _within(many: ManyArticles, window: Window) -> tuple[FeedItem, ...]:
    """A feed's articles of a span of time. Raises BadSource if there are none."""
    if items := checking.within(many, window):
        return items
    raise BadSource(many.source, "a feed without articles, or with none of that time")


def _single(source: str, options: Options, looking: Looking, quiet: bool) -> Finding:
    """The finding of the only source. Raises BadSource, ManyArticles."""
    with console.progress(source, quiet) as progress:
        try:
            return checking.check(source, options, interrupt.Heeding(progress), looking)
        except PageUnavailable as error:
            return checking.unreadable(source, error)


def exit_code(found: Finding, fail_on: tuple[MediaState, ...] | None, single: bool) -> int:
    """What one finding means for the exit code."""
    if not found.answered:
        return 1 if single else SOME_FAILED
    failed = found.state not in PLAYS if single else False
    if fail_on is not None:
        failed = found.state in fail_on
    if not failed:
        return 0
    return CODES.get(found.state, 4) if single else SOME_FAILED


def summary(states: Counter[str]) -> str:
    """How many sources ended in which state, most first."""
    parts = (f"{count} {state}" for state, count in states.most_common())
    return f"{states.total()} sources: {', '.join(parts)}"


def _printer(show: Show, todo: Sequence[str] = ()) -> Printer:
    if show.form == "json":
        return _JsonLines(show.show_all)
    return _CsvRows() if show.form == "csv" else _Table(todo, show.show_all)


# ---------------------------------------------------------------- for programs


class _JsonLines:
    def __init__(self, show_all: bool) -> None:
        self._show_all = show_all

    def add(self, found: Finding) -> None:
        click.echo(json.dumps(as_json(found, self._show_all), ensure_ascii=False))

    def close(self) -> None: ...


def as_json(found: Finding, show_all: bool) -> dict[str, Any]:
    """A finding as schema aligner-check/1."""
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
    "reason", "title", "language",
)  # fmt: skip


class _CsvRows:
    def __init__(self) -> None:
        self._out = csv.writer(sys.stdout, lineterminator="\n")
        self._out.writerow(COLUMNS)

    def add(self, found: Finding) -> None:
        m, probed = found.media, found.probed
        self._out.writerow((
            found.source, found.state, m and m.kind, m and m.url, m and m.found_by,
            probed and probed.duration_ms, found.declared.duration_ms,
            found.reason, found.title, found.language,
        ))  # fmt: skip
        sys.stdout.flush()

    def close(self) -> None: ...


# ---------------------------------------------------------------- for people


class _Table:
    def __init__(self, todo: Sequence[str], show_all: bool) -> None:
        self._place = {source: place for place, source in enumerate(todo)}
        self._rows: dict[int, list[tuple[str, ...]]] = {}
        self._show_all = show_all

    def add(self, found: Finding) -> None:
        rows = [_row(found)]
        if self._show_all:
            rows += map(_candidate_row, found.candidates)
        self._rows[self._place.setdefault(found.source, len(self._place))] = rows

    def close(self) -> None:
        rows = [row for place in sorted(self._rows) for row in self._rows[place]]
        console.table(("article", "state", "kind", "length", "found by", "reason"), rows)


def _row(found: Finding) -> tuple[str, ...]:
    media = found.media
    length = found.probed.duration_ms if found.probed else None
    length = length or (media and media.declared_duration_ms) or found.declared.duration_ms
    article = f"{found.title}\n{found.source}" if found.title else found.source
    kind, found_by = (media.kind, media.found_by) if media else ("", "")
    return article, found.state, kind, console.duration(length), found_by, found.reason


def _candidate_row(link: MediaLink) -> tuple[str, ...]:
    length = console.duration(link.declared_duration_ms)
    return f"  {link.url}", f"({link.relation})", link.kind, length, link.found_by, link.why
