"""Replaces lone surrogates, which JSON can escape and Python's text can hold, but UTF-8 cannot."""

from __future__ import annotations

import re

SURROGATE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def encodable(text: str) -> str:
    """Returns a text that UTF-8 can encode: a lone surrogate becomes U+FFFD."""
    return SURROGATE.sub(REPLACEMENT, text)
