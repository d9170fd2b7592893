"""Captions sources, writes what comes out, prints it -> the exit code."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from aligner import memory, pipeline, store
from aligner.cli import console, interrupt
from aligner.cli.ending import EXIT_CODES, SOME_FAILED, complain
from aligner.errors import AlignerError, BadSource, ManyArticles
from aligner.parallel import products_on_one_core
from aligner.review.doubts import places_to_look_at, told

if TYPE_CHECKING:
    from aligner.formats import Look
    from aligner.nouns import Outcome, Source
    from aligner.pipeline import Options, Progress
    from aligner.store import Finished

IntoVideo = Literal["embed", "burn"]
WITH_CUES = ("captioned", "speech_only")
INTO_VIDEO: dict[IntoVideo, str] = {"embed": "captioned", "burn": "burnt"}
"""What the copy of a video is called after its name, for each way to put captions into it."""


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
    follow: bool = False


def run(todo: Sequence[str], options: Options, output: Output) -> int:
    """Caption sources one after the other -> the exit code. Raises AlignerError of a single one."""
    memory.claim()
    products_on_one_core()
    taken: set[str] = set()
    named = [(source, store.output_name(source, taken, output.folder)) for source in todo]
    codes: list[int] = []
    for source, name in named:
        try:
            codes.append(_caption_one(source, name, options, output))
        except ManyArticles as many:
            codes += _caption_items(many, options, output, taken)
    if len(codes) == 1:
        return codes[0]
    return 0 if not any(codes) else SOME_FAILED


def _caption_items(
    many: ManyArticles, options: Options, output: Output, taken: set[str]
) -> list[int]:
    """Caption a feed's articles; the exit code of each. Raises BadSource if there are none."""
    if not many.items:
        raise BadSource(many.source, "a feed without entries")
    codes = []
    for item in many.items:
        name = store.output_name(item.name, taken, output.folder)
        try:
            codes.append(_caption_one(item, name, options, output))
        except BadSource as error:  # an entry that leads to another feed
            codes.append(complain(error))
    return codes


def _caption_one(given: Source, name: str, options: Options, output: Output) -> int:
    """Caption one source, write what came out, say so; the exit code for it alone.

    Raises ManyArticles if it is a feed.
    """
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
    followed = console.Followed() if output.follow else None
    with _keeping(options, output) as options, console.progress(source, output.quiet) as progress:
        heeding = interrupt.Heeding(progress)
        if followed:
            options = replace(options, follow=followed.tell)
        outcome = pipeline.caption(given, options, heeding)
        interrupt.heed()
        paths = store.write_outcome(outcome, output.folder, name, output.formats, output.look)
        more, trouble = _into_video(outcome, name, output, heeding)
        if output.review and outcome.captions:
            more += _review_of(outcome, output.folder / name, options)
    if followed and outcome.captions:
        followed.end(outcome.captions)
    if output.show and outcome.captions:
        console.show_captions(outcome.captions)
    _report(outcome, (*paths, *more), output)
    return complain(trouble) if trouble else EXIT_CODES[outcome.status]


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
    from aligner.cli import review_run

    sidecar = output.folder / f"{name}.json"
    wanted = output.review and not output.dry_run and done.status in WITH_CUES
    if wanted and not (output.folder / f"{name}.html").exists():
        given = Path(options.media) if options.media and Path(options.media).is_file() else None
        review_run.page(sidecar, options.profile, given, None)


def _review_of(outcome: Outcome, place: Path, options: Options) -> list[Path]:
    """Make the page of a result that was just written, its recording beside it."""
    from aligner.cli import review_run

    recording, made = outcome.file, []
    if recording and options.workplace and recording.is_relative_to(options.workplace):
        recording = review_run.keep(recording, place)
        made.append(recording)
    sidecar = place.with_name(f"{place.name}.json")
    return [*made, review_run.page(sidecar, options.profile, recording, None)]


def _say_result(output: Output, status: str, detail: str, source: str) -> None:
    if output.as_json:
        click.echo(json.dumps({"source": source, "status": status, "reason": detail}))
    else:
        click.echo(console.plain(f"{source}: {status}: {detail}"))


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
            "state": outcome.state,
            "http_status": outcome.http_status,
        }
        made |= {"coverage": shares, "cues": cues, "files": [str(p) for p in paths]}
        made["places_to_look_at"] = places_to_look_at(outcome)
        click.echo(json.dumps(made, ensure_ascii=False))
        return
    _say_result(output, outcome.status, outcome.reason, outcome.source)
    for path in paths:
        click.echo(f"  {path}")
    _say_where_to_look(outcome, paths)


def _say_where_to_look(outcome: Outcome, paths: tuple[Path, ...]) -> None:
    """How many places an editor must see, and the command that shows them."""
    places = places_to_look_at(outcome)
    sidecar = next((path for path in paths if path.suffix == ".json"), None)
    if places and places["total"] and sidecar:
        command = f"aligner review {shlex.quote(str(sidecar))}"
        click.echo(f"  {told(places)}: {console.plain(command)}")
