"""Reads words with times, and the breaks of professional captions of the same words.

Used by ``captions.py``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import webvtt

from aligner.types import CaptionWord

UNSPACED = ("ja", "zh", "th")


@dataclass(frozen=True)
class Breaks:
    """The ends of cues and of lines within cues, each as the number of words before it."""

    cues: frozenset[int]
    lines: frozenset[int]


@dataclass(frozen=True)
class Sample:
    """Words to segment, and the breaks of a professional, if there are any."""

    name: str
    language: str
    words: tuple[CaptionWord, ...]
    duration_ms: int
    breaks: Breaks | None = None


def ms(time: str) -> int:
    """Returns the milliseconds of a WebVTT time."""
    clock, _, rest = time.partition(".")
    parts = [int(p) for p in clock.split(":")]
    return 1000 * sum(p * int(60**k) for k, p in enumerate(reversed(parts))) + int(rest)


def professional(path: Path, language: str) -> Sample:
    """Returns a caption file's words, with their shares of their cues' times, and breaks."""
    words: list[CaptionWord] = []
    cue_ends, line_ends = [], []
    for cue in webvtt.read(str(path)).captions:
        raw = html.unescape(re.sub(r"<[^>]*>", "", cue.raw_text))
        lines = [line for part in raw.splitlines() if (line := _split(part, language))]
        parts = [word for line in lines for word in line]
        if not parts:
            continue
        before = len(words)
        line_ends += [before + n for n in accumulate(len(line) for line in lines)][:-1]
        begins = max(ms(cue.start), words[-1].end_ms if words else 0)  # a few cues overlap
        words += _shared(parts, begins, max(ms(cue.end), begins + 100), language)
        cue_ends.append(len(words))
    breaks = Breaks(frozenset(cue_ends[:-1]), frozenset(line_ends))
    return Sample(path.stem, language, tuple(words), words[-1].end_ms + 1000, breaks)


def _split(line: str, language: str) -> list[str]:
    if language not in UNSPACED:
        return line.split()
    from icu4py.breakers import WordBreaker

    return [w for w in WordBreaker(line, language) if w.strip()]


def _shared(parts: list[str], start: int, end: int, language: str) -> Iterator[CaptionWord]:
    """Divides a cue's time between its words by their lengths."""
    sizes = [len(p) + 1 for p in parts]
    done = 0
    for k, (part, size) in enumerate(zip(parts, sizes, strict=True)):
        a = start + (end - start) * done // sum(sizes)
        done += size
        b = start + (end - start) * done // sum(sizes)
        spaced = language not in UNSPACED or k == 0
        yield CaptionWord(part, a, b, "verified", 1.0, None, spaced)


def professionals(corpus: Path) -> list[Sample]:
    """Yields the professional caption files of the corpus, in order of name."""
    speech = corpus / "speech"
    found = []
    for path in sorted((speech / "captions_w3c_wai").glob("*.vtt")):
        language = path.stem.rsplit(".", 1)[-1] if "." in path.stem else "en"
        found.append(professional(path, language))
    films = sorted((speech / "captions_elephantsdream").glob("captions.*.vtt"))
    return found + [professional(path, path.stem.rsplit(".", 1)[-1]) for path in films]


def from_sidecars(folder: Path) -> list[Sample]:
    """Yields the words of the sidecars under a folder, as ``benchmarks/cases.py`` writes them."""
    found = []
    for path in sorted(folder.glob("**/*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.get("words") and record.get("media"):
            keys = ("text", "start_ms", "end_ms", "origin", "score", "article_word")
            words = tuple(CaptionWord(*(w[k] for k in keys)) for w in record["words"])
            duration = record["media"]["duration_ms"]
            found.append(Sample(path.stem, record["lang"] or "en", words, duration))
    return found


def from_readings(corpus: Path) -> list[Sample]:
    """Yields the words of the read stories; each has its share of its page's time."""
    found = []
    for path in sorted((corpus / "speech").glob("asp_*/*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        words: list[CaptionWord] = []
        for part in record["fragments"]:
            span = round(part["start"] * 1000), round(part["end"] * 1000)
            words += _shared(part["text"].split(), *span, record["lang"])
        duration = round(record["duration"] * 1000)
        found.append(Sample(f"asp {path.stem}", record["lang"], tuple(words), duration))
    return found
