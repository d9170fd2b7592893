"""Parse caption files: detect the format and decode the text."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from pathlib import PurePath

from aligner.captions.lint import lines, ttml
from aligner.captions.lint.base import CaptionFile, Kind, SyntaxViolation
from aligner.errors import BadSource

LARGEST = 256 << 20
"""Bytes. 200,000 cues take 15 MiB; what is larger is no caption file."""
HEAD = 4096

SUFFIXES: dict[str, Kind] = {
    ".vtt": "vtt",
    ".webvtt": "vtt",
    ".srt": "srt",
    ".ttml": "ttml",
    ".dfxp": "ttml",
    ".itt": "ttml",
}
_SUBRIP_TIMES = re.compile(r"^\s*\d+:\d+:\d+[,.]\d+\s*-->", re.MULTILINE)
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def read(data: bytes, name: str) -> CaptionFile:
    """Returns the cues and the syntax violations of a file.

    Raises BadSource if it is no caption file.
    """
    if len(data) > LARGEST:
        raise BadSource(name, f"larger than {LARGEST >> 20} MiB: not a caption file")
    text, breach = _decoded(data)
    bare = text.removeprefix("\ufeff")
    match _kind(bare, name):
        case "vtt":
            found = lines.vtt(bare)
        case "srt":
            found = lines.srt(bare)
        case "ttml":
            found = ttml.read(bare, name)
    if breach:
        found = replace(found, breaches=(breach, *found.breaches), whole="UTF-16" in breach.what)
    return replace(found, marked=bare != text)


def _kind(text: str, name: str) -> Kind:
    """Which format a text is in, by its beginning, else by the file's name. Raises BadSource."""
    head = text[:HEAD].lstrip()
    if re.match(r"WEBVTT(?:\s|$)", head):
        return "vtt"
    if head.startswith("<") and re.search(r"<(?:\w+:)?tt[\s>]", head):
        return "ttml"
    if _SUBRIP_TIMES.search(head):
        return SUFFIXES.get(PurePath(name).suffix.lower(), "srt")
    odd = sum(c == "\ufffd" or not (c.isprintable() or c.isspace()) for c in head)
    binary = odd > len(head) // 10
    by_name = SUFFIXES.get(PurePath(name).suffix.lower())
    if by_name is None or binary:
        what = "empty" if not head and not binary else "not a caption file"
        raise BadSource(name, f"{what}: WebVTT, SubRip (.srt) and TTML are read")
    return by_name


def _decoded(data: bytes) -> tuple[str, SyntaxViolation | None]:
    """Returns the decoded text, and the violation of its encoding, if any."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), SyntaxViolation(
                1, "UTF-16: it should be UTF-8"
            )
    declared = _DECLARED.match(data[:HEAD].removeprefix(codecs.BOM_UTF8))
    if declared and (other := _known(declared[1])):
        return data.decode(other, "replace"), None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode("utf-8", "replace"), SyntaxViolation(line, "a byte that is not UTF-8")


def _known(name: bytes) -> str | None:
    """The encoding that an XML declaration names, if it is one of text and not UTF-8 itself."""
    try:
        found = codecs.lookup(name.decode("ascii")).name
        "".encode(found)
    except LookupError:
        return None
    return None if found == "utf-8" else found
