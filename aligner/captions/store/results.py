"""Writes, completes and exports a result in a folder: a sidecar and the files rendered from it.

All files are rendered from the sidecar, so that they are the same whenever they are written.
Corrections are in the sidecar too; a corrected sidecar is replaced only on request.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from aligner._util.atomic_write import prepare
from aligner.captions.formats import FORMATS, JSON, PLAIN, Look
from aligner.captions.store import ownership
from aligner.captions.store.journal import Change, commit, finish, finish_here, text_at, writing
from aligner.captions.store.names import expect_own, is_name
from aligner.captions.store.ownership import first, foreign, paths, present, set_aside
from aligner.captions.store.rendering import (
    Where,
    change_of,
    completion,
    main_files,
    rendered,
    rewritten,
    wanted,
    with_referred,
)
from aligner.captions.store.stored import StoredResult, expect_replaceable, parse_result
from aligner.errors import BadSource, OutputError
from aligner.types import CaptionResult, Status


@dataclass(frozen=True, slots=True)
class Finished:
    """A result of an earlier run."""

    status: Status
    reason: str
    files: tuple[Path, ...]


# ---------------------------------------------------------------- existing results


def read_result(folder: Path, name: str, tidy: bool = True) -> StoredResult | None:
    """Returns the result in a folder; None without a whole sidecar, or if its status is error.

    A change that was interrupted is finished first, unless ``tidy`` is false.
    Raises BadSource for a sidecar of a later schema, OutputError.
    """
    if not is_name(name):
        return None
    if tidy:
        finish(folder, name)
    sidecar = folder / f"{name}{JSON.suffix}"
    text = text_at(sidecar)
    return None if text is None else parse_result(text, str(sidecar))


def finished_result(folder: Path, name: str, formats: tuple[str, ...]) -> Finished | None:
    """Returns the result of an earlier run if its sidecar and every format exist.

    Returns None if its status is error, so that the source is tried again.
    """
    there = read_result(folder, name, tidy=False)
    if there is None or missing(folder, name, there.outcome, formats):
        return None
    outcome = there.outcome
    return Finished(outcome.status, outcome.reason, places(folder, name, outcome, formats))


def places(
    folder: Path, name: str, outcome: CaptionResult, formats: Iterable[str]
) -> tuple[Path, ...]:
    """Returns the paths of formats and of the formats that they refer to; the sidecar last."""
    return wanted(outcome, formats, lambda kind: ownership.place(outcome, folder, name, kind))


def missing(
    folder: Path, name: str, outcome: CaptionResult, formats: Iterable[str]
) -> tuple[Path, ...]:
    """Returns the paths of ``places`` that do not exist."""
    return tuple(p for p in places(folder, name, outcome, formats) if not p.is_file())


def files_of(text: str, name: str, formats: tuple[str, ...]) -> tuple[str, ...] | None:
    """Returns the names of a sidecar's files; None where ``finished_result`` returns None."""
    there = parse_result(text, name)
    if there is None:
        return None
    return wanted(there.outcome, formats, lambda kind: f"{name}{kind.suffix}")


# ---------------------------------------------------------------- writing


def write_outcome(
    outcome: CaptionResult,
    folder: Path,
    name: str,
    formats: tuple[str, ...],
    look: Look = PLAIN,
    discard_edits: bool = False,
) -> tuple[Path, ...]:
    """Write an outcome's sidecar, the given formats, and the formats of an earlier run.

    All of them or none, whatever happens. What an earlier run left and this outcome has no text
    for is removed; what is not ours and stands in the way is set aside, as NAME.before.*.
    Raises CorrectionsKept if a person has corrected what is there, unless ``discard_edits`` is
    given; EarlierCaptionsKept if an earlier run has left captions and this outcome has none;
    NameTaken if the name is that of another source's result, also of one that has just been
    written; BadSource for a sidecar of a later schema; OutputError, InvalidCaptions.
    """
    prepare(folder)
    with writing(folder):
        finish_here(folder, name)
        expect_own(folder, name, outcome.source)
        sidecar = folder / f"{name}{JSON.suffix}"
        old = text_at(sidecar)
        if old is not None:
            expect_replaceable(old, str(sidecar), outcome, discard_edits)
        where = paths(outcome, folder, name)
        earlier = present(outcome, folder, name) if old is not None else ()
        change = change_of(outcome, name, (*formats, *earlier), look, where)
        if old is not None and discard_edits:
            stale = tuple(first(name, path) for path in change.files if "/" not in path)
            change = replace(change, gone=(*change.gone, *stale))
        set_aside(folder, name, change, old)
        commit(folder, name, change)
    return tuple(folder / path for path in main_files(change, where))


def completed(
    folder: Path, name: str, formats: tuple[str, ...], look: Look = PLAIN
) -> tuple[Path, ...]:
    """Render the missing formats of a result from its sidecar; returns its files.

    If ``look`` adds a style, all existing files are rendered anew.
    Raises OutputError, InvalidCaptions; BadSource if there is no result.
    """
    with writing(folder):
        finish_here(folder, name)
        there = read_result(folder, name, tidy=False)
        if there is None:
            raise BadSource(str(folder / f"{name}{JSON.suffix}"), "not a whole result")
        outcome = there.outcome
        where, earlier = paths(outcome, folder, name), present(outcome, folder, name)
        change = completion(there, name, formats, look, earlier, where)
        if change.files:
            set_aside(folder, name, change, there.text)
            commit(folder, name, change)
    return tuple(p for p in places(folder, name, outcome, formats) if p.is_file())


def replacement(folder: Path, name: str, there: StoredResult, new: str) -> Change:
    """Returns the change that replaces a sidecar by a new text and renders all its formats.

    Copies files of others that it replaces to NAME.before.*. Call it in ``writing`` only.
    Raises InvalidCaptions, OutputError.
    """
    outcome = there.outcome
    where = paths(outcome, folder, name)
    change = rewritten(new, name, present(outcome, folder, name), where)
    set_aside(folder, name, change, there.text)
    return change


# ---------------------------------------------------------------- export


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Options of an export."""

    formats: tuple[str, ...]
    beside: bool
    """Whether the files go beside the sidecar; they then all have the sidecar's look."""
    force: bool = False
    """Whether existing files of other content are replaced."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ExportResult:
    """The files of an export."""

    files: tuple[Path, ...]
    written: frozenset[Path]
    """The files that were new or changed; in a dry run, those that would be."""
    lacking: tuple[str, ...]
    """Formats that the result has nothing for."""


def export(there: StoredResult, folder: Path, name: str, options: ExportOptions) -> ExportResult:
    """Write formats of a result to a folder, all or none.

    ``there`` has the look and the cues to write.
    Raises OutputError, also if a file of other content exists and ``force`` is off;
    InvalidCaptions.
    """
    outcome = there.outcome
    with nullcontext() if options.dry_run else writing(folder):
        if not options.dry_run:
            finish_here(folder, name)
        where = paths(outcome, folder, name)
        change, old = _exported(there, folder, name, options, where)
        differing = [p for p, text in change.files.items() if text_at(folder / p) != text]
        in_the_way = next(foreign(folder, name, change, old), None)
        if in_the_way is not None and not options.force:
            why = "it is there already, and is otherwise; --force replaces it"
            raise OutputError(folder / in_the_way, why)
        if differing and not options.dry_run:
            commit(folder, name, replace(change, gone=()))
    made = main_files(change, where)
    if JSON.name not in options.formats and where(JSON) not in differing:
        made = tuple(path for path in made if path != where(JSON))
    asked = [FORMATS[n] for n in with_referred(options.formats)]
    return ExportResult(
        files=tuple(folder / path for path in made),
        written=frozenset(
            folder / main for main in made if any(_is_part_of(path, main) for path in differing)
        ),
        lacking=tuple(kind.name for kind in asked if where(kind) not in change.files),
    )


def _exported(
    there: StoredResult, folder: Path, name: str, options: ExportOptions, where: Where
) -> tuple[Change, str | None]:
    """Returns the change to make, and the sidecar that existing files are compared with."""
    if not options.beside:
        look = replace(there.look, name=name)
        change = rendered(there.outcome, look, with_referred(options.formats), where)
        asked = {where(JSON): there.text} if JSON.name in options.formats else {}
        return replace(change, files=change.files | asked), None
    old = text_at(folder / f"{name}{JSON.suffix}")
    if old != there.text:  # another look: all that is there takes it
        formats = (*options.formats, *present(there.outcome, folder, name))
        return rewritten(there.text, name, formats, where), old
    look = replace(there.look, name=name)
    change = rendered(there.outcome, look, with_referred(options.formats), where)
    return replace(change, files={**change.files, where(JSON): there.text}), old


def _is_part_of(path: str, main: str) -> bool:
    """Whether a file is a format's main one, or lies beside it in its own folder."""
    return path == main or (
        "/" in main and PurePosixPath(path).parent == PurePosixPath(main).parent
    )
