"""A result: its sidecar, and the files that are rendered from it.

The sidecar holds all that every format needs: files are rendered from what it holds, never from
anything else, so that they are the same whenever they are made. What a person has corrected stands
in the sidecar too; it is not replaced unless that is asked for.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from aligner.errors import AlignerError, BadSource, CorrectionsKept, InvalidCaptions
from aligner.formats import FORMATS, JSON, PLAIN, Format, Look, sidecar, sidecar_reader
from aligner.nouns import Json, Outcome, Status
from aligner.store.files import prepare, write_whole
from aligner.store.journal import Change, commit, finish, finish_here, writing

FIRST = ".first"
"""Before the suffix of the versions that were there before any correction."""
BEFORE = ".before"
"""Before the suffix of a file that we did not write and that stood where one of ours goes."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A result that is there: its sidecar, read."""

    text: str
    record: Json
    outcome: Outcome

    @property
    def edited(self) -> bool:
        """Whether a person has corrected it."""
        return sidecar_reader.is_edited(self.record)

    @property
    def look(self) -> Look:
        """How its captions are dressed."""
        return sidecar_reader.look_of(self.record)

    def dressed(self, asked: Look) -> Look:
        """Its look with what is asked for besides: nothing ends by not being asked for."""
        was = self.look
        return replace(
            was,
            styled=was.styled or asked.styled,
            karaoke=was.karaoke or asked.karaoke,
            mpegts=asked.mpegts or was.mpegts,
        )


@dataclass(frozen=True, slots=True)
class Finished:
    """What an earlier run left for a source."""

    status: Status
    reason: str
    files: tuple[Path, ...]


# ---------------------------------------------------------------- what is there


def kept(folder: Path, name: str, tidy: bool = True) -> Kept | None:
    """The result that is there. None without a whole sidecar, or where it ended in an error.

    What a change that was cut short has begun is finished first, unless ``tidy`` is false.
    Raises BadSource for a sidecar of a later schema, CannotWrite.
    """
    place = folder / f"{name}{JSON.suffix}"
    if tidy:
        finish(folder, name)
    try:
        return kept_of(place.read_text(encoding="utf-8"), str(place))
    except (OSError, UnicodeDecodeError):
        return None


def kept_of(text: str, where: str) -> Kept | None:
    """A sidecar's text -> the result, as ``kept``. Raises BadSource for one of a later schema."""
    try:
        outcome, record = sidecar_reader.read(text)
        sidecar_reader.look_of(record)
    except sidecar.LaterSchema as error:
        raise BadSource(where, str(error)) from error
    except ValueError:
        return None
    return None if outcome.status == "error" else Kept(text, record, outcome)


def expect_replaceable(text: str, where: str, discard_edits: bool) -> None:
    """Look at a sidecar before another takes its place.

    Raises CorrectionsKept if a person has corrected it, unless ``discard_edits`` is given;
    BadSource if it is of a later schema.
    """
    try:
        _, record = sidecar.read_status(text)
    except sidecar.LaterSchema as error:
        raise BadSource(where, str(error)) from error
    except ValueError:
        return
    if sidecar_reader.is_edited(record) and not discard_edits:
        raise CorrectionsKept(where)


def is_sidecar(text: str) -> bool:
    """Whether a text is a sidecar, of whatever schema."""
    try:
        sidecar.read_status(text)
    except sidecar.LaterSchema:
        return True
    except ValueError:
        return False
    return True


def finished(folder: Path, name: str, formats: tuple[str, ...]) -> Finished | None:
    """What an earlier run has left, if nothing is missing: a whole sidecar and every format.

    None where it ended in an error, so that it is tried again.
    """
    there = kept(folder, name, tidy=False)
    if there is None or missing(folder, name, there.outcome, formats):
        return None
    outcome = there.outcome
    return Finished(outcome.status, outcome.reason, places(folder, name, outcome, formats))


def places(folder: Path, name: str, outcome: Outcome, formats: Iterable[str]) -> tuple[Path, ...]:
    """Where the files of some formats go, and of those that they refer to; the sidecar last."""
    return _wanted(outcome, formats, lambda kind: _place(outcome, folder, name, kind))


def missing(folder: Path, name: str, outcome: Outcome, formats: Iterable[str]) -> tuple[Path, ...]:
    """Those of ``places`` that are not there."""
    return tuple(p for p in places(folder, name, outcome, formats) if not p.is_file())


def files_of(text: str, name: str, formats: tuple[str, ...]) -> tuple[str, ...] | None:
    """A sidecar's text -> the names of the files that belong to it; None where ``finished`` is."""
    there = kept_of(text, name)
    if there is None:
        return None
    return _wanted(there.outcome, formats, lambda kind: f"{name}{kind.suffix}")


Where = TypeVar("Where")


def _wanted(
    outcome: Outcome, formats: Iterable[str], place: Callable[[Format], Where]
) -> tuple[Where, ...]:
    """Where the files of some formats go, the sidecar last; those that there is no text for not."""
    asked = [FORMATS[n] for n in _with_referred(formats) if n != JSON.name]
    cues = outcome.captions and outcome.captions.cues
    return (*(place(kind) for kind in asked if cues or not kind.needs_cues), place(JSON))


def _with_referred(formats: Iterable[str]) -> list[str]:
    """Formats, each with those that it is nothing without."""
    return list(dict.fromkeys(other for n in formats for other in (n, *FORMATS[n].refers_to)))


# ---------------------------------------------------------------- a new outcome


def write_outcome(
    outcome: Outcome,
    folder: Path,
    name: str,
    formats: tuple[str, ...],
    look: Look = PLAIN,
    discard_edits: bool = False,
) -> tuple[Path, ...]:
    """Outcome -> its files: the sidecar, the formats asked for, and those of an earlier run.

    All of them or none, whatever happens. What an earlier run left and this outcome has no text
    for is removed; what is not ours and stands in the way is set aside, as NAME.before.*.
    Raises CorrectionsKept if a person has corrected what is there, unless ``discard_edits`` is
    given; BadSource for a sidecar of a later schema; CannotWrite, InvalidCaptions.
    """
    prepare(folder)
    with writing(folder):
        finish_here(folder, name)
        place = folder / f"{name}{JSON.suffix}"
        old = _text(place)
        if old is not None:
            expect_replaceable(old, str(place), discard_edits)
        present = _present(outcome, folder, name) if old is not None else ()
        where = _paths(outcome, folder, name)
        change = change_of(outcome, name, (*formats, *present), look, where)
        if old is not None and discard_edits:
            firsts = tuple(_first(path) for path in change.files if "/" not in path)
            change = replace(change, gone=(*change.gone, *firsts))
        _set_aside(folder, name, change, old)
        commit(folder, name, change)
    return tuple(folder / path for path in _main(change, where))


def change_of(
    outcome: Outcome,
    name: str,
    formats: Iterable[str],
    look: Look,
    where: Callable[[Format], str] | None = None,
) -> Change:
    """Outcome -> its files: the sidecar, last, and those of some formats.

    ``where`` tells a format's path in the folder. Raises InvalidCaptions.
    """
    text = JSON.render(outcome, look)
    return rewritten(text, name, formats, where, outcome.source)


def rewritten(
    text: str,
    name: str,
    formats: Iterable[str],
    where: Callable[[Format], str] | None = None,
    source: str = "",
) -> Change:
    """A sidecar's text -> it, last, and the files of some formats that are rendered from it.

    Raises InvalidCaptions.
    """
    there = _read(text, source or name)
    at = where or (lambda kind: f"{name}{kind.suffix}")
    made = _rendered(there, name, _with_referred(formats), at)
    return replace(made, files={**made.files, at(JSON): text})


def _read(text: str, source: str) -> Kept:
    """What we are about to write, read again. Raises InvalidCaptions if that cannot be done."""
    try:
        outcome, record = sidecar_reader.read(text)
    except ValueError as error:
        raise InvalidCaptions(source, (str(error),)) from error
    return Kept(text, record, outcome)


def _rendered(
    there: Kept, name: str, formats: Iterable[str], where: Callable[[Format], str]
) -> Change:
    """The files of some formats, without the sidecar. Raises InvalidCaptions."""
    look = replace(there.look, name=name)
    files: dict[str, str] = {}
    gone: list[str] = []
    folders: list[str] = []
    for kind in (FORMATS[n] for n in formats if n != JSON.name):
        path, text = where(kind), _render(kind, there.outcome, look)
        if kind.beside:
            folder = PurePosixPath(path).parent
            folders.append(str(folder))
            more = kind.beside(there.outcome, look) if text else {}
            files |= {str(folder / other): content for other, content in more.items()}
        if text:
            files[path] = text
        else:
            gone.append(path)
    return Change(files, tuple(gone), tuple(folders))


def _render(kind: Format, outcome: Outcome, look: Look) -> str:
    if kind.needs_cues and not (outcome.captions and outcome.captions.cues):
        return ""
    return kind.render(outcome, look)


def _main(change: Change, where: Callable[[Format], str]) -> tuple[str, ...]:
    """The files of a change that people ask for, in the order of formats; the sidecar last."""
    last = where(JSON)
    paths = [path for kind in FORMATS.values() if (path := where(kind)) in change.files]
    return (*(path for path in paths if path != last), *(p for p in paths if p == last))


# ---------------------------------------------------------------- the same, otherwise told


def replacement(folder: Path, name: str, old: str, new: str) -> Change:
    """A sidecar's text that takes the place of another -> the change, with all formats there.

    What is not ours of what is replaced is set aside. Within ``writing`` only.
    Raises InvalidCaptions, CannotWrite; ValueError if the old one is not a sidecar.
    """
    outcome, _ = sidecar_reader.read(old)
    change = rewritten(new, name, _present(outcome, folder, name), _paths(outcome, folder, name))
    _set_aside(folder, name, change, old)
    return change


# ---------------------------------------------------------------- what is missing


def completed(
    folder: Path, name: str, formats: tuple[str, ...], look: Look = PLAIN
) -> tuple[Path, ...]:
    """Render what is missing of a result that is there -> its files. Nothing is heard again.

    Where ``look`` dresses the captions otherwise than they are, all files that are there become
    so. Raises CannotWrite, InvalidCaptions, BadSource if there is no result.
    """
    with writing(folder):
        finish_here(folder, name)
        there = kept(folder, name, tidy=False)
        if there is None:
            raise BadSource(str(folder / f"{name}{JSON.suffix}"), "not a whole result")
        outcome = there.outcome
        where = _paths(outcome, folder, name)
        present = _present(outcome, folder, name)
        change = completion(there, name, formats, look, present, where)
        if change.files:
            _set_aside(folder, name, change, there.text)
            commit(folder, name, change)
    return tuple(p for p in places(folder, name, outcome, formats) if p.is_file())


def completion(
    there: Kept,
    name: str,
    formats: tuple[str, ...],
    look: Look,
    present: Iterable[str],
    where: Callable[[Format], str] | None = None,
) -> Change:
    """A result, and the formats of it that are there -> what is missing of those asked for.

    Raises InvalidCaptions.
    """
    at = where or (lambda kind: f"{name}{kind.suffix}")
    dressed = there.dressed(look)
    if dressed == there.look:
        lacking = [n for n in _with_referred(formats) if n not in set(present)]
        return _rendered(there, name, lacking, at)
    record = {k: v for k, v in there.record.items() if k != "look"} | sidecar.dressed(dressed)
    return rewritten(sidecar.text_of(record), name, (*formats, *present), at)


# ---------------------------------------------------------------- whose files are there


def _paths(outcome: Outcome, folder: Path, name: str) -> Callable[[Format], str]:
    """Where a format's file goes, relative to the folder."""

    def where(kind: Format) -> str:
        return _place(outcome, folder, name, kind).relative_to(folder).as_posix()

    return where


def _present(outcome: Outcome, folder: Path, name: str) -> tuple[str, ...]:
    """The formats of a result that are there."""
    return tuple(f.name for f in FORMATS.values() if _place(outcome, folder, name, f).is_file())


def _place(outcome: Outcome, folder: Path, name: str, kind: Format) -> Path:
    """Where a format's file goes; never over the source itself."""
    place = folder / f"{name}{kind.suffix}"
    beside = folder / f"{name}.captions{kind.suffix}"
    given = Path(outcome.source)
    with contextlib.suppress(OSError, ValueError):  # an address is no path
        if not place.exists():
            return place
        if given.exists():
            return beside if place.samefile(given) else place
        if given.name == place.name:
            # A relative path, seen from another folder than that of the first run: what has the
            # source's name and is not ours counts as the source.
            return beside if beside.exists() or not _is_ours(place, kind, outcome) else place
    return place


def _is_ours(place: Path, kind: Format, outcome: Outcome) -> bool:
    try:
        return _text(place) == _render(kind, outcome, PLAIN)
    except AlignerError:
        return False


_MADE_BY = re.compile(r"(?<=Captions made by)(:? aligner) [^\s;<]+")


def _set_aside(folder: Path, name: str, change: Change, old: str | None) -> None:
    """Keep what is not ours of what a change replaces or removes, as NAME.before.*.

    Ours is what the sidecar that is there gives, and that sidecar. Raises CannotWrite.
    """
    ours = _ours(name, change, old)
    for path in (*change.files, *change.gone):
        place = folder / path
        if "/" in path or FIRST in path or not place.is_file():
            continue
        text = _text(place)
        if text is None or _bare(text) not in (
            _bare(ours.get(path)),
            _bare(change.files.get(path)),
        ):
            _copy(place, _free(folder, name, path))


def _copy(place: Path, other: Path) -> None:
    """A second name for a file that is about to be replaced. Raises CannotWrite."""
    try:
        other.hardlink_to(place)
    except OSError:
        write_whole(other, place.read_bytes())


def _ours(name: str, change: Change, old: str | None) -> dict[str, str]:
    """The files that a sidecar gives; none if it is not one."""
    if old is None:
        return {}
    there = None
    with contextlib.suppress(ValueError):
        outcome, record = sidecar_reader.read(old)
        there = Kept(old, record, outcome)
    if there is None:
        return {}
    kinds = {f"{name}{kind.suffix}": kind for kind in FORMATS.values()}
    kinds |= {f"{name}.captions{kind.suffix}": kind for kind in FORMATS.values()}
    made = {f"{name}{JSON.suffix}": old}
    for path in (*change.files, *change.gone):
        kind = kinds.get(path)
        if kind and kind is not JSON:
            with contextlib.suppress(AlignerError):
                made[path] = _render(kind, there.outcome, replace(there.look, name=name))
    return made


def _bare(text: str | None) -> str | None:
    """A file's text without the version that wrote it."""
    return None if text is None else _MADE_BY.sub(r"\1", text)


def _free(folder: Path, name: str, path: str) -> Path:
    """A name that nothing has, to set a file aside."""
    suffix = path.removeprefix(name)
    count = 1
    while (place := folder / f"{name}{BEFORE}{'' if count == 1 else count}{suffix}").exists():
        count += 1
    return place


def _first(path: str) -> str:
    stem, dot, suffix = path.rpartition(".")
    return f"{stem}{FIRST}{dot}{suffix}"


def _text(place: Path) -> str | None:
    """A file's text; None if there is none, or it is no text."""
    try:
        return place.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
