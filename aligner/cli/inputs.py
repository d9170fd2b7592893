"""The sources that the user gives as arguments or on standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aligner.errors import BadSource

if TYPE_CHECKING:
    from aligner.pipeline.options import Options


def _lines(text: str) -> Iterator[str]:
    """Yields the sources of a list, one a line, without blank lines and comments (#)."""
    return (s for line in text.splitlines() if (s := line.strip()) and not s.startswith("#"))


def sources(named: tuple[str, ...]) -> list[str]:
    """Returns the sources, with ``-`` replaced by standard input. Raises BadSource if none."""
    found: list[str] = []
    for source in named:
        found += _lines("".join(standard_input())) if source == "-" else [source]
    if not found:
        raise BadSource("-", "no source: give an address, a saved page or a text")
    return found


def standard_input() -> Iterator[str]:
    """Yields the lines of standard input as UTF-8 text; invalid bytes become surrogates.

    Raises BadSource if it cannot be read.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from sys.stdin
    except (OSError, ValueError) as error:
        raise unreadable_input(error) from error


def unreadable_input(error: Exception) -> BadSource:
    """Returns the error for standard input that is closed or cannot be read."""
    why = getattr(error, "strerror", None) or str(error)
    return BadSource("-", f"standard input cannot be read: {why}")


def expected(sources: list[str], options: Options, alone: bool = True) -> list[str]:
    """Returns the sources without duplicates. Raises BadSource for invalid ones.

    ``alone``: whether there are no other sources, for example from lists.
    """
    from aligner.pipeline.source import expect_source

    if (len(sources) > 1 or not alone) and (options.media or options.url):
        why = "--media and --url go with a single source"
        raise BadSource(sources[-1] if sources else "a list", why)
    if options.media:
        expect_source(str(options.media))
    for source in sources:
        expect_source(source)
    return list(dict.fromkeys(sources))
