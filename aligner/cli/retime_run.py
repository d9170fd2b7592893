"""Runs `aligner retime`: writes a caption file with new times, and prints what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aligner._util.inert_text import json_text
from aligner.alignment.clock import CaptionClock
from aligner.captions import lint, store
from aligner.captions.retiming.files import OpenedCaptions, open_captions
from aligner.cli import console, interrupt
from aligner.errors import BadSource
from aligner.pipeline.audit.retime import RetimedFile, retime
from aligner.pipeline.options import Options
from aligner.pipeline.resources import for_one_article
from aligner.pipeline.source import expect_source

SCHEMA = "aligner-retime/1"
SHOWN = 10
"""So many cues that are not heard are listed; JSON has them all."""


@dataclass(frozen=True, slots=True)
class RetimeOptions:
    """What is written and printed."""

    output: Path
    shift_only: bool = False
    as_json: bool = False
    quiet: bool = False


def run(path: Path, options: Options, how: RetimeOptions) -> int:
    """Retime a file, write it and print the result; returns the exit code.

    Raises BadSource, OtherRecording, MediaUnavailable, NoAudio, NoSpeech, OutputError.
    """
    expect_source(str(options.media))
    captions = open_captions(_bytes(path), str(path))
    interrupt.gather_temporary_files()
    resources = for_one_article(options)
    try:
        with console.progress(str(path), how.quiet) as progress:
            made = retime(
                captions, options, resources, shift_only=how.shift_only,
                progress=interrupt.InterruptibleProgress(progress),
            )  # fmt: skip
    finally:
        resources.settle()
    store.atomic_write(how.output, made.data)
    if how.as_json:
        click.echo(json_text(_as_json(path, made, captions, how)))
    else:
        for line in _sentences(made, captions, how):
            click.echo(console.strip_control_chars(line))
    return 0


def _bytes(path: Path) -> bytes:
    """Returns the bytes of the file. Raises BadSource."""
    try:
        with path.open("rb") as file:
            return file.read(lint.LARGEST + 1)
    except OSError as error:
        raise BadSource(str(path), f"cannot be read: {error.strerror or error}") from error


def clock_json(clock: CaptionClock) -> dict[str, Any]:
    """Returns the clock of a file for programs."""
    first, last = clock.segments[0].first, clock.segments[-1].last
    return {
        "offset_at_start_ms": clock.offset_ms(first.cue_ms),
        "offset_at_end_ms": clock.at(last.cue_ms, last.sound_ms) - last.cue_ms,
        "ratio": round(clock.ratio, 7),
        "frame_rates": clock.rates,
        "jumps": [
            {
                "from_ms": jump.before.sound_ms,
                "to_ms": jump.after.sound_ms,
                "by_ms": jump.by_ms,
            }
            for jump in clock.jumps
        ],
        "spread_ms": round(clock.spread_ms),
    }


def clock_sentences(clock: CaptionClock) -> Iterator[str]:
    """Yields what is wrong with the clock of a file, for people."""
    first, last = clock.segments[0].first, clock.segments[-1].last
    start = clock.offset_ms(first.cue_ms)
    end = clock.at(last.cue_ms, last.sound_ms) - last.cue_ms
    if clock.drifts:
        rates = clock.rates or f"{(clock.ratio - 1) * 100:+.3f} %"
        yield f"drift: {rates}; {_shift(start)} at the start, {_shift(end)} at the end"
    else:
        yield f"offset: {_shift(start)}"
    for jump in clock.jumps:
        place = f"{_clock(jump.before.sound_ms)} and {_clock(jump.after.sound_ms)}"
        more = "more" if jump.by_ms > 0 else "less"
        yield f"jump: between {place} the recording has {abs(jump.by_ms) / 1000:.2f} s {more}"


def _shift(ms: int) -> str:
    if not ms:
        return "on time"
    return f"{abs(ms) / 1000:.2f} s {'early' if ms > 0 else 'late'}"


def _clock(ms: int) -> str:
    return console.duration(ms)


def _as_json(
    path: Path, made: RetimedFile, captions: OpenedCaptions, how: RetimeOptions
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "file": str(path),
        "output": str(how.output),
        "kind": captions.file.kind,
        "shift_only": how.shift_only,
        "cues": len(captions.cues),
        "moved": _moved(made, captions),
        "unheard": list(made.unheard),
        "clock": clock_json(made.clock),
    }


def _moved(made: RetimedFile, captions: OpenedCaptions) -> int:
    pairs = zip(captions.cues, made.times, strict=True)
    return sum((cue.start_ms, cue.end_ms) != (time.start, time.end) for cue, time in pairs)


def _sentences(made: RetimedFile, captions: OpenedCaptions, how: RetimeOptions) -> Iterator[str]:
    yield f"{captions.name}: {_moved(made, captions)} of {len(captions.cues)} cues moved"
    yield from (f"  {line}" for line in clock_sentences(made.clock))
    for number in made.unheard[:SHOWN]:
        cue, time = captions.cues[number - 1], made.times[number - 1]
        words = " ".join(" ".join(cue.lines).split()[:8])
        yield f"  not heard: cue {number} (line {cue.line}), now at {_clock(time.start)}: {words}"
    if len(made.unheard) > SHOWN:
        yield f"  not heard: and {len(made.unheard) - SHOWN} more cues"
    yield f"  {how.output}"
