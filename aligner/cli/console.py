"""Progress on standard error, and results as tables and sentences.

Progress is a bar on a terminal, elsewhere a plain line for each stage.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

    from aligner.pipeline.progress import Progress
    from aligner.types import Captions, Cue

RESULT_SCHEMA = "aligner-result/1"
"""What `caption --json` and `batch --json` print for each source."""
STAGES = {
    "page": "reading the page",
    "find": "looking for media",
    "probe": "probing the media",
    "download": "downloading",
    "decode": "decoding",
    "model": "getting the speech model",
    "listen": "transcribing",
    "match": "matching speech and article",
    "timing": "timing words",
    "embed": "putting the captions into the video",
    "burn": "drawing the captions into the picture",
}


MEASURED_IN_BYTES = ("download", "model")
"""Stages whose progress is told in megabytes too."""


def strip_control_chars(text: str) -> str:
    """Returns text without control characters; titles and errors come from untrusted pages."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


USER = re.compile(r"(://)[^/\s@]+@")
SECRET = re.compile(
    r"""([?&;][\w.-]*(?:token|signature|secret|passw|api-?_?key|access_?key|auth|sig|jwt|session)"""
    r"""[\w.-]*=)[^&#;\s'"]+""",
    re.IGNORECASE,
)


def redact_secrets(text: str) -> str:
    """Returns text without control characters, and without passwords and tokens in addresses."""
    return SECRET.sub(r"\1...", USER.sub(r"\1...@", strip_control_chars(text)))


class LogLines(logging.Formatter):
    """Formats log records without control characters and secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_secrets(super().format(record))


@contextmanager
def progress(label: str, quiet: bool) -> Iterator[Progress]:
    """Yields the progress display that suits standard error."""
    from aligner.pipeline.progress import NullProgress

    if quiet:
        yield NullProgress()
    elif sys.stderr.isatty():
        with Bar(label) as bar:
            yield bar
    else:
        yield LineProgress(label)


class LineProgress:
    """Prints a line for each stage, and every ten seconds within a stage."""

    def __init__(self, label: str) -> None:
        self.label, self.name = redact_secrets(label), ""
        self.began = self.said = time.monotonic()

    def stage(self, name: str) -> None:
        self.name, self.said = name, time.monotonic()
        print(f"{self.label}: {STAGES[name]}", file=sys.stderr, flush=True)

    def advance(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if total and now - self.said >= 10:
            self.said = now
            share = f"{min(1.0, done / total):.0%}{_megabytes(self.name, done, total)}"
            print(f"{self.label}: {STAGES[self.name]} {share}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        print(f"{self.label}: {redact_secrets(text)}", file=sys.stderr, flush=True)


def _megabytes(stage: str, done: int, total: int | None) -> str:
    """Returns ", 12 of 145 MB" for a stage that is measured in bytes, else nothing."""
    if stage not in MEASURED_IN_BYTES or not total:
        return ""
    return f", {done / 1e6:,.0f} of {total / 1e6:,.0f} MB"


class Bar:
    """Shows a progress bar for the current stage."""

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self.bars: Bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.label, self.name = redact_secrets(label), ""
        self.task = self.bars.add_task(self.label, total=None)

    def __enter__(self) -> Bar:
        self.bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bars.stop()

    def stage(self, name: str) -> None:
        self.name = name
        self.bars.reset(self.task, description=f"{self.label}: {STAGES[name]}", total=None)

    def advance(self, done: int, total: int | None) -> None:
        self.bars.update(self.task, completed=done, total=total)
        if amount := _megabytes(self.name, done, total):
            said = f"{self.label}: {STAGES[self.name]}{amount}"
            self.bars.update(self.task, description=said)

    def note(self, text: str) -> None:
        self.bars.console.print(f"{self.label}: {redact_secrets(text)}", markup=False)


@contextmanager
def counter(total: int | None, what: str, quiet: bool) -> Iterator[Callable[[], None]]:
    """Yields a function to call for each of many that is done; shows the count."""
    if quiet:
        yield lambda: None
    elif sys.stderr.isatty():
        with Bar(what) as bar:
            done = count(1)
            yield lambda: bar.advance(next(done), total)
    else:
        yield PlainCounter(total, what).tick


class PlainCounter:
    """Prints the count every ten seconds."""

    def __init__(self, total: int | None, what: str) -> None:
        self.total, self.what, self.done = total, what, 0
        self.said = time.monotonic()

    def tick(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.said >= 10:
            self.said = now
            whole = "" if self.total is None else f" of {self.total}"
            print(f"{self.done}{whole} {self.what}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------- results


def console() -> Console:
    """Returns a console for standard output, 200 columns wide if it is not a terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows under their headings on standard output."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(strip_control_chars(cell)) for cell in row))
    console().print(made)


def duration(ms: int | None) -> str:
    """Formats milliseconds as h:mm:ss, rounded to the second."""
    if ms is None:
        return ""
    seconds = round(ms / 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def show_captions(captions: Captions) -> None:
    """Print the cues with their start times."""
    for cue in captions.cues:
        show_cue(cue)


def show_cue(cue: Cue) -> None:
    """Print a cue with its start time."""
    clock = f"{duration(cue.start_ms)}  "
    print(clock + strip_control_chars(("\n" + " " * len(clock)).join(cue.lines)), flush=True)


class PartialCuePrinter:
    """Prints cues during recognition, and at the end those that have changed."""

    def __init__(self) -> None:
        self.shown: list[Cue] = []

    def tell(self, cue: Cue) -> None:
        """Print a cue."""
        self.shown.append(cue)
        show_cue(cue)

    def end(self, captions: Captions) -> None:
        """Print the remaining cues, and those that differ from what was printed."""
        until = self.shown[-1].end_ms if self.shown else 0
        known = {cue.lines for cue in self.shown}
        other = [c for c in captions.cues if c.start_ms < until and c.lines not in known]
        for cue in captions.cues:
            if cue.start_ms >= until:
                show_cue(cue)
        if other:
            print(f"{len(other)} of the cues shown have changed:", flush=True)
        for cue in other:
            show_cue(cue)
