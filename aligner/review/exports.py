"""Downloads of a result in any format; a format of several files comes as a ZIP archive."""

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
    """Returns [format, address, file name] for each format in which a result can be downloaded.

    ``part`` is the result's name, quoted.
    """
    return [
        [kind, f"../export/{kind}/{part}", file_name(name, kind)]
        for kind, form in FORMATS.items()
        if outcome.captions or not form.needs_cues
    ]


def file_name(name: str, kind: str) -> str:
    """Returns the name of the file to download."""
    form = FORMATS[kind]
    return f"{name}.{kind}.zip" if form.beside else f"{name}{form.suffix}"


def export(text: str, outcome: CaptionResult, name: str, kind: str) -> tuple[bytes, str]:
    """Returns the file to download, and its content type.

    ``text`` is the sidecar's text, and ``outcome`` the result that was read from it. The file has
    the look (styles, word times) that the result's other files were written with.
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
