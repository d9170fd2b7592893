"""Reads the local file of a source: a saved page, a text, a document, or captions."""

from __future__ import annotations

import re
from pathlib import Path

from aligner.captions.file_kinds import ASS_SUFFIXES, SUFFIXES
from aligner.discovery import document_files
from aligner.discovery.article.script import cue_role
from aligner.net import client
from aligner.net.charset import decode
from aligner.net.guard import names_media
from aligner.types import NOT_READ_ALOUD, Article, Page

HEAD = document_files.HEAD
SHOWN_SPEAKERS = 8
"""Speakers that are named when a text is described."""
CAPTION_SUFFIXES = frozenset((*SUFFIXES, *ASS_SUFFIXES))


def load(path: Path, url: str | None = None) -> Page:
    """Read the file of a source, by what it holds. Raises BadSource, PageUnavailable, MachineFault.

    ``url`` is the address of the article.
    """
    head = b"" if names_media(path.name) else _head(path)
    if _may_be_captions(path, head):
        from aligner.pipeline import caption_source  # most sources are no captions

        return caption_source.load(path, url)
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
