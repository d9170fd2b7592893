"""Renders a result's files from its sidecar, as a change of files.

In all functions, ``where`` returns the path of a format's file within the folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from aligner.captions.formats import FORMATS, JSON, Format, Look, sidecar_reader
from aligner.captions.store.journal import Change
from aligner.captions.store.stored import StoredResult
from aligner.errors import InvalidCaptions
from aligner.types import CaptionResult

T = TypeVar("T")
Where = Callable[[Format], str]


def plainly(name: str) -> Where:
    """Returns a function that gives the default paths, NAME and the format's suffix."""
    return lambda kind: f"{name}{kind.suffix}"


def change_of(
    outcome: CaptionResult,
    name: str,
    formats: Iterable[str],
    look: Look,
    where: Where | None = None,
) -> Change:
    """Returns the change that writes formats and, last, the sidecar. Raises InvalidCaptions."""
    return rewritten(JSON.render(outcome, look), name, formats, where, outcome.source)


def rewritten(
    text: str, name: str, formats: Iterable[str], where: Where | None = None, source: str = ""
) -> Change:
    """Returns the change that writes formats rendered from a sidecar's text, and it, last.

    Raises InvalidCaptions, also for a sidecar that could not be read again.
    """
    at = where or plainly(name)
    try:
        outcome, record = sidecar_reader.read(text)
    except ValueError as error:
        raise InvalidCaptions(source or name, (str(error),)) from error
    look = replace(sidecar_reader.look_of(record), name=name)
    made = rendered(outcome, look, with_referred(formats), at)
    return replace(made, files={**made.files, at(JSON): text})


def completion(
    there: StoredResult,
    name: str,
    formats: tuple[str, ...],
    look: Look,
    present: Iterable[str],
    where: Where | None = None,
) -> Change:
    """Returns the change that adds the missing formats to a result.

    ``present`` are the formats whose files exist. If ``look`` adds a style, all are rendered anew.
    Raises InvalidCaptions.
    """
    at, combined = where or plainly(name), there.combined_look(look)
    if combined == there.look:
        lacking = [n for n in with_referred(formats) if n not in set(present)]
        return rendered(there.outcome, replace(combined, name=name), lacking, at)
    return rewritten(there.with_look(combined).text, name, (*formats, *present), at)


def rendered(outcome: CaptionResult, look: Look, formats: Iterable[str], where: Where) -> Change:
    """Returns the change that writes formats, without the sidecar. Raises InvalidCaptions.

    A file for which the result has no text is removed. A result without captions removes no caption
    file, because caption files that exist then are not from an earlier run.
    """
    files: dict[str, str] = {}
    gone: list[str] = []
    folders: list[str] = []
    for kind in (FORMATS[n] for n in formats if n != JSON.name):
        if kind.needs_cues and outcome.captions is None:
            continue
        path, text = where(kind), render(kind, outcome, look)
        if kind.beside:
            folder = PurePosixPath(path).parent
            folders.append(str(folder))
            more = kind.beside(outcome, look) if text else {}
            files |= {str(folder / other): content for other, content in more.items()}
        if text:
            files[path] = text
        else:
            gone.append(path)
    return Change(files, tuple(gone), tuple(folders))


def render(kind: Format, outcome: CaptionResult, look: Look) -> str:
    """Returns the text of a format's file; "" if there is none. Raises InvalidCaptions."""
    if kind.needs_cues and not (outcome.captions and outcome.captions.cues):
        return ""
    return kind.render(outcome, look)


def with_referred(formats: Iterable[str]) -> list[str]:
    """Returns formats and the formats that they refer to, each once."""
    return list(dict.fromkeys(other for n in formats for other in (n, *FORMATS[n].refers_to)))


def wanted(
    outcome: CaptionResult, formats: Iterable[str], where: Callable[[Format], T]
) -> tuple[T, ...]:
    """Returns the places of the formats that the outcome has text for; the sidecar last."""
    asked = [FORMATS[n] for n in with_referred(formats) if n != JSON.name]
    cues = outcome.captions and outcome.captions.cues
    return (*(where(kind) for kind in asked if cues or not kind.needs_cues), where(JSON))


def main_files(change: Change, where: Where) -> tuple[str, ...]:
    """Returns the main file of each format in a change; the sidecar last."""
    kinds = [kind for kind in FORMATS.values() if kind is not JSON]
    return tuple(path for kind in (*kinds, JSON) if (path := where(kind)) in change.files)
