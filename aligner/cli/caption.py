"""`aligner caption`: its options and its help."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aligner import defaults
from aligner.cli import inputs, shared_options
from aligner.cli.network import network as with_network

if TYPE_CHECKING:
    from aligner.alignment.acoustic import TimingPrecision
    from aligner.asr import Device
    from aligner.captions.profiles import Profile
    from aligner.net.options import NetworkOptions


CODES_HELP = """\b
Exit codes:
  0  captioned                       5  no sound, or nobody speaks in it
  1  something went wrong            6  the speech is not this article: captions
  2  wrong use                          were written from the speech alone
  3  the page links no media         7  several sources, not all captioned
  4  linked, but cannot be had     130  interrupted
"""


@click.command(epilog=CODES_HELP)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the results.  [default: here]",
)
@click.option(
    "--format",
    "formats",
    default=",".join(defaults.FORMATS),
    show_default=True,
    callback=shared_options.formats,
    metavar="NAME,...",
    help="What to write, of vtt, json, txt, srt, ttml, ass, chapters, hls, html, words, textgrid, "
    "ctm, report; the .json sidecar is always written.",
)
@shared_options.dressed
@click.option("--media", metavar="FILE|URL", help="The recording, in place of what the page links.")
@click.option(
    "--language", metavar="XX", callback=shared_options.language,
    help="Language of the speech: en, English.  [default: heard]",
)  # fmt: skip
@click.option(
    "--model",
    default=defaults.MODEL,
    show_default=True,
    metavar="NAME|PATH",
    help="Speech model; see `aligner models`.",
)
@click.option(
    "--engine",
    type=click.Choice(shared_options.ENGINES),
    default=defaults.ENGINE,
    show_default=True,
)
@shared_options.device
@click.option(
    "--profile",
    default=defaults.PROFILE,
    show_default=True,
    metavar="NAME|FILE.toml",
    callback=shared_options.profile,
    help="Captioning standard: netflix, bbc, ted, dcmp, or your own numbers.",
)
@click.option(
    "--no-draft", is_flag=True, help="Decode everything; do not take the article for a draft."
)
@shared_options.timing
@click.option("--sounds", is_flag=True, help="Label music and silence where nobody speaks.")
@click.option("-f", "--force", is_flag=True, help="Make again what is already there.")
@shared_options.discard_edits
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done; ask no address.")
@click.option("--show", is_flag=True, help="Print the captions too.")
@click.option(
    "--follow",
    is_flag=True,
    help="Print captions while the rest is being heard, and at the end those that became others.",
)
@click.option(
    "--review", is_flag=True, help="Also make the page to look at; the recording is kept beside it."
)
@click.option(
    "--keep-media",
    metavar="SIZE|all|none",
    callback=shared_options.size,
    help="Keep a recording that was fetched beside its captions if it is not larger.  "
    "[default: 25MB; all with --review]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a source.")
@with_network
@shared_options.common
def caption(
    sources: tuple[str, ...], folder: Path, formats: tuple[str, ...], media: str | None,
    language: str | None, model: str, engine: str, device: Device, profile: Profile, no_draft: bool,
    timing: TimingPrecision, sounds: bool, force: bool, discard_edits: bool, dry_run: bool,
    show: bool,
    follow: bool, review: bool, keep_media: int | None, as_json: bool, styled: bool,
    karaoke: bool, hls_mpegts: int, embed: bool, burn_in: bool, network: NetworkOptions,
    url: str | None, allow_private: bool, quiet: bool, verbose: bool,
) -> int:  # fmt: skip
    """Write captions for the recording that each article links.

    SOURCE is an http(s) address, a saved .html page, a .txt with a page's text, or - for a list
    of those on standard input; or an RSS or Atom feed, whose entries are captioned one after the
    other. Every source leaves a .json sidecar that says what became of it.

    \b
    Examples:
      aligner caption https://example.com/news/story.html -o captions
      aligner caption saved.html --url https://example.com/news/story.html
      aligner caption article.txt --media interview.mp3 --language en
      aligner caption saved.html --profile bbc --sounds
      aligner caption - -o captions < addresses.txt
      aligner caption saved.html --format vtt,srt,report --styled --karaoke
      aligner caption article.txt --media film.mp4 --embed
    """
    from aligner.captions.formats import Look
    from aligner.cli import caption_run
    from aligner.pipeline.options import Options
    from aligner.review.extras import INTO_VIDEO

    shared_options.log_level(verbose)
    options = Options(
        url=url, media=media, language=language, engine=engine, device=device, model=model,
        profile=profile, timing=timing, sounds=sounds, draft=not no_draft,
        allow_private=allow_private, net=network,
    )  # fmt: skip
    look = Look(styled=styled, karaoke=karaoke, mpegts=hls_mpegts)
    wished = {"embed": embed, "burn": burn_in}
    into_video = tuple(way for way in INTO_VIDEO if wished[way])
    if keep_media is None:
        keep_media = sys.maxsize if review else shared_options.SMALL_BYTES
    output = caption_run.Output(
        folder, formats, look, into_video, force, dry_run, as_json, show, quiet, review, follow,
        discard_edits, keep_media,
    )  # fmt: skip
    todo = inputs.expected(inputs.sources(sources, sys.stdin.read), options)
    return caption_run.run(todo, options, output)
