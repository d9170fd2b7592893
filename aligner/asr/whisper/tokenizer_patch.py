"""Adds the first merge, which Whisper's published tokenizer.json lacks.

The merge joins a space and "t". Without it " the" becomes two tokens, which the decoder never
produces. (Decoding needs no merges.)
"""

from __future__ import annotations

import json
import re

FIRST = "\u0120", "t"
"""The merge; U+0120 stands for a space in the vocabulary."""
MERGES = re.compile(r'"merges":\s*\[\s*(?=["\[])')
"""The text up to the first merge of a non-empty list."""


def with_first_merge(text: str) -> str:
    """Returns a tokenizer.json with all merges. Raises ValueError if it is not JSON."""
    found = MERGES.search(text)
    if found is None:
        return text
    first, _ = json.JSONDecoder().raw_decode(text, found.end())
    merge = list(FIRST) if isinstance(first, list) else " ".join(FIRST)
    if first == merge:
        return text
    return f"{text[: found.end()]}{json.dumps(merge)},{text[found.end() :]}"
