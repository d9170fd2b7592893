"""A result -> a file of any format, to be downloaded; several files come as an archive."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

from aligner._util import strict_json
from aligner.captions.formats import FORMATS, JSON, sidecar_reader
from aligner.types import CaptionResult

TEXT, ARCHIVE = "text/plain; charset=utf-8", "application/zip"


def offered(outcome: CaptionResult, name: str, part: str) -> list[list[str]]:
    """The formats that a result can be had in: each with its address and the file's name."""
    return [
        [kind, f"../export/{kind}/{part}", file_name(name, kind)]
        for kind, form in FORMATS.items()
        if outcome.captions or not form.needs_cues
    ]


def file_name(name: str, kind: str) -> str:
    """The name of a result in a format."""
    form = FORMATS[kind]
    return f"{name}.{kind}.zip" if form.beside else f"{name}{form.suffix}"


def export(text: str, outcome: CaptionResult, name: str, kind: str) -> tuple[bytes, str]:
    """A sidecar's text and what it tells, in a format -> the file, and its type.

    It looks as the result's other files do.
    """
    form = FORMATS[kind]
    look = replace(sidecar_reader.look_of(strict_json.read(text)), name=name)
    made = text if form is JSON else form.render(outcome, look)
    if form.beside is None:
        return made.encode(), TEXT
    return _zipped({Path(form.suffix).name: made, **form.beside(outcome, look)}), ARCHIVE


def _zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()
