"""Reads paragraphs with roles from an article's text as a reader copies it, or from a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aligner.discovery.article.boilerplate import (
    clean,
    is_boilerplate,
    is_closed,
    key,
    looks_like_caption,
)
from aligner.discovery.article.script import (
    Block,
    begins_turn,
    is_lone_label,
    is_whole_cue,
    script_paragraphs,
)
from aligner.types import Paragraph, Role

TITLE_CHARS, HEADING_CHARS = 200, 100
WRAP_CHARS = (40, 120)
"""Shortest and longest lines of a text that was wrapped by hand or by a mail program."""


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Returns the paragraphs, each once, the title first if there is one; () without a body.

    Those of a script (``script``) stay as often as they stand there.
    """
    if found := script_paragraphs(titled(_script_blocks(text))):
        return found
    lines, twice = _unique(_lines(text))
    title = lines[0] if lines and _is_title(lines) else None
    rest = lines[1:] if title else lines
    made = [Paragraph(title, "title")] if title else []
    body_seen = False
    for at, line in enumerate(rest):
        role = _role(line, line in twice, body_seen, last=at == len(rest) - 1)
        body_seen = body_seen or role == "body"
        made.append(Paragraph(line, role))
    return tuple(made) if body_seen else ()


def titled(blocks: Sequence[Block]) -> list[Block]:
    """Returns blocks of a text, the first one as the title if it looks like one."""
    found = list(blocks)
    texts = [block.text for block in found]
    if not found or found[0].role != "body" or begins_turn(texts[0]) or is_closed(texts[0]):
        return found
    if _is_title(texts) and texts[0] not in texts[1:]:
        found[0] = replace(found[0], role="title")
    return found


def _script_blocks(text: str) -> list[Block]:
    """Returns the lines of a text as blocks; lines that are wrapped are joined, up to a turn."""
    parts: list[list[str]] = [[]]
    for line in map(clean, text.splitlines()):
        alone = is_lone_label(line) or is_whole_cue(line)
        if not line or alone or begins_turn(line):
            parts.append([])
        if line:
            parts[-1].append(line)
        if alone:
            parts.append([])
    joined = _is_wrapped(parts)
    lines = [line for part in parts if part for line in ([" ".join(part)] if joined else part)]
    return [Block(line) for line in lines if not is_boilerplate(line) or begins_turn(line)]


def _role(line: str, printed_twice: bool, body_seen: bool, last: bool) -> Role:
    if looks_like_caption(line):
        return "caption"
    if printed_twice and not body_seen and not last:
        return "summary"
    if len(line) <= HEADING_CHARS and not is_closed(line) and not last:
        return "heading" if body_seen else "summary"
    return "body"


def _lines(text: str) -> list[str]:
    """Returns the text's paragraphs; wrapped lines are joined."""
    blocks: list[list[str]] = [[]]
    for line in map(clean, text.splitlines()):
        if not line:
            blocks.append([])
        else:
            blocks[-1].append(line)
    joined = _is_wrapped(blocks)
    found = [[" ".join(block)] if joined else block for block in blocks if block]
    return [line for block in found for line in block if not is_boilerplate(line)]


def _is_wrapped(blocks: list[list[str]]) -> bool:
    """Whether a text is wrapped: most lines that end no block have nearly one length."""
    inner = [line for block in blocks for line in block[:-1]]
    fitting = [line for line in inner if WRAP_CHARS[0] <= len(line) <= WRAP_CHARS[1]]
    open_ended = [line for line in fitting if not is_closed(line)]
    return len(inner) >= 4 and len(fitting) > 0.8 * len(inner) and len(open_ended) > len(inner) / 2


def _unique(lines: list[str]) -> tuple[list[str], set[str]]:
    """Returns the lines without repetitions, and the repeated lines."""
    seen: dict[str, str] = {}
    twice: set[str] = set()
    for line in lines:
        first = seen.setdefault(key(line), line)
        if first is not line:
            twice.add(first)
    return list(seen.values()), twice


def _is_title(lines: list[str]) -> bool:
    first = lines[0]
    is_short = len(first) <= TITLE_CHARS and not first.endswith((".", ":", ";", ","))
    return is_short and len(lines) > 1 and not looks_like_caption(first)
