"""Sidecars -> the page for a person, the picture of the match, and a server."""

from __future__ import annotations

import shutil
import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner import store
from aligner.errors import AlignerError, BadSource, CannotWrite
from aligner.formats.sidecar_reader import read
from aligner.review import saving
from aligner.review.folder import recording
from aligner.review.page import Shown, build
from aligner.review.picture import picture
from aligner.review.text import text_of

if TYPE_CHECKING:
    from aligner.nouns import Json, Outcome
    from aligner.profiles import Profile
    from aligner.review.sound import Sound


def page(sidecar: Path, profile: Profile, media: Path | None, output: Path | None) -> Path:
    """NAME.json -> NAME.html; where it is. Raises BadSource, CannotWrite."""
    text, outcome, record = _read(sidecar)
    name = sidecar.name.removesuffix(".json")
    place = output or sidecar.with_name(f"{name}.html")
    found = media or recording(sidecar.parent, name, outcome)
    shown = Shown(
        name=name,
        profile=profile,
        media=_address(found, place),
        sound=hear(found) if found else None,
        version=saving.version_of(text),
        record=record,
    )
    store.write_whole(place, build(outcome, shown))
    return place


def _read(sidecar: Path) -> tuple[str, Outcome, Json]:
    try:
        store.finish(sidecar.parent, sidecar.name.removesuffix(".json"))
        text = sidecar.read_text(encoding="utf-8")
        return text, *read(text)
    except OSError as error:
        raise BadSource(str(sidecar), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadSource(str(sidecar), f"not what aligner writes: {error}") from error


def _address(media: Path | None, page_: Path) -> str | None:
    """The recording's address as the page names it: by a relative one where that is possible."""
    from urllib.parse import quote

    if media is None:
        return None
    if not media.is_file():
        raise BadSource(str(media), "no such file")
    target, start = media.resolve(), page_.resolve().parent
    if target.is_relative_to(start):
        return "./" + quote(target.relative_to(start).as_posix())
    return target.as_uri()


def hear(media: Path) -> Sound | None:
    """A recording -> its outline; None, and a warning, if it cannot be decoded."""
    from aligner import vad
    from aligner.audio import decode
    from aligner.nouns import MediaFile, MediaLink
    from aligner.review.sound import draw

    link = MediaLink(str(media), "video", "given")
    with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
        try:
            audio = decode(MediaFile(media, link, None, ""), Path(folder))
        except CannotWrite:
            raise
        except AlignerError as error:
            click.echo(f"aligner: no outline of the sound: {error}", err=True)
            return None
        return draw(audio, vad.find_speech(audio))


def plot(sidecar: Path, output: Path) -> None:
    """NAME.json -> a picture of its match, SVG or PNG by the output's suffix.

    Raises BadSource, CannotWrite, and EngineUnavailable for PNG without Pillow.
    """
    from aligner.review import png, svg

    _, outcome, _ = _read(sidecar)
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
