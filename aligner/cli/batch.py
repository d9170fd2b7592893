"""`aligner batch`: its options and its help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner import defaults
from aligner.cli import shared_options
from aligner.cli.network import network as with_network

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aligner.alignment.acoustic import TimingPrecision
    from aligner.asr import Device
    from aligner.captions.formats import Look
    from aligner.captions.profiles import Profile
    from aligner.cli.batch_run import InputSpec
    from aligner.jobs import BatchOptions
    from aligner.net.options import NetworkOptions
    from aligner.pipeline.options import Options
    from aligner.review.extras import Extras

MB = 1_000_000


CODES_HELP = """\b
Exit codes:
  0  every article that this run did is captioned, or there was nothing to do
  1  something went wrong: the disk is full, there is no recogniser
  2  wrong use: a list that cannot be read
  7  an article that this run did is not captioned; the report says why
130  interrupted: the same command goes on
With --fail-on the code is 7 if any article of the list, done by this run or by
an earlier one, has one of those statuses or states; else it is 0.
"""


def _statuses(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """What is to be done, as the user gives it -> statuses and states; None if there are none."""
    from aligner.types import MEDIA_STATES, STATUSES

    return shared_options.choices(value, tuple(dict.fromkeys((*STATUSES, "queued", *MEDIA_STATES))))


def _endings(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """Statuses and states as the user gives them -> the same; None if there are none."""
    from aligner.types import MEDIA_STATES, STATUSES

    return shared_options.choices(value, tuple(dict.fromkeys((*STATUSES, *MEDIA_STATES))))


def _places(output: str, state: Path | None) -> tuple[Path, str | None]:
    """Where results go, as given -> the ledger's folder, and the address for results if it is one.

    An address has a ledger of its own, so that the same command finds it again.
    """
    if "://" not in output:
        if state:
            raise click.UsageError("--state goes with an address for --output")
        return Path(output), None
    import platformdirs

    from aligner.captions.store import output_name

    name = output_name(output, {output_name(output, set()).casefold()})  # with its hash
    return state or platformdirs.user_state_path("aligner") / "batches" / name, output


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The command's arguments, as click gives them, and what is made of them."""

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
    keep_media: bool
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
        """Raise UsageError for arguments that do not go together."""
        for wrong, why in (
            (not self.lists and not self.sitemaps, "give a LIST, or --sitemap"),
            (
                self.ray and self.keep_media,
                "--keep-media does not go with --ray: recordings stay with workers",
            ),
            (
                "://" in self.output and self.keep_media,
                "--keep-media does not go with an address for --output",
            ),
            (
                self.ray and self._beside(),
                "--embed, --burn-in and --review do not go with --ray: recordings stay there",
            ),
            (
                "://" in self.output and self._beside(),
                "--embed, --burn-in and --review do not go with an address for --output",
            ),
            (self.workers == self.gpu_workers == 0, "with --workers 0, give --gpu-workers"),
        ):
            if wrong:
                raise click.UsageError(why)

    def _beside(self) -> bool:
        """Whether something is to be made beside the formats."""
        return self.embed or self.burn_in or self.review

    def asked(self) -> InputSpec:
        """Where the sources come from."""
        from aligner.cli.batch_run import InputSpec
        from aligner.types import DateRange

        return InputSpec(self.lists, self.sitemaps, self.column, DateRange(self.since, self.until))

    def options(self) -> Options:
        """How each article is captioned."""
        from aligner.pipeline.options import Options

        return Options(
            language=self.language, engine=self.engine, device=self.device, model=self.model,
            profile=self.profile, timing=self.timing, sounds=self.sounds, draft=not self.no_draft,
            allow_private=self.allow_private, net=self.network,
        )  # fmt: skip

    def how(self) -> BatchOptions:
        """How the run goes about them."""
        from aligner.jobs import BatchOptions

        folder, store = _places(self.output, self.state)
        return BatchOptions(
            folder, self.formats, look=self._look(), extras=self._extras(),
            statuses=self._statuses(), recheck_after=self.recheck_after,
            recheck=self._rechecked(), limit=self.limit,
            passing_only=self.retry_failed and not (self.only or self.force),
            window=self.asked().window, asking=shared_options.asking(self), network=self.jobs,
            disk_bytes=self.disk * MB, discard_edits=self.discard_edits,
            keep_media=self.keep_media, ray=self.ray, workers=self.workers,
            gpu_workers=self.gpu_workers, store=store,
        )  # fmt: skip

    def _look(self) -> Look:
        """How captions are dressed."""
        from aligner.captions.formats import Look

        return Look(styled=self.styled, karaoke=self.karaoke, mpegts=self.hls_mpegts)

    def _extras(self) -> Extras:
        """What is made beside the formats."""
        from aligner.review.extras import INTO_VIDEO, Extras

        wished = {"embed": self.embed, "burn": self.burn_in}
        return Extras(tuple(way for way in INTO_VIDEO if wished[way]), self.review)

    def _statuses(self) -> tuple[str, ...]:
        """Which articles are to be done, by what became of them before."""
        from aligner.jobs import FAILED
        from aligner.types import STATUSES

        if self.force:
            return ("queued", *STATUSES)
        if self.only:
            return self.only if self.recheck_after is None else ()
        return ("queued", *(FAILED if self.retry_failed else ()))

    def _rechecked(self) -> tuple[str, ...]:
        """Which articles are looked at again if the last look is too old."""
        from aligner.jobs.choice import RECHECKED

        return self.only or RECHECKED


@click.command(epilog=CODES_HELP)
@click.argument("lists", nargs=-1, metavar="LIST...")
@click.option(
    "-o", "--output", default=defaults.FOLDER, show_default=True, metavar="DIR|ADDRESS",
    help="Folder for the results, the reports and the ledger; or an address as s3://bucket/path"
    " for results and reports.",
)  # fmt: skip
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Where the ledger is if --output is an address.  [default: the user's folder for state]",
)  # fmt: skip
@click.option(
    "--sitemap", "sitemaps", multiple=True, metavar="URL|FILE",
    help="Also the articles of a sitemap, of an index of them, or of a robots.txt that names them.",
)  # fmt: skip
@click.option("--column", metavar="NAME", help="Of a table or of JSON lines.  [default: url, ...]")
@click.option(
    "--since", callback=shared_options.moment, metavar="DATE",
    help="Only articles of feeds and sitemaps from then on: 2026-11-24 or 2026-11-24T06:00Z.",
)  # fmt: skip
@click.option(
    "--until", callback=shared_options.moment, metavar="DATE", help="Only those until then."
)
@click.option(
    "--retry-failed", is_flag=True,
    help="Also those that failed and may go well now: after a time-out, 429 or 5xx, a broken"
    " connection; not after 401, 403, 404 (see --only).",
)  # fmt: skip
@click.option(
    "--only", callback=_statuses, metavar="STATUS|STATE,...",
    help="Only those that ended so, once more: no_media, error, gone, ...; queued: not yet done.",
)  # fmt: skip
@shared_options.recheck_after(
    "Also those that had no media, or none that could be had, when they were looked at longer ago:"
    " 7d, 12h, 2w. With --only: of those, only such."
)
@click.option(
    "--fail-on", callback=_endings, metavar="STATUS|STATE,...",
    help="Statuses and states of media that make the exit code 7, for example error,login;"
    " see below.",
)  # fmt: skip
@click.option("-f", "--force", is_flag=True, help="Make again what is already there.")
@click.option(
    "--discard-edits", is_flag=True,
    help="What is made again is so also where somebody has corrected it; the corrections are lost.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(0), metavar="N", help="At most so many articles.")
@click.option(
    "-n", "--dry-run", is_flag=True,
    help="Say what would be done. No article is asked for; a list at an address is.",
)  # fmt: skip
@click.option(
    "--format", "formats", default=",".join(defaults.FORMATS), show_default=True,
    callback=shared_options.formats, metavar="NAME,...",
    help="What to write; see `aligner caption`.",
)  # fmt: skip
@shared_options.dressed
@click.option(
    "--review", is_flag=True,
    help="Also make each page to look at; the recordings are kept beside them.",
)  # fmt: skip
@click.option(
    "--language", metavar="XX", callback=shared_options.language,
    help="Language of the speech: en, English.  [default: heard]",
)  # fmt: skip
@click.option("--model", default=defaults.MODEL, show_default=True, metavar="NAME|PATH")
@click.option(
    "--engine",
    type=click.Choice(shared_options.ENGINES),
    default=defaults.ENGINE,
    show_default=True,
)
@shared_options.device
@click.option(
    "--profile", default=defaults.PROFILE, show_default=True, metavar="NAME|FILE.toml",
    callback=shared_options.profile, help="Captioning standard.",
)  # fmt: skip
@shared_options.timing
@click.option(
    "--no-draft", is_flag=True, help="Decode everything; do not take the article for a draft."
)
@click.option("--sounds", is_flag=True, help="Label music and silence where nobody speaks.")
@click.option("--keep-media", is_flag=True, help="Keep the recordings, in the folder media.")
@click.option(
    "--disk", type=click.IntRange(1), default=defaults.DISK_BYTES // MB, show_default=True,
    metavar="MB", help="Recordings on their way may take so much before the next is downloaded.",
)  # fmt: skip
@click.option(
    "--ray", metavar="local|ADDRESS",
    help="Have articles captioned by the workers of a Ray cluster; see docs/batch.md.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(0), metavar="N",
    help="With --ray: how many of one core.  [default: one for each core of the cluster]",
)  # fmt: skip
@click.option(
    "--gpu-workers", type=click.IntRange(0), default=defaults.GPU_WORKERS, show_default=True,
    metavar="N", help="With --ray: how many with a GPU.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object an article as it ends.")
@click.option("--allow-private", is_flag=True, help="Also ask addresses on private networks.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="Say more of what is done.")
@shared_options.log_file
@shared_options.debug
@shared_options.crawl_options
@with_network
def batch(**given: Any) -> int:
    """Caption many articles; whenever it is stopped, the same command goes on.

    LIST is a text file with a source on each line, a table (.csv, .tsv), JSON or JSON lines with a
    column of them, an RSS or Atom feed or a sitemap, each as a file or at an address; or - for
    standard input. Where a source is a feed or a sitemap itself, its articles are taken.

    Every article ends in exactly one outcome, and leaves a .json sidecar that says which. The
    ledger in DIR/.aligner knows how far each is; report.html and report.jsonl in DIR say what
    became of all. Several runs may share a folder.

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
    show = batch_run.Show(
        arguments.dry_run, arguments.as_json, arguments.quiet, arguments.fail_on, arguments.log
    )
    return batch_run.run(arguments.asked(), arguments.options(), arguments.how(), show)
