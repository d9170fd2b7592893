"""What a file format is.

How to add a format:

1. Make ``aligner/formats/xx.py`` with a function Outcome -> text and one ``Format`` record.
2. Add one line to ``FORMATS`` in ``aligner/formats/__init__.py``.
3. Read what it writes with a tool that is not ours, in ``tests/formats/test_xx.py``.

Texts come from strangers' pages: a format escapes what its syntax reserves, and gives text that
UTF-8 can hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from aligner.nouns import Outcome


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that an outcome can be written as."""

    name: str
    """As given to ``--format``."""
    suffix: str
    """Of the file's name, with the dot."""
    render: Callable[[Outcome], str]
    """The whole file. Empty text means that there is nothing to write."""
    needs_cues: bool
    """Whether it holds captions and nothing else, so that without cues there is no such file."""


_SURROGATES = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """Text -> text that UTF-8 can hold: half of a surrogate pair becomes U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Text -> one line of it: runs of white space are one space, control characters are gone."""
    kept = (c for c in encodable(text) if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join("".join(kept).split())
