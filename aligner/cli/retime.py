"""The options and help of `aligner retime`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import shared_options
from aligner.cli.network import network as with_network

if TYPE_CHECKING:
    from aligner.alignment.acoustic import TimingPrecision
    from aligner.asr import Device
    from aligner.captions.profiles import Profile
    from aligner.cli.retime_run import RetimeOptions
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.options import Options

CODES_HELP = """\b
Exit codes:
  0  written                         5  no audio, or nobody speaks in it
  1  something went wrong            6  the captions of another recording
  2  wrong use, or no caption file 130  interrupted
  4  the media is not available
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The values of the command's arguments and options."""

    file: Path
    media: str
    output: Path | None
    shift_only: bool
    fill: bool
    mark: bool
    language: str | None
    model: str
    engine: str
    device: Device
    profile: Profile
    timing: TimingPrecision
    as_json: bool
    network: NetworkOptions
    allow_private: bool
    quiet: bool
    verbose: bool

    def options(self) -> Options:
        """Returns how the recording is recognised."""
        from aligner.pipeline.options import Options

        return Options(
            media=self.media, language=self.language, engine=self.engine, device=self.device,
            model=self.model, profile=self.profile, timing=self.timing,
            allow_private=self.allow_private, net=self.network,
        )  # fmt: skip

    def retime_options(self) -> RetimeOptions:
        """Returns what is written and printed."""
        from aligner.cli.retime_run import RetimeOptions

        output = self.output or self.file.with_name(f"{self.file.stem}.retimed{self.file.suffix}")
        return RetimeOptions(
            output, self.shift_only, self.fill, self.mark, self.as_json, self.quiet
        )


@click.command(epilog=CODES_HELP)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--media", required=True, metavar="FILE|URL", help="The recording that the captions belong to."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write the captions; may be FILE itself.  [default: NAME.retimed.SUFFIX]",
)
@click.option(
    "--shift-only",
    is_flag=True,
    help="Only remove the offset, drift and jumps of the file; keep the cues as they are cut.",
)
@click.option(
    "--fill",
    is_flag=True,
    help="Also caption speech that the file leaves out, from the recogniser.",
)
@click.option(
    "--mark",
    is_flag=True,
    help="Put a comment before cues whose words are not heard (WebVTT, TTML and ASS).",
)
@shared_options.spoken_language
@shared_options.model
@shared_options.engine
@shared_options.device
@shared_options.caption_profile
@shared_options.timing
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_network
@shared_options.allow_private
@shared_options.quiet
@shared_options.verbose
@shared_options.debug
def retime(**arguments: Any) -> int:
    """Give the cues of a caption file the times of their words in a recording.

    FILE is a WebVTT, SubRip (.srt), TTML (IMSC, EBU-TT-D, DFXP) or ASS file, whoever made it. Its
    words, line breaks, settings, styles, notes and numbers stay byte for byte; only times change.
    Each cue begins with the onset of its first word and ends by the profile. A cue whose words are
    not heard keeps its place between its neighbours, and is listed. With --shift-only each cue
    keeps its length, and all are moved by the offset, drift and jumps of the file.

    \b
    Examples:
      aligner retime film.srt --media film.mp4
      aligner retime film.vtt --media film.mp4 --shift-only -o film.vtt
      aligner retime film.srt --media film.mp4 --profile bbc --json
      aligner retime film.srt --media film.mp4 --fill
      aligner retime film.vtt --media film.mp4 --mark
    """
    from aligner.cli import retime_run

    given = Arguments(**arguments)
    shared_options.log_level(given.verbose)
    return retime_run.run(given.file, given.options(), given.retime_options())
