"""What the published tokenizer.json of Whisper lacks: the first of the merges it was trained with.

It is a space with a "t": without it " the" becomes two tokens that no decoder gives. (Decoding does
not need merges.)
"""

from __future__ import annotations

import json
import re

FIRST = "\u0120", "t"
"""U+0120 stands for a space in the vocabulary."""
MERGES = re.compile(r'"merges":\s*\[\s*(?=["\[])')
"""Up to the first merge of a list that is not empty."""


def with_first_merge(text: str) -> str:
    """A tokenizer.json with all merges. Raises ValueError if it is no JSON."""
    found = MERGES.search(text)
    if found is None:
        return text
    first, _ = json.JSONDecoder().raw_decode(text, found.end())
    all_of_it = list(FIRST) if isinstance(first, list) else " ".join(FIRST)
    if first == all_of_it:
        return text
    return f"{text[: found.end()]}{json.dumps(all_of_it)},{text[found.end() :]}"
