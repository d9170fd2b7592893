"""Runs `aligner caption`: captions sources, writes files, prints results."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aligner._util import malloc
from aligner._util.concurrency import limit_blas_threads
from aligner._util.inert_text import json_text
from aligner._util.temporary_folder import temporary_folder
from aligner.captions import store
from aligner.cli import console, interrupt
from aligner.cli.caption_output import Output, Written, remove_leftovers, write
from aligner.cli.console import RESULT_SCHEMA
from aligner.cli.exit_codes import EXIT_CODES, SOME_FAILED, report_error
from aligner.errors import (
    EARLIER_KEPT,
    KEPT,
    AlignerError,
    BadSource,
    CorrectionsKept,
    FeedGiven,
    OutputError,
)
from aligner.net import client
from aligner.pipeline import steps
from aligner.pipeline.diagnosis import is_temporary
from aligner.pipeline.recordings import download_again
from aligner.pipeline.source import is_address, name_of, read_page
from aligner.review import extras
from aligner.review.extras import INTO_VIDEO

if TYPE_CHECKING:
    from aligner.captions.store import StoredResult
    from aligner.pipeline.options import Options
    from aligner.types import CaptionResult, Source


def run(todo: Sequence[str], options: Options, output: Output) -> int:
    """Caption sources one after the other; returns the exit code.

    Raises AlignerError if there is a single source and it cannot be used.
    """
    malloc.claim()
    limit_blas_threads()
    taken: set[str] = set()
    named = [(source, store.output_name(source, taken, output.folder)) for source in todo]
    codes: list[int] = []
    for source, name in named:
        try:
            codes.append(_caption_one(source, name, options, output, taken))
        except FeedGiven as many:
            codes += _caption_items(many, options, output, taken)
    if len(codes) == 1:
        return codes[0]
    return 0 if not any(codes) else SOME_FAILED


def _caption_items(many: FeedGiven, options: Options, output: Output, taken: set[str]) -> list[int]:
    """Caption a feed's articles; returns their exit codes. Raises BadSource for an empty feed."""
    if not many.items:
        raise BadSource(many.source, "a feed without entries")
    codes = []
    for item in many.items:
        name = store.output_name(item.name, taken, output.folder)
        try:
            codes.append(_caption_one(item, name, options, output, taken))
        except BadSource as error:  # an entry that leads to another feed
            codes.append(report_error(error))
    return codes


def _caption_one(
    given: Source, name: str, options: Options, output: Output, taken: set[str]
) -> int:
    """Caption one source, write and print its result; returns its exit code.

    ``taken`` are the keys of names that this run uses. Raises FeedGiven if it is a feed.
    """
    source = name_of(given)
    try:
        there = _result_there(name, output)
        if there and _is_kept(there, name, output):
            return _complete(there, name, options, output, source)
    except CorrectionsKept as error:
        if output.as_json and there:
            _say_result(output, there.outcome.status, KEPT, source)
        return report_error(error)
    except (BadSource, OutputError) as error:  # from the existing result, not from the source
        return report_error(error)
    if output.dry_run:
        text = _text_to_read(given, options)
        _say_result(output, "would caption", f"{text}-> {output.folder / name}.*", source)
        return 0
    store.prepare(output.folder)
    interrupt.gather_temporary_files()
    followed = console.PartialCuePrinter() if output.follow else None
    with (
        _with_workplace(options, output) as options,
        console.progress(source, output.quiet) as progress,
    ):
        interruptible = interrupt.InterruptibleProgress(progress)
        if followed:
            options = replace(options, follow=followed.tell)
        outcome = steps.caption(given, options, interruptible)
        interrupt.raise_if_interrupted()
        written = write(outcome, name, options, output, taken)
        outcome, name = written.outcome, written.name
        more, trouble = extras.into_video(
            outcome, name, output.folder, output.into_video, interruptible
        )
        more += [written.kept] if written.kept else []
        trouble = trouble or written.trouble
        try:
            more += _review(written, options, output)
        except AlignerError as error:
            trouble = trouble or error
    if followed and outcome.captions:
        followed.end(outcome.captions)
    if output.show and outcome.captions:
        console.show_captions(outcome.captions)
    _report(outcome, (*written.paths, *more), output)
    return report_error(trouble) if trouble else EXIT_CODES[outcome.status]


def _result_there(name: str, output: Output) -> StoredResult | None:
    """Returns an existing result, after what killed runs left of it is removed or completed."""
    if not output.dry_run:
        remove_leftovers(output.folder, name)
    return store.read_result(output.folder, name, tidy=not output.dry_run)


def _text_to_read(given: Source, options: Options) -> str:
    """Returns what would be read of a file, for people; "" for what is requested.

    Raises FeedGiven, BadSource.
    """
    from aligner.discovery.article import extract
    from aligner.pipeline.text_source import described

    if not isinstance(given, str) or is_address(given):
        return ""
    page = read_page(given, options, client.fetch)
    return f"reads {described(extract(page))} "


# ---------------------------------------------------------------- existing results


def _is_kept(there: StoredResult, name: str, output: Output) -> bool:
    """Whether an existing result is kept and only completed. Raises CorrectionsKept.

    A result of a temporary failure is not kept.
    """
    if not there.edited:
        known = there.outcome
        passing = is_temporary(known.status, known.state, known.http_status)
        return not (output.force or passing)
    if output.force and not output.discard_edits:
        raise CorrectionsKept(output.folder / f"{name}.json")
    return not output.discard_edits


def _complete(there: StoredResult, name: str, options: Options, output: Output, source: str) -> int:
    """Write what is missing of an existing result, from its sidecar; returns the exit code."""
    outcome, folder = there.outcome, output.folder
    lacking = store.missing(folder, name, outcome, output.formats)
    restyled = there.combined_look(output.look) != there.look
    ways = extras.missing_videos(outcome, name, folder, output.into_video)
    if output.dry_run:
        todo = [*_within(folder, lacking), *(f"{name}.{INTO_VIDEO[way]}.*" for way in ways)]
        _say_result(output, outcome.status, _done_before(there, name, todo, "would write"), source)
        return EXIT_CODES[outcome.status]
    if lacking or restyled:
        store.completed(folder, name, output.formats, output.look)
    paths = tuple(p for p in store.places(folder, name, outcome, output.formats) if p.is_file())
    more, trouble = _into_video_again(there, name, options, replace(output, into_video=ways))
    more += _review_again(outcome, name, options, output)
    if output.show and outcome.captions:
        console.show_captions(outcome.captions)
    anew = (p for p in paths if p in lacking or (restyled and p.suffix != ".json"))
    made = _within(folder, (*anew, *more))
    detail = _done_before(there, name, made, "written")
    told = replace(outcome, source=source, reason=detail)
    _report(told, (*paths, *more), output, there.edited)
    return report_error(trouble) if trouble else EXIT_CODES[outcome.status]


def _within(folder: Path, paths: Iterable[Path]) -> list[str]:
    """Returns paths relative to the folder that holds them."""
    return [path.relative_to(folder).as_posix() for path in paths]


def _done_before(there: StoredResult, name: str, files: Sequence[str], doing: str) -> str:
    """Returns what is done about an existing result, as a clause."""
    corrected = ", with somebody's corrections" if there.edited else ""
    if files:
        return f"{doing} from what is there{corrected}, nothing heard again: {', '.join(files)}"
    again = "" if there.edited else ", --force makes it again"
    why = "" if there.outcome.captions else f"; {there.outcome.reason}"
    return f"already there{corrected}{again}: {name}.*{why}"


def _into_video_again(
    there: StoredResult, name: str, options: Options, output: Output
) -> tuple[list[Path], AlignerError | None]:
    """Put existing captions into the video, downloaded unless it is beside them."""
    if not output.into_video:
        return [], None
    from aligner.review.results import recording

    interrupt.gather_temporary_files()
    outcome = there.outcome
    with (
        temporary_folder() as aside,
        console.progress(outcome.source, output.quiet) as progress,
    ):
        interruptible = interrupt.InterruptibleProgress(progress)
        try:
            beside = None if options.media else recording(output.folder, name, outcome)
            options = replace(options, media=beside or options.media)
            media = download_again(outcome, options, aside, interruptible)
        except AlignerError as error:
            return [], error
        return extras.into_video(
            replace(outcome, file=media.path), name, output.folder, output.into_video, interruptible
        )


@contextmanager
def _with_workplace(options: Options, output: Output) -> Iterator[Options]:
    """Yields the options, with a folder for the recording if it is needed afterwards."""
    if not (output.into_video or output.review or output.keep_bytes):
        yield options
        return
    with temporary_folder() as folder:
        yield replace(options, workplace=folder)


def _review_again(
    outcome: CaptionResult, name: str, options: Options, output: Output
) -> list[Path]:
    """Write the review page of an existing result, if it is wanted and missing or outdated."""
    from aligner.cli import review_run

    sidecar, page = output.folder / f"{name}.json", extras.page_place(output.folder, name)
    if not output.review or outcome.captions is None:
        return []
    if page.exists() and page.stat().st_mtime_ns >= sidecar.stat().st_mtime_ns:
        return []
    given = Path(options.media) if options.media and Path(options.media).is_file() else None
    return [review_run.page(sidecar, options.profile, given, None)]


def _review(written: Written, options: Options, output: Output) -> list[Path]:
    """Write the review page of a new result, if it is wanted."""
    from aligner.cli import review_run

    outcome, place = written.outcome, options.workplace
    if not output.review or outcome.captions is None:
        return []
    fetched = outcome.file and place and outcome.file.is_relative_to(place)
    recording = written.kept if fetched else outcome.file
    sidecar = output.folder / f"{written.name}.json"
    return [review_run.page(sidecar, options.profile, recording, None)]


def _say_result(output: Output, status: str, detail: str, source: str) -> None:
    if output.as_json:
        told = {"schema": RESULT_SCHEMA, "source": source, "status": status, "reason": detail}
        click.echo(json_text(told))
    else:
        click.echo(console.strip_control_chars(f"{source}: {status}: {detail}"))


def _report(
    outcome: CaptionResult, paths: tuple[Path, ...], output: Output, corrected: bool = False
) -> None:
    """Print one source's result; ``corrected``: whether a person has edited it."""
    if output.as_json:
        from aligner.review.issues import places_to_look_at

        coverage = outcome.alignment.coverage if outcome.alignment else None
        shares = coverage and {
            "speech_in_article": round(coverage.speech_in_article, 4),
            "article_in_speech": round(coverage.article_in_speech, 4),
        }
        cues = len(outcome.captions.cues) if outcome.captions else 0
        made: dict[str, Any] = {
            "schema": RESULT_SCHEMA,
            "source": outcome.source,
            "status": outcome.status,
            "reason": outcome.reason,
            "state": outcome.state,
            "http_status": outcome.http_status,
        }
        made |= {"coverage": shares, "cues": cues, "files": [str(p) for p in paths]}
        made |= {"places_to_look_at": places_to_look_at(outcome), "corrected": corrected}
        made["earlier_captions_kept"] = outcome.reason.endswith(EARLIER_KEPT)
        click.echo(json_text(made))
        return
    _say_result(output, outcome.status, outcome.reason, outcome.source)
    for path in paths:
        click.echo(f"  {path}")
    _say_where_to_look(outcome, paths)


def _say_where_to_look(outcome: CaptionResult, paths: tuple[Path, ...]) -> None:
    """Print how many places need review, and the command that shows them."""
    from aligner.review.issues import described, places_to_look_at

    places = places_to_look_at(outcome)
    sidecar = next((path for path in paths if path.suffix == ".json"), None)
    if places and places["total"] and sidecar:
        command = f"aligner review {shlex.quote(str(sidecar))}"
        click.echo(f"  {described(places)}: {console.strip_control_chars(command)}")
