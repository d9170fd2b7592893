"""The options and help of `aligner batch`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner import defaults
from aligner.cli import glossary, shared_options, speaker_options
from aligner.cli.network import network as with_network

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aligner.alignment.acoustic import TimingPrecision
    from aligner.asr import Device
    from aligner.captions.formats import Look
    from aligner.captions.profiles import Profile
    from aligner.cli.batch_run import BatchInput
    from aligner.jobs import BatchOptions
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.options import Options, Speakers
    from aligner.review.extras import Extras
    from aligner.types import VoiceLimits

MB = 1_000_000


CODES_HELP = """\b
Exit codes:
  0  every article of this run is captioned, or there was nothing to do
  1  something went wrong: the disk is full, no recogniser is installed
  2  wrong use: a list cannot be read
  7  an article of this run is not captioned; the report says why
130  interrupted: the same command continues
With --fail-on the code is 7 if any article of the list, of this run or of an
earlier one, has one of those statuses or states; otherwise it is 0.
"""


def _statuses(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """Returns the statuses and states of --only; None if it is not given."""
    from aligner.types import MEDIA_STATES, STATUSES

    return shared_options.choices(value, tuple(dict.fromkeys((*STATUSES, "queued", *MEDIA_STATES))))


def _fail_statuses(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """Returns the statuses and states of --fail-on; None if it is not given."""
    from aligner.types import MEDIA_STATES, STATUSES

    return shared_options.choices(value, tuple(dict.fromkeys((*STATUSES, *MEDIA_STATES))))


def _output_places(output: str, state: Path | None) -> tuple[Path, str | None]:
    """Returns the job database's folder, and the address for results if --output is one.

    The folder is named after the address, so that the same command finds it again.
    """
    if "://" not in output:
        if state:
            raise click.UsageError("--state goes with an address for --output")
        return Path(output), None
    import platformdirs

    from aligner.captions.store import name_key, output_name

    name = output_name(output, {name_key(output_name(output, set()))})  # with its hash
    return state or platformdirs.user_state_path("aligner") / "batches" / name, output


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The command's arguments as click gives them, and the options made of them."""

    lists: tuple[str, ...]
    output: str
    state: Path | None
    sitemaps: tuple[str, ...]
    column: str | None
    since: datetime | None
    until: datetime | None
    retry_failed: bool
    only: tuple[str, ...] | None
    recheck_after: timedelta | None
    fail_on: tuple[str, ...] | None
    force: bool
    discard_edits: bool
    limit: int | None
    dry_run: bool
    formats: tuple[str, ...]
    styled: bool
    karaoke: bool
    hls_mpegts: int
    embed: bool
    burn_in: bool
    review: bool
    language: str | None
    model: str
    engine: str
    device: Device
    profile: Profile
    timing: TimingPrecision
    no_draft: bool
    sounds: bool
    speakers: Speakers
    voices: VoiceLimits | None
    glossaries: tuple[Path, ...]
    keep_media: int | None
    disk: int
    ray: str | None
    workers: int | None
    gpu_workers: int
    as_json: bool
    allow_private: bool
    quiet: bool
    verbose: bool
    log: Path | None
    jobs: int
    per_host: int
    delay: float
    timeout: float
    network: NetworkOptions
    ignore_robots: bool
    no_cache: bool

    def expect_sense(self) -> None:
        """Raise UsageError for arguments that exclude one another."""
        for wrong, why in (
            (not self.lists and not self.sitemaps, "give a LIST, or --sitemap"),
            (
                self.ray and self.keep_media,
                "--keep-media does not go with --ray: the recordings stay on the workers",
            ),
            (
                "://" in self.output and self.keep_media,
                "--keep-media does not go with an address for --output",
            ),
            (
                self.ray and self._makes_extras(),
                "--embed, --burn-in and --review do not go with --ray: the recordings stay there",
            ),
            (
                "://" in self.output and self._makes_extras(),
                "--embed, --burn-in and --review do not go with an address for --output",
            ),
            (self.workers == self.gpu_workers == 0, "with --workers 0, give --gpu-workers"),
        ):
            if wrong:
                raise click.UsageError(why)

    def _makes_extras(self) -> bool:
        """Whether a video or a review page is wanted beside the formats."""
        return self.embed or self.burn_in or self.review

    def inputs(self) -> BatchInput:
        """Returns where the sources come from."""
        from aligner.cli.batch_run import BatchInput
        from aligner.types import DateRange

        return BatchInput(self.lists, self.sitemaps, self.column, DateRange(self.since, self.until))

    def options(self) -> Options:
        """Returns how each article is captioned."""
        from aligner.pipeline.options import Options

        speaker_options.expect_sense(self.speakers, self.voices)
        return Options(
            language=self.language, engine=self.engine, device=self.device, model=self.model,
            profile=self.profile, timing=self.timing, sounds=self.sounds, speakers=self.speakers,
            voices=self.voices, draft=not self.no_draft,
            allow_private=self.allow_private, net=self.network,
            glossary=glossary.terms(self.glossaries, self.output),
        )  # fmt: skip

    def batch_options(self) -> BatchOptions:
        """Returns how the batch runs."""
        from aligner.jobs import BatchOptions

        folder, store = _output_places(self.output, self.state)
        return BatchOptions(
            folder, self.formats, look=self._look(), extras=self._extras(),
            statuses=self._statuses(), recheck_after=self.recheck_after,
            recheck=self._rechecked(), limit=self.limit,
            temporary_only=self.retry_failed and not (self.only or self.force),
            window=self.inputs().window, web=shared_options.web_options(self), network=self.jobs,
            disk_bytes=self.disk * MB, discard_edits=self.discard_edits,
            keep_media=self.keep_media, ray=self.ray, workers=self.workers,
            gpu_workers=self.gpu_workers, store=store,
        )  # fmt: skip

    def _look(self) -> Look:
        """Returns the options of caption formats."""
        from aligner.captions.formats import Look

        return Look(styled=self.styled, karaoke=self.karaoke, mpegts=self.hls_mpegts)

    def _extras(self) -> Extras:
        """Returns what is made beside the formats."""
        from aligner.review.extras import INTO_VIDEO, Extras

        wanted = {"embed": self.embed, "burn": self.burn_in}
        return Extras(tuple(way for way in INTO_VIDEO if wanted[way]), self.review)

    def _statuses(self) -> tuple[str, ...]:
        """Returns which articles are done, by their status so far."""
        from aligner.jobs import FAILED
        from aligner.types import STATUSES

        if self.force:
            return ("queued", *STATUSES)
        if self.only:
            return self.only if self.recheck_after is None else ()
        return ("queued", *(FAILED if self.retry_failed else ()))

    def _rechecked(self) -> tuple[str, ...]:
        """Returns the statuses of articles that --recheck-after applies to."""
        from aligner.jobs.selection import RECHECKED

        return self.only or RECHECKED


class _Command(click.Command):
    """A command whose --keep-media may stand without a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_size(args))


def _with_size(args: list[str]) -> list[str]:
    """Returns arguments in which a --keep-media that no size follows has the value "all"."""
    end = args.index("--") if "--" in args else len(args)
    return [
        "--keep-media=all"
        if arg == "--keep-media"
        and k < end
        and not any(map(shared_options.is_size, args[k + 1 : k + 2]))
        else arg
        for k, arg in enumerate(args)
    ]


@click.command(cls=_Command, epilog=CODES_HELP)
@click.argument("lists", nargs=-1, metavar="LIST...")
@click.option(
    "-o", "--output", default=defaults.FOLDER, show_default=True, metavar="DIR|ADDRESS",
    help="Folder for results, reports and the job database; or an address such as"
    " s3://bucket/path for results and reports.",
)  # fmt: skip
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder of the job database if --output is an address.  [default: in the user's state"
    " folder]",
)  # fmt: skip
@click.option(
    "--sitemap", "sitemaps", multiple=True, metavar="URL|FILE",
    help="Also caption the articles of a sitemap, a sitemap index, or a robots.txt that names"
    " sitemaps.",
)  # fmt: skip
@click.option(
    "--column",
    metavar="NAME",
    help="Column with the sources, in tables and JSON.  [default: url, ...]",
)
@click.option(
    "--since", callback=shared_options.moment, metavar="DATE",
    help="Only articles of feeds and sitemaps since DATE: 2026-11-24 or 2026-11-24T06:00Z.",
)  # fmt: skip
@click.option(
    "--until",
    callback=shared_options.moment,
    metavar="DATE",
    help="Only articles of feeds and sitemaps until DATE.",
)
@click.option(
    "--retry-failed", is_flag=True,
    help="Also retry articles whose failure may be temporary: a time-out, a broken connection,"
    " HTTP status 429 or 5xx; not 401, 403 or 404 (see --only).",
)  # fmt: skip
@click.option(
    "--only", callback=_statuses, metavar="STATUS|STATE,...",
    help="Only do articles that ended with these again: no_media, error, gone, ...; queued means"
    " not done yet.",
)  # fmt: skip
@shared_options.recheck_after(
    "Also do articles again that had no available media when they were last done longer ago than"
    " AGE: 7d, 12h, 2w. With --only, restrict those articles to this age."
)
@click.option(
    "--fail-on", callback=_fail_statuses, metavar="STATUS|STATE,...",
    help="Statuses and media states that make the exit code 7, for example error,login;"
    " see below.",
)  # fmt: skip
@click.option("-f", "--force", is_flag=True, help="Caption again where there is a result already.")
@click.option(
    "--discard-edits", is_flag=True,
    help="Also replace results that somebody has corrected, where they are made again; the"
    " corrections are lost.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(0), metavar="N", help="Do at most N articles.")
@click.option(
    "-n", "--dry-run", is_flag=True,
    help="Print what would be done. Lists are fetched, articles are not.",
)  # fmt: skip
@click.option(
    "--format", "formats", default=",".join(defaults.FORMATS), show_default=True,
    callback=shared_options.formats, metavar="NAME,...",
    help="Formats to write; see `aligner caption`.",
)  # fmt: skip
@shared_options.format_options
@click.option(
    "--review", is_flag=True,
    help="Also write the review page of each article, and keep recordings (see --keep-media).",
)  # fmt: skip
@shared_options.spoken_language
@shared_options.model
@shared_options.engine
@shared_options.device
@shared_options.caption_profile
@shared_options.timing
@shared_options.no_draft
@shared_options.sounds
@speaker_options.speakers
@speaker_options.voices
@glossary.glossary
@click.option(
    "--keep-media", metavar="SIZE|all|none", type=shared_options.Size(),
    help="Keep downloaded recordings up to this size in DIR/media; all without a size."
    "  [default: none; with --review all, beside the captions]",
)  # fmt: skip
@click.option(
    "--disk", type=click.IntRange(1), default=defaults.DISK_BYTES // MB, show_default=True,
    metavar="MB",
    help="Disk space for recordings in progress; further downloads wait until there is space.",
)  # fmt: skip
@click.option(
    "--ray", metavar="local|ADDRESS",
    help="Caption on the workers of a Ray cluster; see docs/batch.md.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(0), metavar="N",
    help="With --ray: number of workers with one core each.  [default: one for each core of the"
    " cluster]",
)  # fmt: skip
@click.option(
    "--gpu-workers", type=click.IntRange(0), default=defaults.GPU_WORKERS, show_default=True,
    metavar="N", help="With --ray: number of workers with a GPU.",
)  # fmt: skip
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object for each article, as it ends."
)
@shared_options.allow_private
@shared_options.quiet
@shared_options.verbose
@shared_options.log_file
@shared_options.debug
@shared_options.crawl_options
@with_network
def batch(**given: Any) -> int:
    """Caption many articles; after an interruption the same command continues.

    LIST is a text file with one source a line, a table (.csv, .tsv) or JSON with a column of
    sources, an RSS or Atom feed, or a sitemap, each as a file or an address; or - for standard
    input. A source that is a feed or a sitemap stands for its articles.

    Every article ends with exactly one status, and its .json sidecar says which. The job database
    in DIR/.aligner records progress; report.html and report.jsonl in DIR list all results. Several
    runs may share a folder.

    \b
    Examples:
      aligner batch addresses.txt -o captions
      aligner batch addresses.txt -o captions --retry-failed
      aligner batch addresses.txt -o captions --recheck-after 7d --fail-on error
      aligner batch articles.csv --column link --format vtt,srt --styled
      aligner batch addresses.txt -o captions --embed --review
      aligner batch https://example.com/podcast/feed.xml --since 2026-11-01
      aligner batch --sitemap https://example.com/sitemap.xml --limit 100 --dry-run
      aligner batch - < addresses.txt
      aligner batch addresses.txt -o s3://bucket/captions
    """
    from aligner.cli import batch_run

    arguments = Arguments(**given)
    arguments.expect_sense()
    shared_options.log_level(arguments.verbose)
    show = batch_run.BatchDisplay(
        arguments.dry_run, arguments.as_json, arguments.quiet, arguments.fail_on, arguments.log
    )
    return batch_run.run(arguments.inputs(), arguments.options(), arguments.batch_options(), show)
