"""Sidecars -> files in other formats, what there is to say of them, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os.path import isdir, isfile
from pathlib import Path

import click

from aligner.captions import store
from aligner.captions.formats import JSON, Look
from aligner.captions.profiles import Profile
from aligner.captions.store import ExportResult, Kept
from aligner.cli import console, interrupt
from aligner.cli.exit_codes import EXIT_CODES, SOME_FAILED, report_error
from aligner.errors import AlignerError, BadSource
from aligner.types import Json

SCHEMA = "aligner-export/1"


@dataclass(frozen=True, slots=True)
class Dress:
    """How captions are dressed, where that is asked for; None for as they were written."""

    styled: bool | None = None
    karaoke: bool | None = None
    mpegts: int | None = None

    def of(self, was: Look) -> Look:
        """A look, with what is asked for."""
        return replace(
            was,
            styled=was.styled if self.styled is None else self.styled,
            karaoke=was.karaoke if self.karaoke is None else self.karaoke,
            mpegts=was.mpegts if self.mpegts is None else self.mpegts,
        )


@dataclass(frozen=True, slots=True)
class Export:
    """What to write, and where."""

    formats: tuple[str, ...]
    folder: Path | None
    """None for beside each result."""
    recursive: bool
    dress: Dress
    profile: Profile | None
    """By which cues are cut anew; None for those that are there."""
    force: bool
    dry_run: bool
    as_json: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Item:
    """A sidecar, and where its files go."""

    sidecar: Path
    folder: Path
    named: bool
    """Whether the user named it, rather than a folder that it is in."""

    @property
    def name(self) -> str:
        return self.sidecar.name.removesuffix(JSON.suffix)


def run(results: Sequence[Path], how: Export) -> int:
    """Export results one after the other -> the exit code. Raises AlignerError of a single one."""
    items = [item for given in results for item in _items(given, how)]
    _expect_apart(items)
    if not items:
        raise BadSource(str(results[0]), "a folder without results")
    interrupt.gather_temporary_files()
    codes: list[int] = []
    with console.counter(len(items), "exported", how.quiet or len(items) == 1) as tick:
        for item in items:
            interrupt.raise_if_interrupted()
            codes += _one(item, how)
            tick()
    if not codes:
        raise BadSource(str(results[0]), "a folder without results")
    if len(codes) == 1:
        return codes[0]
    return 0 if not any(codes) else SOME_FAILED


def _items(given: Path, how: Export) -> Iterator[_Item]:
    """A sidecar or a folder, as given -> the sidecars. Raises BadSource if there is none."""
    if isdir(given):  # noqa: PTH112  Path's own raises for what cannot be a name
        pattern = f"**/*{JSON.suffix}" if how.recursive else f"*{JSON.suffix}"
        for path in sorted(given.glob(pattern)):
            inside = path.relative_to(given)
            if path.is_file() and not _is_aside(path, inside):
                yield _Item(path, (how.folder or given) / inside.parent, named=False)
        return
    if not isfile(given):  # noqa: PTH113
        raise BadSource(str(given), "no such file or folder")
    if given.suffix != JSON.suffix:
        raise BadSource(str(given), f"not a result: give its NAME{JSON.suffix}, or its folder")
    yield _Item(given, how.folder or given.parent, named=True)


def _is_aside(path: Path, inside: Path) -> bool:
    """Whether a file in a folder is hidden, or an earlier version of a result beside it."""
    stem = path.name.removesuffix(JSON.suffix)
    earlier = (stem.partition(mark) for mark in (store.FIRST, store.BEFORE))
    kept = any(
        found and path.with_name(f"{name}{JSON.suffix}").exists() for name, found, _ in earlier
    )
    return kept or any(part.startswith(".") for part in inside.parts)


def _expect_apart(items: Sequence[_Item]) -> None:
    """Raises BadSource if the files of two results would have one name."""
    seen: dict[Path, Path] = {}
    for item in items:
        other = seen.setdefault(item.folder / item.name, item.sidecar)
        if other is not item.sidecar and other.resolve() != item.sidecar.resolve():
            why = f"its files would have the names of those of {other}; export them apart"
            raise BadSource(str(item.sidecar), why)


# ---------------------------------------------------------------- one result


def _one(item: _Item, how: Export) -> list[int]:
    """Export a result and say so -> its exit code; none for what is no result at all."""
    try:
        there = _read(item, how)
        if there is None:
            return []
        made = _export(item, there, how)
    except AlignerError as error:
        if how.as_json:
            _print_json({"sidecar": str(item.sidecar), "status": "error", "reason": str(error)})
        return [report_error(error)]
    _say(item, there, made, how)
    if not made.files and item.named:
        return [EXIT_CODES[there.outcome.status]]
    return [0]


def _read(item: _Item, how: Export) -> Kept | None:
    """The result; None for a file of a folder that is of another kind. Raises BadSource."""
    if not how.dry_run:
        store.finish(item.sidecar.parent, item.name)
    try:
        return store.read(item.sidecar)
    except store.OtherKind:
        if item.named:
            raise
        return None


def _export(item: _Item, there: Kept, how: Export) -> ExportResult:
    """Write what is asked for. Raises OutputError, InvalidCaptions."""
    beside = item.folder.resolve() == item.sidecar.parent.resolve()
    look = how.dress.of(there.look)
    if look != there.look:
        there = there.with_look(look)
    if how.profile:
        there = _cut_anew(there, how.profile)
    options = store.ExportOptions(how.formats, beside, how.force, how.dry_run)
    return store.export(there, item.folder, item.name, options)


def _cut_anew(there: Kept, profile: Profile) -> Kept:
    """A result with cues by another standard, of the words that it has."""
    from aligner.pipeline import align_step

    if there.outcome.captions is None:
        return there
    return there.with_cues(align_step.recut(there.outcome, profile))


# ---------------------------------------------------------------- what is said


def _say(item: _Item, there: Kept, made: ExportResult, how: Export) -> None:
    outcome = there.outcome
    if how.as_json:
        told: Json = {
            "sidecar": str(item.sidecar),
            "status": outcome.status,
            "reason": outcome.reason,
            "corrected": there.edited,
            "files": [str(path) for path in made.files],
            "written": [str(path) for path in made.files if path in made.written],
            "lacking": list(made.lacking),
        }
        _print_json(told)
        return
    doing = "would be written" if how.dry_run else "written"
    for path in made.files:
        what = doing if path in made.written else "already there"
        click.echo(f"{console.strip_control_chars(str(path))}: {what}")
    if made.lacking and item.named:
        what = ", ".join(made.lacking)
        said = f"{item.sidecar}: nothing for {what}: {outcome.status}: {outcome.reason}"
        click.echo(console.strip_control_chars(said), err=True)


def _print_json(told: Json) -> None:
    click.echo(json.dumps({"schema": SCHEMA} | told, ensure_ascii=False))
