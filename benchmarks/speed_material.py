"""Makes an article and its recording longer or shorter, by cutting or repeating them.

The text that is read in a part of the recording is found by captioning the whole recording once,
which is not measured; the result is kept in the work folder. Packets are copied, so that all
contestants decode the published sound.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aligner import languages
from aligner.audio.decode import probe
from aligner.audio.ffmpeg import ffmpeg_path

UNREAD = ("title", "caption")
"""Roles of paragraphs that are usually not read aloud."""


@dataclass(frozen=True, slots=True)
class Material:
    """The article and the recording that all contestants get."""

    name: str
    recording: Path
    text: Path
    """What is read of the article, a paragraph a line, with its title before it."""
    plain: Path
    """The same without the title."""
    seconds: float
    language: str


@dataclass(frozen=True, slots=True)
class Source:
    """A recording, and its article with the times at which its words are read."""

    name: str
    mark: str
    """Tells it from others of that name."""
    recording: Path
    seconds: float
    result: dict[str, Any]
    """aligner's own, as in the sidecar."""


def source(article: Path, recording: Path, work: Path) -> Source:
    """Caption the whole recording, unless the work folder has the result."""
    mark = hashlib.sha256(article.read_bytes() + recording.read_bytes()).hexdigest()[:12]
    sidecar = work / f"{mark}.json"
    if not sidecar.is_file():
        print(f"captioning {recording.name} once, to know what is read when", file=sys.stderr)
        made = work / f"making-{mark}"
        command = [sys.executable, "-m", "aligner", "caption", str(article), "--media"]
        command += [str(recording), "--force", "-q", "--format", "json", "-o", str(made)]
        ran = subprocess.run(command, check=False)
        found = next(made.glob("*.json"), None)
        if ran.returncode or not found:
            sys.exit(f"{article} does not seem to be what is read in {recording}")
        found.replace(sidecar)
    name = f"{article.resolve().parent.name}/{recording.name}"
    seconds = (probe(recording).duration_ms or 0) / 1000
    return Source(name, mark, recording, seconds, json.loads(sidecar.read_text(encoding="utf-8")))


def material(source: Source, seconds: float | None, work: Path) -> Material:
    """Returns a source at a length; None for its own length."""
    wanted = seconds or source.seconds
    name = f"{source.mark}-{wanted:.0f}"
    title = next((p["text"] for p in source.result["article"] if p["role"] == "title"), name)
    read = list(_read(source, wanted))
    text, plain = work / f"{name}.txt", work / f"{name}.plain.txt"
    text.write_text("\n\n".join([title, *read]) + "\n", encoding="utf-8")
    plain.write_text("\n".join(read) + "\n", encoding="utf-8")
    recording = _cut(source, wanted, work / f"{name}{source.recording.suffix}")
    length = (probe(recording).duration_ms or 0) / 1000
    return Material(source.name, recording, text, plain, length, source.result["lang"])


def _read(source: Source, seconds: float) -> Iterator[str]:
    """Returns the paragraphs that are read in a length of the recording, with each repetition."""
    rounds, rest = divmod(seconds, source.seconds)
    for _ in range(int(rounds)):
        yield from _paragraphs(source.result, None)
    if rest >= 1:
        yield from _paragraphs(source.result, _words_until(source.result, rest))


def _words_until(result: dict[str, Any], seconds: float) -> int:
    """Returns how many of the article's words are read in a length of the recording."""
    heard = (w["article_word"] for w in result["words"] if w["end_ms"] <= seconds * 1000)
    return max((at + 1 for at in heard if at is not None), default=0)


def _paragraphs(result: dict[str, Any], words: int | None) -> Iterator[str]:
    """Returns the spoken part of the article's first ``words`` words; None for all."""
    split = languages.get(result["lang"]).split
    for paragraph in result["article"]:
        found = split(paragraph["text"])
        kept = found if words is None else found[: max(0, words)]
        words = None if words is None else words - len(found)
        if kept and paragraph["role"] not in UNREAD:
            yield "".join((" " if w.space_before else "") + w.text for w in kept).strip()


def _cut(source: Source, seconds: float, target: Path) -> Path:
    """Cut or repeat a recording's sound to a length, without encoding it again."""
    if not target.is_file():
        part = target.with_name(f"making-{target.name}")
        command = [str(ffmpeg_path()), "-y", "-nostdin", "-loglevel", "error", "-stream_loop", "-1"]
        command += ["-i", str(source.recording), "-t", f"{seconds}", "-map", "0:a:0", "-c", "copy"]
        subprocess.run([*command, str(part)], check=True)
        part.replace(target)
    return target
