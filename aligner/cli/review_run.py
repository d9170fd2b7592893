"""Runs `aligner review` and `aligner plot`: writes pages and plots, and serves a folder."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner._util import malloc
from aligner._util.concurrency import limit_blas_threads
from aligner.captions import store
from aligner.cli import interrupt
from aligner.errors import BadSource
from aligner.review.alignment_plot import draw_alignment
from aligner.review.article_view import view_of
from aligner.review.extras import decode_waveform, page, read_result

if TYPE_CHECKING:
    from aligner.pipeline.captioner import Captioner
    from aligner.pipeline.options import Options
    from aligner.pipeline.progress import CancelToken, Progress
    from aligner.review.intake import Services
    from aligner.review.server import Server
    from aligner.types import CaptionResult

__all__ = ["page", "plot", "serve", "show"]


def plot(sidecar: Path, output: Path) -> None:
    """Write the plot of a sidecar's alignment as SVG or PNG, by the output's suffix.

    Raises BadSource, OutputError, and EngineUnavailable for PNG without Pillow.
    """
    from aligner.review import png, svg

    _, outcome, _ = read_result(sidecar)
    shapes = draw_alignment(outcome, view_of(outcome))
    match output.suffix.lower():
        case ".svg":
            store.atomic_write(output, svg.file(shapes))
        case ".png":
            store.atomic_write(output, png.file(shapes))
        case other:
            raise BadSource(str(output), f"{other or 'no suffix'}: give a name in .svg or .png")


def serve(
    folder: Path, options: Options, small_bytes: int, port: int | None, open_it: bool
) -> None:
    """Serve a folder's results until Ctrl-C. Raises BadSource.

    Recordings downloaded for captioning are kept up to ``small_bytes``. ``port``: None takes the
    folder's own port. With ``open_it``, the list of results is opened in the browser.
    """
    from aligner.pipeline.captioner import Captioner
    from aligner.review.served_folder import ServerConfig
    from aligner.review.server import Server

    if not folder.is_dir():
        raise BadSource(str(folder), "not a folder")
    malloc.claim()
    limit_blas_threads()
    interrupt.gather_temporary_files()
    with Captioner(options) as captioner:
        services = _services(captioner, small_bytes)
        try:
            server = Server(
                ServerConfig(folder.resolve(), options.profile, decode_waveform, services), port
            )
        except OSError as error:
            raise BadSource(f"port {port}", f"cannot be used: {error.strerror}") from error
        _until_interrupted(server, open_it)


def _services(captioner: Captioner, small_bytes: int) -> Services:
    """Returns the services of the server, which share one recogniser and its connections."""
    from aligner.review.intake import Services

    def caption(
        known: CaptionResult,
        media: str | Path,
        folder: Path,
        progress: Progress,
        cancel: CancelToken,
    ) -> CaptionResult:
        how = replace(captioner.options, workplace=folder)
        return captioner.add_recording(known, media, how, progress, cancel)

    private = captioner.options.allow_private
    return Services(caption, captioner.download, captioner.piece, private, small_bytes)


def _until_interrupted(server: Server, open_it: bool) -> None:
    try:
        with server:
            click.echo(server.address)
            click.echo("Corrections are saved in the folder. Ctrl+C ends this.", err=True)
            if open_it:
                webbrowser.open(server.address)
            server.serve_forever()
    except KeyboardInterrupt:
        click.echo("Ended. What was saved is in the folder.", err=True)


def show(place: Path) -> None:
    """Open a page in the browser."""
    webbrowser.open(place.resolve().as_uri())
