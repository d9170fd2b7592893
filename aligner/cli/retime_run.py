"""Runs `aligner retime`: writes a caption file with new times, and prints what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from aligner._util.inert_text import json_text
from aligner.captions import store
from aligner.captions.retiming.files import OpenedCaptions, open_captions
from aligner.cli import console, interrupt
from aligner.cli.audit_run import clock_sentences
from aligner.pipeline.audit.as_json import clock_json
from aligner.pipeline.audit.hearing import Hearing
from aligner.pipeline.audit.retime import RetimedFile, retime
from aligner.pipeline.audit.tasks import read_bytes
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
    fill: bool = False
    mark: bool = False
    as_json: bool = False
    quiet: bool = False


def run(path: Path, options: Options, how: RetimeOptions) -> int:
    """Retime a file, write it and print the result; returns the exit code.

    Raises BadSource, OtherRecording, MediaUnavailable, NoAudio, NoSpeech, OutputError.
    """
    expect_source(str(options.media))
    captions = open_captions(read_bytes(str(path)), str(path))
    interrupt.gather_temporary_files()
    resources = for_one_article(options)
    try:
        with console.progress(str(path), how.quiet) as progress:
            hearing = Hearing(options, resources, interrupt.InterruptibleProgress(progress))
            made = retime(
                captions, hearing, shift_only=how.shift_only, fill=how.fill, mark=how.mark
            )
    finally:
        resources.settle()
    store.atomic_write(how.output, made.data)
    if how.as_json:
        click.echo(json_text(_as_json(path, made, captions, how)))
    else:
        for line in _sentences(made, captions, how):
            click.echo(console.strip_control_chars(line))
    return 0


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
        "added": [
            {"start_ms": cue.time.start, "end_ms": cue.time.end, "lines": list(cue.lines)}
            for cue in made.added
        ],
        "clock": clock_json(made.clock),
    }


def _moved(made: RetimedFile, captions: OpenedCaptions) -> int:
    pairs = zip(captions.cues, made.times, strict=True)
    return sum((cue.start_ms, cue.end_ms) != (time.start, time.end) for cue, time in pairs)


def _sentences(made: RetimedFile, captions: OpenedCaptions, how: RetimeOptions) -> Iterator[str]:
    yield f"{captions.name}: {_moved(made, captions)} of {len(captions.cues)} cues moved"
    yield from (f"  {line}" for line in clock_sentences(clock_json(made.clock)))
    for number in made.unheard[:SHOWN]:
        cue, time = captions.cues[number - 1], made.times[number - 1]
        words = " ".join(" ".join(cue.lines).split()[:8])
        yield f"  not heard: cue {number} (line {cue.line}), now at {_clock(time.start)}: {words}"
    if len(made.unheard) > SHOWN:
        yield f"  not heard: and {len(made.unheard) - SHOWN} more cues"
    for new in made.added[:SHOWN]:
        yield f"  added at {_clock(new.time.start)}: {' '.join(new.lines)}"
    if len(made.added) > SHOWN:
        yield f"  added: and {len(made.added) - SHOWN} more cues"
    yield f"  {how.output}"
