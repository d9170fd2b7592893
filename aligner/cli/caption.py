"""The options and help of `aligner caption`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner import defaults
from aligner.cli import glossary, inputs, shared_options, speaker_options
from aligner.cli.network import network as with_network

if TYPE_CHECKING:
    from aligner.alignment.acoustic import TimingPrecision
    from aligner.asr import Device
    from aligner.captions.profiles import Profile
    from aligner.cli.caption_output import Output
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.options import Options, Speakers
    from aligner.types import VoiceLimits


CODES_HELP = """\b
Exit codes:
  0  captioned                       5  no audio, or nobody speaks in it
  1  something went wrong            6  the speech is not this article: captions
  2  wrong use                          were written from the speech alone
  3  the page links no media         7  several sources, not all captioned
  4  linked, but not available     130  interrupted
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The command's arguments as click gives them, and the options made of them."""

    sources: tuple[str, ...]
    folder: Path
    formats: tuple[str, ...]
    styled: bool
    karaoke: bool
    hls_mpegts: int
    embed: bool
    burn_in: bool
    media: str | None
    language: str | None
    model: str
    engine: str
    device: Device
    profile: Profile
    no_draft: bool
    timing: TimingPrecision
    sounds: bool
    speakers: Speakers
    voices: VoiceLimits | None
    glossaries: tuple[Path, ...]
    force: bool
    discard_edits: bool
    dry_run: bool
    show: bool
    follow: bool
    review: bool
    keep_media: int | None
    as_json: bool
    network: NetworkOptions
    url: str | None
    allow_private: bool
    quiet: bool
    verbose: bool

    def options(self) -> Options:
        """Returns how each article is captioned."""
        from aligner.pipeline.options import Options

        speaker_options.expect_sense(self.speakers, self.voices)
        return Options(
            url=self.url, media=self.media, language=self.language, engine=self.engine,
            device=self.device, model=self.model, profile=self.profile, timing=self.timing,
            sounds=self.sounds, speakers=self.speakers,
            voices=self.voices, draft=not self.no_draft, allow_private=self.allow_private,
            net=self.network,
            glossary=glossary.terms(self.glossaries, str(self.folder)),
        )  # fmt: skip

    def output(self) -> Output:
        """Returns what is written and printed."""
        from aligner.captions.formats import Look
        from aligner.cli.caption_output import Output
        from aligner.review.extras import INTO_VIDEO

        wanted = {"embed": self.embed, "burn": self.burn_in}
        return Output(
            folder=self.folder,
            formats=self.formats,
            look=Look(styled=self.styled, karaoke=self.karaoke, mpegts=self.hls_mpegts),
            into_video=tuple(way for way in INTO_VIDEO if wanted[way]),
            force=self.force, dry_run=self.dry_run, as_json=self.as_json, show=self.show,
            quiet=self.quiet, review=self.review, follow=self.follow,
            discard_edits=self.discard_edits, keep_bytes=self._keep_bytes(),
        )  # fmt: skip

    def _keep_bytes(self) -> int:
        """Returns up to which size a downloaded recording is kept."""
        if self.keep_media is not None:
            return self.keep_media
        return sys.maxsize if self.review else shared_options.SMALL_BYTES


@click.command(epilog=CODES_HELP)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the results.  [default: the current folder]",
)
@click.option(
    "--format",
    "formats",
    default=",".join(defaults.FORMATS),
    show_default=True,
    callback=shared_options.formats,
    metavar="NAME,...",
    help="Formats to write: vtt, json, txt, srt, ttml, ass, chapters, hls, html, words, textgrid, "
    "ctm, rttm, report. The .json sidecar is always written.",
)
@shared_options.format_options
@click.option(
    "--media",
    metavar="FILE|URL",
    help="The recording to caption, instead of one that the page links.",
)
@shared_options.spoken_language
@shared_options.model
@shared_options.engine
@shared_options.device
@shared_options.caption_profile
@shared_options.no_draft
@shared_options.timing
@shared_options.sounds
@speaker_options.speakers
@speaker_options.voices
@glossary.glossary
@click.option("-f", "--force", is_flag=True, help="Caption again where there is a result already.")
@shared_options.discard_edits
@click.option(
    "-n", "--dry-run", is_flag=True, help="Print what would be read and done; make no request."
)
@click.option("--show", is_flag=True, help="Print the captions too.")
@click.option(
    "--follow",
    is_flag=True,
    help="Print captions while recognition goes on, and at the end those that have changed.",
)
@click.option(
    "--review",
    is_flag=True,
    help="Also write the review page, NAME.html; the recording is kept beside it.",
)
@click.option(
    "--keep-media",
    metavar="SIZE|all|none",
    type=shared_options.Size(),
    help="Keep downloaded recordings up to this size beside their captions.  "
    "[default: 25MB; all with --review]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each source.")
@with_network
@shared_options.common
def caption(**arguments: Any) -> int:
    """Write captions for the recording that each article links.

    SOURCE is an http(s) address, a saved .html page, a text (.txt, .md, .docx, .odt, .rtf, .pdf, or
    captions: .srt, .vtt, .ttml, .ass), an RSS or Atom feed whose entries are captioned one after
    the other, or - to read a list of sources from standard input. For every source a .json sidecar
    is written that says how it ended.

    \b
    Examples:
      aligner caption https://example.com/news/story.html -o captions
      aligner caption saved.html --url https://example.com/news/story.html
      aligner caption article.txt --media interview.mp3 --language en
      aligner caption script.docx --media film.mp4 --dry-run
      aligner caption saved.html --profile bbc --sounds --glossary house.txt
      aligner caption article.txt --media interview.mp3 --speakers turns --voices 2
      aligner caption - -o captions < addresses.txt
      aligner caption saved.html --format vtt,srt,report --styled --karaoke
      aligner caption article.txt --media film.mp4 --embed
    """
    from aligner.cli import caption_run

    given = Arguments(**arguments)
    shared_options.log_level(given.verbose)
    options = given.options()
    todo = inputs.expected(inputs.sources(given.sources), options)
    return caption_run.run(todo, options, given.output())
