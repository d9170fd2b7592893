"""Reads the local file of a source: a saved page, a text, a document, or captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from aligner.captions.lint import parse
from aligner.captions.lint.base import CaptionFile, ParsedCue
from aligner.discovery import document_files
from aligner.discovery.article.script import Block, begins_turn, cue_role, is_whole_cue
from aligner.errors import BadSource
from aligner.languages.sentences import CLOSING_MARKS, SENTENCE_MARKS
from aligner.net import client
from aligner.net.charset import decode
from aligner.net.guard import names_media
from aligner.types import NOT_READ_ALOUD, Article, Page

HEAD = document_files.HEAD
PARAGRAPH_PAUSE_MS = 2_000
"""A pause after a sentence that ends a paragraph of captions."""
PARAGRAPH_CHARS = 600
"""A sentence's end beyond so many characters ends one too."""
SHOWN_SPEAKERS = 8
"""Speakers that are named when a text is described."""
ASS_SUFFIXES = (".ass", ".ssa")
CAPTION_SUFFIXES = frozenset((*parse.SUFFIXES, *ASS_SUFFIXES))
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,80})>", re.IGNORECASE)
_ASS_TAGS = re.compile(r"\{[^{}]*\}")
_MARKS = tuple(SENTENCE_MARKS)


@dataclass(frozen=True, slots=True)
class TextCue:
    """What one cue shows, and whose words they are if the file says it."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str | None = None


def load(path: Path, url: str | None = None) -> Page:
    """Read the file of a source, by what it holds. Raises BadSource, PageUnavailable, MachineFault.

    ``url`` is the address of the article.
    """
    head = b"" if names_media(path.name) else _head(path)
    if _may_be_captions(path, head):
        return _captions(path, url)
    kind = document_files.kind_of(path, head) if head or _is_document_name(path) else None
    return document_files.load(path, kind, url) if kind and head else client.load(path, url)


def _is_document_name(path: Path) -> bool:
    return path.suffix.lower() in document_files.SUFFIXES and path.is_file()


def _head(path: Path) -> bytes:
    """Returns the first bytes of a file; none of one that cannot be read, as its reader says."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return b""


def described(article: Article) -> str:
    """Returns what was read of a text, for people."""
    read = [p for p in article.paragraphs if p.role not in NOT_READ_ALOUD]
    words = sum(len(p.text.split()) for p in read)
    speakers = list(dict.fromkeys(p.speaker for p in read if p.speaker))
    cues = [p.text for p in article.paragraphs if p.role in ("sound", "direction")]
    cues += [cue for p in article.paragraphs for cue in p.cues]
    sounds = sum(cue_role(cue) == "sound" for cue in cues)
    parts = [f"{_counted(len(read), 'paragraph')} with {_counted(words, 'word')}"]
    if speakers:
        shown = ", ".join(speakers[:SHOWN_SPEAKERS])
        more = ", ..." if len(speakers) > SHOWN_SPEAKERS else ""
        parts.append(f"{_counted(len(speakers), 'speaker')} ({shown}{more})")
    if sounds:
        parts.append(_counted(sounds, "sound cue"))
    if len(cues) > sounds:
        parts.append(_counted(len(cues) - sounds, "stage direction"))
    return ", ".join(parts)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# ---------------------------------------------------------------- captions


def _may_be_captions(path: Path, head: bytes) -> bool:
    """Whether a file holds captions, by its content; a name alone counts for text."""
    text = decode(head, None)
    start = text.lstrip("\ufeff \r\n\t")
    if start.startswith(("WEBVTT", "[Script Info]")):
        return True
    timed = re.search(r"^\s*\d{1,2}:\d\d(?::\d\d)?[.,]\d{1,3}\s*-->", text, re.MULTILINE)
    is_ttml = start.startswith("<") and re.search(r"<(?:\w+:)?tt[\s>]", start)
    if timed or is_ttml:
        return True
    is_text = b"\0" not in head and not head.startswith((b"PK\x03\x04", b"%PDF", b"{\\rtf"))
    return path.suffix.lower() in CAPTION_SUFFIXES and bool(head) and is_text


def _captions(path: Path, url: str | None) -> Page:
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
