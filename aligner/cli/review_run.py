"""Sidecars -> the page for a person, the picture of the match, and a server."""

from __future__ import annotations

import shutil
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner import store
from aligner.errors import BadSource, CannotWrite
from aligner.extras import hear, page, read_result
from aligner.review.picture import picture
from aligner.review.text import text_of

if TYPE_CHECKING:
    from aligner.profiles import Profile

__all__ = ["hear", "keep", "page", "plot", "serve", "show"]


def plot(sidecar: Path, output: Path) -> None:
    """NAME.json -> a picture of its match, SVG or PNG by the output's suffix.

    Raises BadSource, CannotWrite, and EngineUnavailable for PNG without Pillow.
    """
    from aligner.review import png, svg

    _, outcome, _ = read_result(sidecar)
    shapes = picture(outcome, text_of(outcome))
    match output.suffix.lower():
        case ".svg":
            store.write_whole(output, svg.file(shapes))
        case ".png":
            store.write_whole(output, png.file(shapes))
        case other:
            raise BadSource(str(output), f"{other or 'no suffix'}: give a name in .svg or .png")


def serve(folder: Path, profile: Profile, port: int | None, open_it: bool) -> None:
    """Serve a folder's results until interrupted. Raises BadSource."""
    from aligner.review.serving import Server, Serving

    if not folder.is_dir():
        raise BadSource(str(folder), "not a folder")
    try:
        server = Server(Serving(folder.resolve(), profile, hear), port)
    except OSError as error:
        raise BadSource(f"port {port}", f"cannot be used: {error.strerror}") from error
    with server:
        click.echo(server.address)
        click.echo("Corrections are saved in the folder. Ctrl+C ends this.", err=True)
        if open_it:
            webbrowser.open(server.address)
        server.serve_forever()


def keep(recording: Path, place: Path) -> Path:
    """A fetched recording -> a copy beside the results, under their name. Raises CannotWrite."""
    kept = place.with_name(place.name + recording.suffix)
    aside = kept.with_name(f".{kept.name}.part")
    try:
        shutil.copyfile(recording, aside)
        aside.replace(kept)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise CannotWrite(kept, error.strerror or str(error)) from error
    return kept


def show(place: Path) -> None:
    """Open a page in the browser."""
    webbrowser.open(place.resolve().as_uri())
