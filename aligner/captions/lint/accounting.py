"""Compare a fixed file with the given one, so that no word of a file is ever lost.

The comparison does not trust the code that fixes: it counts the words of both files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from aligner.captions.lint.base import LINE_END, CaptionFile
from aligner.captions.lint.webvtt import unescaped

_TAG = re.compile(
    r"</?(?:c|i|b|u|ruby|rt|font|span|em|strong|p|div)(?:[.\s][^<>]*)?>|</(?:v|lang)>",
    re.IGNORECASE,
)
"""Tags without words of their own; they may be closed, added or removed."""
_BR = re.compile(r"<br ?/?>", re.IGNORECASE)
_TOKEN = re.compile(r"\w+|[^\w\s]")


def missing_lines(given: CaptionFile, fixed: CaptionFile) -> list[int]:
    """Returns the lines of a file of which something is missing in the fixed file.

    Every line counts: text, comments, header lines, identifiers, and the start time and settings of
    timing lines. Only the numbers of SubRip cues may differ.
    """
    present = Counter(token for _, tokens in _content(fixed) for token in tokens)
    missing: list[int] = []
    for line, tokens in _content(given):
        present.subtract(tokens)
        if any(present[token] < 0 for token in tokens):
            missing.append(line)
    return missing


def _content(file: CaptionFile) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file, each with its words, symbols and start time."""
    cues = {cue.line: cue for cue in file.cues}
    for number, line in enumerate(LINE_END.split(file.text), start=1):
        if cue := cues.get(number):
            settings = cue.settings.replace("align:middle", "align:center")
            yield number, [f"at {cue.start_ms}", *_TOKEN.findall(settings)]
        elif number not in file.counters and line:
            yield number, _TOKEN.findall(_bare(line))


def _bare(line: str) -> str:
    """A line without tags, character references and NUL, which fixing changes."""
    if "<" in line:
        line = _BR.sub(" ", _TAG.sub("", line))
    return unescaped(line).replace("\0", "\ufffd")
