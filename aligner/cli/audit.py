"""The options and help of `aligner audit`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner.cli import shared_options
from aligner.cli.network import network as with_network
from aligner.errors import BadSource

if TYPE_CHECKING:
    from aligner.asr import Device
    from aligner.captions.profiles import Profile
    from aligner.cli.audit_run import AuditDisplay, AuditInput, Form
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.options import Options

CODES_HELP = """\b
Exit codes:
  0  audited, whatever the verdict       4  the media is not available
  1  a verdict of --fail-on, or          5  no audio, or nobody speaks in it
     something went wrong                7  several sources, not all audited
  2  wrong use, or no caption file     130  interrupted
  3  the page links no media
"""


def _verdicts(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    from aligner.pipeline.audit.findings import VERDICTS

    return shared_options.choices(value, VERDICTS) or ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The values of the command's arguments and options."""

    sources: tuple[str, ...]
    media: str | None
    article: str | None
    listed: str | None
    state: Path | None
    jobs: int
    as_json: bool
    as_csv: bool
    html: Path | None
    fail_on: tuple[str, ...]
    url: str | None
    language: str | None
    model: str
    engine: str
    device: Device
    profile: Profile
    network: NetworkOptions
    allow_private: bool
    quiet: bool
    verbose: bool

    def options(self) -> Options:
        """Returns how recordings are recognised."""
        from aligner.pipeline.options import Options

        return Options(
            url=self.url, language=self.language, engine=self.engine, device=self.device,
            model=self.model, profile=self.profile, allow_private=self.allow_private,
            net=self.network,
        )  # fmt: skip

    def inputs(self) -> AuditInput:
        """Returns what is audited. Raises BadSource."""
        from aligner.cli.audit_run import AuditInput

        if not (self.sources or self.listed):
            raise BadSource("-", "no source: give a caption file, a page or --from LIST")
        if len(self.sources) > 1 and (self.media or self.article or self.url):
            why = "--media, --article and --url go with a single source; see --from"
            raise BadSource(self.sources[1], why)
        return AuditInput(
            self.sources, self.media, self.article, self.listed, self.state, self.jobs
        )

    def show(self) -> AuditDisplay:
        """Returns what is printed and written."""
        from aligner.cli.audit_run import AuditDisplay

        form: Form = "json" if self.as_json else "csv" if self.as_csv else "table"
        return AuditDisplay(form, self.html, self.fail_on, self.quiet)


@click.command(epilog=CODES_HELP)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--media",
    metavar="FILE|URL",
    help="The recording that the captions belong to; a folder of recordings if SOURCE is a folder."
    "  [default: the page's, or the file of that name beside the captions]",
)
@click.option(
    "--article",
    metavar="FILE|URL",
    help="The article that is read: an address, a saved page or a text, whose names and numbers"
    " the captions should have; their folder if SOURCE is a folder.",
)
@click.option(
    "--from",
    "listed",
    metavar="LIST",
    help="Read sources from a table (.csv, .tsv) or JSON with the columns captions, media and"
    " article, a text with a source on each line, a feed or a sitemap; - for standard input.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Remember results in DIR; audit only what is new or has changed.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Sources read and downloaded at the same time; recordings are recognised one by one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each source.")
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print one line of comma-separated values for each."
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write a page with all findings, the worst first.",
)
@click.option(
    "--fail-on",
    callback=_verdicts,
    metavar="VERDICT,...",
    help="Verdicts that make the exit code 1: late, drifting, incomplete, inaccurate, other,"
    " error.",
)
@click.option(
    "--url", help="The original address of a saved page; relative links resolve against it."
)
@shared_options.spoken_language
@shared_options.model
@shared_options.engine
@shared_options.device
@shared_options.caption_profile
@with_network
@shared_options.allow_private
@shared_options.quiet
@shared_options.verbose
@shared_options.debug
def audit(**arguments: Any) -> int:
    """Judge captions that exist already against their recording, and their article.

    SOURCE is a caption file (WebVTT, SubRip, TTML or ASS) with its recording in --media or beside
    it; a folder of such files; or an article's address, saved page or feed, whose own captions are
    judged. The verdict is good, late,
    drifting, incomplete, inaccurate, or other for the captions of another recording. The report
    has the offset, drift and jumps of the times, speech without captions, captions where nobody
    speaks, words that the sound denies, names and numbers that differ from the article, and the
    profile's rules. Where the recogniser may be wrong itself, words are "not sure".

    \b
    Examples:
      aligner audit film.vtt --media film.mp4
      aligner audit story.vtt --media story.mp3 --article story.html
      aligner audit https://example.com/news/story.html
      aligner audit archive/ --state seen --html report.html
      aligner audit --from pairs.csv --state seen --csv --html report.html > report.csv
      aligner audit film.srt --media film.mp4 --fail-on late,drifting,incomplete,other
    """
    from aligner.cli import audit_run

    given = Arguments(**arguments)
    shared_options.log_level(given.verbose)
    return audit_run.run(given.inputs(), given.options(), given.show())
