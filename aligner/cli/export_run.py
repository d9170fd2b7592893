"""Runs `aligner export`: writes further formats from sidecars, and prints what was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os.path import isdir, isfile
from pathlib import Path

import click

from aligner._util.inert_text import json_text
from aligner.captions import store
from aligner.captions.formats import JSON, Look
from aligner.captions.profiles import Profile
from aligner.captions.store import ExportResult, StoredResult
from aligner.cli import console, interrupt
from aligner.cli.exit_codes import EXIT_CODES, SOME_FAILED, report_error
from aligner.errors import AlignerError, BadSource
from aligner.types import Json

SCHEMA = "aligner-export/1"


@dataclass(frozen=True, slots=True)
class LookChanges:
    """The parts of a result's look to change; None leaves a part as it was written."""

    styled: bool | None = None
    karaoke: bool | None = None
    mpegts: int | None = None

    def applied_to(self, look: Look) -> Look:
        """Returns a look with the changes."""
        return replace(
            look,
            styled=look.styled if self.styled is None else self.styled,
            karaoke=look.karaoke if self.karaoke is None else self.karaoke,
            mpegts=look.mpegts if self.mpegts is None else self.mpegts,
        )


@dataclass(frozen=True, slots=True)
class Export:
    """What to write, and where."""

    formats: tuple[str, ...]
    folder: Path | None
    """None for the folder of each result."""
    recursive: bool
    look: LookChanges
    profile: Profile | None
    """The standard for new cues; None keeps the cues of each result."""
    force: bool
    dry_run: bool
    as_json: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Item:
    """A sidecar, and the folder of its new files."""

    sidecar: Path
    folder: Path
    named: bool
    """Whether the user named the sidecar itself, not a folder."""

    @property
    def name(self) -> str:
        return self.sidecar.name.removesuffix(JSON.suffix)


def run(results: Sequence[Path], options: Export) -> int:
    """Export results one after the other, and return the exit code. Raises BadSource."""
    items = [item for given in results for item in _items(given, options)]
    _expect_distinct_names(items)
    if not items:
        raise BadSource(str(results[0]), "a folder without results")
    interrupt.gather_temporary_files()
    codes: list[int] = []
    with console.counter(len(items), "exported", options.quiet or len(items) == 1) as tick:
        for item in items:
            interrupt.raise_if_interrupted()
            codes += _one(item, options)
            tick()
    if not codes:
        raise BadSource(str(results[0]), "a folder without results")
    if len(codes) == 1:
        return codes[0]
    return 0 if not any(codes) else SOME_FAILED


def _items(given: Path, options: Export) -> Iterator[_Item]:
    """Yields the sidecars of an argument, a file or a folder. Raises BadSource if it is neither."""
    if isdir(given):  # noqa: PTH112  Path's own raises for what cannot be a name
        pattern = f"**/*{JSON.suffix}" if options.recursive else f"*{JSON.suffix}"
        for path in sorted(given.glob(pattern)):
            inside = path.relative_to(given)
            if path.is_file() and not _is_hidden_or_earlier(path, inside):
                yield _Item(path, (options.folder or given) / inside.parent, named=False)
        return
    if not isfile(given):  # noqa: PTH113
        raise BadSource(str(given), "no such file or folder")
    if given.suffix != JSON.suffix:
        raise BadSource(str(given), f"not a result: give its NAME{JSON.suffix}, or its folder")
    yield _Item(given, options.folder or given.parent, named=True)


def _is_hidden_or_earlier(path: Path, inside: Path) -> bool:
    """Whether a file is hidden, or an earlier version of a result in the same folder."""
    stem = path.name.removesuffix(JSON.suffix)
    earlier = (stem.partition(mark) for mark in (store.FIRST, store.BEFORE))
    kept = any(
        found and path.with_name(f"{name}{JSON.suffix}").exists() for name, found, _ in earlier
    )
    return kept or any(part.startswith(".") for part in inside.parts)


def _expect_distinct_names(items: Sequence[_Item]) -> None:
    """Raises BadSource if files of two results would have the same name."""
    seen: dict[Path, Path] = {}
    for item in items:
        other = seen.setdefault(item.folder / item.name, item.sidecar)
        if other is not item.sidecar and other.resolve() != item.sidecar.resolve():
            why = f"its files would have the same names as those of {other}; export them separately"
            raise BadSource(str(item.sidecar), why)


# ---------------------------------------------------------------- one result


def _one(item: _Item, options: Export) -> list[int]:
    """Export one result and print it. Returns its exit code, or nothing if it is no result."""
    try:
        result = _read(item, options)
        if result is None:
            return []
        made = _export(item, result, options)
    except AlignerError as error:
        if options.as_json:
            _print_json({"sidecar": str(item.sidecar), "status": "error", "reason": str(error)})
        return [report_error(error)]
    _print_result(item, result, made, options)
    if not made.files and item.named:
        return [EXIT_CODES[result.outcome.status]]
    return [0]


def _read(item: _Item, options: Export) -> StoredResult | None:
    """Returns a result; None for another kind of file in a folder. Raises BadSource."""
    if not options.dry_run:
        store.finish(item.sidecar.parent, item.name)
    try:
        return store.read(item.sidecar)
    except store.OtherKind:
        if item.named:
            raise
        return None


def _export(item: _Item, result: StoredResult, options: Export) -> ExportResult:
    """Write the files of one result. Raises OutputError, InvalidCaptions."""
    beside = item.folder.resolve() == item.sidecar.parent.resolve()
    look = options.look.applied_to(result.look)
    if look != result.look:
        result = result.with_look(look)
    if options.profile:
        result = _with_new_cues(result, options.profile)
    write = store.ExportOptions(options.formats, beside, options.force, options.dry_run)
    return store.export(result, item.folder, item.name, write)


def _with_new_cues(result: StoredResult, profile: Profile) -> StoredResult:
    """Returns a result with new cues for its words, by another standard."""
    from aligner.pipeline import align_step

    if result.outcome.captions is None:
        return result
    return result.with_cues(align_step.recut(result.outcome, profile))


# ---------------------------------------------------------------- printing


def _print_result(item: _Item, result: StoredResult, made: ExportResult, options: Export) -> None:
    outcome = result.outcome
    if options.as_json:
        record: Json = {
            "sidecar": str(item.sidecar),
            "status": outcome.status,
            "reason": outcome.reason,
            "corrected": result.edited,
            "files": [str(path) for path in made.files],
            "written": [str(path) for path in made.files if path in made.written],
            "lacking": list(made.lacking),
        }
        _print_json(record)
        return
    verb = "would be written" if options.dry_run else "written"
    for path in made.files:
        what = verb if path in made.written else "already there"
        click.echo(f"{console.strip_control_chars(str(path))}: {what}")
    if made.lacking and item.named:
        what = ", ".join(made.lacking)
        message = f"{item.sidecar}: nothing for {what}: {outcome.status}: {outcome.reason}"
        click.echo(console.strip_control_chars(message), err=True)


def _print_json(record: Json) -> None:
    click.echo(json_text({"schema": SCHEMA} | record))
