"""The options and help of `aligner review`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner import defaults
from aligner.cli import shared_options
from aligner.cli.network import network as with_network

if TYPE_CHECKING:
    from aligner.asr import Device
    from aligner.captions.profiles import Profile
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.options import Options


_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The values of the command's arguments and options."""

    result: Path | None
    folder: Path | None
    media: Path | None
    output: Path | None
    open_it: bool
    port: int | None
    profile: Profile
    keep_media: int
    model: str
    engine: str
    device: Device
    allow_private: bool
    network: NetworkOptions

    def options(self) -> Options:
        """Returns how an article is captioned that is given a recording on the page."""
        from aligner.pipeline.options import Options

        return Options(
            engine=self.engine, model=self.model, device=self.device, profile=self.profile,
            allow_private=self.allow_private, net=self.network,
        )  # fmt: skip


@click.command()
@click.argument("result", required=False, type=_FILE, metavar="[NAME.json]")
@click.option(
    "--serve",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Serve the results in DIR, to this machine only, and save corrections there.",
)
@click.option(
    "--media", type=_FILE, metavar="FILE", help="The recording, if it is not beside NAME.json."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The page to write.  [default: NAME.html beside NAME.json]",
)
@click.option("--open", "open_it", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="With --serve: the port.  [default: derived from the folder's name, if it is free]",
)
@click.option(
    "--profile",
    default=defaults.PROFILE,
    show_default=True,
    callback=shared_options.profile,
    metavar="NAME|FILE",
    help="Captioning standard that cues are checked against.",
)
@click.option(
    "--keep-media",
    metavar="SIZE|all|none",
    default="25MB",
    show_default=True,
    type=shared_options.Size(),
    help="With --serve: keep recordings downloaded for captioning up to this size.",
)
@click.option(
    "--model",
    default="base",
    show_default=True,
    metavar="NAME|PATH",
    help="With --serve: the speech model for recordings given on a page.",
)
@shared_options.engine
@shared_options.device
@click.option(
    "--allow-private",
    is_flag=True,
    help="With --serve: allow requests to loopback and private network addresses.",
)
@with_network
@shared_options.debug
def review(**arguments: Any) -> int:
    """Write the page on which a person reviews and corrects captions.

    NAME.json is what `aligner caption` writes. The page is one file that needs no network; it plays
    the recording beside it. With --serve, corrections are saved in the folder, missing recordings
    are played from their addresses, and an article without captions can be given a recording, as a
    file or an address, and is then captioned.

    \b
    Examples:
      aligner review captions/story.json --open
      aligner review captions/story.json --media story.mp4
      aligner review --serve captions --open
    """
    from aligner.cli import review_run

    given = Arguments(**arguments)
    if (given.result is None) == (given.folder is None):
        raise click.UsageError("Give a NAME.json, or a folder with --serve.")
    if given.folder:
        review_run.serve(given.folder, given.options(), given.keep_media, given.port, given.open_it)
    elif given.result:
        place = review_run.page(given.result, given.profile, given.media, given.output)
        click.echo(place)
        if given.open_it:
            review_run.show(place)
    return 0
