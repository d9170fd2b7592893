"""Runs `aligner audit`: compares captions with their recordings, and prints the findings."""

from __future__ import annotations

import csv
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import click

from aligner._util.concurrency import in_order
from aligner._util.inert_text import cell, json_text
from aligner.captions import store as caption_store
from aligner.cli import audit_page, console, interrupt
from aligner.cli.exit_codes import SOME_FAILED
from aligner.cli.inputs import standard_input
from aligner.errors import AlignerError, BadSource, Cancelled, FeedGiven, OutputError
from aligner.net import client
from aligner.pipeline import source_lists
from aligner.pipeline.audit.as_json import audit_json
from aligner.pipeline.audit.folder import recording_beside, tasks_of_folder
from aligner.pipeline.audit.hearing import Hearing
from aligner.pipeline.audit.store import AuditStore
from aligner.pipeline.audit.tasks import AuditTask, audit_task, failed_audit, is_caption_file
from aligner.pipeline.options import Options
from aligner.pipeline.progress import CancelToken, Progress, watched
from aligner.pipeline.resources import Resources, for_one_article
from aligner.pipeline.source import is_address
from aligner.types import Json, Page

Form = Literal["table", "json", "csv"]
COLUMN = "captions"
SHOWN = 5
"""So many findings of a kind are printed; JSON and HTML have them all."""


@dataclass(frozen=True, slots=True)
class AuditInput:
    """What is audited."""

    sources: tuple[str, ...]
    media: str | None = None
    article: str | None = None
    listed: str | None = None
    state: Path | None = None
    jobs: int = 1
    """Sources at the same time; one of them is recognised, the others are downloaded."""

    def tasks(self, read_list: source_lists.Read) -> Iterator[AuditTask]:
        """Yields the tasks. ``read_list`` reads lists from addresses.

        Raises BadSource, PageUnavailable for a list that cannot be read.
        """
        for source in self.sources:
            yield from self._of_source(source)
        if self.listed is None:
            return
        for entry in source_lists.read(self.listed, standard_input(), read_list, column=COLUMN):
            if entry.trouble:
                raise BadSource(entry.place or self.listed, entry.trouble)
            columns = {name.lower(): str(value) for name, value in entry.columns.items()}
            given = columns.get("media") or None, columns.get("article") or None
            yield AuditTask(entry.source, *given)

    def _of_source(self, source: str) -> Iterator[AuditTask]:
        """Yields the task of a source, or those of a folder. Raises BadSource."""
        if is_address(source) or not Path(source).is_dir():
            media = self.media
            if media is None and is_caption_file(source):
                beside = recording_beside(Path(source))
                media = str(beside) if beside else None
            yield AuditTask(source, media, self.article)
            return
        beside_it = [
            _folder(name, value)
            for name, value in (("--media", self.media), ("--article", self.article))
        ]
        found = list(tasks_of_folder(Path(source), *beside_it))
        if not found:
            raise BadSource(source, "a folder without caption files or saved pages")
        yield from found


def _folder(option: str, given: str | None) -> Path | None:
    """Returns the folder of an option that goes with a folder. Raises BadSource."""
    if given is None or Path(given).is_dir():
        return Path(given) if given else None
    raise BadSource(given, f"not a folder; {option} of a folder is a folder too")


@dataclass(frozen=True, slots=True)
class AuditDisplay:
    """What is printed and written, and what counts as a failure."""

    form: Form = "table"
    html: Path | None = None
    fail_on: tuple[str, ...] = ()
    quiet: bool = False


def run(asked: AuditInput, options: Options, show: AuditDisplay) -> int:
    """Audit all sources and print the findings; returns the exit code.

    Raises the error of a single source that cannot be audited, and BadSource, OutputError.
    """

    def read_list(url: str) -> Page:
        with client.Session(client.WebOptions(options.allow_private, net=options.net)) as session:
            return session.fetch_list(url)

    tasks = list(dict.fromkeys(asked.tasks(read_list)))
    interrupt.gather_temporary_files()
    how = f"{options.engine} {options.model} {options.language} {options.profile}"
    stored = AuditStore(asked.state, how) if asked.state else None
    printer = _Printer(show.form)
    auditor = _Auditor(options, for_one_article(options), stored, show.quiet)
    try:
        for made in auditor.results(tasks, asked.jobs):
            printer.add(made)
    finally:
        auditor.resources.settle()
    printer.close()
    if show.html:
        caption_store.atomic_write(show.html, audit_page.page(printer.made))
    if any(made["verdict"] in show.fail_on for made in printer.made):
        return 1
    return SOME_FAILED if auditor.failed else 0


@dataclass(slots=True)
class _Auditor:
    """Audits sources, several at the same time, and remembers whether one could not be."""

    options: Options
    resources: Resources
    stored: AuditStore | None
    quiet: bool
    failed: bool = False
    cancel: CancelToken = field(default_factory=CancelToken)
    recognising: threading.Lock = field(default_factory=threading.Lock)

    def results(self, tasks: Sequence[AuditTask], jobs: int) -> Iterator[Json]:
        """Yields the results in the order of the tasks; the items of feeds come last.

        Raises the error of a single source, OutputError.
        """
        if len(tasks) == 1:
            try:
                with console.progress(tasks[0].name, self.quiet) as progress:
                    made = self._audited(tasks[0], interrupt.InterruptibleProgress(progress))
            except FeedGiven as feed:
                if not feed.items:
                    raise
                tasks = _items(feed)
            else:
                yield made
                return
        yield from self._many(tasks, jobs)

    def _many(self, tasks: Sequence[AuditTask], jobs: int) -> Iterator[Json]:
        """Yields the results of several sources; errors are results, but OutputError."""
        with console.counter(len(tasks), "audited", self.quiet) as tick:
            try:
                while tasks:
                    within: list[AuditTask] = []
                    for found in in_order(self._result, tasks, jobs):
                        interrupt.raise_if_interrupted()
                        if isinstance(found, FeedGiven):
                            within += _items(found)
                            continue
                        self.failed |= found["verdict"] == "error"
                        tick()
                        yield found
                    tasks = within
            finally:
                self.cancel.cancel()

    def _result(self, task: AuditTask) -> Json | FeedGiven:
        """Returns the result of a task; that a source is a feed is told as what it is."""
        try:
            return self._audited(task, None)
        except FeedGiven as feed:
            return feed
        except (OutputError, Cancelled):
            raise
        except AlignerError as error:
            return audit_json(failed_audit(task, error))

    def _audited(self, task: AuditTask, progress: Progress | None) -> Json:
        """Returns the result of a task, from an earlier run if nothing has changed."""
        if self.stored and (known := self.stored.known(task)):
            return known
        with watched(progress, self.cancel) as watching:
            hearing = Hearing(self.options, self.resources, watching, self.recognising)
            made = audit_json(audit_task(task, hearing))
        if self.stored:
            self.stored.keep(task, made)
        return made


def _items(feed: FeedGiven) -> list[AuditTask]:
    return [AuditTask(item) for item in feed.items]


# ---------------------------------------------------------------- printing

COLUMNS = (
    "source", "media", "verdict", "reason", "offset_at_start_ms", "offset_at_end_ms",
    "frame_rates", "jumps", "uncaptioned_ms", "speech_ms", "nobody_speaks", "differences",
    "word_error", "accuracy", "unsure", "cues", "valid",
)  # fmt: skip


@dataclass(slots=True)
class _Printer:
    """Prints results as they come; the table at the end."""

    form: Form
    made: list[Json] = field(default_factory=list)

    def add(self, made: Json) -> None:
        if self.form == "csv":
            out = csv.writer(sys.stdout, lineterminator="\n")
            if not self.made:
                out.writerow(COLUMNS)
            out.writerow(map(cell, _values(made)))
            sys.stdout.flush()
        elif self.form == "json":
            click.echo(json_text(made))
        self.made.append(made)

    def close(self) -> None:
        if self.form != "table":
            return
        if len(self.made) == 1:
            for line in sentences(self.made[0]):
                click.echo(console.strip_control_chars(line))
            return
        rows = [tuple(str(part) for part in _row(made)) for made in self.made]
        console.table(("captions", "verdict", "offset", "uncaptioned", "accuracy", "reason"), rows)


def _values(made: Json) -> tuple[object, ...]:
    clock, words, lint = made["clock"] or {}, made["words"] or {}, made["lint"] or {}
    return (
        made["source"], made["media"], made["verdict"], made["reason"],
        clock.get("offset_at_start_ms"), clock.get("offset_at_end_ms"), clock.get("frame_rates"),
        len(clock.get("jumps", ())), made["uncaptioned_ms"], made["speech_ms"],
        len(made["nobody_speaks"]), len(made["differences"]), words.get("word_error"),
        words.get("accuracy"), words.get("unsure"), made["cues"], lint.get("valid"),
    )  # fmt: skip


def _row(made: Json) -> tuple[str, ...]:
    clock, words = made["clock"], made["words"]
    return (
        made["source"], made["verdict"],
        f"{clock['offset_at_start_ms'] / 1000:+.2f} s" if clock else "",
        f"{made['uncaptioned_ms'] / 1000:.1f} s" if words else "",
        f"{words['accuracy']:.1%}" if words else "", made["reason"],
    )  # fmt: skip


def sentences(made: Json) -> Iterator[str]:
    """Yields the findings on one file for people, the most serious ones first."""
    yield f"{made['source']}: {made['verdict']}: {made['reason']}"
    for one in made["differences"][:SHOWN]:
        sure = "" if one["sure"] else " (not sure)"
        yield (
            f"  {one['matter']} at {_clock(one['start_ms'])}, cue {one['cue']}:"
            f" {one['captions']!r}, in the article {one['article']!r}{sure}"
        )
    yield from _more(made["differences"])
    if made["clock"]:
        yield from (f"  {line}" for line in clock_sentences(made["clock"]))
    for start, end in made["uncaptioned"][:SHOWN]:
        yield f"  no captions: {_clock(start)} to {_clock(end)}, {(end - start) / 1000:.1f} s"
    yield from _more(made["uncaptioned"])
    for one in made["nobody_speaks"][:SHOWN]:
        yield f"  nobody speaks at {_clock(one['start_ms'])}, cue {one['cue']}: {one['text']}"
    yield from _more(made["nobody_speaks"])
    yield from _words(made)
    if made["lint"]:
        broken = [name for name, rule in made["lint"]["rules"].items() if rule["share"] < 1]
        valid = "valid" if made["lint"]["valid"] else "not valid"
        yield f"  {valid}; rules broken: {', '.join(broken) or 'none'}"


def _words(made: Json) -> Iterator[str]:
    words, sure = made["words"], [one for one in made["errors"] if one["sure"]]
    if not words:
        return
    yield (
        f"  words: {words['word_error']:.2%} wrong ({words['wrong']} wrong, {words['missing']}"
        f" missing, {words['added']} added of {words['spoken']} spoken), {words['unsure']} not sure"
    )
    for one in sorted(sure, key=lambda one: one["matter"] is None)[:SHOWN]:
        heard = f", heard {one['heard']!r}" if one["heard"] else ""
        shown = f" {one['captions']!r}" if one["captions"] else ""
        yield f"  {one['kind']} at {_clock(one['start_ms'])}, cue {one['cue']}:{shown}{heard}"
    yield from _more(sure)


def _more(found: list[object]) -> Iterator[str]:
    if len(found) > SHOWN:
        yield f"    and {len(found) - SHOWN} more"


def clock_sentences(clock: Json) -> Iterator[str]:
    """Yields what is wrong with the clock of a file, for people."""
    start, end = clock["offset_at_start_ms"], clock["offset_at_end_ms"]
    if clock["ratio"] != 1:
        rates = clock["frame_rates"] or f"{(clock['ratio'] - 1) * 100:+.3f} %"
        yield f"drift: {rates}; {shift(start)} at the start, {shift(end)} at the end"
    else:
        yield f"offset: {shift(start)}"
    for jump in clock["jumps"]:
        place = f"{_clock(jump['from_ms'])} and {_clock(jump['to_ms'])}"
        more = "more" if jump["by_ms"] > 0 else "less"
        yield f"jump: between {place} the recording has {abs(jump['by_ms']) / 1000:.2f} s {more}"


def shift(ms: int) -> str:
    """Returns by how much cues are early or late."""
    if not ms:
        return "on time"
    return f"{abs(ms) / 1000:.2f} s {'early' if ms > 0 else 'late'}"


def _clock(ms: int) -> str:
    return console.duration(ms)
