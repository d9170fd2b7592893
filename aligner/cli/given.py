"""What the user gave for SOURCE -> the sources."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from aligner.errors import BadSource

if TYPE_CHECKING:
    from aligner.pipeline import Options


def _lines(text: str) -> Iterator[str]:
    """A list of sources, one a line -> the sources; blank lines and remarks (#) left out."""
    return (s for line in text.splitlines() if (s := line.strip()) and not s.startswith("#"))


def sources(named: tuple[str, ...], stdin: Callable[[], str]) -> list[str]:
    """The sources, ``-`` replaced by the lines of standard input. Raises BadSource if none."""
    found: list[str] = []
    for source in named:
        found += _lines(stdin()) if source == "-" else [source]
    if not found:
        raise BadSource("-", "no source: give an address, a saved page or a text")
    return found


def standard_input() -> TextIO:
    """Standard input as text in UTF-8, where bytes that are none do not end the reading."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape", newline="")
    return sys.stdin


def listed(file: str | None) -> Iterator[str]:
    """The sources in a file with a list; "-" stays for standard input. Raises BadSource."""
    if file is None or file == "-":
        return iter(() if file is None else ("-",))
    try:
        return _lines(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "not a list in UTF-8"
        raise BadSource(file, f"cannot be read: {why}") from error


def expected(sources: list[str], options: Options) -> list[str]:
    """The sources, each once. Raises BadSource before any work is done."""
    from aligner import pipeline

    if len(sources) > 1 and (options.media or options.url):
        raise BadSource(sources[1], "--media and --url go with a single source")
    if options.media:
        pipeline.expect_source(str(options.media))
    for source in sources:
        pipeline.expect_source(source)
    return list(dict.fromkeys(sources))
