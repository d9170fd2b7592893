"""Write WebVTT and SubRip files with changed cues, in valid syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aligner.captions.formats.base import clock
from aligner.captions.formats.vtt_check import SIGNATURE, TIMESTAMP_MAP, header_end
from aligner.captions.lint.base import LINE_END, CaptionFile, ParsedCue

_TAGS = r"/?(?:c|i|b|u|ruby|rt|v|lang)(?:[.\s][^<>]*)?|(?:\d{2,}:)?\d\d:\d\d\.\d{3}"
_FOREIGN = r"/?(?:font|span|em|strong|p|div)(?:\s[^<>]*)?"
_MARKUP = re.compile(
    rf"(?P<tag><(?:{_TAGS})>)|(?P<foreign><(?:{_FOREIGN})>)|<|&(?!#?\w+;)", re.IGNORECASE
)
_BR = re.compile(r"<br ?/?>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(c|i|b|u|ruby|rt|v|lang)\b[^<>]*>", re.IGNORECASE)


def vtt(file: CaptionFile, cues: Sequence[ParsedCue]) -> str:
    """Returns a WebVTT file with the given cues, in order of their start times."""
    given = [line.replace("\0", "\ufffd") for line in LINE_END.split(file.text)]
    head, blocks = _divided(given, file.cues)
    now = {cue.number: cue for cue in cues}
    seen: set[str] = set()
    ordered = sorted(file.cues, key=lambda cue: cue.start_ms)
    out = list(_header(head))
    for place, before in zip(ordered, _remarks(blocks, file.cues), strict=True):
        out += before
        out += _identifier(blocks[place.number][1], seen)
        cue = now[place.number]
        out.append(f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}" + _settings(cue.settings))
        out += _balanced([_escaped(line) for raw in cue.raw for line in _divided_at_br(raw)])
        out.append("")
    out += blocks[0][0]
    while out and not out[-1]:
        out.pop()
    if len(out) == 1:
        out.append("")
    return _joined(file, out)


Blocks = dict[int, tuple[list[str], str]]
"""For each cue's number the lines of comments before it, and its identifier; 0 is for the lines
after all cues."""


def _divided(given: Sequence[str], cues: Sequence[ParsedCue]) -> tuple[list[str], Blocks]:
    """Returns the lines before the first cue, and those between the cues."""
    blocks: Blocks = {}
    head: list[str] = []
    reached = 0
    for cue in cues:
        between = list(given[reached : cue.line - 1])
        identifier = between.pop() if _ends_in_identifier(between, first=reached == 0) else ""
        if reached == 0:
            head, between = between, []
        blocks[cue.number] = (_comments(between), identifier)
        reached = cue.line + len(cue.raw)
    rest = list(given[reached:])
    if not cues:
        head, rest = rest, []
    blocks[0] = (_comments(rest), "")
    return head, blocks


def _ends_in_identifier(between: Sequence[str], first: bool) -> bool:
    """Whether the last of the lines before a cue is the cue's identifier."""
    if not between or not between[-1]:
        return False
    if len(between) == 1:
        return first and not SIGNATURE.fullmatch(between[0])
    under_signature = first and len(between) == 2 and SIGNATURE.fullmatch(between[0])
    return not between[-2] or (bool(under_signature) and not re.search("[:=]", between[-1]))


def _remarks(blocks: Blocks, cues: Sequence[ParsedCue]) -> list[list[str]]:
    """Returns the comments by their places, which stay the same if cues change places."""
    return [blocks[cue.number][0] for cue in cues]


def _comments(between: list[str]) -> list[str]:
    """Returns the lines between two cues, with one blank line after them and none before."""
    del between[: next((at for at, line in enumerate(between) if line), len(between))]
    while between and not between[-1]:
        between.pop()
    return [*between, ""] if between else []


def _header(head: list[str]) -> Iterator[str]:
    """Yields the signature, the header lines, a blank line, and the blocks before the first cue."""
    while head and not head[0].strip():
        head = head[1:]
    signed = head[0].lstrip() if head else ""
    if SIGNATURE.fullmatch(signed):
        head = [signed, *head[1:]]
        end = header_end(head)
    else:
        yield "WEBVTT"
        end = 0
    yield from map(_header_line, head[:end])
    yield ""
    yield from _comments(head[end:])


def _header_line(line: str) -> str:
    """Returns a header line; HLS players read X-TIMESTAMP-MAP only without spaces."""
    return re.sub(r"\s+", "", line) if line.startswith(TIMESTAMP_MAP) else line


def _identifier(name: str, seen: set[str]) -> Iterator[str]:
    """Yields a cue's identifier, made different from those before it."""
    if not name:
        return
    unique, number = name, 1
    while unique in seen:
        number += 1
        unique = f"{name}-{number}"
    seen.add(unique)
    yield unique


def _settings(settings: str) -> str:
    settings = re.sub(r"\balign:middle\b", "align:center", settings)
    return f" {settings}" if settings else ""


def _divided_at_br(line: str) -> list[str]:
    """Returns the parts of a line between HTML's <br> tags, which WebVTT players do not show."""
    parts = _BR.split(line.replace("\0", "\ufffd"))
    return [part for part in parts if part] or parts[:1]


def _escaped(line: str) -> str:
    """Returns a line with bare ``&`` and ``<`` escaped, and without tags that only HTML has.

    Players do not show such tags, so nothing that was shown is lost.
    """
    if "<" in line or "&" in line:
        line = _MARKUP.sub(_valid_markup, line)
    return line.replace("-->", "--&gt;")


def _valid_markup(found: re.Match[str]) -> str:
    if found["tag"]:
        return found[0]
    if found["foreign"]:
        return ""
    return "&amp;" if found[0] == "&" else "&lt;"


def _balanced(lines: list[str]) -> list[str]:
    """Returns a cue's lines with every tag closed, and without end tags that close nothing."""
    if not any("<" in line for line in lines):
        return lines
    open_tags: list[str] = []

    def seen(found: re.Match[str]) -> str:
        name = found[2].lower()
        if not found[1]:
            open_tags.append(name)
            return found[0]
        if name not in open_tags:
            return ""
        closed = ""
        while open_tags[-1] != name:
            closed += f"</{open_tags.pop()}>"
        open_tags.pop()
        return closed + found[0]

    made = [_TAG.sub(seen, line) for line in lines]
    if open_tags and not (open_tags == ["v"] and made[0].startswith("<v")):
        made[-1] += "".join(f"</{name}>" for name in reversed(open_tags))
    return made


def srt(file: CaptionFile, cues: Sequence[ParsedCue]) -> str:
    """Returns a SubRip file with cues in order of their start times, numbered from 1."""
    out: list[str] = []
    for number, cue in enumerate(sorted(cues, key=lambda cue: cue.start_ms), start=1):
        settings = f" {cue.settings}" if cue.settings else ""
        times = f"{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}{settings}"
        lines = [line.replace("\0", "\ufffd") for line in cue.raw if line.strip()]
        out += [str(number), times, *lines, ""]
    while out and not out[-1]:
        out.pop()
    return _joined(file, out)


def _joined(file: CaptionFile, lines: Sequence[str]) -> str:
    """Returns the text of lines, with the line end that the file uses first."""
    first = LINE_END.search(file.text)
    end = first[0] if first else "\n"
    if end == "\r" and "\n" in file.text:
        end = "\r\n"
    mark = "\ufeff" if file.marked else ""
    return mark + end.join(lines) + end
