"""Parse caption files: detect the format and decode the text."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from pathlib import PurePath

from aligner.captions.file_kinds import SUFFIXES, Kind
from aligner.captions.lint import subrip, ttml, webvtt
from aligner.captions.lint.base import LINE_END, CaptionFile, SyntaxViolation
from aligner.captions.lint.timing_lines import NUMBER, timing_at
from aligner.errors import BadSource

LARGEST = 256 << 20
"""Bytes. 200,000 cues take 15 MiB; what is larger is no caption file."""
HEAD = 4096
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def read(data: bytes, name: str) -> CaptionFile:
    """Returns the cues and the syntax violations of a file.

    Raises BadSource if it is no caption file.
    """
    if len(data) > LARGEST:
        raise BadSource(name, f"larger than {LARGEST >> 20} MiB: not a caption file")
    text, breaches = _decoded(data)
    bare = text.removeprefix("\ufeff")
    match _kind(bare, name):
        case "vtt":
            found = webvtt.read(bare)
        case "srt":
            found = subrip.read(bare)
        case "ttml":
            found = ttml.read(bare, name)
    return replace(found, breaches=(*breaches, *found.breaches), marked=bare != text)


def _kind(text: str, name: str) -> Kind:
    """Which format a text is in, by its beginning, else by the file's name. Raises BadSource."""
    head = text[:HEAD].lstrip()
    by_name = SUFFIXES.get(PurePath(name).suffix.lower())
    if re.match(r"WEBVTT(?:\s|$)", head):
        return "vtt"
    if head.startswith("<") and re.search(r"<(?:\w+:)?tt[\s>]", head):
        return "ttml"
    lines = LINE_END.split(head)
    if any(timing_at(lines, at, NUMBER) for at in range(len(lines))):
        return "vtt" if by_name == "vtt" else "srt"
    odd = sum(c == "\ufffd" or not (c.isprintable() or c.isspace()) for c in head)
    binary = odd > len(head) // 10
    if by_name is None or binary:
        what = "empty" if not head and not binary else "not a caption file"
        raise BadSource(name, f"{what}: WebVTT, SubRip (.srt) and TTML are read")
    return by_name


def _decoded(data: bytes) -> tuple[str, tuple[SyntaxViolation, ...]]:
    """Returns the decoded text, and the violations of its encoding."""
    if encoding := _utf_16(data):
        return _strictly(data, encoding, (SyntaxViolation(1, "UTF-16: it should be UTF-8"),))
    declared = _DECLARED.match(data[:HEAD].removeprefix(codecs.BOM_UTF8))
    return _strictly(data, (_known(declared[1]) if declared else None) or "utf-8", ())


def _utf_16(data: bytes) -> str | None:
    """Which UTF-16 a file is in, by its mark or its first character; None if in none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first = data[:4]
    if len(first) == 4 and first[1] == first[3] == 0 != first[0]:
        return "utf-16-le"
    return "utf-16-be" if len(first) == 4 and first[0] == first[2] == 0 != first[1] else None


def _strictly(
    data: bytes, encoding: str, found: tuple[SyntaxViolation, ...]
) -> tuple[str, tuple[SyntaxViolation, ...]]:
    """Decode; where that fails, replace what cannot be decoded, and add the violation."""
    try:
        return data.decode(encoding), found
    except UnicodeDecodeError as error:
        text = data[: error.start].decode(encoding, "replace")
        line = len(LINE_END.findall(text)) + 1
        shown = {"utf-8": "UTF-8"}.get(encoding, encoding)
        what = f"a byte that is not {shown}: convert the file to UTF-8"
        return data.decode(encoding, "replace"), (
            *found, SyntaxViolation(line, what, not_understood=True),
        )  # fmt: skip


def _known(name: bytes) -> str | None:
    """The encoding that an XML declaration names, if it is one of text and not UTF-8 itself."""
    try:
        found = codecs.lookup(name.decode("ascii")).name
        "".encode(found)
    except LookupError:
        return None
    return None if found == "utf-8" else found
