"""Reads the words of captions as a text: paragraphs, whose they are, and no times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from aligner.captions.file_kinds import ASS_SUFFIXES
from aligner.captions.lint import parse
from aligner.captions.lint.base import CaptionFile, ParsedCue
from aligner.discovery import document_files
from aligner.discovery.article.script import Block, begins_turn, is_whole_cue
from aligner.errors import BadSource
from aligner.languages.sentences import CLOSING_MARKS, SENTENCE_MARKS
from aligner.net.charset import decode
from aligner.types import Page

HEAD = document_files.HEAD
PARAGRAPH_PAUSE_MS = 2_000
"""A pause after a sentence that ends a paragraph of captions."""
PARAGRAPH_CHARS = 600
"""A sentence's end beyond so many characters ends one too."""
_VOICE = re.compile(r"<v(?:\.[^\s<>]*+)?\s++([^<>]{1,80})>", re.IGNORECASE)
_ASS_TAGS = re.compile(r"\{[^{}]*\}")
_MARKS = tuple(SENTENCE_MARKS)


@dataclass(frozen=True, slots=True)
class TextCue:
    """What one cue shows, and whose words they are if the file says it."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str | None = None


def load(path: Path, url: str | None) -> Page:
    """Returns the words of captions as a text, without numbers and times. Raises BadSource."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(parse.LARGEST + 1)
    except OSError as error:
        raise BadSource(name, f"cannot be read: {error.strerror}") from error
    start = decode(data[:HEAD], None).lstrip("\ufeff \r\n\t")
    language = None
    if start.startswith("[Script Info]") or path.suffix.lower() in ASS_SUFFIXES:
        cues = tuple(ass_cues(decode(data, None)))
    else:
        parsed = parse.read(data, name)
        cues, language = tuple(_parsed_cues(parsed)), parsed.language
    if not any(any(map(str.isalnum, "".join(cue.lines))) for cue in cues):
        raise BadSource(name, "there are no captions with words in it; a text may be given as .txt")
    blocks = list(caption_blocks(cues))
    paragraphs = document_files.paragraphs_of(blocks, captions=True)
    text = "\n\n".join(paragraph.text for paragraph in paragraphs)
    return Page(url, url, text, 200, "text/plain", path, paragraphs=paragraphs, language=language)


def _parsed_cues(file: CaptionFile) -> Iterator[TextCue]:
    for cue in file.cues:
        yield TextCue(cue.start_ms, cue.end_ms, cue.lines, _voice(cue))


def _voice(cue: ParsedCue) -> str | None:
    """Returns the voice of a WebVTT cue, if it has one and no second."""
    found = {unescape(name).strip() for line in cue.raw for name in _VOICE.findall(line)}
    return found.pop() if len(found) == 1 else None


def ass_cues(text: str) -> Iterator[TextCue]:
    """Yields the dialogue of an ASS or SSA file, in the file's order, without drawings and tags."""
    columns: list[str] = []
    for line in text.splitlines():
        what, _, rest = line.partition(":")
        if what.strip() == "Format":
            columns = [name.strip().lower() for name in rest.split(",")]
        elif what.strip() == "Dialogue" and "text" in columns:
            values = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
            shown = values.get("text", "")
            if r"\p1" in shown:  # a drawing
                continue
            lines = re.split(r"\\[Nn]", _ASS_TAGS.sub("", shown).replace(r"\h", " "))
            who = values.get("name", values.get("actor", "")).strip()
            start, end = (_ass_ms(values.get(name, "")) for name in ("start", "end"))
            yield TextCue(start, end, tuple(line.strip() for line in lines), who or None)


def _ass_ms(time: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,3}):(\d\d):(\d\d)[.:](\d{1,3})\s*", time)
    if not found:
        return 0
    hours, minutes, seconds, part = found.groups()
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(part.ljust(3, "0"))


def caption_blocks(cues: Sequence[TextCue]) -> Iterator[Block]:
    """Yields the paragraphs of captions: sentences up to a pause or to another person's turn.

    A line that a rolled-up caption repeats from the one before counts once.
    """
    going: Block | None = None
    last_ms = 0
    shown: tuple[str, ...] = ()
    for cue in cues:
        pause = cue.start_ms - last_ms
        for line in _new_lines(shown, cue.lines):
            if going and _divides(going, line, cue, pause):
                yield going
                going = None
            going = Block(f"{going.text} {line}" if going else line, "body", cue.speaker)
        shown, last_ms = cue.lines, max(last_ms, cue.end_ms)
    if going:
        yield going


def _divides(going: Block, line: str, cue: TextCue, pause_ms: int) -> bool:
    """Whether a line of a cue begins a new paragraph."""
    if begins_turn(line) or is_whole_cue(going.text) or cue.speaker != going.speaker:
        return True
    ended = going.text.rstrip(CLOSING_MARKS + " ").endswith(_MARKS)
    return ended and (pause_ms >= PARAGRAPH_PAUSE_MS or len(going.text) > PARAGRAPH_CHARS)


def _new_lines(shown: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Returns the lines of a cue, without those at its top that the cue before it ends with."""
    for size in range(min(len(shown), len(lines)), 0, -1):
        if tuple(shown[-size:]) == tuple(lines[:size]) and len(lines) > size:
            lines = lines[size:]
            break
    return [line for line in map(str.strip, lines) if line]
