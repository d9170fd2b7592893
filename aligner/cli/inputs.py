"""The sources that the user gives as arguments or on standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

from aligner.errors import BadSource

if TYPE_CHECKING:
    from aligner.pipeline.options import Options


def _lines(text: str) -> Iterator[str]:
    """Yields the sources of a list, one a line, without blank lines and comments (#)."""
    return (s for line in text.splitlines() if (s := line.strip()) and not s.startswith("#"))


def sources(named: tuple[str, ...], stdin: Callable[[], str]) -> list[str]:
    """Returns the sources, with ``-`` replaced by standard input. Raises BadSource if none."""
    found: list[str] = []
    for source in named:
        found += _lines(stdin()) if source == "-" else [source]
    if not found:
        raise BadSource("-", "no source: give an address, a saved page or a text")
    return found


def standard_input() -> TextIO:
    """Returns standard input as UTF-8 text; invalid bytes become surrogates."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape", newline="")
    return sys.stdin


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
